"""The logger `wechatpay_rs`. One line per call: what, how it ended, request id, milliseconds. Never a parameter."""

from __future__ import annotations

import sys
from time import perf_counter

from ._errors import WeChatPayError


def succeeded(what: str, status: int | None, request_id: str | None, began: float) -> None:
    """Note a call that went well, at level DEBUG."""
    # Whoever wants these lines has imported `logging`; nobody else pays for it.
    if "logging" not in sys.modules:
        return
    import logging

    logger = logging.getLogger("wechatpay_rs")
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug(
            "%s: %s in %.1f ms, request id %s", what, status or "ok", _since(began), request_id or "-"
        )


def failed(what: str, error: BaseException, began: float) -> None:
    """Note a call that did not: WARNING when its outcome is unknown, INFO otherwise, for the caller is told anyway."""
    import logging

    logger = logging.getLogger("wechatpay_rs")
    if not isinstance(error, WeChatPayError):
        logger.info("%s: %s in %.1f ms", what, type(error).__name__, _since(began))
        return
    level = logging.WARNING if error.outcome_unknown else logging.INFO
    outcome = ", outcome unknown" if error.outcome_unknown else ""
    # Codes and numbers only: a message may quote what the merchant sent.
    logger.log(
        level,
        "%s: %s %s%s in %.1f ms, HTTP status %s, request id %s",
        what,
        error.kind,
        error.code,
        outcome,
        _since(began),
        error.status or "-",
        error.request_id or "-",
    )


def _since(began: float) -> float:
    return (perf_counter() - began) * 1000

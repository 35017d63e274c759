"""The logger `wechatpay_rs`. One line per call: what, how it ended, request id, milliseconds. Never a parameter."""

from __future__ import annotations

import sys
from time import perf_counter

from ._errors import WeChatPayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger

_logger: Logger | None = None
# As in `logging`, which is not imported for their sake.
_DEBUG, _INFO, _WARNING = 10, 20, 30


def succeeded(what: str, status: int | None, request_id: str | None, began: float) -> None:
    """Note a call that went well, at level DEBUG."""
    # Whoever wants these lines has imported `logging`; nobody else pays for it.
    if "logging" not in sys.modules:
        return
    logger = _logger or _get_logger()
    if logger.isEnabledFor(_DEBUG):
        logger.debug(
            "%s: %s in %.1f ms, request id %s", what, status or "ok", _since(began), request_id or "-"
        )


def failed(what: str, error: BaseException, began: float) -> None:
    """Note a call that did not: WARNING when its outcome is unknown, INFO otherwise, for the caller is told anyway."""
    unknown = bool(getattr(error, "outcome_unknown", False))
    # A warning is worth the import: without any configuration, `logging` prints it.
    if not unknown and "logging" not in sys.modules:
        return
    logger = _logger or _get_logger()
    level = _WARNING if unknown else _INFO
    outcome = ", outcome unknown" if unknown else ""
    if not isinstance(error, WeChatPayError):
        logger.log(level, "%s: %s%s in %.1f ms", what, type(error).__name__, outcome, _since(began))
        return
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


def _get_logger() -> Logger:
    global _logger
    import logging

    _logger = logging.getLogger("wechatpay_rs")
    return _logger


def _since(began: float) -> float:
    return (perf_counter() - began) * 1000

"""What the adapters of all frameworks share: which answer WeChat Pay gets."""

from __future__ import annotations

import json
import logging

from ._errors import WeChatPayError

logger = logging.getLogger("wechatpay_rs.notifications")

MAX_BODY = 2 * 1024 * 1024
"""Largest notification, in bytes; the resource alone may have a megabyte."""

SUCCESS = 204
"""Anything else than 200 and 204 makes WeChat Pay send the notification again."""


def refused(error: WeChatPayError) -> tuple[int, str]:
    """Return status and body for a notification that could not be parsed."""
    # Forged, altered, old or a probe: the sender is told no more than that. Everything else is ours to mend, and the
    # notification shall come again.
    if error.kind in ("verification", "invalid_request"):
        status, message = 401, "signature check failed"
    elif error.kind == "malformed":
        status, message = 400, "not a notification"
    else:
        status, message = 500, "cannot be processed now"
    probe = error.code == "SIGNTEST_PROBE"
    logger.log(
        logging.INFO if probe else logging.WARNING if status == 401 else logging.ERROR,
        "notification refused with %d: %s %s",
        status,
        error.kind,
        error.code,
    )
    return status, failure(message)


def handler_failed(error: Exception) -> tuple[int, str]:
    """Return status and body when the merchant's own code raised; the notification comes again."""
    logger.error("the handler of a notification raised", exc_info=error)
    return 500, failure("cannot be processed now")


def failure(message: str) -> str:
    """Return the body that WeChat Pay wants to see with an error status."""
    return json.dumps({"code": "FAIL", "message": message})

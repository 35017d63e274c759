"""What the adapters of all frameworks share. The core decides what WeChat Pay is answered."""

from __future__ import annotations

import logging
import sys
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import TYPE_CHECKING, Protocol, cast

from ._errors import WeChatPayError
from ._native import notification_rules, notification_too_large

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._async_client import AsyncClient
    from ._client import Client
    from ._payments import NotificationReply
    from ._types import Headers
    from .generated.types.notifications import Notification

logger = logging.getLogger("wechatpay_rs.notifications")

_RULES = notification_rules()
MAX_BODY: int = _RULES["max_bytes"]
"""Largest notification, in bytes. More of a body is not read, announced or not."""


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read(stream: _Stream) -> bytes | None:
    """Return what the stream has, or `None` as soon as that is too much."""
    pieces: list[bytes] = []
    room = MAX_BODY + 1
    while room > 0 and (piece := stream.read(room)):
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces) if room > 0 else None


def refuse_coroutines(client: object, *handlers: object) -> None:
    """Refuse what a synchronous adapter cannot run, when the route is made: a coroutine that nobody awaits is a payment that is lost."""
    asynchronous = sys.modules.get("wechatpay_rs._async_client")
    if asynchronous is not None and isinstance(client, asynchronous.AsyncClient):
        raise TypeError("this adapter is synchronous and takes a Client, not an AsyncClient")
    for handler in handlers:
        if _is_coroutine_function(handler):
            raise TypeError(
                f"this adapter is synchronous: {handler!r} must be a plain function, not a coroutine function"
            )


def refuse_synchronous(client: object) -> None:
    """Refuse a client that would hold up the event loop, when the route is made."""
    from ._client import Client

    if isinstance(client, Client):
        raise TypeError("this adapter is asynchronous and takes an AsyncClient, not a Client")


def _is_coroutine_function(handler: object) -> bool:
    return iscoroutinefunction(handler) or iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


def reply(
    client: Client,
    handler: Callable[[Notification], object],
    unknown: Callable[[Notification], object] | None,
    headers: Headers,
    body: bytes | None,
) -> NotificationReply:
    """Parse a notification, hand it over, and return what WeChat Pay is answered. `None` is a body that was too large."""
    try:
        if body is None:
            raise notification_too_large()
        notification = client.notifications.parse(headers, body)
    except WeChatPayError as error:
        return _refused(error)
    try:
        result = (handler if notification["type"] != "unknown" else unknown or _refuse)(notification)
        if isawaitable(result):
            if iscoroutine(result):
                result.close()
            raise TypeError("the handler gave something to await, which nobody does here: nothing was done")
        return _done(notification, result)
    except Exception as error:
        return _handler_failed(error)


async def async_reply(
    client: AsyncClient,
    handler: Callable[[Notification], object],
    unknown: Callable[[Notification], object] | None,
    headers: Headers,
    body: bytes | None,
) -> NotificationReply:
    """As `reply`; plain functions run on a thread of their own."""
    try:
        if body is None:
            raise notification_too_large()
        notification = await client.notifications.parse(headers, body)
    except WeChatPayError as error:
        return _refused(error)
    try:
        if notification["type"] != "unknown":
            return _done(notification, await _called(handler, notification))
        if unknown is None:
            _refuse(notification)
        else:
            await _called(unknown, notification)
        return _RULES["accepted"]
    except Exception as error:
        return _handler_failed(error)


async def _called(handler: Callable[[Notification], object], notification: Notification) -> object:
    if _is_coroutine_function(handler):
        result = handler(notification)
    else:
        from asyncio import to_thread

        result = await to_thread(handler, notification)
    return await result if isawaitable(result) else result


def _done(notification: Notification, result: object) -> NotificationReply:
    if notification["type"] not in _RULES["asking"]:
        return _RULES["accepted"]
    if isinstance(result, dict):
        answer = cast("NotificationReply", result)
        if answer.get("authorization"):
            return answer
    raise TypeError(
        f"notification {notification['id']} asks for an answer, and the handler gave none: "
        "return client.notifications.answer(notification, …)"
    )


def response_headers(reply: NotificationReply) -> dict[str, str]:
    """Return what goes out beside status, body and its type."""
    authorization = reply.get("authorization")
    return {"Authorization": authorization} if authorization else {}


def _refuse(notification: Notification) -> None:
    # What nobody understands must not be acknowledged: it may be a payment.
    raise LookupError(
        f"notification {notification['id']} is of no type that is known here: event {notification['event_type']!r}, "
        f"original type {notification['original_type']!r}. Give the adapter a handler for such: unknown=…"
    )


def _refused(error: WeChatPayError) -> NotificationReply:
    reply = error.notification_reply
    probe = error.code == "SIGNTEST_PROBE"
    logger.log(
        logging.INFO if probe else logging.WARNING if reply["status"] < 500 else logging.ERROR,
        "notification refused with %d: %s",
        reply["status"],
        error,
    )
    return reply


def _handler_failed(error: Exception) -> NotificationReply:
    logger.error("the handler of a notification raised", exc_info=error)
    return _RULES["handler_failed"]

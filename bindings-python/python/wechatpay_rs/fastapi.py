"""Notifications in FastAPI and Starlette.

app.add_api_route("/wechatpay/notify", notification_route(client, paid), methods=["POST"])
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from ._errors import WeChatPayError
from ._notify import MAX_BODY, SUCCESS, failure, handler_failed, refused

if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from .generated.types.notifications import Notification


class _Route:
    """A callable whose signature FastAPI can read: annotations of nested functions could not be resolved."""

    def __init__(self, client: AsyncClient, handler: Callable[[Notification], Awaitable[object]]) -> None:
        self._client = client
        self._handler = handler

    async def __call__(self, request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                return _json(413, failure("too large"))
        try:
            notification = await self._client.notifications.parse(request.headers.raw, bytes(body))
        except WeChatPayError as error:
            return _json(*refused(error))
        try:
            await self._handler(notification)
        except Exception as error:
            return _json(*handler_failed(error))
        return Response(status_code=SUCCESS)


def notification_route(
    client: AsyncClient, handler: Callable[[Notification], Awaitable[object]]
) -> Callable[[Request], Awaitable[Response]]:
    """Return a route that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` is a coroutine function and has to be done within 5 seconds: store what happened and do the work
    afterwards. When it raises, the answer is a 500 and the notification comes again; so it must bear to be called twice
    with the same one.
    """
    return _Route(client, handler)


def _json(status: int, body: str) -> Response:
    return Response(body, status, media_type="application/json")

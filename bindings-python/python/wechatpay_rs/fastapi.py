"""Notifications in FastAPI and Starlette.

app.add_api_route("/wechatpay/notify", notification_route(client, paid), methods=["POST"], include_in_schema=False)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from ._notify import MAX_BODY, async_reply, refuse_synchronous, response_headers

if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from .generated.types.notifications import Notification

    Handler = Callable[[Notification], object]


class _Route:
    """A callable whose signature FastAPI can read: annotations of nested functions could not be resolved."""

    def __init__(self, client: AsyncClient, handler: Handler, unknown: Handler | None) -> None:
        refuse_synchronous(client)
        # What FastAPI calls the route, and says of it.
        self.__name__ = "wechatpay_notification"
        self.__doc__ = "Notifications of WeChat Pay."
        self._client = client
        self._handler = handler
        self._unknown = unknown

    async def __call__(self, request: Request) -> Response:
        headers, body = request.headers.raw, await _body(request)
        answer = await async_reply(self._client, self._handler, self._unknown, headers, body)
        return Response(
            answer["body"], answer["status"], response_headers(answer), media_type="application/json"
        )


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def notification_route(
    client: AsyncClient, handler: Handler, *, unknown: Handler | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return a route that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` is a coroutine function, or a plain one, which runs on a thread. It has to be done within 5 seconds: store what happened and do the work
    afterwards. When it raises, the answer is a 500 and the notification comes again; so it must raise for what it does not understand, and must bear to be
    called twice with the same one. For a notification that asks for an answer it returns that of
    `client.notifications.answer`. A notification whose type is not known here is refused in the same way, unless
    `unknown` is given to handle such.
    """
    return _Route(client, handler, unknown)

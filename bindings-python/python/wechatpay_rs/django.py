"""Notifications in Django.

urlpatterns = [path("wechatpay/notify", notification_view(client, paid))]
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ._notify import (
    MAX_BODY,
    async_reply,
    read,
    refuse_coroutines,
    refuse_synchronous,
    reply,
    response_headers,
)

if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from ._client import Client
    from ._payments import NotificationReply
    from .generated.types.notifications import Notification


def notification_view(
    client: Client,
    handler: Callable[[Notification], object],
    *,
    unknown: Callable[[Notification], object] | None = None,
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` has to be done within 5 seconds: store what happened and do the work afterwards. When it raises, the answer
    is a 500 and the notification comes again; so it must raise for what it does not understand, and must bear to be
    called twice with the same one. For a notification that asks for an answer it returns that of
    `client.notifications.answer`. A notification whose type is not known here is refused in the same way, unless
    `unknown` is given to handle such.
    """

    refuse_coroutines(client, handler, unknown)

    def view(request: HttpRequest) -> HttpResponse:
        return _response(reply(client, handler, unknown, request.headers, _body(request)))

    return csrf_exempt(require_POST(view))


def async_notification_view(
    client: AsyncClient,
    handler: Callable[[Notification], object],
    *,
    unknown: Callable[[Notification], object] | None = None,
) -> Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]:
    """As `notification_view`, for ASGI: `handler` and `unknown` are coroutine functions, or plain ones, which run on a thread."""
    refuse_synchronous(client)

    async def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        return _response(await async_reply(client, handler, unknown, request.headers, _body(request)))

    return csrf_exempt(view)


def _body(request: HttpRequest) -> bytes | None:
    announced = request.META.get("CONTENT_LENGTH")
    if announced and int(announced) > MAX_BODY:
        return None
    if not announced and request.META.get("wsgi.input_terminated"):
        # Of a body without announced length Django itself reads nothing.
        return read(request.META["wsgi.input"])
    return read(request)


def _response(answer: NotificationReply) -> HttpResponse:
    headers = {"Content-Type": "application/json"} | response_headers(answer)
    return HttpResponse(answer["body"], status=answer["status"], headers=headers)

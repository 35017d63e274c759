"""Notifications in Django.

urlpatterns = [path("wechatpay/notify", notification_view(client, paid))]
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ._errors import WeChatPayError
from ._notify import SUCCESS, handler_failed, refused

if TYPE_CHECKING:
    from ._async_client import AsyncClient
    from ._client import Client
    from .generated.types.notifications import Notification


def notification_view(
    client: Client, handler: Callable[[Notification], object]
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` has to be done within 5 seconds: store what happened and do the work afterwards. When it raises, the answer
    is a 500 and the notification comes again; so it must bear to be called twice with the same one.
    """

    def view(request: HttpRequest) -> HttpResponse:
        try:
            notification = client.notifications.parse(request.headers, request.body)
        except WeChatPayError as error:
            return _json(*refused(error))
        try:
            handler(notification)
        except Exception as error:
            return _json(*handler_failed(error))
        return HttpResponse(status=SUCCESS)

    return csrf_exempt(require_POST(view))


def async_notification_view(
    client: AsyncClient, handler: Callable[[Notification], Awaitable[object]]
) -> Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]:
    """As `notification_view`, for ASGI: `handler` is a coroutine function."""

    async def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            notification = await client.notifications.parse(request.headers, request.body)
        except WeChatPayError as error:
            return _json(*refused(error))
        try:
            await handler(notification)
        except Exception as error:
            return _json(*handler_failed(error))
        return HttpResponse(status=SUCCESS)

    return csrf_exempt(view)


def _json(status: int, body: str) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")

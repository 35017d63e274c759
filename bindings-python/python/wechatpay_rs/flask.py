"""Notifications in Flask.

app.add_url_rule(
    "/wechatpay/notify", view_func=notification_view(client, paid), methods=["POST"]
)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from ._errors import WeChatPayError
from ._notify import SUCCESS, handler_failed, refused

if TYPE_CHECKING:
    from ._client import Client
    from .generated.types.notifications import Notification


def notification_view(
    client: Client, handler: Callable[[Notification], object], *, endpoint: str = "wechatpay_notification"
) -> Callable[[], Response]:
    """Return a view that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` has to be done within 5 seconds: store what happened and do the work afterwards. When it raises, the answer
    is a 500 and the notification comes again; so it must bear to be called twice with the same one.
    """

    def view() -> Response:
        try:
            notification = client.notifications.parse(request.headers, request.get_data(cache=False))
        except WeChatPayError as error:
            return _json(*refused(error))
        try:
            handler(notification)
        except Exception as error:
            return _json(*handler_failed(error))
        return Response(status=SUCCESS)

    view.__name__ = endpoint
    return view


def _json(status: int, body: str) -> Response:
    return Response(body, status, mimetype="application/json")

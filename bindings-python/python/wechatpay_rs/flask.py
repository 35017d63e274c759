"""Notifications in Flask.

app.add_url_rule(
    "/wechatpay/notify", view_func=notification_view(client, paid), methods=["POST"]
)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ._notify import MAX_BODY, read, refuse_coroutines, reply, response_headers

if TYPE_CHECKING:
    from ._client import Client
    from .generated.types.notifications import Notification


def notification_view(
    client: Client,
    handler: Callable[[Notification], object],
    *,
    unknown: Callable[[Notification], object] | None = None,
    endpoint: str = "wechatpay_notification",
) -> Callable[[], Response]:
    """Return a view that verifies a notification, hands it to `handler`, and answers as WeChat Pay wants.

    `handler` has to be done within 5 seconds: store what happened and do the work afterwards. When it raises, the answer
    is a 500 and the notification comes again; so it must raise for what it does not understand, and must bear to be
    called twice with the same one. For a notification that asks for an answer it returns that of
    `client.notifications.answer`. A notification whose type is not known here is refused in the same way, unless
    `unknown` is given to handle such.
    """

    refuse_coroutines(client, handler, unknown)

    def view() -> Response:
        answer = reply(client, handler, unknown, request.headers, _body())
        headers = response_headers(answer)
        return Response(answer["body"], answer["status"], headers, mimetype="application/json")

    view.__name__ = endpoint
    return view


def _body() -> bytes | None:
    try:
        if (request.content_length or 0) > MAX_BODY:
            return None
        body = read(request.stream)
        # Something before the view may have read it, and kept it.
        return request.get_data(cache=False) if body == b"" else body
    except RequestEntityTooLarge:  # a limit of the application's own
        return None

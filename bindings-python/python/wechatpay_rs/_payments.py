"""What the clients return besides the generated types."""

from __future__ import annotations

from typing import NamedTuple, TypedDict


class PreparedRequest(NamedTuple):
    """A signed request, to be sent exactly as it is."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes

    def __repr__(self) -> str:
        # Neither `Authorization` nor what is asked for: this may be logged.
        url = self.url.partition("?")[0]
        return f"PreparedRequest(method={self.method!r}, url={url!r}, body_bytes={len(self.body)})"


class JsapiPayment(TypedDict):
    """Parameters of `WeixinJSBridge` and `wx.requestPayment`, under the names that these take."""

    appId: str
    timeStamp: str
    nonceStr: str
    package: str
    signType: str
    paySign: str


class AppPayment(TypedDict):
    """Parameters of the cashier in an app."""

    appid: str
    partnerid: str
    prepayid: str
    package: str
    noncestr: str
    timestamp: str
    sign: str


class _Reply(TypedDict):
    status: int
    """HTTP status. After anything but 200 and 204 the notification comes again."""
    body: str
    """JSON, or nothing."""


class NotificationReply(_Reply, total=False):
    """What WeChat Pay is answered to a notification."""

    authorization: str
    """Value of the header `Authorization` of a signed answer; all others have none."""


class NotificationRules(TypedDict):
    """What an endpoint for notifications needs to know besides parsing them."""

    max_bytes: int
    """Largest body to read."""
    accepted: NotificationReply
    """For a notification that is understood and stored."""
    handler_failed: NotificationReply
    """For one that is not: WeChat Pay sends it again."""
    asking: list[str]
    """Types that ask for an answer of their own: a handler must give it."""

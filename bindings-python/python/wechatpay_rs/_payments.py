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


class BusinessView(TypedDict):
    """What `openBusinessView` takes.

    A mini-program gives `businessType` and `extraData`, a page in WeChat `businessType` and `queryString`, an app
    `businessType`, `query` and `extInfo`. Members that the client side does not take do no harm.
    """

    businessType: str
    extraData: dict[str, str]
    queryString: str
    query: str
    extInfo: str


class TransferConfirmation(TypedDict):
    """What the confirmation of a transfer is opened with.

    A mini-program and a page in WeChat give `mchId`, `appId` and `package` to `requestMerchantTransfer`, an app gives
    `businessType` and `query` to `WXOpenBusinessView`.
    """

    mchId: str
    appId: str
    package: str
    businessType: str
    query: str


class MiniProgram(TypedDict):
    """What `wx.navigateToMiniProgram` takes."""

    appId: str
    path: str
    extraData: dict[str, str]


class _PluginCoupon(TypedDict):
    stock_id: str
    """Number of the stock."""
    out_request_no: str
    """The merchant's number of this handing out: the same number gives the coupon once."""


class PluginCoupon(_PluginCoupon, total=False):
    """A coupon that the plugin of mini-programs shall hand out."""

    coupon_code: str
    """Code of the coupon, of a merchant's stock whose codes are named when they are handed out."""
    create_coupon_merchant: str
    """Merchant who made the stock; needed for cash coupons (`favor`), not taken for a merchant's own."""
    customize_send_time: str
    """When the payer got the coupon by the merchant's own books, RFC 3339."""


class CouponPlugin(TypedDict):
    """What the plugin `send-coupon` takes: each member is the attribute of the same name."""

    send_coupon_params: list[PluginCoupon]
    send_coupon_merchant: str
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

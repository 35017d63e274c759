"""What pages, mini-programs and apps open WeChat with, beside the cashier: made and signed here, passed on as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ._native import Job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ._async_caller import AsyncCaller
    from ._caller import Caller
    from ._payments import BusinessView, CouponPlugin, MiniProgram, PluginCoupon, TransferConfirmation


def job(opens: str, **params: Any) -> Job:
    """Return the job of a function of that name; what is `None` is left out."""
    given = {name: value for name, value in params.items() if value is not None}
    return Job.front_end(opens, json.dumps(given))


class FrontEnd:
    """`client.front_end`. All of it is local; nothing is sent."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def h5_redirect(self, *, h5_url: str, redirect_url: str) -> str:
        """Return where a browser is sent to pay an H5 order, and from where it comes back to `redirect_url`.

        The host of `redirect_url` must be one of the domains set for H5 payments. That the browser is back says nothing
        about the money: query the order.
        """
        made: str = self._caller.run(
            "h5_redirect", job("h5_redirect", h5_url=h5_url, redirect_url=redirect_url)
        )
        return made

    def native_qr(self, *, code_url: str) -> str:
        """Return the QR code of a Native order as a picture: SVG without size, black on white."""
        made: str = self._caller.run("native_qr", job("native_qr", code_url=code_url))
        return made

    def payscore_order(self, *, package: str) -> BusinessView:
        """Open an order of WeChat Pay score for the payer to confirm.

        `package` is what creating the order answered.
        """
        made: BusinessView = self._caller.run("payscore_order", job("payscore_order", package=package))
        return made

    def payscore_order_detail(self, *, service_id: str, out_order_no: str) -> BusinessView:
        """Open the details of an order of WeChat Pay score. Signed with `api_v2_key`."""
        made: BusinessView = self._caller.run(
            "payscore_order_detail",
            job("payscore_order_detail", service_id=service_id, out_order_no=out_order_no),
        )
        return made

    def payscore_permission(self, *, apply_permissions_token: str) -> BusinessView:
        """Open the page on which the payer permits orders of WeChat Pay score.

        The token is what `payscore.permissions.apply` answered. The page of this is no longer in the official
        documentation.
        """
        made: BusinessView = self._caller.run(
            "payscore_permission", job("payscore_permission", apply_permissions_token=apply_permissions_token)
        )
        return made

    def coupon_plugin(self, *, coupons: Sequence[PluginCoupon]) -> CouponPlugin:
        """Hand out one to ten coupons through the plugin of mini-programs. Signed with `api_v2_key`."""
        made: CouponPlugin = self._caller.run("coupon_plugin", job("coupon_plugin", coupons=list(coupons)))
        return made

    def h5_coupon_url(
        self, *, stock_id: str, out_request_no: str, open_id: str, coupon_code: str | None = None
    ) -> str:
        """Return the address of the page on which a payer takes a merchant's coupon. Signed with `api_v2_key`.

        Nothing comes back: `busifavor.coupons.list` tells what became of it.
        """
        made: str = self._caller.run(
            "h5_coupon_url",
            job(
                "h5_coupon_url",
                stock_id=stock_id,
                out_request_no=out_request_no,
                open_id=open_id,
                coupon_code=coupon_code,
            ),
        )
        return made

    def product_coupon(self, *, token: str) -> BusinessView:
        """Open the component in which a payer takes product coupons.

        The token is what handing them out beforehand answered.
        """
        made: BusinessView = self._caller.run("product_coupon", job("product_coupon", token=token))
        return made

    def member_card(self, *, token: str) -> BusinessView:
        """Open the component in which a payer becomes a member of a brand. The token is good for an hour."""
        made: BusinessView = self._caller.run("member_card", job("member_card", token=token))
        return made

    def transfer_confirmation(self, *, appid: str, package_info: str) -> TransferConfirmation:
        """Open the page on which a payee confirms a transfer, or permits transfers without being asked.

        `package_info` is what making the transfer or asking for the permission answered. That the page was shown says
        nothing about the money: query the transfer.
        """
        made: TransferConfirmation = self._caller.run(
            "transfer_confirmation", job("transfer_confirmation", appid=appid, package_info=package_info)
        )
        return made

    def parking_service(
        self, *, openid: str, plate_number: str, plate_color: str, sub_mchid: str | None = None
    ) -> MiniProgram:
        """Open the page on which a car owner starts the parking service for a plate.

        What came of it is asked with `parking.services.find`. A service provider names the sub-merchant.
        """
        made: MiniProgram = self._caller.run(
            "parking_service",
            job(
                "parking_service",
                openid=openid,
                plate_number=plate_number,
                plate_color=plate_color,
                sub_mchid=sub_mchid,
            ),
        )
        return made


class AsyncFrontEnd:
    """The same for `AsyncClient`."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def h5_redirect(self, *, h5_url: str, redirect_url: str) -> str:
        """Return where a browser is sent to pay an H5 order, and from where it comes back to `redirect_url`."""
        made: str = await self._caller.run(
            "h5_redirect", job("h5_redirect", h5_url=h5_url, redirect_url=redirect_url)
        )
        return made

    async def native_qr(self, *, code_url: str) -> str:
        """Return the QR code of a Native order as a picture: SVG without size, black on white."""
        made: str = await self._caller.run("native_qr", job("native_qr", code_url=code_url))
        return made

    async def payscore_order(self, *, package: str) -> BusinessView:
        """Open an order of WeChat Pay score for the payer to confirm."""
        made: BusinessView = await self._caller.run("payscore_order", job("payscore_order", package=package))
        return made

    async def payscore_order_detail(self, *, service_id: str, out_order_no: str) -> BusinessView:
        """Open the details of an order of WeChat Pay score. Signed with `api_v2_key`."""
        made: BusinessView = await self._caller.run(
            "payscore_order_detail",
            job("payscore_order_detail", service_id=service_id, out_order_no=out_order_no),
        )
        return made

    async def payscore_permission(self, *, apply_permissions_token: str) -> BusinessView:
        """Open the page on which the payer permits orders of WeChat Pay score."""
        made: BusinessView = await self._caller.run(
            "payscore_permission", job("payscore_permission", apply_permissions_token=apply_permissions_token)
        )
        return made

    async def coupon_plugin(self, *, coupons: Sequence[PluginCoupon]) -> CouponPlugin:
        """Hand out one to ten coupons through the plugin of mini-programs. Signed with `api_v2_key`."""
        made: CouponPlugin = await self._caller.run(
            "coupon_plugin", job("coupon_plugin", coupons=list(coupons))
        )
        return made

    async def h5_coupon_url(
        self, *, stock_id: str, out_request_no: str, open_id: str, coupon_code: str | None = None
    ) -> str:
        """Return the address of the page on which a payer takes a merchant's coupon. Signed with `api_v2_key`."""
        made: str = await self._caller.run(
            "h5_coupon_url",
            job(
                "h5_coupon_url",
                stock_id=stock_id,
                out_request_no=out_request_no,
                open_id=open_id,
                coupon_code=coupon_code,
            ),
        )
        return made

    async def product_coupon(self, *, token: str) -> BusinessView:
        """Open the component in which a payer takes product coupons."""
        made: BusinessView = await self._caller.run("product_coupon", job("product_coupon", token=token))
        return made

    async def member_card(self, *, token: str) -> BusinessView:
        """Open the component in which a payer becomes a member of a brand. The token is good for an hour."""
        made: BusinessView = await self._caller.run("member_card", job("member_card", token=token))
        return made

    async def transfer_confirmation(self, *, appid: str, package_info: str) -> TransferConfirmation:
        """Open the page on which a payee confirms a transfer, or permits transfers without being asked."""
        made: TransferConfirmation = await self._caller.run(
            "transfer_confirmation", job("transfer_confirmation", appid=appid, package_info=package_info)
        )
        return made

    async def parking_service(
        self, *, openid: str, plate_number: str, plate_color: str, sub_mchid: str | None = None
    ) -> MiniProgram:
        """Open the page on which a car owner starts the parking service for a plate."""
        made: MiniProgram = await self._caller.run(
            "parking_service",
            job(
                "parking_service",
                openid=openid,
                plate_number=plate_number,
                plate_color=plate_color,
                sub_mchid=sub_mchid,
            ),
        )
        return made

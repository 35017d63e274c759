package io.github.wechatpayrs

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/**
 * What pages, mini-programs and apps open WeChat with, beside the cashier: `client.frontEnd`. All of it is local; nothing is sent.
 *
 * Maps are passed on to the client side as they are. Of what `openBusinessView` takes, a mini-program gives `businessType` and
 * `extraData`, a page in WeChat `businessType` and `queryString`, an app `businessType`, `query` and `extInfo`; members that the client side does
 * not take do no harm.
 */
public class FrontEnd internal constructor(private val client: NativeClient) {
    /**
     * Where a browser is sent to pay an H5 order, and from where it comes back to [redirectUrl], whose host must be one of the domains set for H5
     * payments. That the browser is back says nothing about the money: query the order.
     */
    public fun h5Redirect(h5Url: String, redirectUrl: String): String = text("h5_redirect", "h5_url" to h5Url, "redirect_url" to redirectUrl)

    /** The QR code of a Native order as a picture: SVG without size, black on white. */
    public fun nativeQr(codeUrl: String): String = text("native_qr", "code_url" to codeUrl)

    /** Opens an order of WeChat Pay score for the payer to confirm; [package_] is what creating the order answered. For `openBusinessView`. */
    public fun payscoreOrder(package_: String): Map<String, Any> = members("payscore_order", "package" to package_)

    /** Opens the details of an order of WeChat Pay score. Signed with `apiV2Key`. For `openBusinessView`. */
    public fun payscoreOrderDetail(serviceId: String, outOrderNo: String): Map<String, Any> =
        members("payscore_order_detail", "service_id" to serviceId, "out_order_no" to outOrderNo)

    /**
     * Opens the page on which the payer permits orders of WeChat Pay score; the token is what `payscore.permissions.apply` answered. For
     * `openBusinessView`. The page of this is no longer in the official documentation.
     */
    public fun payscorePermission(applyPermissionsToken: String): Map<String, Any> =
        members("payscore_permission", "apply_permissions_token" to applyPermissionsToken)

    /**
     * Hands out one to ten coupons through the plugin of mini-programs: each member is the attribute of the same name. Signed with `apiV2Key`.
     */
    public fun couponPlugin(coupons: List<PluginCoupon>): Map<String, Any> =
        members("coupon_plugin", JsonObject(mapOf("coupons" to JsonArray(coupons.map { it.json }))))

    /**
     * Address of the page on which a payer takes a merchant's coupon. Nothing comes back: `busifavor.coupons.list` tells what became of it.
     * Signed with `apiV2Key`.
     */
    @JvmOverloads
    public fun h5CouponUrl(stockId: String, outRequestNo: String, openId: String, couponCode: String? = null): String =
        text("h5_coupon_url", "stock_id" to stockId, "out_request_no" to outRequestNo, "open_id" to openId, "coupon_code" to couponCode)

    /** Opens the component in which a payer takes product coupons; the token is what handing them out beforehand answered. For `openBusinessView`. */
    public fun productCoupon(token: String): Map<String, Any> = members("product_coupon", "token" to token)

    /** Opens the component in which a payer becomes a member of a brand. The token is good for an hour. For `openBusinessView`. */
    public fun memberCard(token: String): Map<String, Any> = members("member_card", "token" to token)

    /**
     * Opens the page on which a payee confirms a transfer, or permits transfers without being asked; [packageInfo] is what making the transfer or
     * asking for the permission answered. A mini-program and a page in WeChat give `mchId`, `appId` and `package` to `requestMerchantTransfer`, an
     * app gives `businessType` and `query` to `WXOpenBusinessView`. That the page was shown says nothing about the money: query the transfer.
     */
    public fun transferConfirmation(appid: String, packageInfo: String): Map<String, Any> =
        members("transfer_confirmation", "appid" to appid, "package_info" to packageInfo)

    /**
     * Opens the page on which a car owner starts the parking service for a plate: what `wx.navigateToMiniProgram` takes. What came of it is asked
     * with `parking.services.find`. A service provider names the sub-merchant.
     */
    @JvmOverloads
    public fun parkingService(openid: String, plateNumber: String, plateColor: String, subMchid: String? = null): Map<String, Any> =
        members("parking_service", "openid" to openid, "plate_number" to plateNumber, "plate_color" to plateColor, "sub_mchid" to subMchid)

    internal fun texts(opens: String, vararg params: Pair<String, String?>): Map<String, String> =
        (parsed(opens, given(params)) as JsonObject).mapValues { (it.value as JsonPrimitive).content }

    private fun text(opens: String, vararg params: Pair<String, String?>): String = (parsed(opens, given(params)) as JsonPrimitive).content

    private fun members(opens: String, vararg params: Pair<String, String?>): Map<String, Any> = members(opens, given(params))

    private fun members(opens: String, params: JsonObject): Map<String, Any> = (parsed(opens, params) as JsonObject).mapValues { plain(it.value) }

    private fun given(params: Array<out Pair<String, String?>>): JsonObject = buildJsonObject {
        for ((name, value) in params) if (value != null) put(name, value)
    }

    private fun parsed(opens: String, params: JsonObject): JsonElement = JSON.parseToJsonElement(client.frontEnd(opens, params.toString()))

    /** Texts, lists and maps, which every JSON library writes as they are. */
    private fun plain(value: JsonElement): Any = when (value) {
        is JsonPrimitive -> value.content
        is JsonArray -> value.map(::plain)
        is JsonObject -> value.mapValues { plain(it.value) }
    }
}

/**
 * A coupon that the plugin of mini-programs shall hand out.
 *
 * @param stockId number of the stock
 * @param outRequestNo the merchant's number of this handing out: the same number gives the coupon once
 */
public class PluginCoupon(stockId: String, outRequestNo: String) {
    private val members = linkedMapOf("stock_id" to stockId, "out_request_no" to outRequestNo)

    internal val json: JsonObject get() = JsonObject(members.mapValues { JsonPrimitive(it.value) })

    /** Code of the coupon, of a merchant's stock whose codes are named when they are handed out. */
    public fun couponCode(code: String): PluginCoupon = with("coupon_code", code)

    /** Merchant who made the stock; needed for cash coupons (`favor`), not taken for a merchant's own. */
    public fun createCouponMerchant(mchid: String): PluginCoupon = with("create_coupon_merchant", mchid)

    /** When the payer got the coupon by the merchant's own books, RFC 3339. */
    public fun customizeSendTime(time: String): PluginCoupon = with("customize_send_time", time)

    private fun with(name: String, value: String): PluginCoupon {
        members[name] = value
        return this
    }
}

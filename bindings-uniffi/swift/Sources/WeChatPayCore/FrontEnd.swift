import Foundation
import WeChatPayNative

/// What pages, mini-programs and apps open WeChat with, beside the cashier: `client.frontEnd`. All of it is local; nothing is sent.
///
/// What is made is encoded under the names that the client side takes, and passed on as it is.
public struct FrontEnd: Sendable {
    let client: NativeClient

    /// Where a browser is sent to pay an H5 order, and from where it comes back to `redirectURL`, whose host must be one of the domains set
    /// for H5 payments. That the browser is back says nothing about the money: query the order.
    public func h5Redirect(h5URL: String, redirectURL: String) throws -> String {
        try made("h5_redirect", ["h5_url": h5URL, "redirect_url": redirectURL])
    }

    /// The QR code of a Native order as a picture: SVG without size, black on white.
    public func nativeQR(codeURL: String) throws -> String {
        try made("native_qr", ["code_url": codeURL])
    }

    /// Opens an order of WeChat Pay score for the payer to confirm; `package` is what creating the order answered.
    public func payscoreOrder(package: String) throws -> BusinessView {
        try made("payscore_order", ["package": package])
    }

    /// Opens the details of an order of WeChat Pay score. Signed with `apiV2Key`.
    public func payscoreOrderDetail(serviceId: String, outOrderNo: String) throws -> BusinessView {
        try made("payscore_order_detail", ["service_id": serviceId, "out_order_no": outOrderNo])
    }

    /// Opens the page on which the payer permits orders of WeChat Pay score; the token is what `payscore.permissions.apply` answered. The
    /// page of this is no longer in the official documentation.
    public func payscorePermission(applyPermissionsToken: String) throws -> BusinessView {
        try made("payscore_permission", ["apply_permissions_token": applyPermissionsToken])
    }

    /// Hands out one to ten coupons through the plugin of mini-programs. Signed with `apiV2Key`.
    public func couponPlugin(coupons: [PluginCoupon]) throws -> CouponPlugin {
        try made("coupon_plugin", ["coupons": coupons])
    }

    /// Address of the page on which a payer takes a merchant's coupon. Nothing comes back: `busifavor.coupons.list` tells what became of it.
    /// Signed with `apiV2Key`.
    public func h5CouponURL(stockId: String, outRequestNo: String, openId: String, couponCode: String? = nil) throws -> String {
        try made(
            "h5_coupon_url",
            ["stock_id": stockId, "out_request_no": outRequestNo, "open_id": openId, "coupon_code": couponCode])
    }

    /// Opens the component in which a payer takes product coupons; the token is what handing them out beforehand answered.
    public func productCoupon(token: String) throws -> BusinessView {
        try made("product_coupon", ["token": token])
    }

    /// Opens the component in which a payer becomes a member of a brand. The token is good for an hour.
    public func memberCard(token: String) throws -> BusinessView {
        try made("member_card", ["token": token])
    }

    /// Opens the page on which a payee confirms a transfer, or permits transfers without being asked; `packageInfo` is what making the transfer
    /// or asking for the permission answered. That the page was shown says nothing about the money: query the transfer.
    public func transferConfirmation(appid: String, packageInfo: String) throws -> TransferConfirmation {
        try made("transfer_confirmation", ["appid": appid, "package_info": packageInfo])
    }

    /// Opens the page on which a car owner starts the parking service for a plate. What came of it is asked with `parking.services.find`. A
    /// service provider names the sub-merchant.
    public func parkingService(
        openid: String, plateNumber: String, plateColor: String, subMchid: String? = nil
    ) throws -> MiniProgram {
        try made(
            "parking_service",
            ["openid": openid, "plate_number": plateNumber, "plate_color": plateColor, "sub_mchid": subMchid])
    }

    func made<Params: Encodable, Made: Decodable>(_ opens: String, _ params: [String: Params]) throws -> Made {
        let given = String(decoding: try JSONEncoder().encode(params), as: UTF8.self)
        let json = try native { try client.frontEnd(opens: opens, params: given) }
        return try JSONDecoder().decode(Made.self, from: Data(json.utf8))
    }
}

/// What `openBusinessView` takes. A mini-program gives `businessType` and `extraData`, a page in WeChat `businessType` and `queryString`, an
/// app `businessType`, `query` and `extInfo`. Members that the client side does not take do no harm.
public struct BusinessView: Codable, Sendable, Hashable {
    public let businessType: String
    public let extraData: [String: String]
    public let queryString: String
    public let query: String
    public let extInfo: String
}

/// What the confirmation of a transfer is opened with. A mini-program and a page in WeChat give `mchId`, `appId` and `package` to
/// `requestMerchantTransfer`, an app gives `businessType` and `query` to `WXOpenBusinessView`.
public struct TransferConfirmation: Codable, Sendable, Hashable {
    public let mchId: String
    public let appId: String
    public let package: String
    public let businessType: String
    public let query: String
}

/// What `wx.navigateToMiniProgram` takes.
public struct MiniProgram: Codable, Sendable, Hashable {
    public let appId: String
    public let path: String
    public let extraData: [String: String]
}

/// A coupon that the plugin of mini-programs shall hand out.
public struct PluginCoupon: Codable, Sendable, Hashable {
    /// Number of the stock.
    public var stockId: String
    /// The merchant's number of this handing out: the same number gives the coupon once.
    public var outRequestNo: String
    /// Code of the coupon, of a merchant's stock whose codes are named when they are handed out.
    public var couponCode: String?
    /// Merchant who made the stock; needed for cash coupons (`favor`), not taken for a merchant's own.
    public var createCouponMerchant: String?
    /// When the payer got the coupon by the merchant's own books, RFC 3339.
    public var customizeSendTime: String?

    public init(stockId: String, outRequestNo: String) {
        self.stockId = stockId
        self.outRequestNo = outRequestNo
    }

    enum CodingKeys: String, CodingKey {
        case stockId = "stock_id"
        case outRequestNo = "out_request_no"
        case couponCode = "coupon_code"
        case createCouponMerchant = "create_coupon_merchant"
        case customizeSendTime = "customize_send_time"
    }
}

/// What the plugin `send-coupon` takes: each member is the attribute of the same name.
public struct CouponPlugin: Codable, Sendable, Hashable {
    public let sendCouponParams: [PluginCoupon]
    public let sendCouponMerchant: String
    public let sign: String

    enum CodingKeys: String, CodingKey {
        case sendCouponParams = "send_coupon_params"
        case sendCouponMerchant = "send_coupon_merchant"
        case sign
    }
}

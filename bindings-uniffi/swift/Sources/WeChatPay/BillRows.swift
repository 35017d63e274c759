/// A row of a trade bill. Nil: the bill has no such column, or nothing stands there. Amounts are in fen.
public struct TradeBillRow: Sendable, Hashable, Codable, CustomDebugStringConvertible {
    /// When the order was paid, or the refund accepted: `2026-08-08 10:34:56`, Beijing time. Column `交易时间`.
    public var time: String?
    /// AppID of the official account, mini program or app. Column `公众账号ID`.
    public var appid: String?
    /// Merchant number. Column `商户号`.
    public var mchid: String?
    /// Sub-merchant number, in a service provider's bill. Column `特约商户号`, early `子商户号`.
    public var sub_mchid: String?
    /// The merchant's terminal. Column `设备号`.
    public var device_id: String?
    /// WeChat Pay's number of the order. Column `微信订单号`.
    public var transaction_id: String?
    /// The merchant's number of the order. Column `商户订单号`.
    public var out_trade_no: String?
    /// The payer's openid. Column `用户标识`.
    public var openid: String?
    /// How it was paid: `JSAPI`, `NATIVE`, `APP`, `MWEB`, `MICROPAY`, … Column `交易类型`.
    public var trade_type: String?
    /// `SUCCESS` for a payment, `REFUND` for a refund, `REVOKED` for a cancelled one. Column `交易状态`.
    public var trade_state: String?
    /// Bank or balance that paid: `OTHERS`, `CMB_DEBIT`, … Column `付款银行`.
    public var bank_type: String?
    /// Currency, `CNY`. Column `货币种类`.
    public var currency: String?
    /// What is settled to the merchant for the order, in fen. Column `应结订单金额`, early `总金额`.
    public var settlement_total: Int?
    /// Coupons used, in fen. Column `代金券金额`, early `企业红包金额`.
    public var coupon_amount: Int?
    /// WeChat Pay's number of the refund; nil in rows of payments. Column `微信退款单号`.
    public var refund_id: String?
    /// The merchant's number of the refund; nil in rows of payments. Column `商户退款单号`.
    public var out_refund_no: String?
    /// What is taken back from the merchant for the refund, in fen. Column `退款金额`.
    public var refund_amount: Int?
    /// The part of the refund that goes back to prepaid coupons, in fen. Column `充值券退款金额`, early `企业红包退款金额`.
    public var coupon_refund_amount: Int?
    /// Where the refund goes: `ORIGINAL`, `BALANCE`, … Column `退款类型`.
    public var refund_channel: String?
    /// State of the refund when the bill was made; it is not updated later. Column `退款状态`.
    public var refund_state: String?
    /// When the refund was asked for (refund bills): Beijing time. Column `退款申请时间`.
    public var refund_requested_at: String?
    /// When the refund succeeded (refund bills): Beijing time. Column `退款成功时间`.
    public var refund_succeeded_at: String?
    /// What was sold, as given with the order. Column `商品名称`.
    public var description: String?
    /// The merchant's own data, as given with the order (`attach`). Column `商户数据包`.
    public var attach: String?
    /// Fee in yuan, as text, for it may have fractions of a fen; negative when it is given back. Column `手续费`.
    public var fee: String?
    /// Rate of the fee as text: `0.60%`. Column `费率`.
    public var rate: String?
    /// Total of the order, in fen. Column `订单金额`.
    public var total: Int?
    /// Refund as it was asked for, in fen. Column `申请退款金额`.
    public var refund_requested: Int?
    /// Note on the rate. Column `费率备注`.
    public var rate_note: String?

    /// Shows nothing of the content, which tells the merchant's business.
    public var debugDescription: String { "TradeBillRow" }
}

/// A row of a fund-flow bill. Nil: the bill has no such column, or nothing stands there. Amounts are in fen.
public struct FundFlowBillRow: Sendable, Hashable, Codable, CustomDebugStringConvertible {
    /// When it was booked: `2026-08-08 10:34:56`, Beijing time. Column `记账时间`.
    public var time: String?
    /// WeChat Pay's number of the order, refund, withdrawal … Column `微信支付业务单号`.
    public var business_id: String?
    /// Number of this booking. Column `资金流水单号`.
    public var flow_id: String?
    /// Business: 交易, 退款, 提现, … Column `业务名称`.
    public var business_name: String?
    /// Kind within the business: 交易, 扣除交易手续费, 退款, … Column `业务类型`.
    public var business_type: String?
    /// 收入 (money in) or 支出 (money out). Column `收支类型`.
    public var direction: String?
    /// Amount in fen, without a sign: `direction` has it. Column `收支金额(元)`.
    public var amount: Int?
    /// Balance of the account after the booking, in fen. Column `账户结余(元)`.
    public var balance: Int?
    /// Who asked for it. Column `资金变更提交申请人`.
    public var applicant: String?
    /// Note. Column `备注`.
    public var note: String?
    /// The merchant's own number: of the order, the refund, the withdrawal. Column `业务凭证号`.
    public var voucher_id: String?

    /// Shows nothing of the content, which tells the merchant's business.
    public var debugDescription: String { "FundFlowBillRow" }
}

package io.github.wechatpayrs

import kotlinx.serialization.Serializable

/** A row of a trade bill. Null: the bill has no such column, or nothing stands there. Amounts are in fen. */
@Serializable
public data class TradeBillRow(
    /** When the order was paid, or the refund accepted: `2026-08-08 10:34:56`, Beijing time. Column `交易时间`. */
    public val time: String? = null,
    /** AppID of the official account, mini program or app. Column `公众账号ID`. */
    public val appid: String? = null,
    /** Merchant number. Column `商户号`. */
    public val mchid: String? = null,
    /** Sub-merchant number, in a service provider's bill. Column `特约商户号`, early `子商户号`. */
    public val sub_mchid: String? = null,
    /** The merchant's terminal. Column `设备号`. */
    public val device_id: String? = null,
    /** WeChat Pay's number of the order. Column `微信订单号`. */
    public val transaction_id: String? = null,
    /** The merchant's number of the order. Column `商户订单号`. */
    public val out_trade_no: String? = null,
    /** The payer's openid. Column `用户标识`. */
    public val openid: String? = null,
    /** How it was paid: `JSAPI`, `NATIVE`, `APP`, `MWEB`, `MICROPAY`, … Column `交易类型`. */
    public val trade_type: String? = null,
    /** `SUCCESS` for a payment, `REFUND` for a refund, `REVOKED` for a cancelled one. Column `交易状态`. */
    public val trade_state: String? = null,
    /** Bank or balance that paid: `OTHERS`, `CMB_DEBIT`, … Column `付款银行`. */
    public val bank_type: String? = null,
    /** Currency, `CNY`. Column `货币种类`. */
    public val currency: String? = null,
    /** What is settled to the merchant for the order, in fen. Column `应结订单金额`, early `总金额`. */
    public val settlement_total: Long? = null,
    /** Coupons used, in fen. Column `代金券金额`, early `企业红包金额`. */
    public val coupon_amount: Long? = null,
    /** WeChat Pay's number of the refund; null in rows of payments. Column `微信退款单号`. */
    public val refund_id: String? = null,
    /** The merchant's number of the refund; null in rows of payments. Column `商户退款单号`. */
    public val out_refund_no: String? = null,
    /** What is taken back from the merchant for the refund, in fen. Column `退款金额`. */
    public val refund_amount: Long? = null,
    /** The part of the refund that goes back to prepaid coupons, in fen. Column `充值券退款金额`, early `企业红包退款金额`. */
    public val coupon_refund_amount: Long? = null,
    /** Where the refund goes: `ORIGINAL`, `BALANCE`, … Column `退款类型`. */
    public val refund_channel: String? = null,
    /** State of the refund when the bill was made; it is not updated later. Column `退款状态`. */
    public val refund_state: String? = null,
    /** When the refund was asked for (refund bills): Beijing time. Column `退款申请时间`. */
    public val refund_requested_at: String? = null,
    /** When the refund succeeded (refund bills): Beijing time. Column `退款成功时间`. */
    public val refund_succeeded_at: String? = null,
    /** What was sold, as given with the order. Column `商品名称`. */
    public val description: String? = null,
    /** The merchant's own data, as given with the order (`attach`). Column `商户数据包`. */
    public val attach: String? = null,
    /** Fee in yuan, as text, for it may have fractions of a fen; negative when it is given back. Column `手续费`. */
    public val fee: String? = null,
    /** Rate of the fee as text: `0.60%`. Column `费率`. */
    public val rate: String? = null,
    /** Total of the order, in fen. Column `订单金额`. */
    public val total: Long? = null,
    /** Refund as it was asked for, in fen. Column `申请退款金额`. */
    public val refund_requested: Long? = null,
    /** Note on the rate. Column `费率备注`. */
    public val rate_note: String? = null,
) {
    /** Shows nothing of the content, which tells the merchant's business. */
    override fun toString(): String = "TradeBillRow"
}

/** A row of a fund-flow bill. Null: the bill has no such column, or nothing stands there. Amounts are in fen. */
@Serializable
public data class FundFlowBillRow(
    /** When it was booked: `2026-08-08 10:34:56`, Beijing time. Column `记账时间`. */
    public val time: String? = null,
    /** WeChat Pay's number of the order, refund, withdrawal … Column `微信支付业务单号`. */
    public val business_id: String? = null,
    /** Number of this booking. Column `资金流水单号`. */
    public val flow_id: String? = null,
    /** Business: 交易, 退款, 提现, … Column `业务名称`. */
    public val business_name: String? = null,
    /** Kind within the business: 交易, 扣除交易手续费, 退款, … Column `业务类型`. */
    public val business_type: String? = null,
    /** 收入 (money in) or 支出 (money out). Column `收支类型`. */
    public val direction: String? = null,
    /** Amount in fen, without a sign: `direction` has it. Column `收支金额(元)`. */
    public val amount: Long? = null,
    /** Balance of the account after the booking, in fen. Column `账户结余(元)`. */
    public val balance: Long? = null,
    /** Who asked for it. Column `资金变更提交申请人`. */
    public val applicant: String? = null,
    /** Note. Column `备注`. */
    public val note: String? = null,
    /** The merchant's own number: of the order, the refund, the withdrawal. Column `业务凭证号`. */
    public val voucher_id: String? = null,
) {
    /** Shows nothing of the content, which tells the merchant's business. */
    override fun toString(): String = "FundFlowBillRow"
}

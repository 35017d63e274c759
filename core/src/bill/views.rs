//! The well-known columns of the two bills, by name.

use serde_json::{Map, Value};

use super::row::Row;
use crate::error::Result;

/// A row of a trade bill. A method returns `None` when the bill has no such column (the three `bill_type`s have
/// different ones) or the value is empty; other columns are reached with [`Row::get`]. Where the early format, which some
/// merchants still get, calls a column otherwise, that column is read.
#[derive(Debug, Clone, Copy)]
pub struct TradeRow<'a>(&'a Row);

/// A row of a fund-flow bill. A method returns `None` when the bill has no such column or the value is empty.
#[derive(Debug, Clone, Copy)]
pub struct FundFlowRow<'a>(&'a Row);

/// The first of these columns that the bill has.
fn present<'n>(row: &Row, columns: &[&'n str]) -> Option<&'n str> {
    columns.iter().copied().find(|column| row.get(column).is_some())
}

fn text<'a>(row: &'a Row, columns: &[&str]) -> Option<&'a str> {
    present(row, columns).and_then(|column| row.get(column)).filter(|text| !text.is_empty())
}

/// In rows of payments, WeChat Pay writes `0` where a refund would have its number or state.
fn unless_zero<'a>(row: &'a Row, columns: &[&str]) -> Option<&'a str> {
    text(row, columns).filter(|text| *text != "0")
}

fn fen(row: &Row, columns: &[&str]) -> Result<Option<i64>> {
    present(row, columns).map_or(Ok(None), |column| row.fen(column))
}

macro_rules! columns {
    ($($read:ident $column:literal $(or $early:literal)? $(#[$doc:meta])+ $name:ident;)+) => {
        $(
            $(#[$doc])+
            #[doc = concat!("\n\nColumn `", $column, "`" $(, ", in early bills `", $early, "`")?, ".")]
            pub fn $name(&self) -> columns!(@type $read) {
                columns!(@read $read, self.0, &[$column $(, $early)?])
            }
        )+

        /// All of these as a JSON object: amounts are numbers of fen, what is not there is `null`. The fee is text in
        /// yuan, for it may have fractions of a fen.
        ///
        /// # Errors
        /// As for [`Row::fen`].
        pub fn to_json(&self) -> Result<Map<String, Value>> {
            let mut object = Map::new();
            $(object.insert(stringify!($name).to_owned(), columns!(@json $read, self, $name, $column));)+
            Ok(object)
        }
    };
    (@type fen) => { Result<Option<i64>> };
    (@type fraction) => { Result<Option<i64>> };
    (@type $read:ident) => { Option<&'a str> };
    (@json fen, $row:ident, $name:ident, $column:literal) => { Value::from($row.$name()?) };
    (@json fraction, $row:ident, $name:ident, $column:literal) => { Value::from(text($row.0, &[$column])) };
    (@json $read:ident, $row:ident, $name:ident, $column:literal) => { Value::from($row.$name()) };
    (@read fraction, $row:expr, $columns:expr) => { fen($row, $columns) };
    (@read $read:ident, $row:expr, $columns:expr) => { $read($row, $columns) };
}

impl<'a> TradeRow<'a> {
    pub(super) const fn new(row: &'a Row) -> Self {
        Self(row)
    }

    columns! {
        text "交易时间"
        /// When the order was paid, or the refund accepted: `2026-08-08 10:34:56`, Beijing time.
        time;
        text "公众账号ID"
        /// AppID of the official account, mini program or app.
        appid;
        text "商户号"
        /// Merchant number.
        mchid;
        unless_zero "特约商户号" or "子商户号"
        /// Sub-merchant number, in a service provider's bill.
        sub_mchid;
        text "设备号"
        /// The merchant's terminal.
        device_id;
        text "微信订单号"
        /// WeChat Pay's number of the order.
        transaction_id;
        text "商户订单号"
        /// The merchant's number of the order.
        out_trade_no;
        text "用户标识"
        /// The payer's openid.
        openid;
        text "交易类型"
        /// How it was paid: `JSAPI`, `NATIVE`, `APP`, `MWEB`, `MICROPAY`, …
        trade_type;
        text "交易状态"
        /// `SUCCESS` for a payment, `REFUND` for a refund, `REVOKED` for a cancelled one.
        trade_state;
        text "付款银行"
        /// Bank or balance that paid: `OTHERS`, `CMB_DEBIT`, …
        bank_type;
        text "货币种类"
        /// Currency, `CNY`.
        currency;
        fen "应结订单金额" or "总金额"
        /// What is settled to the merchant for the order, in fen.
        settlement_total;
        fen "代金券金额" or "企业红包金额"
        /// Coupons used, in fen.
        coupon_amount;
        unless_zero "微信退款单号"
        /// WeChat Pay's number of the refund; `None` in rows of payments.
        refund_id;
        unless_zero "商户退款单号"
        /// The merchant's number of the refund; `None` in rows of payments.
        out_refund_no;
        fen "退款金额"
        /// What is taken back from the merchant for the refund, in fen.
        refund_amount;
        fen "充值券退款金额" or "企业红包退款金额"
        /// The part of the refund that goes back to prepaid coupons, in fen.
        coupon_refund_amount;
        unless_zero "退款类型"
        /// Where the refund goes: `ORIGINAL`, `BALANCE`, …
        refund_channel;
        unless_zero "退款状态"
        /// State of the refund when the bill was made; it is not updated later.
        refund_state;
        text "退款申请时间"
        /// When the refund was asked for (refund bills): Beijing time.
        refund_requested_at;
        text "退款成功时间"
        /// When the refund succeeded (refund bills): Beijing time.
        refund_succeeded_at;
        text "商品名称"
        /// What was sold, as given with the order.
        description;
        text "商户数据包"
        /// The merchant's own data, as given with the order (`attach`).
        attach;
        fraction "手续费"
        /// Fee, in fen; negative when it is given back.
        fee;
        text "费率"
        /// Rate of the fee as text: `0.60%`.
        rate;
        fen "订单金额"
        /// Total of the order, in fen.
        total;
        fen "申请退款金额"
        /// Refund as it was asked for, in fen.
        refund_requested;
        text "费率备注"
        /// Note on the rate.
        rate_note;
    }
}

impl<'a> FundFlowRow<'a> {
    pub(super) const fn new(row: &'a Row) -> Self {
        Self(row)
    }

    columns! {
        text "记账时间"
        /// When it was booked: `2026-08-08 10:34:56`, Beijing time.
        time;
        text "微信支付业务单号"
        /// WeChat Pay's number of the order, refund, withdrawal …
        business_id;
        text "资金流水单号"
        /// Number of this booking.
        flow_id;
        text "业务名称"
        /// Business: 交易, 退款, 提现, …
        business_name;
        text "业务类型"
        /// Kind within the business: 交易, 扣除交易手续费, 退款, …
        business_type;
        text "收支类型"
        /// 收入 (money in) or 支出 (money out).
        direction;
        fen "收支金额(元)"
        /// Amount in fen, without a sign: [`direction`](Self::direction) has it.
        amount;
        fen "账户结余(元)"
        /// Balance of the account after the booking, in fen.
        balance;
        text "资金变更提交申请人"
        /// Who asked for it.
        applicant;
        text "备注"
        /// Note.
        note;
        text "业务凭证号"
        /// The merchant's own number: of the order, the refund, the withdrawal.
        voucher_id;
    }
}

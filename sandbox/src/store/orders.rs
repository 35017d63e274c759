//! Orders and what they become: NOTPAY → SUCCESS → REFUND, or NOTPAY → CLOSED.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};

/// What a payer can bring an order to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TradeState {
    NotPay,
    UserPaying,
    PayError,
    Success,
    Refund,
    Closed,
}

impl TradeState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotPay => "NOTPAY",
            Self::UserPaying => "USERPAYING",
            Self::PayError => "PAYERROR",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
            Self::Closed => "CLOSED",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::NotPay => "订单未支付",
            Self::UserPaying => "用户支付中",
            Self::PayError => "支付失败",
            Self::Success => "支付成功",
            Self::Refund => "订单发生过退款",
            Self::Closed => "订单已关闭",
        }
    }

    pub(crate) const fn paid(self) -> bool {
        matches!(self, Self::Success | Self::Refund)
    }
}

/// Who takes part in an order, as the request that made it names them and queries show them: a merchant and his app, or a
/// partner with the merchant for whom he orders.
const PARTIES: [&str; 6] = ["appid", "mchid", "sp_appid", "sp_mchid", "sub_appid", "sub_mchid"];

/// An order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) out_trade_no: String,
    pub(crate) prepay_id: String,
    pub(crate) trade_type: &'static str,
    /// The body of the request that made it.
    pub(crate) request: Map<String, Value>,
    pub(crate) state: TradeState,
    pub(crate) transaction_id: Option<String>,
    pub(crate) paid_at: Option<OffsetDateTime>,
    pub(crate) openid: String,
    pub(crate) bank_type: String,
    /// Fen that a coupon of WeChat Pay covers.
    pub(crate) coupon: i64,
    /// Fen refunded or being refunded.
    pub(crate) refunded: i64,
    /// Until when it can be paid. A `time_expire` that had passed when the order was made means nothing: examples have such.
    pub(crate) expires: Option<OffsetDateTime>,
    /// Number of the combined order that it belongs to.
    pub(crate) combined: Option<String>,
}

/// How a payer paid.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) at: OffsetDateTime,
    pub(crate) openid: String,
    pub(crate) bank_type: String,
    /// Fen that a coupon of WeChat Pay covers.
    pub(crate) coupon: i64,
}

impl Order {
    /// An order that was just created by this request.
    pub(crate) fn new(
        out_trade_no: &str,
        trade_type: &'static str,
        request: Map<String, Value>,
        now: OffsetDateTime,
    ) -> Self {
        let expires = request.get("time_expire").and_then(Value::as_str);
        let expires = expires.and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok());
        Self {
            expires: expires.filter(|end| *end > now),
            out_trade_no: out_trade_no.to_owned(),
            prepay_id: ids::prepay_id(now),
            trade_type,
            request,
            state: TradeState::NotPay,
            transaction_id: None,
            paid_at: None,
            openid: String::new(),
            bank_type: String::new(),
            coupon: 0,
            refunded: 0,
            combined: None,
        }
    }

    /// Whether the payer can still pay.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.state, TradeState::NotPay | TradeState::UserPaying | TradeState::PayError)
    }

    /// The payer pays.
    pub(crate) fn pay(&mut self, payment: Payment) {
        self.state = TradeState::Success;
        self.coupon = payment.coupon.clamp(0, self.total());
        self.transaction_id = Some(ids::transaction_id(payment.at));
        self.paid_at = Some(payment.at);
        self.openid = payment.openid;
        self.bank_type = payment.bank_type;
    }

    /// The merchant closes the order; closing twice is no error.
    pub(crate) fn close(&mut self) -> Result<()> {
        if self.state.paid() {
            return Err(Refusal::new(400, "ORDERPAID", "该订单已支付，不能关闭"));
        }
        self.state = TradeState::Closed;
        Ok(())
    }

    /// Fen of it are refunded or about to be.
    pub(crate) fn refund(&mut self, fen: i64) {
        self.refunded += fen;
        self.state = TradeState::Refund;
    }

    /// Fen that were about to be refunded stay with the merchant after all.
    pub(crate) fn keep(&mut self, fen: i64) {
        self.refunded -= fen;
    }

    /// The order's amount in fen.
    pub(crate) fn total(&self) -> i64 {
        self.request.get("amount").and_then(|amount| amount["total"].as_i64()).unwrap_or_default()
    }

    /// What the payer pays himself, in fen.
    pub(crate) fn payer_total(&self) -> i64 {
        self.total() - self.coupon
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.request.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The caller's app, where a partner has his own and the sub-merchant's.
    pub(crate) fn appid(&self) -> &str {
        if self.sub_mchid().is_empty() { self.text("appid") } else { self.text("sp_appid") }
    }

    /// The caller's number.
    pub(crate) fn mchid(&self) -> &str {
        if self.sub_mchid().is_empty() { self.text("mchid") } else { self.text("sp_mchid") }
    }

    /// The merchant for whom a partner ordered; empty when a merchant did so himself.
    pub(crate) fn sub_mchid(&self) -> &str {
        self.text("sub_mchid")
    }

    fn payer(&self) -> Value {
        if self.sub_mchid().is_empty() {
            return json!({ "openid": self.openid });
        }
        let mut payer = json!({ "sp_openid": self.openid });
        if let Some(sub_openid) = self.request.get("payer").and_then(|payer| payer.get("sub_openid")) {
            payer["sub_openid"] = sub_openid.clone();
        }
        payer
    }

    /// What the prepay operation of its kind answers.
    pub(crate) fn prepay_reply(&self) -> Value {
        match self.trade_type {
            "NATIVE" => {
                json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={}", &self.prepay_id[17..33]) })
            }
            "MWEB" => json!({ "h5_url": format!(
                "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={}&package={}",
                self.prepay_id, self.prepay_id.len(),
            ) }),
            _ => json!({ "prepay_id": self.prepay_id }),
        }
    }

    /// The order as queries and notifications show it.
    pub(crate) fn to_json(&self) -> Value {
        let parties =
            PARTIES.iter().filter_map(|name| Some(((*name).to_owned(), self.request.get(*name)?.clone())));
        let mut order = Value::Object(parties.collect());
        order["out_trade_no"] = json!(self.out_trade_no);
        if let Some(transaction_id) = &self.transaction_id {
            order["transaction_id"] = json!(transaction_id);
            order["trade_type"] = json!(self.trade_type);
        }
        order["trade_state"] = json!(self.state.name());
        order["trade_state_desc"] = json!(self.state.description());
        if let Some(attach) = self.request.get("attach") {
            order["attach"] = attach.clone();
        }
        let currency =
            self.request.get("amount").and_then(|amount| amount["currency"].as_str()).unwrap_or("CNY");
        order["amount"] = json!({ "total": self.total(), "currency": currency });
        if let Some(device_id) = self.request.get("scene_info").and_then(|scene| scene.get("device_id")) {
            order["scene_info"] = json!({ "device_id": device_id });
        }
        if let Some(paid_at) = self.paid_at {
            order["bank_type"] = json!(self.bank_type);
            order["success_time"] = json!(clock::rfc3339(paid_at));
            order["payer"] = self.payer();
            order["amount"]["payer_total"] = json!(self.payer_total());
            order["amount"]["payer_currency"] = json!(currency);
            if self.coupon > 0 {
                order["promotion_detail"] = json!([{
                    "coupon_id": "109519",
                    "name": "单品惠-6",
                    "scope": "GLOBAL",
                    "type": "CASH",
                    "amount": self.coupon,
                    "stock_id": "931386",
                    "wechatpay_contribute": 0,
                    "merchant_contribute": 0,
                    "other_contribute": self.coupon,
                    "currency": currency,
                }]);
            }
        }
        order
    }
}

/// All orders, by `out_trade_no`.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    by_out_trade_no: HashMap<String, Order>,
    /// When orders can no longer be paid.
    expiring: BTreeSet<(OffsetDateTime, String)>,
}

impl Orders {
    pub(crate) fn add(&mut self, order: Order) {
        if let Some(end) = order.expires {
            self.expiring.insert((end, order.out_trade_no.clone()));
        }
        self.by_out_trade_no.insert(order.out_trade_no.clone(), order);
    }

    pub(crate) fn get(&self, out_trade_no: &str) -> Option<&Order> {
        self.by_out_trade_no.get(out_trade_no)
    }

    pub(crate) fn get_mut(&mut self, out_trade_no: &str) -> Option<&mut Order> {
        self.by_out_trade_no.get_mut(out_trade_no)
    }

    pub(crate) fn by_transaction_id(&self, transaction_id: &str) -> Option<&Order> {
        self.iter().find(|order| order.transaction_id.as_deref() == Some(transaction_id))
    }

    /// By `prepay_id` or `out_trade_no`.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut Order> {
        self.by_out_trade_no.values_mut().find(|order| order.out_trade_no == name || order.prepay_id == name)
    }

    /// Closes what was not paid in time.
    pub(crate) fn expire(&mut self, now: OffsetDateTime) {
        while self.expiring.first().is_some_and(|(end, _)| *end <= now) {
            let Some((_, number)) = self.expiring.pop_first() else { return };
            if let Some(order) = self.by_out_trade_no.get_mut(&number).filter(|order| order.is_open()) {
                order.state = TradeState::Closed;
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Order> {
        self.by_out_trade_no.values()
    }
}

//! Orders: NOTPAY → SUCCESS → REFUND, or NOTPAY → CLOSED. The payer is played by `POST /sandbox/pay/{order}`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::call::{Call, Reply};
use crate::clock;
use crate::ids;
use crate::notify::Event;
use crate::refusal::{Outcome, Refusal};
use crate::state::State;

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

    const fn paid(self) -> bool {
        matches!(self, Self::Success | Self::Refund)
    }
}

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
}

impl Order {
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

    /// What the prepay operation of its kind answers.
    fn prepay_reply(&self) -> Value {
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
        let mut order = json!({
            "appid": self.text("appid"),
            "mchid": self.text("mchid"),
            "out_trade_no": self.out_trade_no,
        });
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
            order["payer"] = json!({ "openid": self.openid });
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
}

impl Orders {
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Order> {
        self.by_out_trade_no.values()
    }
}

pub(crate) fn jsapi(state: &mut State, call: &Call) -> Outcome<Reply> {
    prepay(state, call, "JSAPI")
}

pub(crate) fn app(state: &mut State, call: &Call) -> Outcome<Reply> {
    prepay(state, call, "APP")
}

pub(crate) fn h5(state: &mut State, call: &Call) -> Outcome<Reply> {
    prepay(state, call, "MWEB")
}

pub(crate) fn native(state: &mut State, call: &Call) -> Outcome<Reply> {
    prepay(state, call, "NATIVE")
}

fn prepay(state: &mut State, call: &Call, trade_type: &'static str) -> Outcome<Reply> {
    let out_trade_no = call.need("out_trade_no")?;
    let total = call.get("amount").and_then(|amount| amount["total"].as_i64()).unwrap_or_default();
    if total <= 0 {
        return Err(Refusal::param("body", "/amount/total", &json!(total), "订单金额应大于0，单位为分"));
    }
    if call.text("appid") != state.keys.appid {
        return Err(Refusal::new(400, "APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配"));
    }
    if let Some(order) = state.orders.get(out_trade_no) {
        if order.state.paid() {
            return Err(Refusal::new(400, "ORDERPAID", "该订单已支付"));
        }
        if order.state == TradeState::Closed {
            return Err(Refusal::new(400, "ORDER_CLOSED", "该订单已关闭"));
        }
        if order.trade_type != trade_type || order.request != call.body {
            return Err(Refusal::new(403, "OUT_TRADE_NO_USED", "商户订单号重复，且请求参数与首次下单不一致"));
        }
        return Ok(order.prepay_reply().into());
    }
    let now = state.clock.now();
    let order = Order {
        out_trade_no: out_trade_no.to_owned(),
        prepay_id: ids::prepay_id(now),
        trade_type,
        request: call.body.clone(),
        state: TradeState::NotPay,
        transaction_id: None,
        paid_at: None,
        openid: String::new(),
        bank_type: String::new(),
        coupon: 0,
        refunded: 0,
    };
    let reply = order.prepay_reply();
    state.orders.by_out_trade_no.insert(order.out_trade_no.clone(), order);
    Ok(reply.into())
}

fn not_found() -> Refusal {
    Refusal::not_found("ORDER_NOT_EXIST", "订单不存在")
}

pub(crate) fn query_by_transaction_id(state: &mut State, call: &Call) -> Outcome<Reply> {
    let order = state.orders.by_transaction_id(call.text("transaction_id")).ok_or_else(not_found)?;
    Ok(order.to_json().into())
}

pub(crate) fn query_by_out_trade_no(state: &mut State, call: &Call) -> Outcome<Reply> {
    let order = state.orders.get(call.text("out_trade_no")).ok_or_else(not_found)?;
    Ok(order.to_json().into())
}

pub(crate) fn close(state: &mut State, call: &Call) -> Outcome<Reply> {
    let order = state.orders.get_mut(call.text("out_trade_no")).ok_or_else(not_found)?;
    if order.state.paid() {
        return Err(Refusal::new(400, "ORDERPAID", "该订单已支付，不能关闭"));
    }
    order.state = TradeState::Closed;
    Ok(Reply::NoContent)
}

/// The payer pays, fails or hesitates. `name` is a `prepay_id` or an `out_trade_no`.
pub(crate) fn pay(state: &mut State, name: &str, how: &Map<String, Value>) -> Outcome<Value> {
    let now = state.clock.now();
    let default_openid = state.keys.openid.clone();
    let order = state.orders.named(name).ok_or_else(|| {
        Refusal::not_found("ORDER_NOT_EXIST", format!("no order has the prepay_id or out_trade_no {name}"))
    })?;
    if !matches!(order.state, TradeState::NotPay | TradeState::UserPaying | TradeState::PayError) {
        return Err(Refusal::new(
            409,
            "WRONG_STATE",
            format!("order {} is {}; only an open order can be paid", order.out_trade_no, order.state.name()),
        ));
    }
    order.state = match how.get("result").and_then(Value::as_str).unwrap_or("SUCCESS") {
        "SUCCESS" => TradeState::Success,
        "USERPAYING" => TradeState::UserPaying,
        "PAYERROR" => TradeState::PayError,
        other => {
            return Err(Refusal::new(
                400,
                "PARAM_ERROR",
                format!("`result` is {other}; it can be SUCCESS, USERPAYING or PAYERROR"),
            ));
        }
    };
    if order.state != TradeState::Success {
        return Ok(order.to_json());
    }
    let coupon = how.get("coupon").and_then(Value::as_i64).unwrap_or_default();
    order.coupon = coupon.clamp(0, order.total());
    order.transaction_id = Some(ids::transaction_id(now));
    order.paid_at = Some(now);
    order.openid = how
        .get("openid")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(|| Some(order.request.get("payer")?.get("openid")?.as_str()?.to_owned()))
        .unwrap_or(default_openid);
    order.bank_type = how.get("bank_type").and_then(Value::as_str).unwrap_or("OTHERS").to_owned();
    let resource = order.to_json();
    let url = order.text("notify_url").to_owned();
    if how.get("notify").and_then(Value::as_bool).unwrap_or(true) {
        state.notifications.queue(Event {
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "支付成功",
            resource: resource.clone(),
            url,
        });
    }
    Ok(resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::testing::{call, reply, state};

    fn order(state: &State, total: i64) -> Value {
        json!({
            "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶", "out_trade_no": "A1",
            "notify_url": "http://127.0.0.1/n", "amount": { "total": total }, "payer": { "openid": "o1" },
        })
    }

    #[test]
    fn the_same_order_gives_the_same_prepay_id_and_another_is_refused() {
        let mut state = state();
        let body = order(&state, 100);
        let first = reply(jsapi(&mut state, &call(body.clone())));
        assert_eq!(first, reply(jsapi(&mut state, &call(body.clone()))));
        assert_eq!(first["prepay_id"].as_str().unwrap().len(), 36);
        let other = order(&state, 101);
        assert_eq!(jsapi(&mut state, &call(other)).unwrap_err().code(), "OUT_TRADE_NO_USED");
        assert_eq!(native(&mut state, &call(body)).unwrap_err().code(), "OUT_TRADE_NO_USED");
    }

    #[test]
    fn a_paid_order_can_be_queried_but_neither_ordered_closed_nor_paid_again() {
        let mut state = state();
        let body = order(&state, 100);
        jsapi(&mut state, &call(body.clone())).unwrap();
        let query = call(json!({ "out_trade_no": "A1" }));
        assert_eq!(reply(query_by_out_trade_no(&mut state, &query))["trade_state"], "NOTPAY");
        let paid = pay(&mut state, "A1", &Map::new()).unwrap();
        assert_eq!(paid["trade_state"], "SUCCESS");
        assert_eq!(paid["payer"]["openid"], "o1");
        let by_id = call(json!({ "transaction_id": paid["transaction_id"] }));
        assert_eq!(reply(query_by_transaction_id(&mut state, &by_id)), paid);
        assert_eq!(jsapi(&mut state, &call(body)).unwrap_err().code(), "ORDERPAID");
        assert_eq!(close(&mut state, &query).unwrap_err().code(), "ORDERPAID");
        assert_eq!(pay(&mut state, "A1", &Map::new()).unwrap_err().status, 409);
        assert_eq!(state.notifications.queued(), ["TRANSACTION.SUCCESS"]);
    }

    #[test]
    fn a_closed_order_stays_closed() {
        let mut state = state();
        let body = order(&state, 100);
        jsapi(&mut state, &call(body.clone())).unwrap();
        let name = call(json!({ "out_trade_no": "A1" }));
        assert!(matches!(close(&mut state, &name), Ok(Reply::NoContent)));
        assert!(matches!(close(&mut state, &name), Ok(Reply::NoContent)), "closing twice is no error");
        assert_eq!(jsapi(&mut state, &call(body)).unwrap_err().code(), "ORDER_CLOSED");
        assert_eq!(pay(&mut state, "A1", &Map::new()).unwrap_err().status, 409);
        assert_eq!(reply(query_by_out_trade_no(&mut state, &name))["trade_state"], "CLOSED");
    }

    #[test]
    fn a_failed_payment_leaves_the_order_open_and_sends_nothing() {
        let mut state = state();
        let body = order(&state, 100);
        native(&mut state, &call(body)).unwrap();
        let how = json!({ "result": "PAYERROR" });
        assert_eq!(pay(&mut state, "A1", how.as_object().unwrap()).unwrap()["trade_state"], "PAYERROR");
        assert!(state.notifications.queued().is_empty());
        assert_eq!(pay(&mut state, "A1", &Map::new()).unwrap()["trade_state"], "SUCCESS");
    }

    #[test]
    fn a_coupon_lowers_what_the_payer_pays() {
        let mut state = state();
        let body = order(&state, 100);
        jsapi(&mut state, &call(body)).unwrap();
        let paid = pay(&mut state, "A1", json!({ "coupon": 30 }).as_object().unwrap()).unwrap();
        assert_eq!(paid["amount"]["payer_total"], 70);
        assert_eq!(paid["promotion_detail"][0]["amount"], 30);
    }
}

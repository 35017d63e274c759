//! Orders, of a merchant or of a partner for one. The payer is played by `POST /sandbox/pay/{order}`.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::products::combine_payments;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::orders::{Order, Payment, TradeState};

pub(crate) fn jsapi(state: &mut State, call: &Call) -> Result<Reply> {
    prepay(state, call, "JSAPI")
}

pub(crate) fn app(state: &mut State, call: &Call) -> Result<Reply> {
    prepay(state, call, "APP")
}

pub(crate) fn h5(state: &mut State, call: &Call) -> Result<Reply> {
    prepay(state, call, "MWEB")
}

pub(crate) fn native(state: &mut State, call: &Call) -> Result<Reply> {
    prepay(state, call, "NATIVE")
}

fn prepay(state: &mut State, call: &Call, trade_type: &'static str) -> Result<Reply> {
    let out_trade_no = call.need("out_trade_no")?;
    let total = call.get("amount").and_then(|amount| amount["total"].as_i64()).unwrap_or_default();
    if total <= 0 {
        return Err(Refusal::param("body", "/amount/total", &json!(total), "订单金额应大于0，单位为分"));
    }
    let appid = if call.text("sp_appid").is_empty() { call.text("appid") } else { call.text("sp_appid") };
    if appid != state.keys.appid {
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
    let order = Order::new(out_trade_no, trade_type, call.body.clone(), state.clock.now());
    let reply = order.prepay_reply();
    state.orders.add(order);
    Ok(reply.into())
}

fn not_found() -> Refusal {
    Refusal::not_found("ORDER_NOT_EXIST", "订单不存在")
}

/// Whether whoever asks may see the order: a partner names the merchant for whom he ordered. Those of a combined order have queries of
/// their own.
fn is_of(order: &Order, call: &Call) -> bool {
    order.combined.is_none() && order.sub_mchid() == call.text("sub_mchid")
}

pub(crate) fn query_by_transaction_id(state: &mut State, call: &Call) -> Result<Reply> {
    let order = state.orders.by_transaction_id(call.text("transaction_id"));
    Ok(order.filter(|order| is_of(order, call)).ok_or_else(not_found)?.to_json().into())
}

pub(crate) fn query_by_out_trade_no(state: &mut State, call: &Call) -> Result<Reply> {
    let order = state.orders.get(call.text("out_trade_no"));
    Ok(order.filter(|order| is_of(order, call)).ok_or_else(not_found)?.to_json().into())
}

pub(crate) fn close(state: &mut State, call: &Call) -> Result<Reply> {
    let order = state.orders.get_mut(call.text("out_trade_no"));
    order.filter(|order| is_of(order, call)).ok_or_else(not_found)?.close()?;
    Ok(Reply::NoContent)
}

/// The payer pays, fails or hesitates. `name` is a `prepay_id` or an `out_trade_no`, or the number of a combined order.
pub(crate) fn pay(state: &mut State, name: &str, how: &Map<String, Value>) -> Result<Value> {
    let now = state.clock.now();
    let default_openid = state.keys.openid.clone();
    let combined = state.combined_orders.named(name).cloned();
    let first = combined.as_ref().and_then(|combined| combined.orders.first());
    let order = state.orders.named(first.map_or(name, String::as_str)).ok_or_else(|| {
        Refusal::not_found("ORDER_NOT_EXIST", format!("no order has the prepay_id or out_trade_no {name}"))
    })?;
    if !order.is_open() {
        return Err(Refusal::new(
            409,
            "WRONG_STATE",
            format!("order {} is {}; only an open order can be paid", order.out_trade_no, order.state.name()),
        ));
    }
    let short_of_paid = match how.get("result").and_then(Value::as_str).unwrap_or("SUCCESS") {
        "SUCCESS" => None,
        "USERPAYING" => Some(TradeState::UserPaying),
        "PAYERROR" => Some(TradeState::PayError),
        other => {
            return Err(Refusal::new(
                400,
                "PARAM_ERROR",
                format!("`result` is {other}; it can be SUCCESS, USERPAYING or PAYERROR"),
            ));
        }
    };
    let text = |name: &str| how.get(name).and_then(Value::as_str).map(str::to_owned);
    let ordered_for = |request: &Map<String, Value>, payer: &str| {
        let payer = request.get(payer)?;
        Some(payer.get("openid").or_else(|| payer.get("sp_openid"))?.as_str()?.to_owned())
    };
    let payer = match &combined {
        Some(combined) => ordered_for(&combined.request, "combine_payer_info"),
        None => ordered_for(&order.request, "payer"),
    };
    let payment = Payment {
        at: now,
        openid: text("openid").or(payer).unwrap_or(default_openid),
        bank_type: text("bank_type").unwrap_or_else(|| "OTHERS".to_owned()),
        coupon: how.get("coupon").and_then(Value::as_i64).unwrap_or_default(),
    };
    let notify = how.get("notify").and_then(Value::as_bool).unwrap_or(true);
    if let Some(combined) = combined {
        return Ok(combine_payments::pay(state, &combined, short_of_paid, &payment, notify));
    }
    if let Some(reached) = short_of_paid {
        order.state = reached;
        return Ok(order.to_json());
    }
    order.pay(payment);
    let resource = order.to_json();
    let url = order.text("notify_url").to_owned();
    if notify {
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

    #[test]
    fn an_order_that_is_not_paid_in_time_is_closed() {
        let mut state = state();
        let mut body = order(&state, 100);
        body["time_expire"] = json!(crate::clock::rfc3339(state.clock.now() + time::Duration::minutes(5)));
        jsapi(&mut state, &call(body.clone())).unwrap();
        let mut paid = body.clone();
        paid["out_trade_no"] = json!("A2");
        jsapi(&mut state, &call(paid)).unwrap();
        pay(&mut state, "A2", &Map::new()).unwrap();
        let query = |state: &mut State, number: &str| {
            let now = state.clock.now();
            state.orders.expire(now);
            reply(query_by_out_trade_no(state, &call(json!({ "out_trade_no": number }))))["trade_state"]
                .clone()
        };
        assert_eq!(query(&mut state, "A1"), "NOTPAY");
        state.clock.offset_seconds = 301;
        assert_eq!(query(&mut state, "A1"), "CLOSED");
        assert_eq!(query(&mut state, "A2"), "SUCCESS");
        assert_eq!(pay(&mut state, "A1", &Map::new()).unwrap_err().status, 409);
        assert_eq!(jsapi(&mut state, &call(body)).unwrap_err().code(), "ORDER_CLOSED");
    }
}

//! Orders of several merchants that are paid at once. Each is an order like any other: refunded, shared and billed alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::combined_orders::CombinedOrder;
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
    let number = call.need("combine_out_trade_no")?;
    if call.text("combine_appid") != state.keys.appid {
        return Err(Refusal::new(400, "APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配"));
    }
    if let Some(made) = state.combined_orders.get(number) {
        if made.trade_type != trade_type || made.request != call.body {
            return Err(Refusal::new(
                403,
                "OUT_TRADE_NO_USED",
                "合单商户订单号重复，且请求参数与首次下单不一致",
            ));
        }
        return match state.orders.get(&made.orders[0]).map(|order| order.state) {
            Some(TradeState::Closed) => Err(Refusal::new(400, "ORDER_CLOSED", "该订单已关闭")),
            Some(paid) if paid.paid() => Err(Refusal::new(400, "ORDERPAID", "该订单已支付")),
            _ => Ok(reply(state, number)),
        };
    }
    let sub_orders: Vec<&Map<String, Value>> = list(call).filter_map(Value::as_object).collect();
    let for_others = sub_orders.iter().any(|order| order.contains_key("sub_mchid"));
    let fewest = if for_others { 1 } else { 2 };
    if sub_orders.len() < fewest {
        return Err(call.bad("sub_orders", format!("子单数量不能少于{fewest}")));
    }
    let mut numbers = Vec::new();
    for (index, order) in sub_orders.iter().enumerate() {
        let at = |field: &str| format!("/sub_orders/{index}/{field}");
        let number = order.get("out_trade_no").and_then(Value::as_str).unwrap_or_default();
        if number.is_empty() {
            return Err(Refusal::param("body", &at("out_trade_no"), &Value::Null, "缺少子单商户订单号"));
        }
        let total = amount_of(order)["total_amount"].as_i64().unwrap_or_default();
        if total <= 0 {
            return Err(Refusal::param(
                "body",
                &at("amount/total_amount"),
                &json!(total),
                "订单金额应大于0，单位为分",
            ));
        }
        if numbers.iter().any(|other| other == number) || state.orders.get(number).is_some() {
            return Err(Refusal::new(403, "OUT_TRADE_NO_USED", format!("子单商户订单号{number}重复")));
        }
        numbers.push(number.to_owned());
    }
    let now = state.clock.now();
    let combined = CombinedOrder::new(number, trade_type, call.body.clone(), numbers.clone(), now);
    for (number, order) in numbers.iter().zip(&sub_orders) {
        let mut made = Order::new(number, trade_type, as_ordered_alone(order, &combined), now);
        made.prepay_id.clone_from(&combined.prepay_id);
        made.combined = Some(combined.number.clone());
        state.orders.add(made);
    }
    state.combined_orders.add(combined);
    Ok(reply(state, number))
}

fn list(call: &Call) -> impl Iterator<Item = &Value> {
    call.body.get("sub_orders").and_then(Value::as_array).into_iter().flatten()
}

/// Null where there is none: not every kind of request has to have it.
fn amount_of(order: &Map<String, Value>) -> &Value {
    order.get("amount").unwrap_or(&Value::Null)
}

/// One of the orders, as the request for it alone would be.
fn as_ordered_alone(order: &Map<String, Value>, combined: &CombinedOrder) -> Map<String, Value> {
    let mut alone = order.clone();
    let amount = amount_of(order);
    alone.insert(
        "amount".to_owned(),
        json!({ "total": amount["total_amount"], "currency": amount["currency"] }),
    );
    let (appid, mchid) =
        if order.contains_key("sub_mchid") { ("sp_appid", "sp_mchid") } else { ("appid", "mchid") };
    let own = alone.remove("mchid").unwrap_or_default();
    alone.insert(mchid.to_owned(), own);
    alone.insert(appid.to_owned(), json!(combined.text("combine_appid")));
    for shared in ["notify_url", "time_expire"] {
        alone.extend(combined.request.get(shared).map(|value| (shared.to_owned(), value.clone())));
    }
    alone
}

/// What the order of its kind answers: that of each of its orders, for they share the `prepay_id`.
fn reply(state: &State, number: &str) -> Reply {
    let first = state.combined_orders.get(number).and_then(|order| state.orders.get(&order.orders[0]));
    first.map_or(Value::Null, Order::prepay_reply).into()
}

fn not_found() -> Refusal {
    Refusal::not_found("ORDERNOTEXIST", "订单不存在")
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let order = state.combined_orders.get(call.text("combine_out_trade_no")).ok_or_else(not_found)?;
    Ok(shown(state, order).into())
}

/// All of its orders or none, and just those that it was made with.
pub(crate) fn close(state: &mut State, call: &Call) -> Result<Reply> {
    let order = state.combined_orders.get(call.text("combine_out_trade_no")).ok_or_else(not_found)?.clone();
    let named: BTreeSet<&str> = list(call).filter_map(|order| order["out_trade_no"].as_str()).collect();
    if named != order.orders.iter().map(String::as_str).collect() {
        return Err(call.bad("sub_orders", "子单信息与下单时不一致"));
    }
    if order.orders.iter().any(|number| state.orders.get(number).is_some_and(|order| order.state.paid())) {
        return Err(Refusal::new(400, "ORDERPAID", "该订单已支付，不能关闭"));
    }
    for number in &order.orders {
        if let Some(order) = state.orders.get_mut(number) {
            order.close()?;
        }
    }
    Ok(Reply::NoContent)
}

/// The payer pays all of them, or comes as far as `reached`.
pub(crate) fn pay(
    state: &mut State,
    order: &CombinedOrder,
    reached: Option<TradeState>,
    payment: &Payment,
    notify: bool,
) -> Value {
    let mut payment = payment.clone();
    for number in &order.orders {
        let Some(one) = state.orders.get_mut(number) else { continue };
        match reached {
            Some(reached) => one.state = reached,
            None => one.pay(payment.clone()),
        }
        // A coupon is used once.
        payment.coupon = 0;
    }
    if reached.is_none()
        && let Some(kept) = state.combined_orders.get_mut(&order.number)
    {
        kept.transaction_id = Some(ids::transaction_id(payment.at));
    }
    let Some(order) = state.combined_orders.get(&order.number) else { return Value::Null };
    let (resource, url) = (shown(state, order), order.text("notify_url").to_owned());
    if reached.is_none() && notify {
        state.notifications.queue(Event {
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "支付成功",
            resource: resource.clone(),
            url,
        });
    }
    resource
}

/// The combined order of this number, as its query shows it.
pub(crate) fn shown_by_number(state: &State, number: &str) -> Option<Value> {
    state.combined_orders.get(number).map(|order| shown(state, order))
}

fn shown(state: &State, order: &CombinedOrder) -> Value {
    let orders: Vec<&Order> = order.orders.iter().filter_map(|number| state.orders.get(number)).collect();
    let mut shown = order.to_json();
    if let Some(paid) = orders.iter().find(|order| order.paid_at.is_some()) {
        shown["combine_payer_info"] = json!({ "openid": paid.openid });
    }
    shown["sub_orders"] = orders.into_iter().map(one_of).collect();
    shown
}

/// One of the orders, as it is shown among the others.
fn one_of(order: &Order) -> Value {
    let alone = order.to_json();
    let amount = &alone["amount"];
    let mut one = json!({
        "mchid": order.mchid(), "out_trade_no": order.out_trade_no, "trade_type": order.trade_type, "trade_state": order.state.name(),
        "amount": { "total_amount": amount["total"], "payer_amount": amount["payer_total"].as_i64().unwrap_or_default(), "currency": amount["currency"] },
    });
    for name in ["sub_mchid", "sub_appid", "attach", "bank_type", "transaction_id", "promotion_detail"] {
        if let Some(value) = alone.get(name) {
            one[name] = value.clone();
        }
    }
    if let Some(paid_at) = order.paid_at {
        one["success_time"] = json!(clock::rfc3339(paid_at));
        one["amount"]["payer_currency"] = amount["currency"].clone();
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::payments;
    use crate::products::testing::{call, reply, state};

    fn order(state: &State, totals: &[i64]) -> Value {
        let orders: Vec<Value> = totals
            .iter()
            .enumerate()
            .map(|(index, total)| json!({
                "mchid": state.keys.mchid, "out_trade_no": format!("S{index}"), "description": "茶", "attach": "x",
                "amount": { "total_amount": total, "currency": "CNY" },
            }))
            .collect();
        json!({
            "combine_appid": state.keys.appid, "combine_mchid": state.keys.mchid, "combine_out_trade_no": "C1",
            "notify_url": "http://127.0.0.1/n", "sub_orders": orders, "combine_payer_info": { "openid": "o1" },
        })
    }

    #[test]
    fn all_are_paid_at_once_whichever_is_named() {
        for name in ["C1", "S1", "prepay_id"] {
            let mut state = state();
            let body = order(&state, &[10, 20]);
            let made = reply(jsapi(&mut state, &call(body.clone())));
            assert_eq!(made, reply(jsapi(&mut state, &call(body))), "the same again");
            let name = if name == "prepay_id" { made["prepay_id"].as_str().unwrap() } else { name };
            let paid = payments::pay(&mut state, name, &Map::new()).unwrap();
            for (one, total) in paid["sub_orders"].as_array().unwrap().iter().zip([10, 20]) {
                assert_eq!(one["trade_state"], "SUCCESS");
                assert_eq!(one["amount"]["payer_amount"], total);
            }
            assert_eq!(state.notifications.queued(), ["TRANSACTION.SUCCESS"]);
            assert_eq!(payments::pay(&mut state, name, &Map::new()).unwrap_err().status, 409);
        }
    }

    #[test]
    fn its_orders_are_no_single_orders() {
        let mut state = state();
        let body = order(&state, &[10, 20]);
        native(&mut state, &call(body)).unwrap();
        let query = call(json!({ "out_trade_no": "S0" }));
        let error = payments::query_by_out_trade_no(&mut state, &query).unwrap_err();
        assert_eq!(error.code(), "ORDER_NOT_EXIST");
        assert!(payments::close(&mut state, &query).is_err());
    }

    #[test]
    fn just_those_that_it_was_made_with_are_closed() {
        let mut state = state();
        let body = order(&state, &[10, 20]);
        app(&mut state, &call(body)).unwrap();
        let close_these = |numbers: &[&str]| {
            let orders: Vec<Value> =
                numbers.iter().map(|number| json!({ "mchid": "1", "out_trade_no": number })).collect();
            call(json!({ "combine_out_trade_no": "C1", "sub_orders": orders }))
        };
        assert!(close(&mut state, &close_these(&["S0"])).is_err());
        close(&mut state, &close_these(&["S1", "S0"])).unwrap();
        let query = call(json!({ "combine_out_trade_no": "C1" }));
        let shown = reply(super::query(&mut state, &query));
        assert_eq!(shown["sub_orders"][1]["trade_state"], "CLOSED");
        assert_eq!(payments::pay(&mut state, "C1", &Map::new()).unwrap_err().status, 409);
    }

    #[test]
    fn what_is_missing_is_told() {
        for missing in ["out_trade_no", "amount"] {
            let mut state = state();
            let mut body = order(&state, &[10, 20]);
            body["sub_orders"][1].as_object_mut().unwrap().remove(missing);
            assert_eq!(jsapi(&mut state, &call(body)).unwrap_err().code(), "PARAM_ERROR");
        }
    }

    #[test]
    fn one_order_alone_and_numbers_that_are_taken_are_refused() {
        let mut state = state();
        let alone = order(&state, &[10]);
        assert_eq!(jsapi(&mut state, &call(alone)).unwrap_err().code(), "PARAM_ERROR");
        let free = order(&state, &[10, 0]);
        assert_eq!(jsapi(&mut state, &call(free)).unwrap_err().code(), "PARAM_ERROR");
        let body = order(&state, &[10, 20]);
        jsapi(&mut state, &call(body.clone())).unwrap();
        let mut other = body;
        other["combine_out_trade_no"] = json!("C2");
        assert_eq!(jsapi(&mut state, &call(other)).unwrap_err().code(), "OUT_TRADE_NO_USED");
    }
}

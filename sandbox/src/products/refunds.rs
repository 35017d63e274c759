//! Refunds of orders; an abnormal one can be sent on to another account.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::orders::Order;
use crate::store::refunds::Refund;

fn order_of<'a>(state: &'a State, call: &Call) -> Result<&'a Order> {
    let (transaction_id, out_trade_no) = (call.text("transaction_id"), call.text("out_trade_no"));
    let order = match (transaction_id, out_trade_no) {
        ("", "") => return Err(call.bad("out_trade_no", "transaction_id和out_trade_no必须填写一个")),
        ("", out_trade_no) => state.orders.get(out_trade_no),
        (transaction_id, "") => state.orders.by_transaction_id(transaction_id),
        (transaction_id, out_trade_no) => {
            state.orders.by_transaction_id(transaction_id).filter(|order| order.out_trade_no == out_trade_no)
        }
    };
    // A partner names the merchant for whom he ordered.
    order
        .filter(|order| order.sub_mchid() == call.text("sub_mchid"))
        .ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "订单不存在"))
}

pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply> {
    let out_refund_no = call.need("out_refund_no")?.to_owned();
    if let Some(refund) = state.refunds.get(&out_refund_no) {
        if refund.request != call.body {
            return Err(Refusal::invalid("商户退款单号重复，且请求参数与首次申请不一致"));
        }
        return Ok(refund.to_json().into());
    }
    let now = state.clock.now();
    let order = order_of(state, call)?;
    let Some(transaction_id) = order.transaction_id.clone() else {
        return Err(Refusal::invalid("订单未支付，不能退款"));
    };
    let amount = |name: &str| {
        call.get("amount")
            .and_then(|amount| amount[name].as_i64())
            .ok_or_else(|| Refusal::param("body", &format!("/amount/{name}"), &Value::Null, "缺少金额"))
    };
    let (refund, total) = (amount("refund")?, amount("total")?);
    if total != order.total() {
        return Err(Refusal::invalid(format!(
            "订单金额不一致：请求中为{total}分，原订单为{}分",
            order.total()
        )));
    }
    if refund <= 0 {
        return Err(Refusal::param("body", "/amount/refund", &json!(refund), "退款金额应大于0，单位为分"));
    }
    let left = order.total() - order.refunded;
    if refund > left {
        return Err(Refusal::invalid(format!("退款金额超过可退金额：申请{refund}分，可退{left}分")));
    }
    let made = Refund::new(order, transaction_id, &out_refund_no, refund, call.body.clone(), now);
    if let Some(order) = state.orders.get_mut(&made.out_trade_no) {
        order.refund(refund);
    }
    let reply = made.to_json();
    state.refunds.add(made);
    Ok(reply.into())
}

fn not_found() -> Refusal {
    Refusal::not_found("RESOURCE_NOT_EXISTS", "退款单不存在")
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let refund = state.refunds.get(call.text("out_refund_no"));
    let refund =
        refund.filter(|refund| refund.sub_mchid() == call.text("sub_mchid")).ok_or_else(not_found)?;
    Ok(refund.to_json().into())
}

pub(crate) fn apply_abnormal(state: &mut State, call: &Call) -> Result<Reply> {
    let refund = state
        .refunds
        .get_mut(call.text("out_refund_no"))
        .filter(|refund| {
            refund.refund_id == call.text("refund_id") && refund.sub_mchid() == call.text("sub_mchid")
        })
        .ok_or_else(not_found)?;
    if refund.status != "ABNORMAL" {
        return Err(Refusal::invalid(format!(
            "退款单状态为{}，仅退款异常（ABNORMAL）的退款单可以处理",
            refund.status
        )));
    }
    let account = match call.need("type")? {
        "USER_BANK_CARD" => {
            let account = call.need("bank_account")?;
            call.need("bank_type")?;
            call.need("real_name")?;
            let tail: String = account.chars().skip(account.chars().count().saturating_sub(4)).collect();
            format!("用户银行卡{tail}")
        }
        "MERCHANT_BANK_CARD" => "商户银行账户".to_owned(),
        _ => return Err(call.bad("type", "应为USER_BANK_CARD或MERCHANT_BANK_CARD")),
    };
    refund.send_on(account);
    Ok(refund.to_json().into())
}

/// The refund comes to an end: `SUCCESS`, `CLOSED` or `ABNORMAL`.
pub(crate) fn finish(state: &mut State, out_refund_no: &str, how: &Map<String, Value>) -> Result<Value> {
    let now = state.clock.now();
    let refund = state.refunds.get_mut(out_refund_no).ok_or_else(|| {
        Refusal::not_found("RESOURCE_NOT_EXISTS", format!("no refund has the out_refund_no {out_refund_no}"))
    })?;
    let (status, event_type, summary) = match how.get("status").and_then(Value::as_str).unwrap_or("SUCCESS") {
        "SUCCESS" => ("SUCCESS", "REFUND.SUCCESS", "退款成功"),
        "CLOSED" => ("CLOSED", "REFUND.CLOSED", "退款关闭"),
        "ABNORMAL" => ("ABNORMAL", "REFUND.ABNORMAL", "退款异常"),
        other => {
            return Err(Refusal::new(
                400,
                "PARAM_ERROR",
                format!("`status` is {other}; it can be SUCCESS, CLOSED or ABNORMAL"),
            ));
        }
    };
    refund.finish(status, now)?;
    let refund = refund.clone();
    let order = state.orders.get_mut(&refund.out_trade_no);
    let mut url = refund.request.get("notify_url").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(order) = order {
        // Money of a closed refund stays with the merchant and can be refunded again.
        if status == "CLOSED" {
            order.keep(refund.refund);
        }
        if url.is_empty() {
            url = order.text("notify_url").to_owned();
        }
    }
    if how.get("notify").and_then(Value::as_bool).unwrap_or(true) {
        let resource = refund.to_notification(&state.keys.mchid);
        state.notifications.queue(Event { event_type, original_type: "refund", summary, resource, url });
    }
    Ok(refund.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::payments;
    use crate::products::testing::{call, reply, state};

    fn paid_order(total: i64, coupon: i64) -> State {
        let mut state = state();
        let body = json!({
            "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶", "out_trade_no": "A1",
            "notify_url": "http://127.0.0.1/n", "amount": { "total": total },
        });
        payments::native(&mut state, &call(body)).unwrap();
        payments::pay(&mut state, "A1", json!({ "coupon": coupon }).as_object().unwrap()).unwrap();
        state
    }

    fn refund(out_refund_no: &str, refund: i64, total: i64) -> Call {
        call(json!({
            "out_trade_no": "A1", "out_refund_no": out_refund_no,
            "amount": { "refund": refund, "total": total, "currency": "CNY" },
        }))
    }

    #[test]
    fn refunds_add_up_to_the_order_and_no_further() {
        let mut state = paid_order(100, 0);
        let first = reply(create(&mut state, &refund("R1", 60, 100)));
        assert_eq!(first["status"], "PROCESSING");
        assert_eq!(first, reply(create(&mut state, &refund("R1", 60, 100))), "repeating it changes nothing");
        assert_eq!(create(&mut state, &refund("R1", 61, 100)).unwrap_err().code(), "INVALID_REQUEST");
        assert_eq!(create(&mut state, &refund("R2", 41, 100)).unwrap_err().code(), "INVALID_REQUEST");
        assert_eq!(create(&mut state, &refund("R2", 40, 99)).unwrap_err().code(), "INVALID_REQUEST");
        reply(create(&mut state, &refund("R2", 40, 100)));
        assert_eq!(create(&mut state, &refund("R3", 1, 100)).unwrap_err().code(), "INVALID_REQUEST");
        assert_eq!(state.orders.get("A1").unwrap().to_json()["trade_state"], "REFUND");
    }

    #[test]
    fn an_unpaid_or_unknown_order_cannot_be_refunded() {
        let mut state = state();
        assert_eq!(create(&mut state, &refund("R1", 1, 1)).unwrap_err().code(), "RESOURCE_NOT_EXISTS");
        let body = json!({
            "appid": state.keys.appid, "mchid": state.keys.mchid, "out_trade_no": "A1", "amount": { "total": 1 },
        });
        payments::native(&mut state, &call(body)).unwrap();
        assert_eq!(create(&mut state, &refund("R1", 1, 1)).unwrap_err().code(), "INVALID_REQUEST");
        let nameless = call(json!({ "out_refund_no": "R1", "amount": { "refund": 1, "total": 1 } }));
        assert_eq!(create(&mut state, &nameless).unwrap_err().code(), "PARAM_ERROR");
    }

    #[test]
    fn amounts_whose_product_takes_more_than_64_bits_are_shared_out_too() {
        let mut state = paid_order(5_000_000_000, 0);
        let refunded = reply(create(&mut state, &refund("R1", 4_000_000_000, 5_000_000_000)));
        assert_eq!(refunded["amount"]["payer_refund"], 4_000_000_000_i64);
    }

    #[test]
    fn the_coupon_takes_its_share_and_nothing_is_lost_to_rounding() {
        let mut state = paid_order(100, 33);
        let shares: Vec<i64> = ["R1", "R2", "R3"]
            .into_iter()
            .zip([33, 33, 34])
            .map(|(name, fen)| {
                reply(create(&mut state, &refund(name, fen, 100)))["amount"]["payer_refund"].as_i64().unwrap()
            })
            .collect();
        assert_eq!(shares.iter().sum::<i64>(), 67);
    }

    #[test]
    fn an_abnormal_refund_is_sent_on_and_succeeds() {
        let mut state = paid_order(100, 0);
        let made = reply(create(&mut state, &refund("R1", 100, 100)));
        let on = |kind: &str| {
            call(json!({
                "refund_id": made["refund_id"], "out_refund_no": "R1", "type": kind,
                "bank_type": "ICBC_DEBIT", "bank_account": "6222000012345678", "real_name": "张三",
            }))
        };
        assert_eq!(apply_abnormal(&mut state, &on("USER_BANK_CARD")).unwrap_err().code(), "INVALID_REQUEST");
        finish(&mut state, "R1", json!({ "status": "ABNORMAL" }).as_object().unwrap()).unwrap();
        let sent = reply(apply_abnormal(&mut state, &on("USER_BANK_CARD")));
        assert_eq!(sent["status"], "PROCESSING");
        assert_eq!(sent["user_received_account"], "用户银行卡5678");
        let done = finish(&mut state, "R1", &Map::new()).unwrap();
        assert_eq!(done["status"], "SUCCESS");
        assert!(done["success_time"].is_string());
        assert_eq!(
            state.notifications.queued(),
            ["TRANSACTION.SUCCESS", "REFUND.ABNORMAL", "REFUND.SUCCESS"]
        );
        assert_eq!(finish(&mut state, "R1", &Map::new()).unwrap_err().status, 409);
    }

    #[test]
    fn a_closed_refund_gives_its_amount_back() {
        let mut state = paid_order(100, 0);
        reply(create(&mut state, &refund("R1", 100, 100)));
        finish(&mut state, "R1", json!({ "status": "CLOSED" }).as_object().unwrap()).unwrap();
        reply(create(&mut state, &refund("R2", 100, 100)));
    }
}

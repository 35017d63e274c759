//! Subsidies: one merchant pays another for a coupon that was used, and may take it back.

use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::busifavor::CouponState;

/// The fields of the request that the receipt shows as they came.
fn receipt(call: &Call, names: &[&str]) -> Value {
    let mut receipt = json!({});
    for name in names {
        if let Some(value) = call.get(name) {
            receipt[*name] = value.clone();
        }
    }
    receipt
}

pub(crate) fn pay(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_subsidy_no")?;
    if let Some(answer) = state.busifavor.repeated("subsidy", number, &call.content())? {
        return Ok(answer.into());
    }
    let amount = call.need_int("amount")?;
    if amount <= 0 {
        return Err(call.bad("amount", "应大于0，单位为分"));
    }
    let (stock_id, code) = (call.need("stock_id")?, call.need("coupon_code")?);
    let coupon = state
        .busifavor
        .coupons
        .iter()
        .find(|coupon| coupon.stock_id == stock_id && coupon.code == code)
        .ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "券不存在"))?;
    if coupon.state != CouponState::Used {
        return Err(Refusal::invalid("仅已核销（USED）的券可以补差"));
    }
    let now = state.now_text();
    let mut made = receipt(
        call,
        &[
            "stock_id",
            "coupon_code",
            "transaction_id",
            "payer_merchant",
            "payee_merchant",
            "amount",
            "description",
            "out_subsidy_no",
        ],
    );
    made["subsidy_receipt_id"] = json!(format!("1120{}", ids::digits(24)));
    made["status"] = json!("SUCCESS");
    made["success_time"] = json!(now);
    made["create_time"] = json!(now);
    state.busifavor.subsidies.payments.push(made.clone());
    state.busifavor.remember("subsidy", number, &call.content(), &made);
    Ok(made.into())
}

fn named<'a>(receipts: &'a [Value], name: &str, id: &str) -> Result<&'a Value> {
    receipts
        .iter()
        .find(|receipt| receipt[name] == id)
        .ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "单据不存在"))
}

pub(crate) fn query_payment(state: &mut State, call: &Call) -> Result<Reply> {
    let id = call.need("subsidy_receipt_id")?;
    Ok(named(&state.busifavor.subsidies.payments, "subsidy_receipt_id", id)?.clone().into())
}

pub(crate) fn list_payments(state: &mut State, call: &Call) -> Result<Reply> {
    let fits = |receipt: &&Value, name: &str| call.text(name).is_empty() || receipt[name] == call.text(name);
    let found: Vec<&Value> = state
        .busifavor
        .subsidies
        .payments
        .iter()
        .filter(|receipt| {
            ["stock_id", "coupon_code", "out_subsidy_no"].iter().all(|name| fits(receipt, name))
        })
        .collect();
    Ok(json!({ "pay_receipt_list": found }).into())
}

pub(crate) fn give_back(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_subsidy_return_no")?;
    if let Some(answer) = state.busifavor.repeated("subsidy return", number, &call.content())? {
        return Ok(answer.into());
    }
    let amount = call.need_int("amount")?;
    let now = state.now_text();
    let payment = state
        .busifavor
        .subsidies
        .payments
        .iter_mut()
        .find(|payment| {
            ["stock_id", "coupon_code", "transaction_id"].iter().all(|name| payment[*name] == call.text(name))
        })
        .ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "补差付款单不存在"))?;
    let paid = payment["amount"].as_i64().unwrap_or_default();
    let id = payment["subsidy_receipt_id"].clone();
    let returned: i64 = state
        .busifavor
        .subsidies
        .returns
        .iter()
        .filter(|earlier| earlier["subsidy_receipt_id"] == id)
        .filter_map(|earlier| earlier["amount"].as_i64())
        .sum();
    if amount <= 0 || amount > paid - returned {
        return Err(Refusal::invalid(format!("回退金额应大于0且不超过可回退金额{}分", paid - returned)));
    }
    payment["status"] = json!(if amount == paid - returned { "FULL_RETURN" } else { "PARTIAL_RETURN" });
    let mut made = receipt(
        call,
        &[
            "stock_id",
            "coupon_code",
            "transaction_id",
            "refund_id",
            "payer_merchant",
            "payee_merchant",
            "amount",
            "description",
            "out_subsidy_return_no",
        ],
    );
    made["subsidy_return_receipt_id"] = json!(format!("1121{}", ids::digits(24)));
    made["subsidy_receipt_id"] = id;
    made["status"] = json!("RETURN_RECEIPT_SUCCESS");
    made["return_done_time"] = json!(now);
    made["return_create_time"] = json!(now);
    state.busifavor.subsidies.returns.push(made.clone());
    state.busifavor.remember("subsidy return", number, &call.content(), &made);
    Ok(made.into())
}

pub(crate) fn query_return(state: &mut State, call: &Call) -> Result<Reply> {
    let id = call.need("subsidy_return_receipt_id")?;
    Ok(named(&state.busifavor.subsidies.returns, "subsidy_return_receipt_id", id)?.clone().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::busifavor::coupons;
    use crate::products::busifavor::stocks::tests::stock;
    use crate::products::testing::{call, reply, state};

    #[test]
    fn a_used_coupon_is_subsidised_and_the_money_taken_back() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let send = json!({ "openid": "o1", "appid": "wx1", "stock_id": id, "out_request_no": "s1" });
        let sent = reply(coupons::send(&mut state, &call(send)));
        let code = sent["send_coupon_result"]["coupon_code"].clone();
        let paying = call(json!({
            "stock_id": id, "coupon_code": code, "transaction_id": "42", "payer_merchant": "1", "payee_merchant": "2",
            "amount": 100, "description": "d", "out_subsidy_no": "n1",
        }));
        assert_eq!(pay(&mut state, &paying).unwrap_err().code(), "INVALID_REQUEST", "not used yet");
        let using = json!({ "coupon_code": code, "stock_id": id, "use_request_no": "u1" });
        coupons::use_coupon(&mut state, &call(using)).unwrap();
        let paid = reply(pay(&mut state, &paying));
        assert_eq!(paid, reply(pay(&mut state, &paying)));
        let back = |number: &str, amount: i64| {
            call(json!({
                "stock_id": id, "coupon_code": code, "transaction_id": "42", "refund_id": "50", "payer_merchant": "2",
                "payee_merchant": "1", "amount": amount, "description": "d", "out_subsidy_return_no": number,
            }))
        };
        let first = reply(give_back(&mut state, &back("r1", 60)));
        assert_eq!(first["status"], "RETURN_RECEIPT_SUCCESS");
        assert_eq!(give_back(&mut state, &back("r2", 41)).unwrap_err().code(), "INVALID_REQUEST");
        reply(give_back(&mut state, &back("r3", 40)));
        let listed = reply(list_payments(&mut state, &call(json!({ "stock_id": id, "coupon_code": code }))));
        assert_eq!(listed["pay_receipt_list"][0]["status"], "FULL_RETURN");
        let named = call(json!({ "subsidy_return_receipt_id": first["subsidy_return_receipt_id"] }));
        assert_eq!(reply(query_return(&mut state, &named)), first);
        let named = call(json!({ "subsidy_receipt_id": paid["subsidy_receipt_id"] }));
        assert_eq!(reply(query_payment(&mut state, &named))["amount"], 100);
    }
}

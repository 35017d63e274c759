//! Stocks (批次): what coupons there are, and how many may be handed out.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::busifavor::Stock;

pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_request_no")?;
    if let Some(answer) = state.busifavor.repeated("stock", number, &call.content())? {
        return Ok(answer.into());
    }
    let rule = |pointer: &str| call.get("coupon_use_rule").and_then(|rule| rule.pointer(pointer));
    let wanted = match call.text("stock_type") {
        "NORMAL" => "fixed_normal_coupon",
        "DISCOUNT" => "discount_coupon",
        "EXCHANGE" => "exchange_coupon",
        _ => return Err(call.bad("stock_type", "应为NORMAL、DISCOUNT或EXCHANGE")),
    };
    if rule(&format!("/{wanted}")).is_none() {
        return Err(Refusal::param(
            "body",
            &format!("/coupon_use_rule/{wanted}"),
            &Value::Null,
            format!("stock_type为{}时必填", call.text("stock_type")),
        ));
    }
    let moment = |name: &str| {
        rule(&format!("/coupon_available_time/{name}")).and_then(Value::as_str).and_then(clock::parse)
    };
    if moment("available_begin_time") >= moment("available_end_time") {
        return Err(Refusal::param(
            "body",
            "/coupon_use_rule/coupon_available_time/available_end_time",
            rule("/coupon_available_time/available_end_time").unwrap_or(&Value::Null),
            "结束时间应晚于开始时间",
        ));
    }
    if !matches!(call.text("coupon_code_mode"), "WECHATPAY_MODE" | "MERCHANT_API" | "MERCHANT_UPLOAD") {
        return Err(call.bad("coupon_code_mode", "应为WECHATPAY_MODE、MERCHANT_API或MERCHANT_UPLOAD"));
    }
    let id = format!("12{}", ids::digits(14));
    let answer = json!({ "stock_id": id, "create_time": state.now_text() });
    let mut terms = call.body.clone();
    // Codes are limited by what is uploaded; other stocks need a number.
    if let Some(Value::Object(rule)) = terms.get_mut("stock_send_rule") {
        let usual = [
            ("natural_person_limit", false),
            ("prevent_api_abuse", false),
            ("transferable", false),
            ("shareable", false),
        ];
        for (name, value) in usual {
            rule.entry(name).or_insert(json!(value));
        }
    }
    terms.entry("subsidy").or_insert(json!(false));
    let stock = Stock { id: id.clone(), terms, codes: Vec::new(), sent: 0, sent_by_day: HashMap::new() };
    state.busifavor.stocks.insert(id, stock);
    state.busifavor.remember("stock", number, &call.content(), &answer);
    Ok(answer.into())
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let today = clock::date(state.clock.now());
    Ok(state.busifavor.stock(call.text("stock_id"))?.to_json(&today).into())
}

pub(crate) fn update(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_request_no")?;
    if state.busifavor.repeated("update", number, &call.content())?.is_some() {
        return Ok(Reply::NoContent);
    }
    let stock = state.busifavor.stock(call.text("stock_id"))?;
    let mut changes = call.body.clone();
    changes.remove("out_request_no");
    changes.remove("stock_id");
    merge(&mut stock.terms, changes);
    state.busifavor.remember("update", number, &call.content(), &Value::Null);
    Ok(Reply::NoContent)
}

/// Objects are merged, everything else is replaced.
fn merge(into: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, change) in changes {
        match (into.get_mut(&name), change) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, change) => {
                into.insert(name, change);
            }
        }
    }
}

pub(crate) fn update_budget(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("modify_budget_request_no")?;
    if let Some(answer) = state.busifavor.repeated("budget", number, &call.content())? {
        return Ok(answer.into());
    }
    let today = clock::date(state.clock.now());
    let stock = state.busifavor.stock(call.text("stock_id"))?;
    let (limit, target, sent) = match (call.int("target_max_coupons"), call.int("target_max_coupons_by_day"))
    {
        (Some(target), None) => ("max_coupons", target, stock.sent),
        (None, Some(target)) => {
            ("max_coupons_by_day", target, stock.sent_by_day.get(&today).copied().unwrap_or_default())
        }
        _ => {
            return Err(call.bad(
                "target_max_coupons",
                "target_max_coupons与target_max_coupons_by_day应填写且只填写一个",
            ));
        }
    };
    let current = call.int(&format!("current_{limit}"));
    if current != stock.limit(limit) {
        return Err(Refusal::invalid(format!(
            "current_{limit}与当前值不一致，当前为{}",
            stock.limit(limit).map_or_else(|| "未设置".to_owned(), |limit| limit.to_string())
        )));
    }
    if target < sent || target < 1 {
        return Err(Refusal::invalid(format!("目标值{target}小于已发放数量{sent}，或小于1")));
    }
    if let Some(Value::Object(rule)) = stock.terms.get_mut("stock_send_rule") {
        rule.insert(limit.to_owned(), json!(target));
    }
    let mut answer = json!({ "max_coupons": stock.limit("max_coupons").unwrap_or_default() });
    if let Some(by_day) = stock.limit("max_coupons_by_day") {
        answer["max_coupons_by_day"] = json!(by_day);
    }
    state.busifavor.remember("budget", number, &call.content(), &answer);
    Ok(answer.into())
}

#[cfg(test)]
pub(in crate::products) mod tests {
    use super::*;
    use crate::products::testing::{call, reply, state};

    /// A stock of ten coupons, two for each user; gives its id.
    pub(crate) fn stock(state: &mut State, mode: &str) -> String {
        reply(create(state, &call(terms(mode))))["stock_id"].as_str().unwrap().to_owned()
    }

    fn terms(mode: &str) -> Value {
        json!({
            "stock_name": "8月1日活动券", "belong_merchant": "1900000001", "goods_name": "茶", "stock_type": "NORMAL",
            "coupon_use_rule": {
                "coupon_available_time": {
                    "available_begin_time": "2020-01-01T00:00:00+08:00",
                    "available_end_time": "2099-01-01T00:00:00+08:00",
                    "available_day_after_receive": 3,
                },
                "fixed_normal_coupon": { "discount_amount": 5, "transaction_minimum": 100 },
                "use_method": "OFF_LINE",
            },
            "stock_send_rule": { "max_coupons": 10, "max_coupons_per_user": 2, "max_coupons_by_day": 5 },
            "out_request_no": format!("create-{mode}"), "coupon_code_mode": mode,
        })
    }

    #[test]
    fn a_stock_is_made_once_for_a_request_number() {
        let mut state = state();
        let first = reply(create(&mut state, &call(terms("WECHATPAY_MODE"))));
        assert_eq!(first, reply(create(&mut state, &call(terms("WECHATPAY_MODE")))));
        let mut other = terms("WECHATPAY_MODE");
        other["stock_name"] = json!("别的");
        assert_eq!(create(&mut state, &call(other)).unwrap_err().code(), "INVALID_REQUEST");
        let mut incomplete = terms("MERCHANT_API");
        incomplete["stock_type"] = json!("EXCHANGE");
        let refusal = create(&mut state, &call(incomplete)).unwrap_err();
        assert_eq!(refusal.body.unwrap()["detail"]["field"], "/coupon_use_rule/exchange_coupon");
    }

    #[test]
    fn changes_are_merged() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let change = json!({
            "stock_id": id, "out_request_no": "u1", "comment": "新", "stock_send_rule": { "prevent_api_abuse": true },
        });
        assert!(matches!(update(&mut state, &call(change)), Ok(Reply::NoContent)));
        let stock = reply(query(&mut state, &call(json!({ "stock_id": id }))));
        assert_eq!(stock["comment"], "新");
        assert_eq!(stock["stock_send_rule"]["prevent_api_abuse"], true);
        assert_eq!(stock["stock_send_rule"]["max_coupons"], 10);
        assert_eq!(stock["stock_state"], "RUNNING");
    }

    #[test]
    fn a_budget_changes_only_from_its_present_value() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let ask = |number: &str, target: i64, current: i64| {
            call(json!({
                "stock_id": id, "target_max_coupons": target, "current_max_coupons": current,
                "modify_budget_request_no": number,
            }))
        };
        assert_eq!(update_budget(&mut state, &ask("1", 20, 11)).unwrap_err().code(), "INVALID_REQUEST");
        let answer = reply(update_budget(&mut state, &ask("2", 20, 10)));
        assert_eq!(answer, json!({ "max_coupons": 20, "max_coupons_by_day": 5 }));
        assert_eq!(answer, reply(update_budget(&mut state, &ask("2", 20, 10))), "a repeat changes nothing");
        let both = call(json!({ "stock_id": id, "modify_budget_request_no": "3" }));
        assert_eq!(update_budget(&mut state, &both).unwrap_err().code(), "PARAM_ERROR");
    }
}

//! Service orders: CREATED → DOING (confirmed) → DOING (completed, being paid) → DONE; REVOKED when cancelled, EXPIRED when
//! never confirmed. The user is played by `POST /sandbox/payscore/{order}/confirm` and `/pay`.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::service_orders::{ServiceOrder, Stage};

fn not_found() -> Refusal {
    Refusal::not_found("ORDER_NOT_EXIST", "订单不存在")
}

/// The order of the call: the service and the sub-merchant must be its own.
fn named<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut ServiceOrder> {
    let (number, query_id) = (call.text("out_order_no"), call.text("query_id"));
    if number.is_empty() && query_id.is_empty() {
        return Err(call.bad("out_order_no", "out_order_no与query_id必须填写一个"));
    }
    let own =
        |order: &ServiceOrder, name: &str| call.text(name).is_empty() || order.text(name) == call.text(name);
    state
        .service_orders
        .by_number
        .values_mut()
        .find(|order| {
            (number.is_empty() || order.text("out_order_no") == number)
                && (query_id.is_empty() || order.query_id == query_id)
        })
        .filter(|order| {
            ["service_id", "sub_mchid", "channel_id", "appid"].iter().all(|name| own(order, name))
        })
        .ok_or_else(not_found)
}

pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_order_no")?;
    if let Some(order) = state.service_orders.by_number.get(number) {
        if matches!(order.stage, Stage::Revoked | Stage::Done) {
            return Err(order.refuse(""));
        }
        if order.asked != call.body {
            return Err(Refusal::invalid("商户服务订单号重复，且请求参数与首次创建不一致"));
        }
        return Ok(created(order).into());
    }
    let confirm = call.get("need_user_confirm").and_then(Value::as_bool).unwrap_or(false);
    let openid = [call.text("openid"), call.text("sub_openid")].into_iter().find(|openid| !openid.is_empty());
    if !confirm {
        let openid = openid.ok_or_else(|| {
            call.bad("openid", "need_user_confirm为false时，openid与sub_openid必须填写一个")
        })?;
        if !state.permissions.in_force(call.text("service_id"), openid) {
            return Err(Refusal::new(
                403,
                "NO_AUTH",
                "用户未授权该服务，请先完成授权，或将need_user_confirm置为true",
            ));
        }
    }
    let mut terms = call.body.clone();
    terms.remove("mchid");
    let order = ServiceOrder {
        order_id: ids::digits(20),
        query_id: ids::digits(20),
        package: ids::alphanumeric(40),
        mchid: state.keys.mchid.clone(),
        asked: call.body.clone(),
        terms,
        stage: if confirm { Stage::Created } else { Stage::Confirmed },
        openid: openid.unwrap_or(&state.keys.openid).to_owned(),
        total: None,
        completed_by: None,
        payment: None,
        deduction: None,
    };
    let answer = created(&order);
    state.service_orders.by_number.insert(number.to_owned(), order);
    Ok(answer.into())
}

fn created(order: &ServiceOrder) -> Value {
    let mut answer = order.to_json();
    if order.stage == Stage::Created {
        answer["package"] = json!(order.package);
    }
    answer
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    Ok(named(state, call)?.to_json().into())
}

pub(crate) fn cancel(state: &mut State, call: &Call) -> Result<Reply> {
    let order = named(state, call)?;
    match order.stage {
        Stage::Created | Stage::Confirmed | Stage::Completed | Stage::Revoked => order.stage = Stage::Revoked,
        Stage::Done | Stage::Expired => return Err(order.refuse("不能取消")),
    }
    Ok(json!({
        "appid": order.text("appid"),
        "mchid": order.mchid,
        "service_id": order.text("service_id"),
        "out_order_no": order.text("out_order_no"),
        "order_id": order.order_id,
    })
    .into())
}

/// What is charged: never more than the payments come to. WeChat Pay says payments less discounts, but its own guide
/// shows an order whose discounts are left out of the sum, so what lies between is let through.
fn charged(call: &Call) -> Result<i64> {
    let payments = call
        .get("post_payments")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["amount"].as_i64())
        .fold(0, i64::saturating_add);
    let total = call.need_int("total_amount")?;
    if !(0..=payments).contains(&total) {
        return Err(call.bad("total_amount", format!("不能超过后付费项目金额之和{payments}分")));
    }
    Ok(total)
}

fn replace(order: &mut ServiceOrder, call: &Call, names: &[&str]) {
    for name in names {
        match (order.terms.get_mut(*name), call.body.get(*name)) {
            // Of a place or a period only the end may be told.
            (Some(Value::Object(old)), Some(Value::Object(new))) => old.extend(new.clone()),
            (_, Some(value)) => {
                order.terms.insert((*name).to_owned(), value.clone());
            }
            (_, None) => {}
        }
    }
}

pub(crate) fn complete(state: &mut State, call: &Call) -> Result<Reply> {
    let order = named(state, call)?;
    if order.completed_by.as_ref() == Some(&call.body) && order.stage != Stage::Revoked {
        return Ok(order.to_json().into());
    }
    if order.stage != Stage::Confirmed {
        return Err(order.refuse("仅用户已确认的订单可以完结"));
    }
    let total = charged(call)?;
    replace(order, call, &["post_payments", "post_discounts", "time_range", "location"]);
    order.total = Some(total);
    order.stage = if total == 0 { Stage::Done } else { Stage::Completed };
    order.completed_by = Some(call.body.clone());
    Ok(order.to_json().into())
}

pub(crate) fn modify(state: &mut State, call: &Call) -> Result<Reply> {
    let order = named(state, call)?;
    if order.stage != Stage::Completed {
        return Err(order.refuse("仅已完结、待支付的订单可以修改金额"));
    }
    let total = charged(call)?;
    let present = order.total.unwrap_or_default();
    if total > present {
        return Err(call.bad("total_amount", format!("只能改低，当前为{present}分")));
    }
    replace(order, call, &["post_payments", "post_discounts"]);
    order.total = Some(total);
    if total == 0 {
        order.stage = Stage::Done;
    }
    Ok(order.to_json().into())
}

pub(crate) fn sync(state: &mut State, call: &Call) -> Result<Reply> {
    if call.need("type")? != "Order_Paid" {
        return Err(call.bad("type", "应为Order_Paid"));
    }
    let detail = call.get("detail").cloned().unwrap_or(Value::Null);
    let Some(paid_time) = detail["paid_time"].as_str().map(str::to_owned) else {
        return Err(Refusal::param("body", "/detail/paid_time", &Value::Null, "type为Order_Paid时必填"));
    };
    let order = named(state, call)?;
    if order.stage != Stage::Completed {
        return Err(order.refuse("仅已完结、待支付的订单可以同步"));
    }
    order.payment = Some(json!({
        "seq": detail["seq"].as_i64().unwrap_or(1),
        "amount": order.total,
        "paid_type": "MCH",
        "paid_time": paid_time,
    }));
    order.stage = Stage::Done;
    Ok(order.to_json().into())
}

pub(crate) fn register_deduction(state: &mut State, call: &Call) -> Result<Reply> {
    let out_trade_no = call.need("out_trade_no")?;
    let order = named(state, call)?;
    if order.stage != Stage::Completed {
        return Err(order.refuse("仅已完结、待支付的订单可以登记扣款信息"));
    }
    order.deduction = Some(out_trade_no.to_owned());
    Ok(json!({ "description": order.text("service_introduction") }).into())
}

pub(crate) fn query_deduction(state: &mut State, call: &Call) -> Result<Reply> {
    let order = named(state, call)?;
    let out_trade_no =
        order.deduction.as_ref().ok_or_else(|| Refusal::not_found("ORDER_NOT_EXIST", "未登记扣款信息"))?;
    Ok(json!({ "out_trade_no": out_trade_no, "description": order.text("service_introduction") }).into())
}

/// What the user, or time, does: `confirm`, `pay` or `expire`.
pub(crate) fn act(state: &mut State, number: &str, what: &str, how: &Map<String, Value>) -> Result<Value> {
    let now = state.clock.now();
    let moment = clock::compact(now);
    let order = state.service_orders.by_number.get_mut(number).ok_or_else(|| {
        Refusal::not_found("ORDER_NOT_EXIST", format!("no service order has the out_order_no {number}"))
    })?;
    let (from, to, event) = match what {
        "confirm" => (Stage::Created, Stage::Confirmed, Some(("PAYSCORE.USER_CONFIRM", "用户确认订单"))),
        "pay" => (Stage::Completed, Stage::Done, Some(("PAYSCORE.USER_PAID", "用户支付成功"))),
        "expire" => (Stage::Created, Stage::Expired, None),
        _ => {
            return Err(Refusal::not_found(
                "NOT_FOUND",
                "the user can confirm or pay, and an order can expire",
            ));
        }
    };
    if order.stage != from {
        return Err(Refusal::new(
            409,
            "WRONG_STATE",
            format!(
                "service order {number} is {} {}; {what} needs {} {}",
                order.stage.state(),
                order.stage.description().unwrap_or_default(),
                from.state(),
                from.description().unwrap_or_default()
            ),
        ));
    }
    order.stage = to;
    if what == "confirm"
        && let Some(openid) = how.get("openid").and_then(Value::as_str)
    {
        order.openid = openid.to_owned();
    }
    if what == "pay" {
        order.payment = Some(json!({
            "seq": 1,
            "amount": order.total,
            "paid_type": "NEWTON",
            "paid_time": moment,
            "transaction_id": ids::transaction_id(now),
        }));
    }
    let mut shown = order.to_json();
    let query_id = order.query_id.clone();
    let url = order.text("notify_url").to_owned();
    if let Some((event_type, summary)) = event
        && how.get("notify").and_then(Value::as_bool).unwrap_or(true)
    {
        let resource = shown.clone();
        state.notifications.queue(Event { event_type, original_type: "payscore", summary, resource, url });
    }
    // What the confirmation page hands back to the merchant's app.
    shown["query_id"] = json!(query_id);
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::payscore::permissions;
    use crate::products::testing::{call, reply, state};

    fn terms() -> Value {
        json!({
            "out_order_no": "P1", "appid": "wx1", "service_id": "500001", "sub_mchid": "10000000",
            "channel_id": "12121212", "service_introduction": "某某酒店",
            "post_payments": [{ "name": "就餐费用", "amount": 4000, "count": 1 }],
            "time_range": { "start_time": "20091225091010" },
            "location": { "start_location": "餐厅" },
            "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": 10000 },
            "notify_url": "http://127.0.0.1/n", "need_user_confirm": true,
        })
    }

    fn with(extra: Value) -> Call {
        let mut body = json!({ "out_order_no": "P1", "service_id": "500001", "sub_mchid": "10000000" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        call(body)
    }

    fn completing(total: i64, discount: i64) -> Call {
        with(json!({
            "post_payments": [{ "name": "就餐费用", "amount": 4000 }],
            "post_discounts": [{ "name": "满减", "amount": discount }],
            "total_amount": total,
            "location": { "end_location": "酒店" },
        }))
    }

    fn confirmed() -> State {
        let mut state = state();
        reply(create(&mut state, &call(terms())));
        act(&mut state, "P1", "confirm", &Map::new()).unwrap();
        state
    }

    #[test]
    fn an_order_is_created_confirmed_completed_and_paid() {
        let mut state = state();
        let made = reply(create(&mut state, &call(terms())));
        assert_eq!(made["state"], "CREATED");
        assert!(made["package"].is_string() && made.get("need_user_confirm").is_none());
        assert_eq!(made, reply(create(&mut state, &call(terms()))));
        assert_eq!(complete(&mut state, &completing(3900, 100)).unwrap_err().code(), "INVALID_ORDER_STATE");
        let confirmed = act(&mut state, "P1", "confirm", &Map::new()).unwrap();
        assert_eq!(confirmed["state_description"], "USER_CONFIRM");
        let by_page = call(
            json!({ "query_id": confirmed["query_id"], "service_id": "500001", "sub_mchid": "10000000" }),
        );
        assert_eq!(reply(query(&mut state, &by_page))["state"], "DOING");

        assert_eq!(complete(&mut state, &completing(4001, 100)).unwrap_err().code(), "PARAM_ERROR");
        let completed = reply(complete(&mut state, &completing(3900, 100)));
        assert_eq!(completed["state_description"], "MCH_COMPLETE");
        assert_eq!(completed["collection"]["state"], "USER_PAYING");
        assert_eq!(completed["location"], json!({ "start_location": "餐厅", "end_location": "酒店" }));
        assert_eq!(completed, reply(complete(&mut state, &completing(3900, 100))));

        assert_eq!(query_deduction(&mut state, &with(json!({}))).unwrap_err().code(), "ORDER_NOT_EXIST");
        let registered = reply(register_deduction(&mut state, &with(json!({ "out_trade_no": "T1" }))));
        assert_eq!(registered["description"], "某某酒店");
        assert_eq!(reply(query_deduction(&mut state, &with(json!({}))))["out_trade_no"], "T1");

        let paid = act(&mut state, "P1", "pay", &Map::new()).unwrap();
        assert_eq!(
            (paid["state"].as_str(), paid["collection"]["paid_amount"].as_i64()),
            (Some("DONE"), Some(3900))
        );
        assert_eq!(cancel(&mut state, &with(json!({}))).unwrap_err().code(), "ORDER_DONE");
        assert_eq!(state.notifications.queued(), ["PAYSCORE.USER_CONFIRM", "PAYSCORE.USER_PAID"]);
    }

    #[test]
    fn a_cancelled_order_stays_cancelled() {
        let mut state = confirmed();
        let first = reply(cancel(&mut state, &with(json!({ "reason": "用户投诉" }))));
        assert_eq!(first, reply(cancel(&mut state, &with(json!({})))));
        assert_eq!(complete(&mut state, &completing(3900, 100)).unwrap_err().code(), "ORDER_CANCELED");
        assert_eq!(create(&mut state, &call(terms())).unwrap_err().code(), "ORDER_CANCELED");
        assert_eq!(reply(query(&mut state, &with(json!({}))))["state"], "REVOKED");
        assert_eq!(act(&mut state, "P1", "pay", &Map::new()).unwrap_err().status, 409);
    }

    #[test]
    fn an_amount_can_be_lowered_and_paid_elsewhere() {
        let mut state = confirmed();
        assert_eq!(modify(&mut state, &completing(3000, 1000)).unwrap_err().code(), "INVALID_ORDER_STATE");
        reply(complete(&mut state, &completing(3900, 100)));
        assert_eq!(modify(&mut state, &completing(4000, 0)).unwrap_err().code(), "PARAM_ERROR");
        assert_eq!(reply(modify(&mut state, &completing(3000, 1000)))["collection"]["paying_amount"], 3000);
        assert_eq!(
            sync(&mut state, &with(json!({ "type": "Order_Paid" }))).unwrap_err().code(),
            "PARAM_ERROR"
        );
        let paid = with(json!({ "type": "Order_Paid", "detail": { "paid_time": "20091225121210" } }));
        let done = reply(sync(&mut state, &paid));
        assert_eq!(
            (done["state"].as_str(), done["collection"]["details"][0]["paid_type"].as_str()),
            (Some("DONE"), Some("MCH"))
        );
        assert_eq!(sync(&mut state, &paid).unwrap_err().code(), "ORDER_DONE");
    }

    #[test]
    fn an_order_of_nothing_is_done_at_once_and_another_sub_merchant_sees_none() {
        let mut state = confirmed();
        let done = reply(complete(&mut state, &completing(0, 4000)));
        assert_eq!((done["state"].as_str(), done["need_collection"].as_bool()), (Some("DONE"), Some(false)));
        let other = call(json!({ "out_order_no": "P1", "service_id": "500001", "sub_mchid": "1" }));
        assert_eq!(query(&mut state, &other).unwrap_err().code(), "ORDER_NOT_EXIST");
    }

    #[test]
    fn without_confirmation_a_permission_is_needed() {
        let mut state = state();
        let mut body = terms();
        body["need_user_confirm"] = json!(false);
        assert_eq!(create(&mut state, &call(body.clone())).unwrap_err().code(), "PARAM_ERROR");
        body["openid"] = json!("o1");
        assert_eq!(create(&mut state, &call(body.clone())).unwrap_err().code(), "NO_AUTH");
        let asking = json!({ "service_id": "500001", "appid": "wx1", "sub_mchid": "10000000", "authorization_code": "c1" });
        reply(permissions::apply(&mut state, &call(asking)));
        permissions::act(&mut state, "c1", "open", json!({ "openid": "o1" }).as_object().unwrap()).unwrap();
        assert_eq!(reply(create(&mut state, &call(body)))["state"], "DOING");
    }
}

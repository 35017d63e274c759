//! Users' coupons: SENDED → USED → SENDED again (returned), or SENDED → DEACTIVATED or EXPIRED.

use serde_json::{Map, Value, json};

use super::rule_limit;
use crate::call::{Call, Reply};
use crate::clock::{self, rfc3339};
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::busifavor::{Busifavor, Coupon, CouponState, life};
use crate::store::notifications::Event;

fn not_found() -> Refusal {
    Refusal::not_found("RESOURCE_NOT_EXISTS", "券不存在")
}

/// The coupon with the code and, when it is given, of the stock.
fn named<'a>(busifavor: &'a mut Busifavor, call: &Call) -> Result<&'a mut Coupon> {
    let (code, stock_id) = (call.need("coupon_code")?, call.text("stock_id"));
    busifavor
        .coupons
        .iter_mut()
        .find(|coupon| coupon.code == code && (stock_id.is_empty() || coupon.stock_id == stock_id))
        .ok_or_else(not_found)
}

pub(crate) fn send(state: &mut State, call: &Call) -> Result<Reply> {
    hand_out(state, call, "out_request_no", "BUSICOUPON_SEND_CHANNEL_API")
}

/// A user receives a coupon outside the API, for example in a mini-program: `POST /sandbox/busifavor/stocks/{stock_id}/receive`.
pub(crate) fn receive(state: &mut State, stock_id: &str, how: &Map<String, Value>) -> Result<Value> {
    let mut body = how.clone();
    body.insert("stock_id".to_owned(), json!(stock_id));
    let openid = json!(state.keys.openid);
    body.entry("openid").or_insert(openid);
    body.entry("out_request_no").or_insert_with(|| json!(ids::digits(20)));
    let channel = how
        .get("send_channel")
        .and_then(Value::as_str)
        .unwrap_or("BUSICOUPON_SEND_CHANNEL_MINIAPP")
        .to_owned();
    let call = Call { body, ..Call::default() };
    match hand_out(state, &call, "out_request_no", &channel)? {
        Reply::Json(answer) => Ok(answer["send_coupon_result"].clone()),
        _ => Ok(Value::Null),
    }
}

fn hand_out(state: &mut State, call: &Call, number: &str, channel: &str) -> Result<Reply> {
    let number = call.need(number)?;
    let openid = call.need("openid")?;
    if let Some(answer) = state.busifavor.repeated("send", number, &call.content())? {
        return Ok(answer.into());
    }
    let now = state.clock.now();
    let today = clock::date(now);
    let mchid = state.keys.mchid.clone();
    let stock_id = call.need("stock_id")?.to_owned();
    let held = state
        .busifavor
        .coupons
        .iter()
        .filter(|coupon| coupon.stock_id == stock_id && coupon.openid == openid)
        .count();
    let wanted = call.text("coupon_code");
    let taken =
        state.busifavor.coupons.iter().any(|coupon| coupon.stock_id == stock_id && coupon.code == wanted);
    let stock = state.busifavor.stock(&stock_id)?;
    let over = |limit: Option<i64>, number: i64| limit.is_some_and(|limit| number >= limit);
    let sent_today = stock.sent_by_day.get(&today).copied().unwrap_or_default();
    let (starts, expires) = life(stock, now);
    if now > expires {
        return Err(rule_limit("活动已结束"));
    }
    if over(stock.limit("max_coupons_per_user"), i64::try_from(held).unwrap_or(i64::MAX)) {
        return Err(rule_limit("用户已达到领取上限"));
    }
    if over(stock.limit("max_coupons"), stock.sent) || over(stock.limit("max_coupons_by_day"), sent_today) {
        return Err(rule_limit("批次已达到发放上限"));
    }
    let spends =
        |limit: Option<i64>, sent: i64| limit.is_some_and(|limit| (sent + 1) * stock.value() > limit);
    if spends(stock.limit("max_amount"), stock.sent) || spends(stock.limit("max_amount_by_day"), sent_today) {
        return Err(rule_limit("批次预算不足"));
    }
    let code = match stock.code_mode() {
        "MERCHANT_API" if wanted.is_empty() => {
            return Err(call.bad("coupon_code", "MERCHANT_API模式的批次必填"));
        }
        "MERCHANT_API" if taken => return Err(Refusal::invalid("coupon_code已发放")),
        "MERCHANT_API" => wanted.to_owned(),
        "MERCHANT_UPLOAD" => {
            let time = rfc3339(now);
            let code = stock
                .codes
                .iter_mut()
                .find(|code| code.is_available())
                .ok_or_else(|| rule_limit("预存code已用完"))?;
            code.dispatch(time, openid);
            code.code.clone()
        }
        _ => ids::digits(18),
    };
    stock.sent += 1;
    *stock.sent_by_day.entry(today).or_default() += 1;
    let knows_user =
        stock.terms.get("notify_config").is_some_and(|config| config["notify_appid"].is_string());

    let mut coupon = Coupon {
        code: code.clone(),
        stock_id: stock_id.clone(),
        openid: openid.to_owned(),
        sender: mchid.clone(),
        state: CouponState::Sended,
        starts,
        expires,
        facts: Map::new(),
    };
    coupon.set("receive_time", &rfc3339(now));
    coupon.set("send_request_no", number);
    state.busifavor.coupons.push(coupon);
    let answer = json!({
        "send_coupon_result": { "stock_id": stock_id, "out_request_no": number, "coupon_code": code },
    });
    state.busifavor.remember("send", number, &call.content(), &answer);
    if let Some(url) = state.busifavor.callback.clone() {
        let mut resource = json!({
            "event_type": "EVENT_TYPE_BUSICOUPON_SEND",
            "coupon_code": code,
            "stock_id": stock_id,
            "send_time": rfc3339(now),
            "send_channel": channel,
            "send_merchant": mchid,
            "attach_info": {},
            "send_req_no": number,
        });
        // Without notify_appid nobody could say under which app the user is meant.
        resource["openid"] = json!(if knows_user { openid } else { "" });
        resource["unionid"] = json!("");
        state.notifications.queue(Event {
            event_type: "COUPON.SEND",
            original_type: "coupon",
            summary: "商家券领券通知",
            resource,
            url,
        });
    }
    Ok(answer.into())
}

pub(crate) fn pre_send(state: &mut State, call: &Call) -> Result<Reply> {
    state.busifavor.stock(call.need("stock_id")?)?;
    Ok(json!({ "token": ids::hex(28) }).into())
}

pub(crate) fn use_coupon(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let number = call.need("use_request_no")?;
    let coupon = named(&mut state.busifavor, call)?;
    let openid = call.text("openid");
    if !openid.is_empty() && openid != coupon.openid {
        return Err(Refusal::not_found("USER_NOT_EXISTS", "券不属于该用户"));
    }
    let answer = |coupon: &Coupon| {
        json!({
            "stock_id": coupon.stock_id,
            "openid": coupon.openid,
            "wechatpay_use_time": coupon.fact("use_time"),
        })
    };
    match coupon.state_at(now) {
        "USED" if coupon.fact("use_request_no") == number => return Ok(answer(coupon).into()),
        "USED" => return Err(Refusal::new(400, "RESOURCE_ALREADY_EXISTS", "券已被其他请求单核销")),
        "EXPIRED" => return Err(rule_limit("券已过期")),
        "DEACTIVATED" => return Err(rule_limit("券已失效")),
        _ if now < coupon.starts => return Err(rule_limit("券未到可用时间")),
        _ => {}
    }
    coupon.state = CouponState::Used;
    coupon.set("use_request_no", number);
    coupon.set("use_time", &rfc3339(now));
    for name in ["return_request_no", "return_time"] {
        coupon.facts.remove(name);
    }
    Ok(answer(coupon).into())
}

pub(crate) fn return_coupon(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let number = call.need("return_request_no")?;
    let coupon = named(&mut state.busifavor, call)?;
    if coupon.fact("return_request_no") != number {
        if coupon.state != CouponState::Used {
            return Err(Refusal::invalid(format!(
                "券状态为{}，仅已核销（USED）的券可以退",
                coupon.state_at(now)
            )));
        }
        coupon.state = CouponState::Sended;
        coupon.set("return_request_no", number);
        coupon.set("return_time", &rfc3339(now));
    }
    Ok(json!({ "wechatpay_return_time": coupon.fact("return_time") }).into())
}

pub(crate) fn deactivate(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let number = call.need("deactivate_request_no")?;
    let coupon = named(&mut state.busifavor, call)?;
    if coupon.fact("deactivate_request_no") != number {
        if coupon.state_at(now) != "SENDED" {
            return Err(Refusal::invalid(format!(
                "券状态为{}，仅未核销（SENDED）的券可以失效",
                coupon.state_at(now)
            )));
        }
        coupon.state = CouponState::Deactivated;
        coupon.set("deactivate_request_no", number);
        coupon.set("deactivate_time", &rfc3339(now));
        if let Some(reason) = call.get("deactivate_reason").and_then(Value::as_str) {
            coupon.set("deactivate_reason", reason);
        }
    }
    Ok(json!({ "wechatpay_deactivate_time": coupon.fact("deactivate_time") }).into())
}

pub(crate) fn associate(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let out_trade_no = call.need("out_trade_no")?;
    let coupon = named(&mut state.busifavor, call)?;
    if coupon.state_at(now) != "SENDED" {
        return Err(Refusal::invalid(format!(
            "券状态为{}，仅未核销（SENDED）的券可以关联订单",
            coupon.state_at(now)
        )));
    }
    match coupon.fact("associate_out_trade_no") {
        "" => coupon.set("associate_out_trade_no", out_trade_no),
        same if same == out_trade_no => {}
        other => return Err(Refusal::invalid(format!("券已关联订单{other}"))),
    }
    Ok(json!({ "wechatpay_associate_time": rfc3339(now) }).into())
}

pub(crate) fn disassociate(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let out_trade_no = call.need("out_trade_no")?;
    let number = call.need("out_request_no")?;
    if let Some(answer) = state.busifavor.repeated("disassociate", number, &call.content())? {
        return Ok(answer.into());
    }
    let coupon = named(&mut state.busifavor, call)?;
    if coupon.fact("associate_out_trade_no") != out_trade_no {
        return Err(Refusal::invalid("券未关联该订单"));
    }
    coupon.facts.remove("associate_out_trade_no");
    let answer = json!({ "wechatpay_disassociate_time": rfc3339(now) });
    state.busifavor.remember("disassociate", number, &call.content(), &answer);
    Ok(answer.into())
}

pub(crate) fn list(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let mchid = state.keys.mchid.clone();
    let busifavor = &state.busifavor;
    let openid = call.need("openid")?;
    let fits = |name: &str, value: &str| call.text(name).is_empty() || call.text(name) == value;
    let found: Vec<Value> = busifavor
        .coupons
        .iter()
        .filter(|coupon| coupon.openid == openid && fits("stock_id", &coupon.stock_id))
        .filter(|coupon| fits("sender_merchant", &coupon.sender) && fits("creator_merchant", &mchid))
        .filter_map(|coupon| Some(coupon.to_json(busifavor.stocks.get(&coupon.stock_id)?, now)))
        .filter(|coupon| fits("belong_merchant", coupon["belong_merchant"].as_str().unwrap_or_default()))
        .filter(|coupon| fits("coupon_state", coupon["coupon_state"].as_str().unwrap_or_default()))
        .collect();
    // The offset is a page number.
    let (page, limit) =
        (call.int("offset").unwrap_or(0).max(0), call.int("limit").unwrap_or(20).clamp(1, 100));
    let take = usize::try_from(limit).unwrap_or_default();
    let skip = usize::try_from(page).unwrap_or_default().saturating_mul(take);
    let mut answer = json!({ "total_count": found.len(), "limit": limit, "offset": page });
    let data: Vec<Value> = found.into_iter().skip(skip).take(take).collect();
    if !data.is_empty() {
        answer["data"] = json!(data);
    }
    Ok(answer.into())
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let busifavor = &state.busifavor;
    let (code, openid) = (call.need("coupon_code")?, call.need("openid")?);
    busifavor
        .coupons
        .iter()
        .find(|coupon| coupon.code == code && coupon.openid == openid)
        .and_then(|coupon| Some(coupon.to_json(busifavor.stocks.get(&coupon.stock_id)?, now)))
        .map(Reply::Json)
        .ok_or_else(not_found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::busifavor::set_callback;
    use crate::products::busifavor::stocks::tests::stock;
    use crate::products::testing::{call, reply, state};

    fn sending(stock_id: &str, openid: &str, number: &str) -> Call {
        call(json!({ "openid": openid, "appid": "wx1", "stock_id": stock_id, "out_request_no": number }))
    }

    fn sent(state: &mut State, stock_id: &str, openid: &str, number: &str) -> String {
        let answer = reply(send(state, &sending(stock_id, openid, number)));
        answer["send_coupon_result"]["coupon_code"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_coupon_is_used_returned_used_again_and_never_twice() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let code = sent(&mut state, &id, "o1", "s1");
        let using = |number: &str| {
            call(json!({
                "coupon_code": code, "stock_id": id, "appid": "wx1", "use_time": "2026-01-01T00:00:00+08:00",
                "use_request_no": number,
            }))
        };
        let first = reply(use_coupon(&mut state, &using("u1")));
        assert_eq!(first["openid"], "o1");
        assert_eq!(first, reply(use_coupon(&mut state, &using("u1"))), "repeating is no error");
        assert_eq!(use_coupon(&mut state, &using("u2")).unwrap_err().code(), "RESOURCE_ALREADY_EXISTS");
        let giving_back = call(json!({ "coupon_code": code, "stock_id": id, "return_request_no": "r1" }));
        let returned = reply(return_coupon(&mut state, &giving_back));
        assert_eq!(returned, reply(return_coupon(&mut state, &giving_back)));
        reply(use_coupon(&mut state, &using("u2")));
        let shown =
            reply(query(&mut state, &call(json!({ "coupon_code": code, "openid": "o1", "appid": "wx1" }))));
        assert_eq!(
            (shown["coupon_state"].as_str(), shown["use_request_no"].as_str()),
            (Some("USED"), Some("u2"))
        );
        let off = call(json!({ "coupon_code": code, "stock_id": id, "deactivate_request_no": "d1" }));
        assert_eq!(deactivate(&mut state, &off).unwrap_err().code(), "INVALID_REQUEST", "a used one stays");
    }

    #[test]
    fn a_deactivated_coupon_is_good_for_nothing() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let code = sent(&mut state, &id, "o1", "s1");
        let off = call(json!({ "coupon_code": code, "stock_id": id, "deactivate_request_no": "d1" }));
        assert_eq!(reply(deactivate(&mut state, &off)), reply(deactivate(&mut state, &off)));
        let using = call(json!({ "coupon_code": code, "stock_id": id, "use_request_no": "u1" }));
        assert_eq!(use_coupon(&mut state, &using).unwrap_err().code(), "RULE_LIMIT");
        let giving_back = call(json!({ "coupon_code": code, "stock_id": id, "return_request_no": "r1" }));
        assert_eq!(return_coupon(&mut state, &giving_back).unwrap_err().code(), "INVALID_REQUEST");
    }

    #[test]
    fn limits_hold_and_a_repeated_sending_sends_once() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        assert_eq!(sent(&mut state, &id, "o1", "s1"), sent(&mut state, &id, "o1", "s1"));
        assert_eq!(send(&mut state, &sending(&id, "o2", "s1")).unwrap_err().code(), "INVALID_REQUEST");
        sent(&mut state, &id, "o1", "s2");
        assert_eq!(
            send(&mut state, &sending(&id, "o1", "s3")).unwrap_err().code(),
            "RULE_LIMIT",
            "two for a user"
        );
        for number in 4..7 {
            sent(&mut state, &id, &format!("o{number}"), &format!("s{number}"));
        }
        assert_eq!(
            send(&mut state, &sending(&id, "o9", "s9")).unwrap_err().code(),
            "RULE_LIMIT",
            "five in a day"
        );
        state.clock.offset_seconds += 24 * 3600;
        sent(&mut state, &id, "o9", "s9");
        let mine = reply(list(
            &mut state,
            &call(json!({ "openid": "o1", "appid": "wx1", "limit": 1, "offset": 1 })),
        ));
        assert_eq!((mine["total_count"].as_i64(), mine["data"].as_array().map(Vec::len)), (Some(2), Some(1)));
        assert_eq!(send(&mut state, &sending("0", "o1", "x")).unwrap_err().code(), "RESOURCE_NOT_EXISTS");
    }

    #[test]
    fn a_coupon_expires_with_its_last_day() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let code = sent(&mut state, &id, "o1", "s1");
        state.clock.offset_seconds += 3 * 24 * 3600;
        let expired = reply(list(&mut state, &call(json!({ "openid": "o1", "coupon_state": "EXPIRED" }))));
        assert_eq!(expired["total_count"], 1);
        let using = call(json!({ "coupon_code": code, "use_request_no": "u1" }));
        assert_eq!(use_coupon(&mut state, &using).unwrap_err().code(), "RULE_LIMIT");
    }

    #[test]
    fn an_order_is_associated_and_let_go() {
        let mut state = state();
        let id = stock(&mut state, "WECHATPAY_MODE");
        let code = sent(&mut state, &id, "o1", "s1");
        let with = |order: &str, number: &str| {
            call(
                json!({ "stock_id": id, "coupon_code": code, "out_trade_no": order, "out_request_no": number }),
            )
        };
        reply(associate(&mut state, &with("A1", "a1")));
        reply(associate(&mut state, &with("A1", "a1")));
        assert_eq!(associate(&mut state, &with("A2", "a2")).unwrap_err().code(), "INVALID_REQUEST");
        assert_eq!(disassociate(&mut state, &with("A2", "d1")).unwrap_err().code(), "INVALID_REQUEST");
        reply(disassociate(&mut state, &with("A1", "d2")));
        reply(disassociate(&mut state, &with("A1", "d2")));
        reply(associate(&mut state, &with("A2", "a3")));
    }

    #[test]
    fn the_merchants_own_codes_are_used_and_events_are_sent() {
        let mut state = state();
        let id = stock(&mut state, "MERCHANT_API");
        set_callback(&mut state, &call(json!({ "notify_url": "http://127.0.0.1/c" }))).unwrap();
        assert_eq!(send(&mut state, &sending(&id, "o1", "s1")).unwrap_err().code(), "PARAM_ERROR");
        let own = |number: &str| {
            call(json!({
                "openid": "o1", "appid": "wx1", "stock_id": id, "out_request_no": number, "coupon_code": "MINE",
            }))
        };
        assert_eq!(reply(send(&mut state, &own("s1")))["send_coupon_result"]["coupon_code"], "MINE");
        assert_eq!(send(&mut state, &own("s2")).unwrap_err().code(), "INVALID_REQUEST");
        assert_eq!(state.notifications.queued(), ["COUPON.SEND"]);
    }
}

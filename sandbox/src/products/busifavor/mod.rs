//! Merchant coupons (商家券): stocks, uploaded codes, users' coupons, subsidies, consumption cards.

pub(crate) mod codes;
pub(crate) mod coupons;
pub(crate) mod stocks;
pub(crate) mod subsidies;

use serde_json::json;

use crate::call::{Call, Reply};
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::busifavor::Card;

/// `RULE_LIMIT`: a rule of the stock forbids it.
fn rule_limit(message: impl Into<String>) -> Refusal {
    Refusal::new(403, "RULE_LIMIT", message)
}

/// A partner could name another merchant here; the sandbox knows one.
fn of_this_merchant(state: &State, call: &Call) -> Result<()> {
    let mchid = call.text("mchid");
    if mchid.is_empty() || mchid == state.keys.mchid {
        return Ok(());
    }
    Err(call.bad("mchid", "与Authorization中的mchid不一致"))
}

pub(crate) fn set_callback(state: &mut State, call: &Call) -> Result<Reply> {
    of_this_merchant(state, call)?;
    let url = call.need("notify_url")?.to_owned();
    let reply = json!({ "update_time": state.now_text(), "notify_url": url, "mchid": state.keys.mchid });
    state.busifavor.callback = Some(url);
    Ok(reply.into())
}

pub(crate) fn query_callback(state: &mut State, call: &Call) -> Result<Reply> {
    of_this_merchant(state, call)?;
    let url = state
        .busifavor
        .callback
        .as_ref()
        .ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "未设置商家券事件通知地址"))?;
    Ok(json!({ "mchid": state.keys.mchid, "notify_url": url }).into())
}

pub(crate) fn send_card(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_request_no")?;
    let (card_id, openid) = (call.need("card_id")?.to_owned(), call.need("openid")?.to_owned());
    if let Some(answer) = state.busifavor.repeated("card", number, &call.content())? {
        return Ok(answer.into());
    }
    let age = crate::clock::parse(call.text("send_time")).map(|sent| state.clock.now() - sent);
    if age.is_none_or(|age| age > time::Duration::hours(24)) {
        return Err(call.bad("send_time", "不得早于24小时前"));
    }
    if state.busifavor.cards.iter().any(|card| card.card_id == card_id && card.openid == openid) {
        return Err(rule_limit("用户或该用户的其他微信号领取消费卡数目已超过当前活动限制"));
    }
    let answer = json!({ "card_code": ids::digits(12) });
    state.busifavor.cards.push(Card { card_id, openid });
    state.busifavor.remember("card", number, &call.content(), &answer);
    Ok(answer.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::testing::{call, reply, state};

    #[test]
    fn the_callback_is_kept() {
        let mut state = state();
        assert_eq!(query_callback(&mut state, &call(json!({}))).unwrap_err().code(), "RESOURCE_NOT_EXISTS");
        set_callback(&mut state, &call(json!({ "notify_url": "http://127.0.0.1/c" }))).unwrap();
        assert_eq!(reply(query_callback(&mut state, &call(json!({}))))["notify_url"], "http://127.0.0.1/c");
    }

    #[test]
    fn each_user_gets_one_card() {
        let mut state = state();
        let ask = |number: &str, now: String| {
            call(
                json!({ "card_id": "p1", "appid": "wx1", "openid": "o1", "out_request_no": number, "send_time": now }),
            )
        };
        let now = state.now_text();
        let first = reply(send_card(&mut state, &ask("1", now.clone())));
        assert_eq!(first, reply(send_card(&mut state, &ask("1", now.clone()))));
        assert_eq!(send_card(&mut state, &ask("2", now)).unwrap_err().code(), "RULE_LIMIT");
        let old = send_card(&mut state, &ask("3", "2019-12-31T13:29:35.120+08:00".into()));
        assert_eq!(old.unwrap_err().code(), "PARAM_ERROR");
    }
}

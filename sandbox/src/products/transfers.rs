//! Transfers to users: made, confirmed by the user, taken back, or closed after a day. Agreements are answered by example.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::transfers::{Stage, Transfer};

fn not_found() -> Refusal {
    Refusal::not_found("NOT_FOUND", "记录不存在")
}

/// From so many fen on the user's name must be given, and below so many it may not.
const NAME_FROM: i64 = 200_000;
const NO_NAME_BELOW: i64 = 30;

/// What was made under this number before, when the request is the same.
fn repeated<'a>(state: &'a mut State, call: &Call) -> Result<Option<&'a Transfer>> {
    settle(state);
    match state.transfers.get_mut(call.need("out_bill_no")?) {
        Some(known) if known.request != call.body => {
            Err(Refusal::new(400, "ALREADY_EXISTS", "商户单号已存在，且请求参数与首次申请不一致"))
        }
        known => Ok(known.map(|known| &*known)),
    }
}

fn check(call: &Call) -> Result<()> {
    let amount = call.need_int("transfer_amount")?;
    let named = !call.text("user_name").is_empty();
    if amount >= NAME_FROM && !named {
        return Err(call.bad("user_name", "转账金额大于等于2000元时，收款用户姓名必须填写"));
    }
    if amount < NO_NAME_BELOW && named {
        return Err(call.bad("user_name", "转账金额小于0.3元时，不支持传入收款用户姓名"));
    }
    Ok(())
}

pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply> {
    if let Some(known) = repeated(state, call)? {
        return Ok(known.made().into());
    }
    check(call)?;
    let transfer =
        Transfer::new(call.body.clone(), call.need("openid")?, Stage::WaitUserConfirm, state.clock.now());
    let mut made = transfer.made();
    if let Some(asked) = call.get("authorization_info") {
        for name in ["user_display_name", "out_authorization_no"] {
            made[name] = asked[name].clone();
        }
    }
    state.transfers.add(transfer);
    Ok(made.into())
}

/// The user has agreed before: the money is there at once.
pub(crate) fn create_authorized(state: &mut State, call: &Call) -> Result<Reply> {
    let mchid = state.keys.mchid.clone();
    if let Some(known) = repeated(state, call)? {
        return Ok(known.to_json(&mchid).into());
    }
    check(call)?;
    let transfer = Transfer::new(call.body.clone(), &state.keys.openid, Stage::Success, state.clock.now());
    let made = transfer.to_json(&mchid);
    state.transfers.add(transfer);
    Ok(made.into())
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    settle(state);
    let mchid = state.keys.mchid.clone();
    let known = match call.text("out_bill_no") {
        "" => state.transfers.by_transfer_bill_no(call.text("transfer_bill_no")),
        number => state.transfers.get_mut(number),
    };
    Ok(known.ok_or_else(not_found)?.to_json(&mchid).into())
}

/// Accepted at once, and done when it is asked for next.
pub(crate) fn cancel(state: &mut State, call: &Call) -> Result<Reply> {
    settle(state);
    let now = state.clock.now();
    let transfer = state.transfers.get_mut(call.text("out_bill_no")).ok_or_else(not_found)?;
    match transfer.stage {
        Stage::WaitUserConfirm => transfer.advance(Stage::Cancelling, None, now)?,
        Stage::Cancelling | Stage::Cancelled => {}
        Stage::Success | Stage::Fail => {
            return Err(Refusal::invalid("当前单据状态不支持撤销"));
        }
    }
    let answer = json!({
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "state": transfer.stage.state(),
        "update_time": transfer.updated(),
    });
    let number = transfer.out_bill_no.clone();
    if transfer.stage == Stage::Cancelling {
        end(state, &number, Stage::Cancelled, Some("MCH_CANCEL"), true)?;
    }
    Ok(answer.into())
}

/// What waited for more than a day is closed, and the merchant is told.
pub(crate) fn settle(state: &mut State) {
    for number in state.transfers.overdue(state.clock.now()) {
        // It waits, so that it can fail.
        let _ = end(state, &number, Stage::Fail, Some("OVERDUE_CLOSE"), true);
    }
}

fn end(state: &mut State, number: &str, to: Stage, reason: Option<&str>, notify: bool) -> Result<Value> {
    let now = state.clock.now();
    let transfer = state.transfers.get_mut(number).ok_or_else(not_found)?;
    transfer.advance(to, reason, now)?;
    let url = transfer.text("notify_url").to_owned();
    let (resource, shown) =
        (transfer.to_notification(&state.keys.mchid), transfer.to_json(&state.keys.mchid));
    if notify && !url.is_empty() {
        state.notifications.queue(Event {
            event_type: "MCHTRANSFER.BILL.FINISHED",
            original_type: "mch_payment",
            summary: "商家转账单据终态通知",
            resource,
            url,
        });
    }
    Ok(shown)
}

/// The user confirms, or it fails: `POST /sandbox/transfers/{number}/{what}`.
pub(crate) fn act(state: &mut State, number: &str, what: &str, how: &Map<String, Value>) -> Result<Value> {
    settle(state);
    let reason = how.get("fail_reason").and_then(Value::as_str).unwrap_or("REAL_NAME_CHECK_FAIL");
    let (to, reason) = match what {
        "confirm" => (Stage::Success, None),
        "fail" => (Stage::Fail, Some(reason)),
        other => {
            return Err(Refusal::new(400, "PARAM_ERROR", format!("{other:?} is neither confirm nor fail")));
        }
    };
    end(state, number, to, reason, how.get("notify").and_then(Value::as_bool).unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::testing::{call, reply, state};

    fn asked(number: &str, amount: i64) -> Value {
        json!({
            "appid": "wx1", "out_bill_no": number, "transfer_scene_id": "1000", "openid": "o1", "transfer_amount": amount,
            "transfer_remark": "茶", "notify_url": "http://127.0.0.1/n",
        })
    }

    fn look(state: &mut State, number: &str) -> Value {
        reply(query(state, &call(json!({ "out_bill_no": number }))))
    }

    #[test]
    fn a_transfer_waits_for_its_user_and_is_paid_once() {
        let mut state = state();
        let made = reply(create(&mut state, &call(asked("T1", 100))));
        assert_eq!(made["state"], "WAIT_USER_CONFIRM");
        assert_eq!(
            reply(create(&mut state, &call(asked("T1", 100)))),
            made,
            "the same again is the same transfer"
        );
        let other = create(&mut state, &call(asked("T1", 101))).unwrap_err();
        assert_eq!(other.body.unwrap()["code"], "ALREADY_EXISTS");
        assert_eq!(look(&mut state, "T1")["package_info"], made["package_info"]);
        act(&mut state, "T1", "confirm", &Map::new()).unwrap();
        let paid = look(&mut state, "T1");
        assert_eq!((&paid["state"], paid.get("package_info")), (&json!("SUCCESS"), None));
        for what in ["confirm", "fail"] {
            assert_eq!(act(&mut state, "T1", what, &Map::new()).unwrap_err().status, 409);
        }
        assert_eq!(cancel(&mut state, &call(json!({ "out_bill_no": "T1" }))).unwrap_err().status, 400);
        assert_eq!(state.notifications.contents().count(), 1);
    }

    #[test]
    fn a_transfer_that_is_taken_back_cannot_be_confirmed() {
        let mut state = state();
        create(&mut state, &call(asked("T1", 100))).unwrap();
        let number = call(json!({ "out_bill_no": "T1" }));
        assert_eq!(reply(cancel(&mut state, &number))["state"], "CANCELING");
        assert_eq!(look(&mut state, "T1")["state"], "CANCELLED");
        assert_eq!(
            reply(cancel(&mut state, &number))["state"],
            "CANCELLED",
            "asked again it changes nothing"
        );
        assert_eq!(act(&mut state, "T1", "confirm", &Map::new()).unwrap_err().status, 409);
        let told: Vec<Value> =
            state.notifications.contents().map(|(_, _, resource)| resource["state"].clone()).collect();
        assert_eq!(told, ["CANCELLED"]);
    }

    #[test]
    fn nobody_confirms_and_the_money_goes_back_after_a_day() {
        let mut state = state();
        create(&mut state, &call(asked("T1", 100))).unwrap();
        state.clock.offset_seconds = 24 * 3600 - 5;
        assert_eq!(look(&mut state, "T1")["state"], "WAIT_USER_CONFIRM");
        state.clock.offset_seconds = 24 * 3600 + 5;
        let closed = look(&mut state, "T1");
        assert_eq!((&closed["state"], &closed["fail_reason"]), (&json!("FAIL"), &json!("OVERDUE_CLOSE")));
        assert_eq!(
            reply(create(&mut state, &call(asked("T1", 100))))["state"],
            "FAIL",
            "a repeat pays nobody"
        );
        assert_eq!(state.notifications.contents().count(), 1);
    }

    #[test]
    fn names_are_asked_for_by_the_amount() {
        let mut state = state();
        let named = |amount: i64| {
            let mut asked = asked("T1", amount);
            asked["user_name"] = json!("张三");
            call(asked)
        };
        assert_eq!(create(&mut state, &call(asked("T1", 200_000))).unwrap_err().status, 400);
        assert_eq!(create(&mut state, &named(29)).unwrap_err().status, 400);
        create(&mut state, &named(200_000)).unwrap();
    }
}

//! Profit sharing of paid orders that were marked for it: receivers, shares, what is taken back, and the rest.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::clock::rfc3339;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::orders::Order;
use crate::store::profit_sharing::Sharing;

/// All shares of a payment together are at most so many ten-thousandths of it.
const MAX_RATIO: i64 = 3000;

fn not_found() -> Refusal {
    Refusal::not_found("RESOURCE_NOT_EXISTS", "记录不存在")
}

pub(crate) fn add_receiver(state: &mut State, call: &Call) -> Result<Reply> {
    if call.need("type")? == "MERCHANT_ID" && call.text("name").is_empty() {
        return Err(call.bad("name", "接收方类型为MERCHANT_ID时，必须填写商户全称"));
    }
    state.profit_sharing.receivers.insert(receiver(call)?);
    let mut added = call.body.clone();
    for name in ["appid", "sub_appid"] {
        added.remove(name);
    }
    Ok(Value::Object(added).into())
}

pub(crate) fn delete_receiver(state: &mut State, call: &Call) -> Result<Reply> {
    state.profit_sharing.receivers.remove(&receiver(call)?);
    let mut gone = json!({ "type": call.text("type"), "account": call.text("account") });
    if !call.text("sub_mchid").is_empty() {
        gone["sub_mchid"] = json!(call.text("sub_mchid"));
    }
    Ok(gone.into())
}

fn receiver(call: &Call) -> Result<(String, String, String)> {
    Ok((call.text("sub_mchid").to_owned(), call.need("type")?.to_owned(), call.need("account")?.to_owned()))
}

/// The paid order, when it was marked for sharing and money of it is left.
fn payment<'a>(state: &'a State, call: &Call) -> Result<&'a Order> {
    let order = state
        .orders
        .by_transaction_id(call.need("transaction_id")?)
        .filter(|order| order.sub_mchid() == call.text("sub_mchid"))
        .ok_or_else(not_found)?;
    let marked = order.request.get("settle_info").is_some_and(|info| info["profit_sharing"] == true);
    if !marked {
        return Err(Refusal::invalid("非分账订单不支持分账"));
    }
    Ok(order)
}

/// Fen that can still be shared.
fn unsplit(state: &State, order: &Order) -> i64 {
    let transaction_id = order.transaction_id.as_deref().unwrap_or_default();
    if state.profit_sharing.unfrozen.contains(transaction_id) {
        return 0;
    }
    (order.total() - order.refunded - state.profit_sharing.taken(transaction_id)).max(0)
}

/// What was made under this number before, when the request is the same.
fn repeated(state: &State, call: &Call) -> Result<Option<Value>> {
    match state.profit_sharing.sharings.get(call.need("out_order_no")?) {
        Some(known) if known.request != call.body => {
            Err(Refusal::invalid("商户分账单号重复，且请求参数与首次申请不一致"))
        }
        known => Ok(known.map(Sharing::to_json)),
    }
}

pub(crate) fn create_order(state: &mut State, call: &Call) -> Result<Reply> {
    if let Some(known) = repeated(state, call)? {
        return Ok(known.into());
    }
    let order = payment(state, call)?;
    let receivers = call.get("receivers").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut wanted: i64 = 0;
    for (index, receiver) in receivers.iter().enumerate() {
        let field = |name: &str| receiver[name].as_str().unwrap_or_default().to_owned();
        let known = (call.text("sub_mchid").to_owned(), field("type"), field("account"));
        if !state.profit_sharing.receivers.contains(&known) {
            return Err(Refusal::invalid(format!("第{}个分账接收方未添加", index + 1)));
        }
        let amount = receiver["amount"].as_i64().unwrap_or_default();
        if amount <= 0 {
            return Err(call.bad("receivers", "分账金额应大于0，单位为分"));
        }
        wanted = wanted.saturating_add(amount);
    }
    let left = unsplit(state, order);
    if wanted > left {
        return Err(Refusal::new(
            403,
            "NOT_ENOUGH",
            format!("分账金额超过可分金额：申请{wanted}分，可分{left}分"),
        ));
    }
    let taken = state.profit_sharing.taken(call.text("transaction_id"));
    let most = i128::from(order.total()) * i128::from(MAX_RATIO) / 10_000;
    if i128::from(taken) + i128::from(wanted) > most {
        return Err(Refusal::new(403, "RULE_LIMIT", format!("分账金额超过最大分账比例：最多{most}分")));
    }
    let sharing = Sharing::new(call.body.clone(), &receivers, state.clock.now());
    let shown = sharing.to_json();
    if call.get("unfreeze_unsplit") == Some(&json!(true)) {
        state.profit_sharing.unfrozen.insert(sharing.transaction_id.clone());
    }
    state.profit_sharing.sharings.insert(sharing.out_order_no.clone(), sharing);
    Ok(shown.into())
}

pub(crate) fn unfreeze(state: &mut State, call: &Call) -> Result<Reply> {
    if let Some(known) = repeated(state, call)? {
        return Ok(known.into());
    }
    let order = payment(state, call)?;
    let rest = unsplit(state, order);
    if rest == 0 {
        return Err(Refusal::new(403, "NOT_ENOUGH", "没有可解冻的资金"));
    }
    let owner = if call.text("sub_mchid").is_empty() { &state.keys.mchid } else { call.text("sub_mchid") };
    let rest = json!({ "type": "MERCHANT_ID", "account": owner, "amount": rest, "description": call.text("description") });
    let sharing = Sharing::new(call.body.clone(), &[rest], state.clock.now());
    let shown = sharing.to_json();
    state.profit_sharing.unfrozen.insert(sharing.transaction_id.clone());
    state.profit_sharing.sharings.insert(sharing.out_order_no.clone(), sharing);
    Ok(shown.into())
}

/// Carried out when it is asked for, at the latest.
pub(crate) fn query_order(state: &mut State, call: &Call) -> Result<Reply> {
    let known = state.profit_sharing.sharings.get(call.text("out_order_no"));
    let known = known
        .filter(|one| {
            one.transaction_id == call.text("transaction_id")
                && one.text("sub_mchid") == call.text("sub_mchid")
        })
        .ok_or_else(not_found)?;
    let number = known.out_order_no.clone();
    Ok(carry_out(state, &number, &Map::new())?.into())
}

pub(crate) fn query_amounts(state: &mut State, call: &Call) -> Result<Reply> {
    let transaction_id = call.need("transaction_id")?;
    let order = state.orders.by_transaction_id(transaction_id).ok_or_else(not_found)?;
    Ok(json!({ "transaction_id": transaction_id, "unsplit_amount": unsplit(state, order) }).into())
}

pub(crate) fn create_return(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("out_return_no")?;
    if let Some((request, answer)) = state.profit_sharing.returns.get(number) {
        if *request != call.body {
            return Err(Refusal::invalid("商户回退单号重复，且请求参数与首次申请不一致"));
        }
        return Ok(answer.clone().into());
    }
    let (amount, merchant) = (call.need_int("amount")?, call.need("return_mchid")?);
    let now = rfc3339(state.clock.now());
    let sharing = match call.text("order_id") {
        "" => state.profit_sharing.sharings.get_mut(call.need("out_order_no")?),
        order_id => state.profit_sharing.by_order_id(order_id),
    };
    let sharing =
        sharing.filter(|one| one.text("sub_mchid") == call.text("sub_mchid")).ok_or_else(not_found)?;
    if !sharing.finished {
        return Err(Refusal::invalid("分账单未处理完成，不能回退"));
    }
    let share = sharing.shares.iter_mut().find(|share| share.is_merchant() && share.account() == merchant);
    let share = share.ok_or_else(|| Refusal::invalid("回退方不是该分账单的商户接收方"))?;
    if amount <= 0 || amount > share.kept() {
        return Err(Refusal::invalid(format!(
            "回退金额超过可回退金额：申请{amount}分，可回退{}分",
            share.kept()
        )));
    }
    share.returned += amount;
    let mut answer = json!({
        "order_id": sharing.order_id,
        "out_order_no": sharing.out_order_no,
        "out_return_no": number,
        "return_id": format!("3008{}", ids::digits(24)),
        "return_mchid": merchant,
        "amount": amount,
        "description": call.text("description"),
        "result": "SUCCESS",
        "create_time": now,
        "finish_time": now,
    });
    if !call.text("sub_mchid").is_empty() {
        answer["sub_mchid"] = json!(call.text("sub_mchid"));
    }
    state.profit_sharing.returns.insert(number.to_owned(), (call.body.clone(), answer.clone()));
    Ok(answer.into())
}

pub(crate) fn query_return(state: &mut State, call: &Call) -> Result<Reply> {
    let known = state.profit_sharing.returns.get(call.text("out_return_no"));
    let (_, answer) = known
        .filter(|(_, answer)| answer["out_order_no"] == call.text("out_order_no"))
        .ok_or_else(not_found)?;
    Ok(answer.clone().into())
}

/// A sharing is carried out: `POST /sandbox/profit_sharing/{out_order_no}/finish`. `fail` has reasons by account: those get nothing, and
/// what was meant for them can be shared again.
pub(crate) fn carry_out(state: &mut State, out_order_no: &str, how: &Map<String, Value>) -> Result<Value> {
    let now = rfc3339(state.clock.now());
    let mchid = state.keys.mchid.clone();
    let sharing = state.profit_sharing.sharings.get_mut(out_order_no).ok_or_else(not_found)?;
    if !sharing.finished {
        for share in &mut sharing.shares {
            let reason = how.get("fail").and_then(|fail| fail[share.account()].as_str());
            share.fail_reason = reason.map(str::to_owned);
        }
        sharing.finished = true;
        let url = sharing.text("notify_url").to_owned();
        let told =
            sharing.shares.iter().filter(|share| share.is_merchant() && share.kept() > 0 && !url.is_empty());
        for share in told {
            let mut resource = json!({
                "transaction_id": sharing.transaction_id, "order_id": sharing.order_id,
                "out_order_no": sharing.out_order_no, "receiver": share.receiver(), "success_time": now,
            });
            match sharing.text("sub_mchid") {
                "" => resource["mchid"] = json!(mchid),
                sub_mchid => {
                    resource["sp_mchid"] = json!(mchid);
                    resource["sub_mchid"] = json!(sub_mchid);
                }
            }
            state.notifications.queue(Event {
                event_type: "TRANSACTION.SUCCESS",
                original_type: "profitsharing",
                summary: "分账",
                resource,
                url: url.clone(),
            });
        }
    }
    Ok(sharing.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::payments;
    use crate::products::testing::{call, reply, state};

    /// A paid order of 1,000 fen that is marked for sharing, and a receiver.
    fn paid(state: &mut State, marked: bool) -> String {
        let order = json!({
            "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶", "out_trade_no": "O1",
            "notify_url": "http://127.0.0.1/n", "amount": { "total": 1000 }, "settle_info": { "profit_sharing": marked },
        });
        payments::native(state, &call(order)).unwrap();
        let added = json!({ "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000110", "name": "茶行", "relation_type": "STORE" });
        add_receiver(state, &call(added)).unwrap();
        payments::pay(state, "O1", &Map::new()).unwrap()["transaction_id"].as_str().unwrap().to_owned()
    }

    fn sharing(transaction_id: &str, number: &str, amount: i64, last: bool) -> Call {
        call(json!({
            "transaction_id": transaction_id, "out_order_no": number, "unfreeze_unsplit": last, "notify_url": "http://127.0.0.1/n",
            "receivers": [{ "type": "MERCHANT_ID", "account": "1900000110", "amount": amount, "description": "d" }],
        }))
    }

    fn left(state: &mut State, transaction_id: &str) -> Value {
        reply(query_amounts(state, &call(json!({ "transaction_id": transaction_id }))))["unsplit_amount"]
            .clone()
    }

    fn code(refused: Result<Reply>) -> Value {
        refused.unwrap_err().body.unwrap()["code"].clone()
    }

    #[test]
    fn money_is_shared_once_and_never_more_than_there_is() {
        let mut state = state();
        let id = paid(&mut state, true);
        let made = reply(create_order(&mut state, &sharing(&id, "S1", 200, false)));
        assert_eq!(
            (&made["state"], &made["receivers"][0]["result"]),
            (&json!("PROCESSING"), &json!("PENDING"))
        );
        assert_eq!(
            reply(create_order(&mut state, &sharing(&id, "S1", 200, false)))["order_id"],
            made["order_id"]
        );
        assert_eq!(code(create_order(&mut state, &sharing(&id, "S1", 201, false))), "INVALID_REQUEST");
        assert_eq!(left(&mut state, &id), 800);
        assert_eq!(
            code(create_order(&mut state, &sharing(&id, "S2", 101, false))),
            "RULE_LIMIT",
            "30 % of all"
        );
        assert_eq!(code(create_order(&mut state, &sharing(&id, "S2", 801, false))), "NOT_ENOUGH");
        create_order(&mut state, &sharing(&id, "S2", 100, true)).unwrap();
        assert_eq!(left(&mut state, &id), 0, "the rest went to the merchant");
        assert_eq!(code(create_order(&mut state, &sharing(&id, "S3", 1, false))), "NOT_ENOUGH");
        let rest = json!({ "transaction_id": id, "out_order_no": "U1", "description": "d" });
        assert_eq!(code(unfreeze(&mut state, &call(rest))), "NOT_ENOUGH");
    }

    #[test]
    fn what_fails_can_be_shared_again_and_what_arrived_can_be_taken_back() {
        let mut state = state();
        let id = paid(&mut state, true);
        create_order(&mut state, &sharing(&id, "S1", 300, false)).unwrap();
        let back = |amount: i64, number: &str| {
            call(json!({
                "out_order_no": "S2", "out_return_no": number, "return_mchid": "1900000110", "amount": amount, "description": "d",
            }))
        };
        let fail = json!({ "fail": { "1900000110": "ACCOUNT_ABNORMAL" } });
        let failed = carry_out(&mut state, "S1", fail.as_object().unwrap()).unwrap();
        assert_eq!(
            (&failed["state"], &failed["receivers"][0]["result"], &failed["receivers"][0]["fail_reason"]),
            (&json!("FINISHED"), &json!("CLOSED"), &json!("ACCOUNT_ABNORMAL"))
        );
        assert_eq!(left(&mut state, &id), 1000);
        create_order(&mut state, &sharing(&id, "S2", 300, false)).unwrap();
        assert_eq!(
            code(create_return(&mut state, &back(100, "R1"))),
            "INVALID_REQUEST",
            "not carried out yet"
        );
        let asked = call(json!({ "out_order_no": "S2", "transaction_id": id }));
        assert_eq!(reply(query_order(&mut state, &asked))["receivers"][0]["result"], "SUCCESS");
        let done = reply(create_return(&mut state, &back(200, "R1")));
        assert_eq!(done["result"], "SUCCESS");
        assert_eq!(
            reply(create_return(&mut state, &back(200, "R1"))),
            done,
            "the same again takes nothing more"
        );
        assert_eq!(code(create_return(&mut state, &back(101, "R2"))), "INVALID_REQUEST");
        create_return(&mut state, &back(100, "R2")).unwrap();
        let told: Vec<&str> = state.notifications.contents().map(|(_, original, _)| original).collect();
        assert_eq!(told, ["transaction", "profitsharing"]);
    }

    #[test]
    fn only_marked_orders_are_shared_and_only_with_registered_receivers() {
        let mut unmarked = state();
        let id = paid(&mut unmarked, false);
        assert_eq!(code(create_order(&mut unmarked, &sharing(&id, "S1", 1, false))), "INVALID_REQUEST");
        let mut state = state();
        assert_eq!(code(create_order(&mut state, &sharing("4200", "S1", 1, false))), "RESOURCE_NOT_EXISTS");
        let id = paid(&mut state, true);
        let gone = json!({ "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000110" });
        delete_receiver(&mut state, &call(gone)).unwrap();
        assert_eq!(code(create_order(&mut state, &sharing(&id, "S1", 1, false))), "INVALID_REQUEST");
        let rest = json!({ "transaction_id": id, "out_order_no": "U1", "description": "d" });
        assert_eq!(reply(unfreeze(&mut state, &call(rest)))["receivers"][0]["amount"], 1000);
    }
}

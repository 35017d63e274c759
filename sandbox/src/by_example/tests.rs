use serde_json::{Value, json};
use time::OffsetDateTime;
use wechatpay_core::operation;

use super::*;
use crate::keys::Keys;
use crate::store::Settings;

fn state() -> State {
    State::new(Keys::shared().unwrap(), Settings::default())
}

fn answered(state: &mut State, id: &str, call: &Call) -> Value {
    match answer(state, operation::find(id).unwrap(), call) {
        Ok(Reply::Json(value)) => value,
        other => panic!("{id}: {other:?}"),
    }
}

fn call(body: Value) -> Call {
    let Value::Object(body) = body else { panic!("an object is expected") };
    Call { body, base_url: "http://127.0.0.1:1".to_owned(), ..Call::default() }
}

fn refund(number: &str) -> Call {
    call(json!({
        "transaction_id": "4200000000000000000000000001", "out_refund_no": number,
        "amount": { "refund": 7, "total": 9, "currency": "CNY", "from": [
            { "account": "AVAILABLE", "amount": 3 }, { "account": "UNAVAILABLE", "amount": 2 },
            { "account": "AVAILABLE", "amount": 2 },
        ] },
    }))
}

#[test]
fn what_was_asked_comes_back_under_the_same_name_at_any_depth() {
    let made = answered(&mut state(), "refunds.create", &refund("R1"));
    assert_eq!(made["transaction_id"], "4200000000000000000000000001");
    assert_eq!(made["out_refund_no"], "R1");
    assert_eq!(made["amount"]["refund"], 7);
    // A list has as many elements as that of the request.
    let amounts: Vec<&Value> =
        made["amount"]["from"].as_array().unwrap().iter().map(|one| &one["amount"]).collect();
    assert_eq!(amounts, [3, 2, 2]);
    // `amount` of a discount is not the amount of the request.
    assert!(made["promotion_detail"][0]["amount"].is_i64(), "{made:#}");
}

#[test]
fn numbers_in_path_and_query_are_read_as_what_they_are() {
    let text = |value: &str| Value::from(value);
    let mut listing = Call::default();
    listing.path.insert("stock_id".to_owned(), text("1234567"));
    listing.query.insert("limit".to_owned(), text("3"));
    listing.query.insert("offset".to_owned(), text("6"));
    let made = answered(&mut state(), "busifavor.codes.list", &listing);
    assert_eq!((&made["limit"], &made["offset"]), (&json!(3), &json!(6)), "{made:#}");
}

#[test]
fn numbers_given_out_keep_their_shape_and_differ_between_requests() {
    let mut state = state();
    let first = answered(&mut state, "refunds.create", &refund("R1"));
    let second = answered(&mut state, "refunds.create", &refund("R2"));
    let id = |made: &Value| made["refund_id"].as_str().unwrap().to_owned();
    assert_eq!(id(&first), id(&answered(&mut state, "refunds.create", &refund("R1"))));
    assert_ne!(id(&first), id(&second));
    assert_eq!((id(&first).len(), &id(&first)[..4]), (29, "5000"));
    assert!(id(&second).bytes().all(|byte| byte.is_ascii_digit()));
}

#[test]
fn merchant_and_app_are_those_of_the_sandbox() {
    let mut state = state();
    let query = call(json!({ "out_trade_no": "ORDER-1" }));
    let made = answered(&mut state, "payments.query_by_out_trade_no", &query);
    assert_eq!(made["mchid"], state.keys.mchid);
    assert_eq!(made["appid"], state.keys.appid);
}

#[test]
fn what_happened_has_just_happened_and_what_ends_is_still_to_end() {
    let example = json!({
        "create_time": "2018-06-08T10:34:56+08:00", "success_time": "2018-06-08T10:35:06+08:00",
        "list": [{ "end_time": "20180609103506", "bill_date": "2018-06-08", "id": "20180609103506" }],
    });
    let now = clock::at(1_800_000_000);
    let times = Times::of(&example, now);
    assert_eq!(times.moved("success_time", "2018-06-08T10:35:06+08:00").unwrap(), clock::rfc3339(now));
    assert_eq!(times.moved("create_time", "2018-06-08T10:34:56+08:00").unwrap(), "2027-01-15T15:59:50+08:00");
    assert_eq!(times.moved("end_time", "20180609103506").unwrap(), "20270116160000");
    assert_eq!(times.moved("bill_date", "2018-06-08").unwrap(), "2027-01-15");
    assert!(times.moved("id", "20180609103506").is_none() && times.moved("end_time", "OnAccept").is_none());
    let only_an_end = json!({ "expire_time": "2018-06-08T10:34:56+08:00" });
    let moved = Times::of(&only_an_end, now).moved("expire_time", "2018-06-08T10:34:56+08:00");
    assert_eq!(moved.unwrap(), "2027-01-16T16:00:00+08:00");
}

#[test]
fn a_download_address_leads_to_a_file_with_the_hash_beside_it() {
    let mut state = state();
    let mut apply = call(json!({}));
    apply.query.insert("bill_date".to_owned(), json!("2026-01-01"));
    apply.query.insert("tar_type".to_owned(), json!("GZIP"));
    let made = answered(&mut state, "bills.trade_bill", &apply);
    let address = made["download_url"].as_str().unwrap();
    let token = address.strip_prefix("http://127.0.0.1:1/v3/billdownload/file?token=").unwrap();
    let (token, _) = token.split_once('&').unwrap();
    let Found::File(file) = state.files.get(token, state.clock.timestamp()) else { panic!("no file") };
    assert_eq!((file.sha1.as_str(), file.gzip), (made["hash_value"].as_str().unwrap(), true));
}

#[test]
fn the_hash_is_of_the_kind_that_the_answer_names() {
    let mut state = state();
    let mut apply = call(json!({}));
    apply.path.insert("out_bill_no".to_owned(), json!("T20261101"));
    let made = answered(&mut state, "transfers.receipts.query_by_out_bill_no", &apply);
    assert_eq!(made["hash_type"], "SHA256");
    assert_eq!(made["hash_value"].as_str().unwrap().len(), 64);
}

#[test]
fn an_answer_is_made_up_where_the_spec_has_no_example() {
    for operation in operation::all() {
        if let operation::Reply::Json(model) = operation.reply() {
            let made = invent::object(model, OffsetDateTime::UNIX_EPOCH);
            let fits = crate::check::fits(model, &made, true);
            assert!(fits.is_ok(), "{}: {made:?}: {fits:?}", operation.id());
        }
    }
}

fn told(state: &mut State, wanted: Value) -> Result<Value, String> {
    let wanted = serde_json::from_value(wanted).map_err(|error| error.to_string())?;
    let id = notification::queue(state, wanted)
        .map_err(|refusal| refusal.body.unwrap()["message"].as_str().unwrap().to_owned())?;
    Ok(state.notifications.get(&id).unwrap().to_json())
}

#[test]
fn a_notification_has_the_values_that_are_given_and_is_the_examples_otherwise() {
    let mut state = state();
    let sent = told(
        &mut state,
        json!({
            "notification": "payments.transaction", "notify_url": "http://127.0.0.1/n",
            "resource": { "out_trade_no": "ORDER-7", "amount": { "total": 7 }, "attach": null },
        }),
    );
    let sent = sent.unwrap();
    assert_eq!(sent["event_type"], "TRANSACTION.SUCCESS");
    assert!(sent["summary"].as_str().unwrap().contains("支付成功"), "{sent}");
    let resource = &sent["resource"];
    assert_eq!(resource["out_trade_no"], "ORDER-7");
    assert_eq!((&resource["amount"]["total"], &resource["amount"]["currency"]), (&json!(7), &json!("CNY")));
    assert_eq!((&resource["mchid"], resource.get("attach")), (&json!(state.keys.mchid), None));
}

#[test]
fn a_notification_that_nobody_would_take_for_what_it_is_to_be_is_refused() {
    let mut state = state();
    let mut refused = |wanted: Value| told(&mut state, wanted).unwrap_err();
    let base = |extra: Value| {
        let mut wanted = json!({ "notification": "refunds.refund", "notify_url": "http://127.0.0.1/n" });
        wanted.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        wanted
    };
    assert!(refused(base(json!({ "notification": "refunds.refnud" }))).contains("refunds.refund"));
    assert!(
        refused(base(json!({ "event_type": "REFUND.SUCESS" }))).contains("REFUND.SUCCESS, REFUND.ABNORMAL")
    );
    assert!(refused(base(json!({ "resource": { "out_refund_no": 7 } }))).contains("out_refund_no"));
    assert!(refused(base(json!({ "resource": { "no_such_member": 7 } }))).contains("no_such_member"));
    assert!(
        refused(json!({ "event_type": "A", "notify_url": "http://127.0.0.1/n" })).contains("original_type")
    );
}

//! What users write. This file is a module beside each of the two products.

use serde_json::json;

use super::api::growth::{Amount, CreateRequest, Goods, ListRequest, Order, State};

#[cfg(feature = "transport")]
#[allow(dead_code, reason = "that it compiles is the test")]
fn calls(client: &crate::Client) -> crate::Result<(crate::Reply<Order>, Order)> {
    use super::api::Api;

    let growth = client.growth();
    let created = growth.create(&request())?;
    let listed = growth.list(&ListRequest::new().with_limit(3))?.into_inner();
    Ok((created, listed))
}

fn request() -> CreateRequest {
    CreateRequest::new()
        .with_out_no("1")
        .with_note("a note")
        .with_state(State::Open)
        .with_amount(Amount::new().with_total(100))
        .with_goods([Goods::new().with_name("tea")])
}

#[test]
fn a_request_holds_what_it_held() {
    let sent = json!({
        "out_no": "1", "note": "a note", "state": "OPEN", "amount": { "total": 100 }, "goods": [{ "name": "tea" }],
    });
    assert_eq!(request().json(), &sent);
}

#[test]
fn an_answer_is_read_as_before_and_nothing_of_it_is_lost() {
    let answer =
        json!({ "out_no": "1", "amount": { "total": 100, "fee": 1 }, "state": "DRAFT", "goods": [] });
    let order = Order::from(answer.clone());
    assert_eq!((order.out_no(), order.amount().and_then(Amount::total)), (Some("1"), Some(100)));
    assert_eq!(order.into_json(), answer);
}

#[test]
fn a_value_that_was_unknown_keeps_its_text() {
    assert_eq!(State::from("DRAFT").as_str(), "DRAFT");
    let open = match State::from("OPEN") {
        State::Open => true,
        // The compiler asks for this arm, so that a new value breaks no match.
        _ => false,
    };
    assert!(open);
}

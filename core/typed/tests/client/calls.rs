//! Requests as they are sent, and answers as they are read.

use serde_json::{Value, json};
use wechatpay::api::payments::jsapi::{JsapiPayer, PrepayRequest};
use wechatpay::api::payments::{Amount, QueryByOutTradeNoRequest, TradeState};
use wechatpay::api::security::EchoRequest;
use wechatpay::{Api, ErrorKind};

use crate::client;
use crate::platform::PUBLIC_KEY_ID;
use crate::server::{Seen, Server, signed};

#[test]
fn a_request_holds_what_was_set_and_nothing_else() {
    let server = Server::start(|_: &Seen| signed(200, r#"{"prepay_id":"wx1"}"#));
    let request = PrepayRequest::new()
        .with_appid("wxd678efh567hg6787")
        .with_description("Image store")
        .with_out_trade_no("1217752501201407033233368018")
        .with_time_expire("2018-06-08T10:34:56+08:00")
        .with_notify_url("https://example.com/notify")
        .with_amount(Amount::new().with_total(100))
        .with_payer(JsapiPayer::new().with_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
    let order = client(&server.url).payments().jsapi().prepay(&request).unwrap();
    assert_eq!(order.prepay_id(), Some("wx1"));
    let sent: Value = serde_json::from_slice(&server.seen()[0].body).unwrap();
    let expected = json!({
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000001",
        "description": "Image store",
        "out_trade_no": "1217752501201407033233368018",
        "time_expire": "2018-06-08T10:34:56+08:00",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100 },
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    });
    assert_eq!(sent, expected);
}

#[test]
fn what_a_request_lacks_is_said_before_anything_is_sent() {
    let server = Server::start(|_: &Seen| signed(200, "{}"));
    let error = client(&server.url).payments().jsapi().prepay(&PrepayRequest::new()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "MISSING_PARAMETER"));
    assert!(error.message().contains("appid"), "{error}");
    assert!(server.seen().is_empty());
}

#[test]
fn an_answer_that_is_not_as_documented_still_arrives() {
    let answer = json!({
        "transaction_id": 4200, "trade_state": "SOMETHING_NEW", "amount": { "total": "100" }, "payer": 7, "new": 1,
    });
    let text = answer.to_string();
    let server = Server::start(move |_: &Seen| signed(200, &text));
    let request = QueryByOutTradeNoRequest::new().with_out_trade_no("T1");
    let order = client(&server.url).payments().query_by_out_trade_no(&request).unwrap();
    assert_eq!(order.transaction_id(), Some("4200"), "a number where text is documented");
    assert_eq!(order.trade_state(), Some(TradeState::Other("SOMETHING_NEW".to_owned())));
    assert_eq!(order.amount().and_then(|amount| amount.total()), Some(100));
    assert!(order.payer().is_none() && order.out_trade_no().is_none());
    assert_eq!((&order.json()["payer"], &order.json()["new"]), (&json!(7), &json!(1)));
}

#[test]
fn a_success_without_a_body_is_a_reply_without_fields() {
    let server = Server::start(|_: &Seen| signed(200, ""));
    let reply = client(&server.url).security().echo(&EchoRequest::new().with_echo_message("a")).unwrap();
    assert_eq!((reply.echo_message(), reply.http_status()), (None, 200));
    assert_eq!(reply.json(), &Value::Null);
}

#[test]
fn a_reply_shows_nothing_of_its_content() {
    let server = Server::start(|_: &Seen| signed(200, r#"{"echo_message":"about-the-order"}"#));
    let request = EchoRequest::new().with_echo_message("about-the-order");
    let reply = client(&server.url).security().echo(&request).unwrap();
    assert_eq!(reply.echo_message(), Some("about-the-order"));
    let shown = format!("{reply:?}");
    assert!(shown.contains("200") && shown.contains(PUBLIC_KEY_ID), "{shown}");
    assert!(!shown.contains("about-the-order"), "{shown}");
}

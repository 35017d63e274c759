//! The second domain, played by a second server.

use std::time::Duration;

use serde_json::json;
use wechatpay_core::ErrorKind;
use wechatpay_core::http::Method;

use crate::calls::builder;
use crate::server::{Act, Server, answer, signed};

#[test]
fn a_silent_main_domain_makes_reads_go_to_the_second_and_stay_there() {
    let main = Server::start(|_| Act::StaySilent);
    let second = Server::start(|_| signed(200, r#"{"trade_state":"SUCCESS"}"#));
    let client = builder(&main.url)
        .failover_base_url(&second.url)
        .read_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    for _ in 0..2 {
        let order =
            client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "ORDER-1" })).unwrap();
        assert_eq!(order["trade_state"], "SUCCESS");
    }
    assert_eq!((main.seen().len(), second.seen().len()), (1, 2));
}

#[test]
fn a_change_that_may_have_arrived_is_not_sent_to_the_second_domain() {
    let main = Server::start(|_| Act::StaySilent);
    let second = Server::start(|_| signed(200, "{}"));
    let client = builder(&main.url)
        .failover_base_url(&second.url)
        .read_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = client.request(Method::Post, "/v3/x", Some(json!({ "a": 1 }))).unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Timeout, true));
    assert_eq!((main.seen().len(), second.seen().len()), (1, 0));
    // what comes next avoids the domain in trouble
    client.request(Method::Post, "/v3/x", Some(json!({ "a": 2 }))).unwrap();
    assert_eq!((main.seen().len(), second.seen().len()), (1, 1));
}

#[test]
fn errors_and_refusals_do_not_switch() {
    let error = r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#;
    let main = Server::start(move |_| answer(500, &Default::default(), error.as_bytes()));
    let second = Server::start(|_| signed(200, "{}"));
    let client = builder(&main.url).failover_base_url(&second.url).build().unwrap();
    let error = client.request(Method::Get, "/v3/x", None).unwrap_err();
    assert_eq!((error.code(), main.seen().len(), second.seen().len()), ("SYSTEM_ERROR", 3, 0));
}

#[test]
fn failover_can_be_switched_off() {
    let main = Server::start(|_| Act::StaySilent);
    let second = Server::start(|_| signed(200, "{}"));
    let client = builder(&main.url)
        .failover_base_url(&second.url)
        .failover(false)
        .retries(0)
        .read_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    assert_eq!(client.request(Method::Get, "/v3/x", None).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!((main.seen().len(), second.seen().len()), (1, 0));
}

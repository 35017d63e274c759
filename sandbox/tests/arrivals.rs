//! What is known of requests that did not arrive whole, and how they are cut short.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use common::Merchant;
use serde_json::{Value, json};

const PREPAY: &str = "/v3/pay/transactions/jsapi";

fn connect(merchant: &Merchant) -> TcpStream {
    TcpStream::connect(merchant.sandbox.base_url().strip_prefix("http://").unwrap()).unwrap()
}

/// The log, once it is as wanted.
fn log(merchant: &Merchant, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let log = merchant.observe("/sandbox/requests")["requests"].take();
        if wanted(&log) {
            return log;
        }
        std::thread::yield_now();
    }
}

fn head(body: &str) -> String {
    format!("POST {PREPAY}?a=1 HTTP/1.1\r\nHost: x\r\nX-Seen: yes\r\nContent-Length: {}\r\n\r\n", body.len())
}

#[test]
fn a_request_is_in_the_log_from_its_first_byte_on() {
    let merchant = Merchant::new();
    connect(&merchant).write_all(b"P").unwrap();
    let one = log(&merchant, |log| log[0]["bytes"] == 1);
    assert_eq!((&one[0]["complete"], &one[0]["path"]), (&json!(false), &json!("")));

    let mut stream = connect(&merchant);
    let (beginning, rest) = (
        "POST /v3/pay/transactions/jsapi?a=1 HTTP/1.1\r\nHost: x\r\n",
        "Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    );
    stream.write_all(beginning.as_bytes()).unwrap();
    let under_way = log(&merchant, |log| log[1]["path"] == PREPAY);
    assert_eq!(under_way[1]["operation"], "payments.jsapi.prepay");
    assert_eq!((&under_way[1]["method"], &under_way[1]["query"]), (&json!("POST"), &json!("a=1")));
    assert_eq!(under_way[1]["complete"], false);
    stream.write_all(rest.as_bytes()).unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    let whole = log(&merchant, |log| log[1]["complete"] == true);
    assert_eq!((&whole[1]["body"], &whole[1]["status"]), (&json!("{}"), &json!(400)));
    assert_eq!(whole[1]["bytes"], beginning.len() + rest.len());
    assert_eq!(whole[1]["number"], under_way[1]["number"]);

    let mut aborted = connect(&merchant);
    write!(aborted, "{}half", head("half a body")).unwrap();
    drop(aborted);
    let aborted = log(&merchant, |log| log[2]["bytes"].is_u64());
    assert_eq!(aborted[2]["bytes"], head("half a body").len() + 4);
    assert_eq!(aborted[2]["complete"], false);
    assert!(aborted[2].get("status").is_none());

    // TLS at a port that does not speak it, and the control plane, which is not counted.
    connect(&merchant).write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    log(&merchant, |log| log[3]["bytes"] == 6);
    connect(&merchant);
    assert_eq!(log(&merchant, |_| true).as_array().unwrap().len(), 4);
}

#[test]
fn several_requests_on_one_connection_are_told_apart() {
    let merchant = Merchant::new();
    let mut stream = connect(&merchant);
    // All at once: the second begins where the body of the first ends.
    write!(stream, "{}one{}two", head("one"), head("two")).unwrap();
    stream.write_all(b"GET /sandbox HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream.write_all(b"GET /v3/certificates HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 4);
    let log = log(&merchant, |_| true);
    let seen: Vec<_> = log.as_array().unwrap().iter().map(|one| (&one["path"], &one["body"])).collect();
    assert_eq!(
        json!(seen),
        json!([[PREPAY, "one"], [PREPAY, "two"], ["/v3/certificates", ""]]),
        "each with its own body"
    );
    assert!(log.as_array().unwrap().iter().all(|one| one["complete"] == true));
}

#[test]
fn a_body_without_a_length_is_counted_when_it_is_whole() {
    let merchant = Merchant::new();
    let mut stream = connect(&merchant);
    for _ in 0..2 {
        write!(
            stream,
            "POST {PREPAY} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
        )
        .unwrap();
    }
    let log = log(&merchant, |log| log[1]["status"].is_u64());
    assert_eq!((&log[0]["body"], &log[1]["body"]), (&json!("{}"), &json!("{}")));
    assert_eq!(log.as_array().unwrap().len(), 2);
}

#[test]
fn requests_are_cut_where_asked_and_not_carried_out() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let order = merchant.order("ORDER-CUT", 1, "https://merchant.example/n").to_string();
    let request = format!(
        "POST {PREPAY} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Authorization: {}\r\nContent-Length: {}\r\n\r\n{order}",
        merchant.authorization("POST", PREPAY, order.as_bytes()),
        order.len()
    );
    let head = request.len() - order.len();
    for (cut, bytes) in [("first_byte", 1), ("head", head), ("mid_body", head + order.len().div_ceil(2))] {
        for by in ["close", "reset"] {
            merchant.control(
                "/sandbox/faults",
                &json!({
                    "match": { "operation": "payments.jsapi.prepay" },
                    "fault": { "cut_request": cut, "cut_by": by },
                }),
            );
            let mut stream = connect(&merchant);
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            let end = stream.read_to_end(&mut answer);
            assert!(answer.is_empty(), "{cut}");
            match by {
                "close" => assert!(end.is_ok(), "{cut}"),
                _ => assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset, "{cut}"),
            }
            // It is in the log before the client can know.
            let last = merchant.observe("/sandbox/requests")["requests"].as_array().unwrap().last().cloned();
            let last = last.unwrap();
            assert_eq!((&last["complete"], &last["bytes"]), (&json!(false), &json!(bytes)));
            assert_eq!(last["path"], PREPAY);
            let headers = last["headers"].as_array().unwrap();
            assert_eq!(headers.is_empty(), cut == "first_byte");
        }
    }
    let query = format!("/v3/pay/transactions/out-trade-no/ORDER-CUT?mchid={}", merchant.credentials().mchid);
    assert_eq!(merchant.get(&query).code(), "ORDER_NOT_EXIST");
    let counted = merchant.observe("/sandbox/requests?operation=payments.jsapi.prepay");
    assert_eq!(counted["requests"].as_array().unwrap().len(), 6);
}

#[test]
fn a_long_request_is_cut_while_it_is_written_and_other_rules_keep_their_turn() {
    let merchant = Merchant::new();
    let rule = |matches: Value, fault: Value| {
        merchant.control("/sandbox/faults", &json!({ "match": matches, "fault": fault }));
    };
    rule(json!({ "path": PREPAY }), json!({ "status": 503 }));
    rule(json!({ "path": PREPAY, "skip": 1 }), json!({ "cut_request": "head", "cut_by": "reset" }));
    let body = "1".repeat(16 * 1024 * 1024);
    let send = |stream: &mut TcpStream| {
        let written = write!(stream, "{}{body}", head(&body));
        let mut start = [0; 12];
        let read = stream.read_exact(&mut start);
        (written.is_ok() && read.is_ok(), String::from_utf8_lossy(&start).into_owned())
    };
    let mut stream = connect(&merchant);
    assert_eq!(send(&mut stream), (true, "HTTP/1.1 503".to_owned()), "the first rule strikes first");
    let mut stream = connect(&merchant);
    assert!(send(&mut stream).0, "the second lets one pass");
    let mut stream = connect(&merchant);
    assert!(!send(&mut stream).0, "and cuts the next");
}

//! Each fault, seen from the merchant's end of the line.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use common::Merchant;
use serde_json::{Value, json};

const CERTIFICATES: &str = "/v3/certificates";

fn fault(merchant: &Merchant, fault: &Value) {
    merchant.control("/sandbox/faults", &json!({ "match": { "path": CERTIFICATES }, "fault": fault }));
}

/// One request over a connection of its own; everything that came back, and whether the end was orderly.
fn raw(merchant: &Merchant) -> (String, bool) {
    spoken(merchant, CERTIFICATES, &merchant.authorization("GET", CERTIFICATES, b""))
}

fn spoken(merchant: &Merchant, path: &str, authorization: &str) -> (String, bool) {
    let mut stream =
        TcpStream::connect(merchant.sandbox.base_url().strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nAccept: */*\r\nConnection: close\r\n\
         Authorization: {authorization}\r\n\r\n"
    )
    .unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    (String::from_utf8_lossy(&bytes).into_owned(), end.is_ok())
}

#[test]
fn signatures_are_spoilt_as_asked() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let answer = |wanted: Value| {
        fault(&merchant, &wanted);
        merchant.get(CERTIFICATES)
    };
    for signature in ["altered", "empty", "not_base64", "probe", "probe_production", "stranger"] {
        let reply = answer(json!({ "signature": signature }));
        assert_eq!(reply.status, 200);
        assert!(!merchant.signed(&reply), "{signature}");
    }
    assert!(!merchant.signed(&answer(json!({ "alter_body": true }))));
    assert!(merchant.signed(&answer(json!({ "timestamp_offset": -301 }))), "old, but well signed");
    let certificate = answer(json!({ "signer": "certificate" }));
    assert_eq!(
        certificate.header("Wechatpay-Serial"),
        Some(merchant.credentials().platform_serial_no.as_str())
    );
    assert!(merchant.signed(&certificate));
    assert_eq!(answer(json!({ "serial": "ABC" })).header("Wechatpay-Serial"), Some("ABC"));
    let bare = answer(json!({ "drop_headers": ["Wechatpay-Signature", "Request-ID"] }));
    assert!(bare.header("Wechatpay-Signature").is_none() && bare.header("Request-ID").is_none());
    assert!(merchant.signed(&merchant.get(CERTIFICATES)), "each fault struck once");
}

#[test]
fn made_up_answers_are_given_without_carrying_out_the_request() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let prepay = "/v3/pay/transactions/jsapi";
    let order = merchant.order("ORDER-A1", 1, "https://merchant.example/n");
    let on_prepay = |fault: Value| {
        let rule = json!({ "match": { "operation": "payments.jsapi.prepay" }, "fault": fault });
        merchant.control("/sandbox/faults", &rule);
        merchant.post(prepay, &order)
    };
    let query = format!("/v3/pay/transactions/out-trade-no/ORDER-A1?mchid={}", merchant.credentials().mchid);
    for (status, code) in
        [(429, "FREQUENCY_LIMITED"), (500, "SYSTEM_ERROR"), (502, "SYSTEM_ERROR"), (503, "SYSTEM_ERROR")]
    {
        let reply = on_prepay(json!({ "status": status }));
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
        assert!(reply.header("Wechatpay-Signature").is_none());
    }
    let own = on_prepay(json!({ "status": 403, "code": "RULE_LIMIT", "message": "m", "signed": true }));
    assert_eq!(own.code(), "RULE_LIMIT");
    assert!(merchant.signed(&own));
    let html = on_prepay(json!({ "status": 502, "raw_body": "<html>", "content_type": "text/html" }));
    assert_eq!(
        (html.body.as_slice(), html.header("Content-Type")),
        (b"<html>".as_slice(), Some("text/html"))
    );
    assert_eq!(on_prepay(json!({ "status": 500, "raw_body": "" })).body.len(), 0);
    let accepted = on_prepay(json!({ "status": 202, "code": "USERPAYING" }));
    assert_eq!((accepted.status, accepted.code().as_str()), (202, "USERPAYING"));
    assert_eq!(on_prepay(json!({ "status": 204 })).status, 204);
    let elsewhere = on_prepay(json!({ "redirect": "http://127.0.0.1:1/" }));
    assert_eq!((elsewhere.status, elsewhere.header("Location")), (302, Some("http://127.0.0.1:1/")));
    let huge = on_prepay(json!({ "huge_body": 1_000_000 }));
    assert_eq!(huge.body.len(), 1_000_000);
    assert_eq!(merchant.get(&query).code(), "ORDER_NOT_EXIST", "nothing was carried out");

    assert_eq!(on_prepay(json!({ "status": 500, "process": true })).status, 500);
    assert_eq!(merchant.get(&query).json()["trade_state"], "NOTPAY", "now it was");
}

#[test]
fn good_answers_are_made_about_something_else() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    merchant.post("/v3/pay/transactions/jsapi", &merchant.order("ORDER-A1", 1, "https://merchant.example/n"));
    let rule = |operation: &str, fault: Value| {
        merchant.control("/sandbox/faults", &json!({ "match": { "operation": operation }, "fault": fault }));
    };
    rule(
        "payments.query_by_out_trade_no",
        json!({ "members": { "out_trade_no": "ORDER-A2", "appid": null, "amount": { "total": 2 } } }),
    );
    let query = format!("/v3/pay/transactions/out-trade-no/ORDER-A1?mchid={}", merchant.credentials().mchid);
    let other = merchant.get(&query);
    assert!(merchant.signed(&other));
    let body = other.json();
    assert_eq!((&body["out_trade_no"], &body["amount"]["total"]), (&json!("ORDER-A2"), &json!(2)));
    assert!(body.get("appid").is_none() && body["trade_state"] == "NOTPAY");

    let sealed = merchant.encrypt("y", &merchant.file("wechatpay_public_key.pem"));
    let echo = json!({ "echo_message": "x", "encrypted_echo_message": sealed });
    let sealed = |reply: &common::Reply| reply.json()["encrypted_echo_message"].as_str().unwrap().to_owned();
    let good = merchant.post("/v3/security/echo", &echo);
    assert_eq!(merchant.decrypt(&sealed(&good)), "y");
    rule("security.echo", json!({ "wrong_field_key": true }));
    let wrong = merchant.post("/v3/security/echo", &echo);
    assert!(merchant.signed(&wrong));
    let wrong = common::unbase64(&sealed(&wrong)).unwrap();
    assert_eq!(wrong.len(), 256);
    let key = merchant.file("apiclient_key.pem");
    let (opened, plain) = common::run(
        &["pkeyutl", "-decrypt", "-inkey", key.to_str().unwrap(), "-pkeyopt", "rsa_padding_mode:oaep"],
        &wrong,
    );
    assert!(!opened || plain != b"y");
}

#[test]
fn connections_end_where_asked() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let (whole, _) = raw(&merchant);
    assert!(whole.starts_with("HTTP/1.1 200 ") && whole.contains("\r\nWechatpay-Nonce: "), "{whole}");
    let ends = |wanted: Value| {
        fault(&merchant, &wanted);
        raw(&merchant)
    };
    assert_eq!(ends(json!({ "close": "before_answer" })), (String::new(), true));
    let (reset, orderly) = ends(json!({ "close": "reset" }));
    assert!(reset.is_empty() && !orderly);
    let (head, _) = ends(json!({ "close": "mid_headers" }));
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("\r\n\r\n"));
    let (cut, _) = ends(json!({ "close": "mid_body", "cut_after": 10 }));
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "{\"data\" :[");
    assert!(!head.contains("Content-Length: 10\r\n"));
    let (lower, _) = ends(json!({ "header_case": "lower" }));
    assert!(lower.contains("\r\nwechatpay-nonce: ") && !lower.contains("Wechatpay-Nonce"));
    let (upper, _) = ends(json!({ "header_case": "upper" }));
    assert!(upper.contains("\r\nWECHATPAY-NONCE: "));
    let (early, orderly) = ends(json!({ "status": 103 }));
    assert!(early.starts_with("HTTP/1.1 103 ") && early.ends_with("\r\n\r\n") && orderly, "{early}");
    assert!(!early.contains("Content-Length"), "a status below 200 has no body");
}

#[test]
fn a_held_answer_comes_when_it_is_released() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    for at in ["request", "answer", "body"] {
        fault(&merchant, &json!({ "hold": at, "hold_at": at }));
        let address = merchant.sandbox.base_url().strip_prefix("http://").unwrap();
        let authorization = merchant.authorization("GET", CERTIFICATES, b"");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {CERTIFICATES} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nAccept: */*\r\nConnection: close\r\n\
             Authorization: {authorization}\r\n\r\n"
        )
        .unwrap();
        while merchant.observe("/sandbox")["holds"].get(at).is_none() {
            std::thread::yield_now();
        }
        if at != "body" {
            stream.set_nonblocking(true).unwrap();
            let early = stream.read(&mut [0; 16]).unwrap_err();
            assert_eq!(early.kind(), std::io::ErrorKind::WouldBlock, "not a byte before it is released");
            stream.set_nonblocking(false).unwrap();
        }
        merchant.control(&format!("/sandbox/release/{at}"), &json!({}));
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("}]}"), "{at}: {text}");
    }
}

#[test]
fn lists_of_certificates_are_spoilt_as_asked() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let list = |kind: &str| {
        fault(&merchant, &json!({ "certificates": kind }));
        merchant.get(CERTIFICATES)
    };
    assert_eq!(list("empty").json(), json!({ "data": [] }));
    assert_eq!(list("none").code(), "RESOURCE_NOT_EXISTS");
    for kind in ["stranger", "expired", "not_yet_valid"] {
        let reply = list(kind);
        assert_eq!(reply.header("Wechatpay-Serial"), reply.json()["data"][0]["serial_no"].as_str(), "{kind}");
    }
    for kind in ["garbled", "wrong_api_v3_key"] {
        assert!(merchant.signed(&list(kind)), "{kind}: the answer itself is fine");
    }
    let rotated = merchant.control("/sandbox/certificates/rotate", &json!({}));
    let entries = merchant.get(CERTIFICATES).json();
    assert_eq!(entries["data"].as_array().unwrap().len(), 2);
    assert_eq!(entries["data"][1]["serial_no"], rotated["serial_no"]);
    merchant.control("/sandbox/certificates/rotate", &json!({ "keep_old": false }));
    assert_eq!(merchant.get(CERTIFICATES).json()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn downloads_are_cut_and_altered_and_hashes_are_wrong() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    merchant.control("/sandbox/bills", &json!({ "bill_date": "2026-08-07", "rows": 10 }));
    let apply = || merchant.get("/v3/bill/tradebill?bill_date=2026-08-07").json();
    let first = apply();
    let path =
        first["download_url"].as_str().unwrap().strip_prefix(merchant.sandbox.base_url()).unwrap().to_owned();
    let good = merchant.get(&path).body;
    merchant.control(
        "/sandbox/faults",
        &json!({
            "match": { "path": "/v3/billdownload/file" }, "fault": { "alter_body": true },
        }),
    );
    let altered = merchant.get(&path).body;
    assert_eq!(altered.len(), good.len());
    let cut = json!({ "match": { "path": "/v3/billdownload/file" }, "fault": { "close": "mid_body", "cut_after": 99 } });
    merchant.control("/sandbox/faults", &cut);
    let authorization = merchant.authorization("GET", &path, b"");
    let (text, _) = spoken(&merchant, &path, &authorization);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), &good[..99]);
    assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", good.len())), "{head}");
    assert_ne!(altered, good);
    let rule = json!({ "match": { "operation": "bills.trade_bill" }, "fault": { "bill": "wrong_hash" } });
    merchant.control("/sandbox/faults", &rule);
    assert_ne!(apply()["hash_value"], first["hash_value"]);
}

#[test]
fn the_clock_the_log_and_the_reset_work() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    merchant.control("/sandbox/clock", &json!({ "offset_seconds": 400 }));
    assert_eq!(merchant.get(CERTIFICATES).code(), "SIGN_ERROR");
    let order = merchant.order("ORDER-A1", 1, "https://merchant.example/n");
    merchant.post("/v3/pay/transactions/jsapi", &order);
    let log = merchant.observe("/sandbox/requests");
    assert_eq!(log["requests"][0]["code"], "SIGN_ERROR");
    assert_eq!(log["requests"][1]["operation"], "payments.jsapi.prepay");
    assert_eq!(log["requests"][1]["body"], order.to_string());
    merchant.control("/sandbox/reset", &json!({}));
    assert_eq!(merchant.observe("/sandbox/requests")["requests"], json!([]));
    assert_eq!(merchant.get(CERTIFICATES).status, 200);
    let misspelt =
        merchant.send("POST", "/sandbox/faults", "", Some(("application/json", br#"{"fault":{"x":1}}"#)));
    assert_eq!((misspelt.status, misspelt.code().as_str()), (400, "PARAM_ERROR"));
    let nowhere = merchant.send("POST", "/sandbox/nothing", "", Some(("application/json", b"{}")));
    assert_eq!(nowhere.code(), "NOT_FOUND");
}

#[test]
fn a_body_that_nobody_wants_is_read_all_the_same() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let address = merchant.sandbox.base_url().trim_start_matches("http://").to_owned();
    for path in ["/sandbox/reset", "/sandbox/nothing"] {
        let mut stream = TcpStream::connect(&address).unwrap();
        // The server asks for the body, before it answers, only when it means to read it.
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(String::from_utf8_lossy(&first), "HTTP/1.1 100", "{path}");
    }
}

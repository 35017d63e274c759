//! Calls from end to end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wechatpay_core::download::Download;
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse, Method};
use wechatpay_core::protocol::request_message;
use wechatpay_core::retry::RetryOptions;
use wechatpay_core::transport::Limits;
use wechatpay_core::{Client, ClientBuilder, Error, ErrorKind, Result};

use crate::platform::{MCHID, NOW, PUBLIC_KEY_ID, TestClock, cast, merchant, signed_answer};
use crate::server::{Seen, Server, answer, signed};

/// A client in public-key mode that never pauses.
pub fn builder(base_url: &str) -> ClientBuilder {
    let config = merchant(&TestClock::new())
        .wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key())
        .base_url(base_url);
    let mut retry = RetryOptions::default();
    retry.base_delay = Duration::ZERO;
    Client::builder(config).retry_options(retry)
}

/// A client that asks this function instead of a server.
fn over(transport: impl Fn(&HttpRequest, &Limits) -> Result<HttpResponse> + Send + Sync + 'static) -> Client {
    builder("https://api.mch.weixin.qq.com").failover(false).transport(transport).build().unwrap()
}

fn order() -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "description": "中文",
        "out_trade_no": "ORDER-1",
        "notify_url": "https://merchant.example/notify",
        "amount": { "total": 1 },
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    })
}

/// A member of the `Authorization` header.
fn member<'a>(authorization: &'a str, name: &str) -> &'a str {
    let (_, rest) = authorization.split_once(&format!("{name}=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

/// Checks a request's signature over `signed_body` as the platform does.
pub fn assert_signed(seen: &Seen, signed_body: &[u8]) {
    use base64::Engine as _;
    let authorization = seen.headers.get("Authorization").unwrap();
    assert!(authorization.starts_with("WECHATPAY2-SHA256-RSA2048 "));
    let method = Method::from_name(&seen.method).unwrap();
    let timestamp = member(authorization, "timestamp").parse().unwrap();
    let message =
        request_message(method, &seen.target, timestamp, member(authorization, "nonce_str"), signed_body);
    let signature =
        base64::engine::general_purpose::STANDARD.decode(member(authorization, "signature")).unwrap();
    assert!(cast().merchant.public_key().verify_sha256(&message, &signature), "{seen:?}");
    assert_eq!(member(authorization, "mchid"), MCHID);
}

#[test]
fn a_call_over_the_wire() {
    let server = Server::start(|_| signed(200, r#"{"prepay_id":"wx1"}"#));
    let client = builder(&server.url).build().unwrap();
    assert_eq!(client.call("payments.jsapi.prepay", order()).unwrap(), json!({ "prepay_id": "wx1" }));
    let query = client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "a/b?中" })).unwrap();
    assert_eq!(query["prepay_id"], "wx1");
    let answer = client.request(Method::Get, "/v3/new?x=%2F", None).unwrap();
    assert_eq!((answer.status, answer.serial.as_str()), (200, PUBLIC_KEY_ID));
    let seen = server.seen();
    assert_eq!(seen[0].target, "/v3/pay/transactions/jsapi");
    assert_eq!(seen[1].target, format!("/v3/pay/transactions/out-trade-no/a%2Fb%3F%E4%B8%AD?mchid={MCHID}"));
    assert_eq!(seen[2].target, "/v3/new?x=%2F");
    for seen in &seen {
        assert_signed(seen, &seen.body);
        assert_eq!(seen.headers.get("Wechatpay-Serial"), Some(PUBLIC_KEY_ID));
    }
    assert_eq!(serde_json::from_slice::<Value>(&seen[0].body).unwrap()["mchid"], MCHID);
}

#[test]
fn each_attempt_is_signed_anew() {
    let nonces = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&nonces);
    let client = over(move |request, _| {
        let mut log = log.lock().unwrap();
        log.push(member(request.headers.get("Authorization").unwrap(), "nonce_str").to_owned());
        match log.len() {
            1 => Err(Error::connection("x", false)),
            2 => Ok(signed_answer(500, &json!({ "code": "SYSTEM_ERROR", "message": "系统错误" }))),
            _ => Ok(signed_answer(200, &json!({ "prepay_id": "wx1" }))),
        }
    });
    client.call("payments.jsapi.prepay", order()).unwrap();
    let mut nonces = nonces.lock().unwrap().clone();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

#[test]
fn a_probed_answer_is_asked_for_again_when_that_is_safe() {
    let probed = || {
        let good = signed_answer(200, &json!({ "prepay_id": "wx1" }));
        let headers: Headers = good
            .headers
            .iter()
            .map(|(name, value)| match name {
                "Wechatpay-Signature" => (name, format!("WECHATPAY/SIGNTEST/{}", &value[19..])),
                _ => (name, value.to_owned()),
            })
            .collect();
        HttpResponse::new(200, headers, good.body)
    };
    let count = Arc::new(AtomicUsize::new(0));
    let sent = Arc::clone(&count);
    let client = over(move |_, _| {
        Ok(match sent.fetch_add(1, Ordering::SeqCst) {
            0 => probed(),
            _ => signed_answer(200, &json!({ "trade_state": "SUCCESS" })),
        })
    });
    let order = client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "ORDER-1" })).unwrap();
    assert_eq!((order["trade_state"].as_str(), count.load(Ordering::SeqCst)), (Some("SUCCESS"), 2));
    let client = over(move |_, _| Ok(probed()));
    let error = client.request(Method::Post, "/v3/x", Some(json!({}))).unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown()), ("SIGNTEST_PROBE", true));
}

#[test]
fn outcome_is_unknown_when_no_answer_can_be_trusted() {
    let client = over(|_, _| Err(Error::timeout("no answer.")));
    let error = client.call("payments.jsapi.prepay", order()).unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Timeout, true));
    assert_eq!(error.operation(), Some("payments.jsapi.prepay"));
    let confirm = wechatpay_core::operation::find("payments.jsapi.prepay").unwrap().confirm().unwrap();
    assert!(error.message().contains(confirm), "{error}");
    let error =
        client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "ORDER-1" })).unwrap_err();
    assert!(!error.outcome_unknown());

    let client = over(|_, _| {
        let mut altered = signed_answer(200, &json!({ "prepay_id": "wx1" }));
        altered.body[2] ^= 1;
        Ok(altered)
    });
    let error = client.call("payments.jsapi.prepay", order()).unwrap_err();
    assert_eq!(
        (error.code(), error.outcome_unknown(), error.status()),
        ("SIGNATURE_MISMATCH", true, Some(200))
    );
    assert_eq!(error.message().matches("taken effect").count(), 1, "said once: {error}");

    let client = over(|_, _| {
        let body = r#"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#.as_bytes().to_vec();
        Ok(HttpResponse::new(404, Headers::new(), body))
    });
    let error = client.call("payments.jsapi.prepay", order()).unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown(), error.retryable()), ("ORDER_NOT_EXIST", false, false));
}

#[test]
fn a_payment_in_progress_is_not_sent_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let sent = Arc::clone(&count);
    let client = over(move |_, _| {
        sent.fetch_add(1, Ordering::SeqCst);
        Ok(signed_answer(202, &json!({ "code": "USERPAYING", "message": "需要用户输入支付密码" })))
    });
    let error = client.call("payments.jsapi.prepay", order()).unwrap_err();
    assert_eq!((error.code(), error.authenticated(), count.load(Ordering::SeqCst)), ("USERPAYING", true, 1));
    assert!(error.outcome_unknown() && !error.retryable(), "undecided: ask what became of it");
    assert!(error.message().contains("payments.query_by_out_trade_no"), "{error}");
}

#[test]
fn nothing_is_sent_when_the_call_is_wrong() {
    let client = over(|_, _| panic!("nothing must be sent"));
    let error = client.call("payments.jsapi.prepai", json!({})).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "UNKNOWN_OPERATION"));
    assert!(error.message().contains("payments.jsapi.prepay"), "{error}");
    for (operation, params) in [
        ("payments.jsapi.prepay", json!({})),
        ("payments.jsapi.prepay", json!([])),
        ("bills.download_by_token", json!({ "token": "x" })),
        ("media.upload_image", json!({})),
    ] {
        let error = client.call(operation, params).unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::InvalidRequest, Some(operation)),
            "{error}"
        );
    }
    assert_eq!(client.request(Method::Get, "v3/x", None).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_| signed(200, "{}"));
    let location = elsewhere.url.clone();
    let server =
        Server::start(move |_| answer(302, &[("Location", location.as_str())].into_iter().collect(), b""));
    let error = builder(&server.url).build().unwrap().call("payments.jsapi.prepay", order()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "REDIRECT"));
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn an_answer_beyond_the_limit() {
    let server = Server::start(|_| signed(200, &json!({ "x": "y".repeat(1000) }).to_string()));
    let client = builder(&server.url).max_body(1000).build().unwrap();
    let error = client.request(Method::Post, "/v3/x", Some(json!({}))).unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown(), error.status()), ("BODY_TOO_LARGE", true, Some(200)));
    assert_eq!(error.request_id(), Some("08F78BB5AF0610D302"));
}

#[test]
fn clients_are_shared_between_threads_and_show_no_secret() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let server = Server::start(|_| signed(200, r#"{"prepay_id":"wx1"}"#));
    let client = builder(&server.url).proxy("http://user:hunter2@127.0.0.1:1").build().unwrap();
    shared(&client);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let client = client.clone();
            scope.spawn(move || client.call("payments.jsapi.prepay", order()).unwrap());
        }
    });
    assert_eq!(server.seen().len(), 8);
    let shown = format!("{client:?} {:?}", builder(&server.url).proxy("http://user:hunter2@127.0.0.1:1"));
    assert!(shown.contains(MCHID));
    for secret in ["hunter2", "PRIVATE KEY", crate::platform::API_V3_KEY] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn an_answer_shows_nothing_of_its_content() {
    let server = Server::start(|_| signed(200, r#"{"echo_message":"about-the-order"}"#));
    let client = builder(&server.url).build().unwrap();
    let answer = client.request(Method::Post, "/v3/x", None).unwrap();
    let shown = format!("{answer:?}");
    assert!(shown.contains("200") && shown.contains(PUBLIC_KEY_ID), "{shown}");
    assert!(!shown.contains("about-the-order"), "{shown}");
}

#[test]
fn the_longest_times_are_taken() {
    let server = Server::start(|_| signed(200, "{}"));
    let client = builder(&server.url)
        .connect_timeout(Duration::MAX)
        .read_timeout(Duration::MAX)
        .timeout(Duration::MAX)
        .build()
        .unwrap();
    client.request(Method::Post, "/v3/x", Some(json!({}))).unwrap();
    let download = Download::new(format!("{}/file", server.url)).timeout(Duration::MAX);
    assert_eq!(client.download(&download, &mut Vec::new()).unwrap().bytes, 2);
}

#[test]
fn bad_options_are_refused_when_the_client_is_made() {
    for builder in [
        builder("https://api.mch.weixin.qq.com").proxy("no proxy"),
        builder("https://api.mch.weixin.qq.com").ca_certificates("no certificate"),
        builder("https://api.mch.weixin.qq.com").failover_base_url("https://api2.mch.weixin.qq.com/v3"),
        builder("https://api.mch.weixin.qq.com").failover_base_url("http://127.0.0.1:1"),
        builder("http://api.mch.weixin.qq.com"),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::Config);
    }
}

#[test]
fn clock_of_the_tests() {
    let request = builder("https://api.mch.weixin.qq.com").build().unwrap().kernel().prepare_request(
        Method::Get,
        "/",
        None,
    );
    assert!(request.unwrap().headers.get("Authorization").unwrap().contains(&format!("timestamp=\"{NOW}\"")));
}

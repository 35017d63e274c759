//! A call that its caller gives up: nothing more is sent, the thread is free, and the error knows what had been sent.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use wechatpay_core::download::Download;
use wechatpay_core::http::{HttpRequest, HttpResponse};
use wechatpay_core::retry::RetryOptions;
use wechatpay_core::transport::{Limits, TransportOptions};
use wechatpay_core::{CallControl, Client, ClientBuilder, Error, ErrorKind, GivenUp, Result};

use crate::calls::builder;
use crate::server::{Act, Server, signed};

/// So long that a test which waits for it would not end.
const FOREVER: Duration = Duration::from_secs(80_000);

/// A client that waits for ever: only giving up ends what it waits for.
fn patient(base_url: &str) -> ClientBuilder {
    let mut transport = TransportOptions::default();
    transport.connect_timeout = FOREVER;
    transport.read_timeout = FOREVER;
    let mut retry = RetryOptions::default();
    retry.timeout = FOREVER;
    retry.base_delay = FOREVER / 4;
    retry.max_delay = FOREVER / 4;
    builder(base_url).transport_options(transport).retry_options(retry)
}

/// A server that says nothing, and a word whenever a request has come.
fn silent() -> (Server, Receiver<()>) {
    let (came, coming) = mpsc::channel();
    let came = Mutex::new(came);
    let server = Server::start(move |_| {
        came.lock().unwrap().send(()).unwrap();
        Act::StaySilent
    });
    (server, coming)
}

fn subsidy() -> Value {
    json!({
        "stock_id": "128888000000001",
        "coupon_code": "ABCD12345678",
        "transaction_id": "4200000913202101152566792388",
        "payer_merchant": "1900000001",
        "payee_merchant": "1900000002",
        "amount": 100,
        "description": "20210115DESCRIPTION",
        "out_subsidy_no": "subsidy-abcd-12345678",
    })
}

/// Starts a call on a thread of its own.
fn start(
    client: &Client,
    control: &CallControl,
    operation: &'static str,
    params: Value,
) -> JoinHandle<Result<Value>> {
    let client = client.controlled(control);
    thread::spawn(move || client.call(operation, params))
}

#[test]
fn after_the_first_byte_the_outcome_is_unknown_and_nothing_is_sent_again() {
    let (server, coming) = silent();
    let client = patient(&server.url).build().unwrap();
    for (operation, params, unknown) in [
        ("busifavor.subsidies.pay", subsidy(), true),
        ("payments.query_by_out_trade_no", json!({ "out_trade_no": "T-2026-0001" }), false),
    ] {
        let control = CallControl::new();
        let before = server.seen().len();
        let call = start(&client, &control, operation, params);
        coming.recv().unwrap();
        let error = control.give_up(GivenUp::Cancelled);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, "ABORTED"), "{error}");
        assert_eq!((error.outcome_unknown(), error.operation()), (unknown, Some(operation)), "{error}");
        assert_eq!(error.message().contains("list_pay_receipts"), unknown, "{error}");
        // The thread comes back although nobody answers: its wait for the answer was ended.
        assert_eq!(call.join().unwrap().unwrap_err().code(), "ABORTED");
        assert_eq!(server.seen().len(), before + 1);
    }
}

#[test]
fn before_the_first_byte_nothing_is_sent_at_all() {
    let (server, _coming) = silent();
    let client = patient(&server.url).build().unwrap();
    let control = CallControl::new();
    let error = control.give_up(GivenUp::TimedOut);
    assert_eq!((error.code(), error.outcome_unknown()), ("NO_ANSWER", false));
    let error = start(&client, &control, "busifavor.subsidies.pay", subsidy()).join().unwrap().unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown(), error.retryable()), ("NO_ANSWER", false, true));
    assert!(error.message().ends_with("Nothing was sent."), "{error}");
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn the_pause_before_the_next_attempt_ends() {
    let (attempts, attempted) = mpsc::channel();
    let attempts = Mutex::new(attempts);
    let refused = move |_: &HttpRequest, _: &Limits| -> Result<HttpResponse> {
        attempts.lock().unwrap().send(()).unwrap();
        Err(Error::connection("nobody listens.", false))
    };
    let client = patient("https://api.mch.weixin.qq.com").failover(false).transport(refused).build().unwrap();
    let control = CallControl::new();
    let call = start(&client, &control, "busifavor.subsidies.pay", subsidy());
    attempted.recv().unwrap();
    // Whether the pause has begun or is about to: no second attempt is made.
    control.give_up(GivenUp::Cancelled);
    assert_eq!(call.join().unwrap().unwrap_err().code(), "ABORTED");
    assert!(attempted.try_recv().is_err());
}

fn refund() -> Value {
    json!({
        "out_trade_no": "T-2026-0001",
        "out_refund_no": "R-2026-0001",
        "amount": { "refund": 1, "total": 1, "currency": "CNY" },
    })
}

#[test]
fn a_handshake_that_hangs_is_ended_and_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = patient(&format!("https://{}", listener.local_addr().unwrap())).build().unwrap();
    let control = CallControl::new();
    let call = start(&client, &control, "busifavor.subsidies.pay", subsidy());
    let (mut peer, _) = listener.accept().unwrap();
    // The client's hello: the connection stands, and the handshake has begun.
    std::io::Read::read_exact(&mut peer, &mut [0; 5]).unwrap();
    let error = control.give_up(GivenUp::Cancelled);
    assert!(!error.outcome_unknown() && error.message().ends_with("Nothing was sent."), "{error}");
    assert_eq!(call.join().unwrap().unwrap_err().code(), "ABORTED");
}

#[test]
fn the_callers_time_limits_each_attempt() {
    let (server, _coming) = silent();
    let client = patient(&server.url).build().unwrap();
    let control = CallControl::with_timeout(Duration::from_millis(200));
    let error = start(&client, &control, "refunds.create", refund()).join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Timeout, true), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn the_client_goes_on_after_a_call_was_given_up() {
    let (came, coming) = mpsc::channel();
    let came = Mutex::new(came);
    let server = Server::start(move |seen| {
        if seen.method == "GET" {
            return signed(200, r#"{"trade_state":"SUCCESS"}"#);
        }
        came.lock().unwrap().send(()).unwrap();
        Act::StaySilent
    });
    let client = patient(&server.url).build().unwrap();
    let control = CallControl::new();
    let call = start(&client, &control, "busifavor.subsidies.pay", subsidy());
    coming.recv().unwrap();
    control.give_up(GivenUp::Cancelled);
    call.join().unwrap().unwrap_err();
    let order =
        client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "T-2026-0001" })).unwrap();
    assert_eq!(order["trade_state"], "SUCCESS");
}

#[test]
fn a_download_that_is_given_up_leaves_no_file() {
    let (came, coming) = mpsc::channel();
    let came = Mutex::new(came);
    let server = Server::start(move |_| {
        came.lock().unwrap().send(()).unwrap();
        Act::SendAndStaySilent(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n\xef\xbb\xbf`2026".to_vec())
    });
    let client = patient(&server.url).build().unwrap();
    let folder = std::env::temp_dir().join(format!("wechatpay-given-up-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("bill.csv");
    let received = Arc::new(Mutex::new(None));
    let (begun, beginning) = mpsc::channel();
    let begun = Mutex::new(begun);
    let download = Download::new(format!("{}/bill", server.url))
        .timeout(FOREVER)
        .progress(move |_| begun.lock().unwrap().send(()).unwrap());
    let control = CallControl::new();
    let (call, target, into) = (client.controlled(&control), path.clone(), Arc::clone(&received));
    let call = thread::spawn(move || *into.lock().unwrap() = Some(call.download_to_path(&download, target)));
    coming.recv().unwrap();
    beginning.recv().unwrap(); // The file has been begun.
    let error = control.give_up(GivenUp::Cancelled);
    assert!(!error.outcome_unknown(), "{error}");
    call.join().unwrap();
    let ended = received.lock().unwrap().take().unwrap().unwrap_err();
    assert_eq!(ended.code(), "ABORTED", "{ended}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir(&folder).unwrap();
}

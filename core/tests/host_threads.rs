//! Threads of the surface under the language bindings: calls, and work that only computes.
#![cfg(feature = "host")]
#![allow(clippy::unwrap_used, reason = "a test is a crate of its own")]

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize};
use serde_json::{Value, json};
use wechatpay_core::host::HostClient;
use wechatpay_core::{CallControl, GivenUp};

const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000000012026010100000000000000";

fn key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn public_pem(key: &KeyPair) -> String {
    let der = STANDARD.encode(key.subject_public_key_info());
    format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
}

fn options() -> Value {
    json!({
        "mchid": "1900000001",
        "private_key": key().serialize_pem(),
        "merchant_serial": SERIAL,
        "api_v3_key": "0123456789abcdefghijklmnopqrstuv",
        "wechatpay_public_key": public_pem(&key()),
        "wechatpay_public_key_id": PUBLIC_KEY_ID,
        "base_url": "http://127.0.0.1:9",
        "retries": 0,
        "language": "Test/1",
    })
}

/// Somebody who accepts connections and says nothing; tells when a request has begun.
fn silent() -> (String, mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (came, coming) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::io::Read::read_exact(&mut stream, &mut [0; 4]).unwrap();
            if came.send(stream).is_err() {
                return;
            }
        }
    });
    (url, coming)
}

#[test]
fn calls_that_were_given_up_stop_neither_other_calls_nor_local_work() {
    const THREADS: usize = 4;
    let (url, coming) = silent();
    let mut options = options();
    options["base_url"] = json!(url);
    options["threads"] = json!(THREADS);
    for name in ["timeout", "read_timeout"] {
        options[name] = json!(80_000); // a test that waits for it would not end
    }
    let client = HostClient::new(&options.to_string()).unwrap();
    let (ended, ending) = mpsc::channel();
    let call = |control: &CallControl| {
        let (held, ended) = (client.controlled(control), ended.clone());
        client
            .submit(move || {
                let result = held.call("payments.query_by_out_trade_no", r#"{"out_trade_no":"T-2026-0001"}"#);
                ended.send(result.unwrap_err().code().to_owned()).unwrap();
            })
            .unwrap();
    };
    let controls: Vec<CallControl> = (0..THREADS).map(|_| CallControl::new()).collect();
    controls.iter().for_each(&call);
    let held: Vec<TcpStream> = coming.iter().take(THREADS).collect();
    // Every thread for calls waits. What only computes has threads of its own.
    let (signed, signing) = mpsc::channel();
    let local = client.clone();
    let order = r#"{"appid":"wx1","prepay_id":"wx2"}"#;
    client
        .submit_local(move || signed.send(local.front_end("jsapi_payment", order).is_ok()).unwrap())
        .unwrap();
    assert_eq!(signing.recv(), Ok(true));
    // Given up, the calls leave their threads to the next one.
    let next = CallControl::new();
    call(&next);
    for control in &controls {
        control.give_up(GivenUp::Cancelled);
    }
    let codes: Vec<String> = ending.iter().take(THREADS).collect();
    assert!(codes.iter().all(|code| code == "ABORTED"), "{codes:?}");
    let last = coming.recv().unwrap();
    next.give_up(GivenUp::Cancelled);
    assert_eq!(ending.recv().unwrap(), "ABORTED");
    assert!(coming.try_recv().is_err(), "one request for each call, and no more");
    drop((held, last));
}

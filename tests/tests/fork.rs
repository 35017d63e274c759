//! A process that forks while its threads sign: the child signs, verifies and decrypts as if nothing were.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test is a crate of its own")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fork::{Fork, waitpid};
use serde_json::{Value, json};
use wechatpay_core::host::HostClient;
use wechatpay_sandbox::{Options, Sandbox};

const FORKS: usize = 40;
const THREADS: usize = 3;

const ORDER: &str = r#"{"appid":"wxd678efh567hg6787","prepay_id":"wx201410272009395522657a690389285100"}"#;

#[test]
fn a_child_forked_while_threads_sign_signs_and_calls() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let control = wechatpay_tests::control::Control::new(sandbox.base_url());
    let credentials = control.ask("GET /sandbox/credentials", None).unwrap();
    let options = Value::Object(wechatpay_tests::client::default_options(&credentials));
    let client = HostClient::new(&options.to_string()).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (client, stop) = (client.clone(), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    client.front_end("jsapi_payment", ORDER).unwrap();
                }
            })
        })
        .collect();
    let mut failed = Vec::new();
    for number in 0..FORKS {
        match fork::fork().unwrap() {
            Fork::Child => {
                let good = client.front_end("jsapi_payment", ORDER).is_ok()
                    && client.call("security.echo", &echo(number).to_string()).is_ok();
                // Dropping the client here must not touch what the parent holds.
                drop(client);
                std::process::exit(if good { 0 } else { 1 });
            }
            Fork::Parent(child) => {
                if waitpid(child).unwrap() != 0 {
                    failed.push(number);
                }
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(failed.is_empty(), "{} of {FORKS} children failed", failed.len());
    assert!(client.call("security.echo", &echo(FORKS).to_string()).is_ok(), "the parent goes on");
}

fn echo(number: usize) -> Value {
    json!({ "echo_message": format!("hello {number}"), "encrypted_echo_message": "hello" })
}

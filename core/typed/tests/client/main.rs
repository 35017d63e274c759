//! Typed calls, notifications and bills, through the public face: against servers on loopback that play WeChat Pay.
#![cfg(all(feature = "all", feature = "transport"))]
#![allow(unreachable_pub, clippy::panic, clippy::unwrap_used, reason = "a test is a crate of its own")]

mod bills;
mod calls;
mod notifications;
#[path = "../../../tests/kernel/platform.rs"]
#[allow(dead_code, reason = "shared with the tests of the kernel")]
mod platform;
#[path = "../../../tests/client/server.rs"]
#[allow(dead_code, reason = "shared with the tests of the client")]
mod server;

use wechatpay::Client;

use platform::{PUBLIC_KEY_ID, TestClock, cast, merchant};

/// A client in public-key mode.
fn client(base_url: &str) -> Client {
    let config = merchant(&TestClock::new())
        .wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key())
        .base_url(base_url);
    Client::new(config).unwrap()
}

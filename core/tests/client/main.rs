//! The client, through its public face: against servers on loopback, and over a transport that plays WeChat Pay.
#![cfg(feature = "transport")]
#![allow(unreachable_pub, clippy::panic, clippy::unwrap_used, reason = "a test is a crate of its own")]

mod calls;
mod certificates;
mod failover;
mod files;
mod giving_up;
mod hosts;
#[path = "../kernel/platform.rs"]
#[allow(dead_code, reason = "shared with the tests of the kernel")]
mod platform;
mod server;

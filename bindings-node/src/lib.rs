//! The Node-API addon of the npm package `wechatpay-rs`.
//!
//! JSON text and bytes in, JSON text and bytes out; nothing here knows a model. Work that takes time runs on the
//! core's own threads, never on libuv's, and comes back through one thread-safe function per client. That function
//! is weak: whether the process stays alive is decided in JavaScript (`lib/calls.js`), which knows what is pending.

mod client;
mod outcome;
mod rows;

use napi_derive::napi;

/// Version of the addon; the JavaScript beside it must be of the same one.
#[napi]
pub fn version() -> &'static str {
    wechatpay_core::host::VERSION
}

//! The Node-API addon of the npm package `wechatpay-rs`.
//!
//! JSON text and bytes in, JSON text and bytes out; nothing here knows a model. Work that takes time runs on the
//! core's own threads, never on libuv's, and comes back through one thread-safe function per client. That function
//! is weak: whether the process stays alive is decided in JavaScript (`lib/calls.js`), which knows what is pending.

mod client;
mod rows;
mod signer;
mod texts;

use napi_derive::napi;

use crate::texts::{guarded, thrown};

/// Version of the addon; the JavaScript beside it must be of the same one.
#[napi]
pub fn version() -> &'static str {
    wechatpay_core::host::VERSION
}

/// Yuan as text to fen, as text: a number of JavaScript cannot hold them all.
#[napi]
pub fn fen(yuan: String) -> napi::Result<String> {
    guarded(|| wechatpay_core::host::fen(&yuan, None)).map(|fen| fen.to_string()).map_err(thrown)
}

/// Method and path of what goes out; see `host::http_of`.
#[napi]
pub fn http_of(what: String) -> Option<Vec<String>> {
    wechatpay_core::host::http_of(&what).map(|(method, path)| vec![method.to_owned(), path.to_owned()])
}

/// How much of a notification is read, and what WeChat Pay is answered when parsing it did not fail, as JSON.
#[napi]
pub fn notification_rules() -> String {
    wechatpay_core::host::notification_rules()
}

/// The error, as JSON, of a notification that is not read to its end.
#[napi]
pub fn notification_too_large() -> String {
    wechatpay_core::host::error_json(&wechatpay_core::host::notification_too_large())
}

/// Options that the environment variables of these names and values set, as JSON; those in `given` are not looked for.
#[napi]
pub fn options_from_env(names: Vec<String>, values: Vec<String>, given: Vec<String>) -> napi::Result<String> {
    let variables: Vec<(String, String)> = names.into_iter().zip(values).collect();
    guarded(|| wechatpay_core::host::options_from_env(&variables, &given)).map_err(thrown)
}

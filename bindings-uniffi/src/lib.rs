//! The dozen functions under the Kotlin, Java and Swift packages. JSON text goes in and comes out, so that no type of
//! the API is named here; the packages put their generated types on top.
//!
//! Swift comes in by uniffi, the JVM by a few C functions in `jvm` (docs/adr/0028): that is two doors to the same rooms, and neither
//! knows of the other. uniffi's macros write `extern "C"` functions, which are unsafe by nature; other unsafe code is in `jvm` alone.

use std::collections::HashMap;

mod bill;
mod calls;
mod client;
mod error;
mod jvm;
mod notification_rules;
mod numbered;
#[cfg(feature = "provoke-panic")]
mod panics;
mod signer;

pub use bill::{NativeBill, fen};
pub use calls::{close_call, give_up_call, open_call};
pub use client::{Answer, DownloadListener, Encrypted, NativeClient, Notice, Request};
pub use error::NativeError;
pub use notification_rules::{NotificationRules, Reply, notification_rules, notification_too_large};
pub use signer::{NativeSigner, SignerFailure};

uniffi::setup_scaffolding!();

/// Version of the library; the packages compare it with their own.
#[uniffi::export]
pub fn native_version() -> String {
    wechatpay_core::host::VERSION.to_owned()
}

/// Options that the environment variables set, as JSON; those in `given` are not looked for.
#[uniffi::export]
pub fn options_from_env(
    variables: HashMap<String, String>,
    given: Vec<String>,
) -> Result<String, NativeError> {
    let variables: Vec<(String, String)> = variables.into_iter().collect();
    Ok(wechatpay_core::host::options_from_env(&variables, &given)?)
}

//! Calls by number, so that whoever made one can give it up from another thread.

use std::sync::LazyLock;

use wechatpay_core::host::{HostClient, error_json};
use wechatpay_core::{CallControl, GivenUp};

use crate::numbered::Numbered;

/// What has been opened and not closed yet.
static CALLS: LazyLock<Numbered<CallControl>> = LazyLock::new(Numbered::default);

/// A number for one call. Give it to the call, and to [`close_call`] when the call has ended.
#[uniffi::export]
pub fn open_call() -> u64 {
    CALLS.keep(CallControl::new())
}

/// Forgets the number of a call.
#[uniffi::export]
pub fn close_call(number: u64) {
    CALLS.forget(number);
}

/// Gives a call up, whether it has begun or not: nothing more is sent. The error says what that leaves behind; none when the call
/// was closed before.
#[uniffi::export]
pub fn give_up_call(number: u64, timed_out: bool) -> Option<String> {
    let why = if timed_out { GivenUp::TimedOut } else { GivenUp::Cancelled };
    Some(error_json(&CALLS.get(number)?.give_up(why)))
}

/// The client for the call of this number; for number 0 the client as it is.
pub(crate) fn held(client: &HostClient, number: u64) -> HostClient {
    match CALLS.get(number) {
        Some(control) => client.controlled(&control),
        None => client.clone(),
    }
}

//! Calls by number, so that whoever made one can give it up from another thread.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use wechatpay_core::host::{HostClient, error_json};
use wechatpay_core::{CallControl, GivenUp};

/// What has been opened and not closed yet.
static CALLS: LazyLock<Mutex<HashMap<u64, CallControl>>> = LazyLock::new(Mutex::default);
static NUMBERS: AtomicU64 = AtomicU64::new(1);

fn calls() -> MutexGuard<'static, HashMap<u64, CallControl>> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number for one call. Give it to the call, and to [`close_call`] when the call has ended.
#[uniffi::export]
pub fn open_call() -> u64 {
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    calls().insert(number, CallControl::new());
    number
}

/// Forgets the number of a call.
#[uniffi::export]
pub fn close_call(number: u64) {
    calls().remove(&number);
}

/// Gives a call up, whether it has begun or not: nothing more is sent. The error says what that leaves behind; none when the call
/// was closed before.
#[uniffi::export]
pub fn give_up_call(number: u64, timed_out: bool) -> Option<String> {
    let control = calls().get(&number).cloned()?;
    let why = if timed_out { GivenUp::TimedOut } else { GivenUp::Cancelled };
    Some(error_json(&control.give_up(why)))
}

/// The client for the call of this number; for number 0 the client as it is.
pub(crate) fn held(client: &HostClient, number: u64) -> HostClient {
    match calls().get(&number) {
        Some(control) => client.controlled(control),
        None => client.clone(),
    }
}

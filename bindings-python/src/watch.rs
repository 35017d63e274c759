//! Work on another thread while this one, Python's main thread, looks after signals.
//!
//! Python runs signal handlers on the main thread, and only between its own instructions: a call that waits there for the
//! network would end with its time-out, not with Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use wechatpay_core::Result;
use wechatpay_core::host::HostClient;

use crate::errors::{exception, guarded};
use crate::job::{Outcome, Work};

/// How long a signal waits at most. A call that is quicker costs nothing of this.
const SLICE: Duration = Duration::from_millis(100);

const NOTE: &str = "A call to WeChat Pay was under way when this was raised, and goes on: it may take effect. Look up what became \
                    of it before anything else.";

#[derive(Default)]
struct Handover {
    result: Mutex<Option<Result<Outcome>>>,
    there: Condvar,
    given_up: AtomicBool,
}

impl Handover {
    fn put(&self, result: Result<Outcome>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.there.notify_one();
    }

    /// The result, unless it takes longer than a slice.
    fn take(&self) -> Option<Result<Outcome>> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut result, _) = self
            .there
            .wait_timeout_while(result, SLICE, |result| result.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        result.take()
    }
}

/// Does the work on a thread of the client's pool. When a signal handler raises, the work is left to itself: what has
/// not begun is not begun, what was sent may take effect.
pub(crate) fn run(py: Python<'_>, client: &HostClient, work: Work) -> PyResult<Result<Outcome>> {
    let handover = Arc::new(Handover::default());
    let (theirs, their_client) = (Arc::clone(&handover), client.clone());
    let job = move || {
        if !theirs.given_up.load(Ordering::SeqCst) {
            theirs.put(guarded(|| work(&their_client)));
        }
    };
    py.detach(|| client.submit(job)).map_err(|error| exception(py, &error))?;
    loop {
        if let Some(result) = py.detach(|| handover.take()) {
            return Ok(result);
        }
        if let Err(raised) = py.check_signals() {
            handover.given_up.store(true, Ordering::SeqCst);
            mark(py, &raised);
            return Err(raised);
        }
    }
}

/// Tells whoever catches it what a time-out would tell.
fn mark(py: Python<'_>, raised: &PyErr) {
    let raised = raised.value(py);
    // Any class of exception may come from a signal handler: one that takes neither goes out as it is.
    let _ = raised.setattr("outcome_unknown", true);
    // From Python 3.11.
    let _ = raised.call_method1("add_note", (NOTE,));
}

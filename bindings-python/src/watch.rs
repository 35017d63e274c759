//! Work on another thread while this one, Python's main thread, looks after signals.
//!
//! Python runs signal handlers on the main thread, and only between its own instructions: a call that waits there for the
//! network would end with its time-out, not with Ctrl-C.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use wechatpay_core::host::HostClient;
use wechatpay_core::{CallControl, Error, GivenUp, Result};

use crate::errors::{exception, guarded};
use crate::job::{Done, Work};

/// How long a signal waits at most. A call that is quicker costs nothing of this.
const SLICE: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Handover {
    result: Mutex<Option<Result<Done>>>,
    there: Condvar,
}

impl Handover {
    fn put(&self, result: Result<Done>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.there.notify_one();
    }

    /// The result, unless it takes longer than a slice.
    fn take(&self) -> Option<Result<Done>> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut result, _) = self
            .there
            .wait_timeout_while(result, SLICE, |result| result.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        result.take()
    }
}

/// Does the work on a thread of the client's pool. When a signal handler raises, the call is given up: what has not begun
/// is not begun, nothing more is sent, and what was raised says whether anything may have taken effect.
pub(crate) fn run(py: Python<'_>, client: &HostClient, work: Work) -> PyResult<Result<Done>> {
    let control = CallControl::new();
    let handover = Arc::new(Handover::default());
    let (theirs, their_client, held) = (Arc::clone(&handover), client.controlled(&control), control.clone());
    let job = move || {
        if !held.is_given_up() {
            theirs.put(guarded(|| work(&their_client)));
        }
    };
    py.detach(|| client.submit(job)).map_err(|error| exception(py, &error))?;
    loop {
        if let Some(result) = py.detach(|| handover.take()) {
            return Ok(result);
        }
        if let Err(raised) = py.check_signals() {
            let error = control.give_up(GivenUp::Cancelled);
            // It ends at once where it only waited for an answer. A download takes its temporary file away then, which a
            // process that is about to end would leave behind.
            drop(py.detach(|| handover.take()));
            mark(py, &raised, &error);
            return Err(raised);
        }
    }
}

/// Tells whoever catches it what a time-out would tell.
fn mark(py: Python<'_>, raised: &PyErr, error: &Error) {
    static GIVEN_UP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let left = exception(py, error).into_value(py);
    let marked = GIVEN_UP
        .import(py, "wechatpay_rs._errors", "given_up")
        .and_then(|given_up| given_up.call1((raised.value(py), left)));
    // What was raised goes out all the same.
    drop(marked);
}

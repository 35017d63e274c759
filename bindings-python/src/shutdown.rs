//! Keeps our threads out of an interpreter that is going away.
//!
//! A thread that wants the interpreter back while it is being finalised is ended by CPython in the middle of our frames,
//! which brings the process down. So the package registers [`shut_down`] with `atexit`: it waits for threads that are
//! on their way in, and later ones are stopped for good before they touch Python.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use pyo3::prelude::*;

/// Threads that are entering the interpreter, or are in it on behalf of one of our calls.
static ENTERING: AtomicUsize = AtomicUsize::new(0);
/// The thread that finalises; set once.
static FINALISER: OnceLock<ThreadId> = OnceLock::new();

/// Leave to enter the interpreter; given back when dropped.
pub(crate) struct Entry(());

impl Entry {
    /// Leave for a thread that can do without: `None` when the interpreter is going away.
    pub(crate) fn try_new() -> Option<Self> {
        ENTERING.fetch_add(1, Ordering::SeqCst);
        let entry = Self(());
        match FINALISER.get() {
            Some(finaliser) if *finaliser != thread::current().id() => None,
            _ => Some(entry),
        }
    }

    /// Leave for a thread that must return into Python. When the interpreter is going away there is nothing to return
    /// to, and the thread sleeps until the process ends.
    pub(crate) fn new() -> Self {
        Self::try_new().unwrap_or_else(|| {
            loop {
                thread::park();
            }
        })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Not below zero: in a forked child the count began anew while this entry was open.
        let _ = ENTERING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |entries| entries.checked_sub(1));
    }
}

/// For `os.register_at_fork`: the threads that were on their way in are not in the child.
#[pyfunction]
pub(crate) fn forked() {
    ENTERING.store(0, Ordering::SeqCst);
}

/// For `atexit`: afterwards no other thread enters the interpreter from here.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    if FINALISER.set(thread::current().id()).is_ok() {
        py.detach(|| {
            while ENTERING.load(Ordering::SeqCst) > 0 {
                thread::sleep(Duration::from_millis(1));
            }
        });
    }
}

//! One attempt of a call: whether a byte of it has left, and whether the caller still wants it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::call_control::CallControl;
use crate::error::Result;

/// Clones are the same attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    control: CallControl,
    /// The request changes something when it arrives.
    changes: bool,
    sent: AtomicBool,
}

thread_local! {
    /// An exchange runs on one thread from the look-up of the host to the head of the answer. ureq's connections, which
    /// serve many exchanges, look here which one they work for.
    static CURRENT: RefCell<Option<Attempt>> = const { RefCell::new(None) };
}

impl Attempt {
    pub(crate) fn new(control: CallControl, changes: bool) -> Self {
        Self(Arc::new(State { control, changes, sent: AtomicBool::new(false) }))
    }

    /// The attempt of the exchange that this thread is in.
    pub(super) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the attempt of what the thread does until the guard is dropped.
    pub(super) fn enter(&self) -> Entered {
        Entered(CURRENT.replace(Some(self.clone())))
    }

    /// Makes what the thread does no attempt's until the guard is dropped: no byte of a request leaves meanwhile.
    pub(super) fn suspend() -> Entered {
        Entered(CURRENT.take())
    }

    /// Notes that the first byte leaves now, unless the caller gave the call up.
    pub(crate) fn about_to_send(&self) -> Result<()> {
        self.0.control.about_to_send(self.0.changes)?;
        self.0.sent.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether a byte of the request may have left.
    pub(crate) fn sent(&self) -> bool {
        self.0.sent.load(Ordering::Acquire)
    }

    /// Whether the other is the same attempt.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn control(&self) -> &CallControl {
        &self.0.control
    }
}

/// The thread works for an attempt.
pub(super) struct Entered(Option<Attempt>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

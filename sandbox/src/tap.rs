//! The other end of a connection, for the request being answered: lets a fault say exactly what goes over the wire.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What goes over the wire instead of the answer that the HTTP library would write.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    /// End with a TCP reset instead of an orderly close.
    pub(crate) reset: bool,
}

/// What the request being answered has of its connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    raw: Option<Raw>,
    /// Numbers, in the request log, of the requests that arrived and were not taken up yet.
    arrived: VecDeque<u64>,
}

impl Tap {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the connection carries these bytes and nothing else. The answer that is returned to the HTTP library
    /// must say `Connection: close`, so that the connection ends after them.
    pub(crate) fn replace(&self, raw: Raw) {
        self.lock().raw = Some(raw);
    }

    /// What the connection carries instead of the answer, if anything.
    pub(crate) fn with_replacement<T>(&self, read: impl FnOnce(Option<&Raw>) -> T) -> T {
        read(self.lock().raw.as_ref())
    }

    /// A request to the API began to arrive, and has this number in the log.
    pub(crate) fn arrived(&self, number: u64) {
        self.lock().arrived.push_back(number);
    }

    /// The number of the request that is whole now.
    pub(crate) fn take_up(&self) -> Option<u64> {
        self.lock().arrived.pop_front()
    }
}

//! Things by number, so that no pointer to one is ever handed out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// What has a number, until it is forgotten. No number is given twice, and none is 0.
pub(crate) struct Numbered<T> {
    things: RwLock<HashMap<u64, T>>,
    last: AtomicU64,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { things: RwLock::default(), last: AtomicU64::new(0) }
    }
}

impl<T: Clone> Numbered<T> {
    /// Keeps a thing, under a number of its own.
    pub(crate) fn keep(&self, thing: T) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.things.write().unwrap_or_else(PoisonError::into_inner).insert(number, thing);
        number
    }

    /// The thing of this number.
    pub(crate) fn get(&self, number: u64) -> Option<T> {
        self.things.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    /// Lets go of a thing.
    pub(crate) fn forget(&self, number: u64) {
        // Dropped behind the lock: nobody waits for a client to close its connections.
        let forgotten = self.things.write().unwrap_or_else(PoisonError::into_inner).remove(&number);
        drop(forgotten);
    }
}

//! What all connections share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::credentials::Credentials;
use crate::store::{Settings, State};

/// What all connections share.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) base_url: String,
    pub(crate) credentials: Credentials,
    pub(crate) initial_settings: Settings,
}

impl Shared {
    pub(crate) fn new(state: State, base_url: String, credentials: Credentials) -> Self {
        let initial_settings = state.settings.clone();
        Self { state: Mutex::new(state), base_url, credentials, initial_settings }
    }

    /// The platform, as it is at this moment. Never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.clock.now();
        state.orders.expire(now);
        state
    }
}

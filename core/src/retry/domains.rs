//! The main domain of WeChat Pay and the second one, in another city.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::RetryOptions;
use crate::clock::LONGEST;
use crate::config::{BACKUP_BASE_URL, MAIN_BASE_URL};

/// Which domain calls go to. Shared by all threads of a client: when one of them finds a domain in trouble, the
/// others need not find out for themselves.
#[derive(Debug)]
pub(crate) struct Domains {
    main: String,
    second: Option<String>,
    hold: Duration,
    /// Calls go to the second domain until then.
    second_until: Mutex<Option<Instant>>,
}

impl Domains {
    /// `base_url` without a slash at the end.
    pub(crate) fn new(base_url: &str, options: &RetryOptions) -> Self {
        let second = match &options.failover_base_url {
            Some(url) => Some(url.trim_end_matches('/').to_owned()),
            None => (base_url == MAIN_BASE_URL).then(|| BACKUP_BASE_URL.to_owned()),
        };
        Self {
            main: base_url.to_owned(),
            second: second.filter(|second| options.failover && second != base_url),
            hold: options.failover_hold.min(LONGEST),
            second_until: Mutex::new(None),
        }
    }

    /// For URLs that WeChat Pay gave: their host is not ours to change.
    pub(crate) fn fixed() -> Self {
        Self { main: String::new(), second: None, hold: Duration::ZERO, second_until: Mutex::new(None) }
    }

    /// The base URL for the next attempt.
    pub(crate) fn current(&self, now: Instant) -> &str {
        let until = *self.second_until.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.second {
            Some(second) if until.is_some_and(|until| now < until) => second,
            _ => &self.main,
        }
    }

    /// Notes that `base` did not answer. `true` when there is another domain, which the next attempt uses.
    pub(crate) fn leave(&self, base: &str, now: Instant) -> bool {
        if self.second.is_none() {
            return false;
        }
        let mut until = self.second_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = if base == self.main { Some(now + self.hold) } else { None };
        true
    }
}

//! How a call is sent again: to which domain, after which pause, and within which time. *Whether* it may be sent again
//! is decided in `outcome`.
//!
//! Nothing here opens a socket, sleeps or looks at a clock by itself.

mod domains;

use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

pub(crate) use self::domains::Domains;
use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::Headers;
use crate::outcome::{Again, Safety, judge, settle};

/// How calls are repeated. The defaults suit a backend that answers a waiting user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RetryOptions {
    /// How often a failed call is sent again, at most. Default 2. Zero switches retries off; the one resend to the
    /// second domain has its own switch.
    pub retries: u32,
    /// Longest time for a whole call: all attempts and the pauses between them. Default 30 s.
    pub timeout: Duration,
    /// Pause before the first retry; it doubles each time, and half of it is random. Default 200 ms. After a 429
    /// it is five times as long. `Retry-After` is honoured when it is longer and fits into `timeout`.
    pub base_delay: Duration,
    /// Longest pause. Default 2 s.
    pub max_delay: Duration,
    /// Whether a connect or read time-out makes the client switch to the second domain. Default: yes.
    pub failover: bool,
    /// Base URL of the second domain. Default: `https://api2.mch.weixin.qq.com` when the base URL is the main
    /// domain, none otherwise.
    pub failover_base_url: Option<String>,
    /// How long calls stay on the second domain before the main one is tried again. Default 60 s.
    pub failover_hold: Duration,
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self {
            retries: 2,
            timeout: Duration::from_secs(30),
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(2),
            failover: true,
            failover_base_url: None,
            failover_hold: Duration::from_secs(60),
        }
    }
}

/// What the loop needs from the world.
pub(crate) trait Environment {
    fn now(&self) -> Instant;
    /// Seconds since 1970, for `Retry-After` with a date.
    fn unix_time(&self) -> i64;
    /// Waits so long, or until the caller gives the call up.
    fn pause(&self, pause: Duration);
    fn random(&self) -> u32;
    /// The error to return when the caller gave the call up.
    fn given_up(&self) -> Result<()>;
    /// Is told after each attempt whether anything sent so far may have taken effect.
    fn note_effect(&self, possible: bool);
}

/// One attempt that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Headers of the answer, when there was one.
    pub(crate) headers: Option<Headers>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, headers: None }
    }
}

/// Runs `exchange` (sign anew, send to the base URL given, within the time given, verify) until it succeeds or it
/// is unsafe, hopeless or too late to try again. `time` is what is left for the whole call.
pub(crate) fn run<T>(
    options: &RetryOptions,
    domains: &Domains,
    safety: Safety,
    time: Duration,
    environment: &dyn Environment,
    mut exchange: impl FnMut(&str, Duration) -> Result<T, Failure>,
) -> Result<T> {
    let start = environment.now();
    let left = || time.saturating_sub(environment.now().saturating_duration_since(start));
    let mut retries = 0;
    let mut failed_over = false;
    let mut effect_possible = false;
    loop {
        environment.given_up()?;
        let base = domains.current(environment.now());
        let Failure { error, headers } = match exchange(base, left()) {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        // What a broken-off attempt says is not why the call ends.
        environment.given_up()?;
        let verdict = judge(&error, safety);
        let effect_before = effect_possible;
        effect_possible |= verdict.effect;
        environment.note_effect(effect_possible && !safety.read_only);
        // Only time-outs tell that a domain is in trouble; a refusal or an error status does not.
        let domain_in_trouble = error.kind() == ErrorKind::Timeout || error.code() == codes::CONNECT_TIMEOUT;
        let switched = domain_in_trouble && !left().is_zero() && domains.leave(base, environment.now());
        let pause = if verdict.again == Again::No {
            None
        } else if switched && !failed_over {
            failed_over = true;
            Some(Duration::ZERO)
        } else if retries < options.retries {
            retries += 1;
            let wait = pause(options, retries, verdict.again, environment.random());
            let asked = headers.and_then(|headers| retry_after(&headers, environment.unix_time()));
            Some(wait.max(asked.unwrap_or_default()))
        } else {
            None
        };
        match pause {
            Some(pause) if pause < left() => {
                if !pause.is_zero() {
                    environment.pause(pause);
                }
            }
            _ => return Err(settle(error, safety, effect_before)),
        }
    }
}

/// Doubles with each retry; half is fixed, half random, so that many clients do not come back at the same moment.
fn pause(options: &RetryOptions, retry: u32, again: Again, random: u32) -> Duration {
    let base = if again == Again::Slowly { options.base_delay.saturating_mul(5) } else { options.base_delay };
    let full = base.saturating_mul(1 << retry.saturating_sub(1).min(16)).min(options.max_delay);
    (full / 2).saturating_add((full / 2).mul_f64(f64::from(random) / f64::from(u32::MAX)))
}

/// `Retry-After` as seconds or as a date.
fn retry_after(headers: &Headers, unix_time: i64) -> Option<Duration> {
    let value = headers.get("Retry-After")?;
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let at = OffsetDateTime::parse(value, &Rfc2822).ok()?.unix_timestamp();
            u64::try_from(at.saturating_sub(unix_time)).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;

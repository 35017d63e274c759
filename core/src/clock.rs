//! Time and randomness, both injectable: the kernel itself asks nobody.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXUPPER;

use crate::error::{Error, ErrorKind, Result, codes};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in Unix seconds.
    fn now(&self) -> u64;
}

/// The longest time that is counted, about 30 years: what is longer, up to `Duration::MAX`, is cut down to it. It can be added
/// to any moment, which longer times cannot, and nobody lives to see the difference.
#[cfg(feature = "transport")]
pub(crate) const LONGEST: std::time::Duration = std::time::Duration::from_secs(1_000_000_000);

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

impl<F: Fn() -> u64 + Send + Sync> Clock for F {
    fn now(&self) -> u64 {
        self()
    }
}

/// Makes the nonces of requests.
pub trait NonceSource: Send + Sync {
    /// Fills `random` with unpredictable bytes.
    ///
    /// # Errors
    /// No randomness is to be had.
    fn fill(&self, random: &mut [u8]) -> Result<()>;
}

/// Randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl NonceSource for SystemRandom {
    fn fill(&self, random: &mut [u8]) -> Result<()> {
        getrandom::fill(random).map_err(|error| {
            Error::new(
                ErrorKind::Signing,
                codes::NO_RANDOMNESS,
                "the operating system gave no random bytes for the nonce.",
            )
            .with_source(error)
        })
    }
}

/// A nonce of 32 upper-case hexadecimal digits: 128 random bits, the form that WeChat Pay's documentation shows.
pub(crate) fn nonce(source: &dyn NonceSource) -> Result<String> {
    let mut random = [0; 16];
    source.fill(&mut random)?;
    Ok(HEXUPPER.encode(&random))
}

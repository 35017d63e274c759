//! WeChat Pay's keys, by serial: platform certificates and WeChat Pay public keys side by side.
//!
//! The serial that an answer or a notification names picks the key; nothing is guessed from how a serial looks. That
//! is what keeps a client working while a merchant moves from certificates to the public key.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::crypto::{Certificate, PublicKey};

/// How long a downloaded list of certificates is good: WeChat Pay asks for a refresh every 12 hours.
const REFRESH_SECONDS: u64 = 12 * 60 * 60;
/// How long a certificate that a verified list no longer has still verifies answers and notifications: two refreshes. See
/// docs/adr/0006-vouching-for-certificates.md.
const WITHDRAWN_SECONDS: u64 = 2 * REFRESH_SECONDS;
/// How long to wait after a refresh before an unknown serial may cause another: a stranger must not be able to make
/// this client download certificates in a loop.
const UNKNOWN_SERIAL_PAUSE_SECONDS: u64 = 60;
/// A note of a time further in the future than this was made by a clock that was wrong.
const AHEAD_SECONDS: u64 = 60;

/// A key of WeChat Pay.
#[derive(Debug, Clone)]
pub(crate) struct PlatformKey {
    /// Serial number of the certificate, or id of the public key.
    pub(crate) serial: String,
    pub(crate) public_key: PublicKey,
    /// The certificate, unless this is a bare public key, which does not expire.
    pub(crate) certificate: Option<Certificate>,
    /// When WeChat Pay puts the certificate into use, in Unix seconds.
    pub(crate) effective: i64,
}

impl PlatformKey {
    pub(crate) fn from_public_key(id: String, public_key: PublicKey) -> Self {
        Self { serial: id, public_key, certificate: None, effective: 0 }
    }

    pub(crate) fn from_certificate(certificate: Certificate, effective: Option<i64>) -> Self {
        Self {
            serial: certificate.serial().to_owned(),
            public_key: certificate.public_key().clone(),
            effective: effective.unwrap_or(certificate.not_before()),
            certificate: Some(certificate),
        }
    }

    fn is_valid_at(&self, now: u64) -> bool {
        self.certificate.as_ref().is_none_or(|certificate| certificate.is_valid_at(seconds(now)))
    }
}

/// What became of a look-up.
#[derive(Debug)]
pub(crate) enum Lookup {
    Found(Arc<PlatformKey>),
    /// A certificate with this serial is known, but out of its validity.
    Invalid(Arc<PlatformKey>),
    Unknown,
}

/// A key, and how far it is trusted.
#[derive(Debug)]
struct Held {
    key: Arc<PlatformKey>,
    /// Came with the configuration: stays, whatever a list says.
    configured: bool,
    /// When a verified list first lacked it, in Unix seconds.
    withdrawn: Option<u64>,
}

impl Held {
    /// Whether it verifies what is signed with it.
    fn verifies(&self, now: u64) -> bool {
        self.key.is_valid_at(now)
            && self.withdrawn.is_none_or(|at| now.saturating_sub(at) < WITHDRAWN_SECONDS)
    }

    /// Whether it vouches for a new list, and may be encrypted to: not any more when it was withdrawn.
    fn vouches(&self, now: u64) -> bool {
        self.withdrawn.is_none() && self.key.is_valid_at(now)
    }
}

#[derive(Debug, Default)]
struct State {
    keys: BTreeMap<String, Held>,
    /// When certificates were last installed, in Unix seconds.
    installed: Option<u64>,
    /// When a download was last tried, in Unix seconds.
    tried: Option<u64>,
}

/// The keys held, shared between threads.
#[derive(Debug, Default)]
pub(crate) struct KeyRing(RwLock<State>);

impl KeyRing {
    pub(crate) fn new(configured: Vec<PlatformKey>) -> Self {
        let ring = Self::default();
        ring.write(|state| {
            for key in configured {
                let held = Held { key: Arc::new(key), configured: true, withdrawn: None };
                state.keys.insert(normal(&held.key.serial), held);
            }
        });
        ring
    }

    /// Takes over a verified list. What it no longer has is withdrawn: it vouches for nothing more, and is dropped a while
    /// later. What the configuration gave stays as it is.
    pub(crate) fn install(&self, certificates: Vec<PlatformKey>, now: u64) {
        self.write(|state| {
            for held in state.keys.values_mut().filter(|held| !held.configured) {
                // A time in the future was noted by a wrong clock, and would never come.
                held.withdrawn = Some(held.withdrawn.map_or(now, |at| at.min(now)));
            }
            for key in certificates {
                let serial = normal(&key.serial);
                if state.keys.get(&serial).is_none_or(|held| !held.configured) {
                    state
                        .keys
                        .insert(serial, Held { key: Arc::new(key), configured: false, withdrawn: None });
                }
            }
            state.keys.retain(|_, held| held.configured || held.verifies(now));
            state.installed = Some(now);
        });
    }

    pub(crate) fn note_attempt(&self, now: u64) {
        self.write(|state| state.tried = Some(now));
    }

    pub(crate) fn find(&self, serial: &str, now: u64) -> Lookup {
        self.read(|state| match state.keys.get(&normal(serial)) {
            Some(held) if held.verifies(now) => Lookup::Found(Arc::clone(&held.key)),
            Some(held) if !held.key.is_valid_at(now) => Lookup::Invalid(Arc::clone(&held.key)),
            _ => Lookup::Unknown,
        })
    }

    /// The key to encrypt with, which also says who is to sign the answer: the public key when there is one, else the
    /// valid certificate that took effect last.
    pub(crate) fn current(&self, now: u64) -> Option<Arc<PlatformKey>> {
        self.read(|state| {
            let usable = || state.keys.values().filter(|held| held.vouches(now)).map(|held| &held.key);
            usable()
                .find(|key| key.certificate.is_none())
                .or_else(|| {
                    usable().filter(|key| key.effective <= seconds(now)).max_by_key(|key| key.effective)
                })
                .or_else(|| usable().min_by_key(|key| key.effective))
                .cloned()
        })
    }

    /// Whether any valid key is held. Then a new list must be vouched for by one, however long ago the last list came.
    pub(crate) fn holds_valid(&self, now: u64) -> bool {
        self.read(|state| state.keys.values().any(|held| held.verifies(now)))
    }

    /// Whether the key of this serial may vouch for a new list.
    pub(crate) fn vouches(&self, serial: &str, now: u64) -> bool {
        self.read(|state| state.keys.get(&normal(serial)).is_some_and(|held| held.vouches(now)))
    }

    /// Whether certificates should be downloaded for their age: there are downloaded ones, or nothing else that is valid, and
    /// the last list is old.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        let old = self.read(|state| {
            let held = || state.keys.values();
            let needed = !held().any(|held| held.verifies(now)) || held().any(|held| !held.configured);
            needed && state.installed.and_then(|at| since(at, now)).is_none_or(|age| age >= REFRESH_SECONDS)
        });
        old && self.may_try(now)
    }

    /// Whether enough time has passed since the last download was tried.
    pub(crate) fn may_try(&self, now: u64) -> bool {
        self.pause(now).is_none()
    }

    /// Seconds until the next download may be tried; none when that may be now.
    pub(crate) fn pause(&self, now: u64) -> Option<u64> {
        let tried = self.read(|state| state.tried)?;
        UNKNOWN_SERIAL_PAUSE_SECONDS.checked_sub(since(tried, now)?).filter(|left| *left > 0)
    }

    /// Serials and ids of what verifies, or would if it were not expired.
    pub(crate) fn serials(&self, now: u64) -> Vec<String> {
        self.read(|state| {
            let held = state.keys.values().filter(|held| held.configured || held.verifies(now));
            held.map(|held| held.key.serial.clone()).collect()
        })
    }

    /// Ids of the public keys that were configured.
    pub(crate) fn public_key_ids(&self) -> Vec<String> {
        self.read(|state| {
            let keys = state.keys.values().map(|held| &held.key);
            keys.filter(|key| key.certificate.is_none()).map(|key| key.serial.clone()).collect()
        })
    }

    // A panic elsewhere must not end the refreshes of this client: nothing here leaves the state half changed.
    fn write(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Serials are compared without regard to case and leading zeros, in which sources differ.
fn normal(serial: &str) -> String {
    let upper = serial.trim().to_ascii_uppercase();
    let digits = upper.trim_start_matches('0');
    if digits.is_empty() { upper } else { digits.to_owned() }
}

pub(crate) fn same_serial(a: &str, b: &str) -> bool {
    normal(a) == normal(b)
}

/// Seconds since a time that was noted. None when that lies in the future: the clock was ahead then, and nobody knows.
fn since(noted: u64, now: u64) -> Option<u64> {
    (noted <= now.saturating_add(AHEAD_SECONDS)).then(|| now.saturating_sub(noted))
}

fn seconds(now: u64) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX)
}

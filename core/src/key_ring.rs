//! WeChat Pay's keys, by serial: platform certificates and WeChat Pay public keys side by side.
//!
//! The serial that an answer or a notification names picks the key; nothing is guessed from how a serial looks. That
//! is what keeps a client working while a merchant moves from certificates to the public key.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::crypto::{Certificate, PublicKey};

/// How long a downloaded list of certificates is good: WeChat Pay asks for a refresh every 12 hours.
const REFRESH_SECONDS: u64 = 12 * 60 * 60;
/// How long certificates vouch for the next list: two refreshes. A client that slept longer may have missed the
/// certificate that signs now, and trusts a list as it does on its first start.
const VOUCHING_SECONDS: u64 = 2 * REFRESH_SECONDS;
/// How long to wait after a refresh before an unknown serial may cause another: a stranger must not be able to make
/// this client download certificates in a loop.
const UNKNOWN_SERIAL_PAUSE_SECONDS: u64 = 60;

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

#[derive(Debug, Default)]
struct State {
    keys: BTreeMap<String, Arc<PlatformKey>>,
    /// When certificates were last installed, in Unix seconds.
    installed: Option<u64>,
    /// When a download was last tried, in Unix seconds.
    tried: Option<u64>,
}

/// The keys held, shared between threads.
#[derive(Debug, Default)]
pub(crate) struct KeyRing(RwLock<State>);

impl KeyRing {
    pub(crate) fn new(keys: Vec<PlatformKey>) -> Self {
        let ring = Self::default();
        ring.add(keys);
        ring
    }

    fn add(&self, keys: Vec<PlatformKey>) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            state.keys.insert(normal(&key.serial), Arc::new(key));
        }
    }

    /// Adds what a download brought. Certificates held stay until they expire: an answer on its way may still be
    /// signed with the old one.
    pub(crate) fn install(&self, certificates: Vec<PlatformKey>, now: u64) {
        self.add(certificates);
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.keys.retain(|_, key| key.is_valid_at(now));
        state.installed = Some(now);
    }

    pub(crate) fn note_attempt(&self, now: u64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).tried = Some(now);
    }

    pub(crate) fn find(&self, serial: &str, now: u64) -> Lookup {
        match self.read(|state| state.keys.get(&normal(serial)).cloned()) {
            Some(key) if key.is_valid_at(now) => Lookup::Found(key),
            Some(key) => Lookup::Invalid(key),
            None => Lookup::Unknown,
        }
    }

    /// The key to encrypt with, which also says who is to sign the answer: the public key when there is one, else the
    /// valid certificate that took effect last.
    pub(crate) fn current(&self, now: u64) -> Option<Arc<PlatformKey>> {
        self.read(|state| {
            let usable = || state.keys.values().filter(|key| key.is_valid_at(now));
            usable()
                .find(|key| key.certificate.is_none())
                .or_else(|| {
                    usable().filter(|key| key.effective <= seconds(now)).max_by_key(|key| key.effective)
                })
                .or_else(|| usable().min_by_key(|key| key.effective))
                .cloned()
        })
    }

    /// Whether any certificate can vouch for a new list.
    pub(crate) fn can_vouch(&self, now: u64) -> bool {
        self.read(|state| {
            let fresh = state.installed.is_none_or(|at| now.saturating_sub(at) < VOUCHING_SECONDS);
            fresh && state.keys.values().any(|key| key.is_valid_at(now))
        })
    }

    /// Whether the certificates are old enough to be downloaded again.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.read(|state| state.installed.is_none_or(|at| now.saturating_sub(at) >= REFRESH_SECONDS))
            && self.may_try(now)
    }

    /// Whether enough time has passed since the last download was tried.
    pub(crate) fn may_try(&self, now: u64) -> bool {
        self.pause(now).is_none()
    }

    /// Seconds until the next download may be tried; none when that may be now.
    pub(crate) fn pause(&self, now: u64) -> Option<u64> {
        let tried = self.read(|state| state.tried)?;
        UNKNOWN_SERIAL_PAUSE_SECONDS.checked_sub(now.saturating_sub(tried)).filter(|left| *left > 0)
    }

    pub(crate) fn serials(&self) -> Vec<String> {
        self.read(|state| state.keys.values().map(|key| key.serial.clone()).collect())
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

fn seconds(now: u64) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX)
}

//! The keys of each host of WeChat Pay. What one host answers is never verified with another's keys, unless both have the
//! key by themselves.

use std::sync::Arc;

use crate::config::{Config, HK_BASE_URL};
use crate::error::{Error, Result, codes};
use crate::http::Headers;
use crate::key_ring::{KeyRing, Lookup, PlatformKey};
use crate::operation::Host;
use crate::protocol::header;
use crate::verify;

const HOSTS: [Host; 2] = [Host::Main, Host::Hk];

/// One ring for each host.
#[derive(Debug)]
pub(crate) struct KeyRings {
    main: KeyRing,
    hk: KeyRing,
}

impl KeyRings {
    /// With the keys that are configured.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let ring = |host| config.platform_keys(host).map(KeyRing::new);
        Ok(Self { main: ring(Host::Main)?, hk: ring(Host::Hk)? })
    }

    pub(crate) fn of(&self, host: Host) -> &KeyRing {
        match host {
            Host::Main => &self.main,
            Host::Hk => &self.hk,
        }
    }

    /// The host whose certificates may be what a notification wants. It does not say which host it comes from: those are asked
    /// whose keys are held, and a first time, when there are none, one after the other until there are.
    #[cfg(feature = "transport")]
    pub(crate) fn may_notify(&self, host: Host, now: u64) -> bool {
        let holds = |host| !self.of(host).serials(now).is_empty();
        holds(host) || !HOSTS.into_iter().any(holds)
    }

    /// Verifies what this host answered.
    pub(crate) fn verify(
        &self,
        host: Host,
        now: u64,
        headers: &Headers,
        body: &[u8],
    ) -> Result<Arc<PlatformKey>> {
        verify::verify(self.of(host), now, headers, body)
            .map_err(|error| self.explain(host, now, headers, error))
    }

    /// Verifies a notification, with the ring that has the key it names.
    pub(crate) fn verify_notification(
        &self,
        now: u64,
        headers: &Headers,
        body: &[u8],
    ) -> Result<Arc<PlatformKey>> {
        let host = HOSTS.into_iter().find(|host| self.knows(*host, now, headers));
        verify::verify(self.of(host.unwrap_or(Host::Main)), now, headers, body)
    }

    fn knows(&self, host: Host, now: u64, headers: &Headers) -> bool {
        let serial = headers.get(header::SERIAL).unwrap_or_default();
        !matches!(self.of(host).find(serial, now), Lookup::Unknown)
    }

    /// Says so when the key is one of another host.
    fn explain(&self, host: Host, now: u64, headers: &Headers, error: Error) -> Error {
        if error.code() != codes::UNKNOWN_SERIAL {
            return error;
        }
        let other = HOSTS.into_iter().find(|other| *other != host && self.knows(*other, now, headers));
        match (other, host) {
            (Some(_), Host::Hk) => error.with_hint(format!(
                "It is a key of the main host, and this answer should come from {HK_BASE_URL}: the base URL leads to another \
                 host, or somebody passes on answers that were for others."
            )),
            (Some(_), Host::Main) => error.with_hint(format!(
                "It is a key of {HK_BASE_URL}, which only that host may sign with: give it as WeChat Pay's public key as well \
                 if both hosts have it."
            )),
            (None, Host::Hk) => error.with_hint(format!(
                "{HK_BASE_URL} has keys of its own: option hk_public_key (Config::hk_public_key), or certificates, which are \
                 downloaded with the APIv3 key (operation global.certificates.list)."
            )),
            (None, Host::Main) => error,
        }
    }
}

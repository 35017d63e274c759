//! Addresses of hosts, remembered for as long as an idle connection is.
//!
//! ureq resolves the host before it looks for a connection to use again, each time on a thread of its own: that costs
//! more than the rest of an exchange over a connection that is open.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::ureq::Error;
use ::ureq::config::Config;
use ::ureq::http::Uri;
use ::ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ::ureq::unversioned::transport::NextTimeout;

/// WeChat Pay closes idle connections after 8 seconds; its addresses need not be kept longer.
const MAX_AGE: Duration = Duration::from_secs(5);
/// A merchant's client speaks to a handful of hosts.
const MAX_HOSTS: usize = 16;

/// Asks `inner`, and not again soon.
#[derive(Debug)]
pub(super) struct Remembering<R> {
    inner: R,
    max_age: Duration,
    known: Mutex<HashMap<String, (Instant, Vec<SocketAddr>)>>,
}

impl<R> Remembering<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, max_age: MAX_AGE, known: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, Vec<SocketAddr>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Resolver> Resolver for Remembering<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let mut found = self.empty();
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            found.push(SocketAddr::new(address, port));
            return Ok(found);
        }
        let key = format!("{host}:{port}");
        if let Some((at, addresses)) = self.lock().get(&key)
            && at.elapsed() < self.max_age
        {
            addresses.iter().for_each(|address| found.push(*address));
            return Ok(found);
        }
        let fresh = self.inner.resolve(uri, config, timeout)?;
        let mut known = self.lock();
        if known.len() >= MAX_HOSTS {
            known.clear();
        }
        known.insert(key, (Instant::now(), fresh.iter().copied().collect()));
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use ::ureq::Agent;
    use ::ureq::Timeout;
    use ::ureq::unversioned::transport::time::Duration as UreqDuration;

    use super::*;

    /// Gives another address each time.
    #[derive(Debug, Default)]
    struct Counting(AtomicU16);

    impl Resolver for Counting {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let mut found = self.empty();
            found.push(SocketAddr::from(([192, 0, 2, 1], self.0.fetch_add(1, Ordering::SeqCst))));
            Ok(found)
        }
    }

    fn resolve(resolver: &impl Resolver, url: &str) -> Vec<SocketAddr> {
        let config = Agent::config_builder().build();
        let timeout = NextTimeout {
            after: UreqDuration::NotHappening,
            reason: Timeout::Resolve,
            ..NextTimeout::default()
        };
        let found = resolver.resolve(&url.parse().unwrap(), &config, timeout).unwrap();
        found.iter().copied().collect()
    }

    #[test]
    fn a_host_is_asked_for_once_and_again_when_its_time_is_up() {
        let mut resolver = Remembering::new(Counting::default());
        let first = resolve(&resolver, "https://pay.example/a");
        assert_eq!(resolve(&resolver, "https://pay.example/b"), first);
        assert_ne!(resolve(&resolver, "https://other.example/"), first);
        assert_ne!(resolve(&resolver, "https://pay.example:444/"), first);
        resolver.max_age = Duration::ZERO;
        assert_ne!(resolve(&resolver, "https://pay.example/a"), first);
    }

    #[test]
    fn an_address_is_not_asked_for() {
        let resolver = Remembering::new(Counting::default());
        assert_eq!(resolve(&resolver, "http://127.0.0.1/"), [SocketAddr::from(([127, 0, 0, 1], 80))]);
        assert_eq!(resolve(&resolver, "https://[::1]:8443/"), ["[::1]:8443".parse().unwrap()]);
        assert_eq!(resolver.inner.0.load(Ordering::SeqCst), 0);
    }
}

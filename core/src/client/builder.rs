//! Options of a client.

use std::fmt;
use std::time::Duration;

use super::{Client, Inner, Refreshes};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::hosts::check_base_url;
use crate::kernel::Kernel;
use crate::retry::{Domains, RetryOptions};
use crate::transport::{ProxySetting, Transport, TransportOptions, UreqTransport};

/// Makes a [`Client`]: everything about the merchant is in the [`Config`], everything about the network is here.
#[must_use]
pub struct ClientBuilder {
    config: Config,
    transport_options: TransportOptions,
    retry: RetryOptions,
    max_body: u64,
    transport: Option<Box<dyn Transport>>,
}

impl ClientBuilder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            transport_options: TransportOptions::default(),
            retry: RetryOptions::default(),
            max_body: 4 << 20,
            transport: None,
        }
    }

    /// Longest time for a connection to be made, TLS included. Default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport_options.connect_timeout = timeout;
        self
    }

    /// Longest wait for an answer, and for each further piece of it. Default 10 s.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.transport_options.read_timeout = timeout;
        self
    }

    /// Longest time for a whole call, with everything that is sent again and the pauses between. Default 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.retry.timeout = timeout;
        self
    }

    /// Goes through this proxy: `http://user:password@host:port`, or `socks5://…`. Without it, the environment
    /// (`HTTPS_PROXY`, …) decides; loopback hosts are never reached through a proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.transport_options.proxy = ProxySetting::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.transport_options.proxy = ProxySetting::Direct;
        self
    }

    /// Trusts these CA certificates (PEM) for TLS and no others. Default: those that the platform trusts.
    pub fn ca_certificates(mut self, pem: impl Into<String>) -> Self {
        self.transport_options.ca_certificates = Some(pem.into());
        self
    }

    /// Number of threads that call at the same time: so many idle connections are kept. Default 64.
    pub fn threads(mut self, threads: usize) -> Self {
        self.transport_options.max_idle_connections = threads;
        self
    }

    /// How often a failed call is sent again where that is safe. Default 2.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retry.retries = retries;
        self
    }

    /// Whether time-outs make the client switch to the second domain. Default: yes, when the base URL is the main
    /// domain or [`failover_base_url`](Self::failover_base_url) was given.
    pub fn failover(mut self, failover: bool) -> Self {
        self.retry.failover = failover;
        self
    }

    /// Another second domain than `https://api2.mch.weixin.qq.com`.
    pub fn failover_base_url(mut self, url: impl Into<String>) -> Self {
        self.retry.failover_base_url = Some(url.into());
        self
    }

    /// Largest answer accepted, in bytes; files do not count. Default 4 MiB.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = bytes;
        self
    }

    /// All settings of the built-in transport at once.
    pub fn transport_options(mut self, options: TransportOptions) -> Self {
        self.transport_options = options;
        self
    }

    /// All settings of retries and failover at once.
    pub fn retry_options(mut self, options: RetryOptions) -> Self {
        self.retry = options;
        self
    }

    /// Another transport than the built-in one, whose options then mean nothing.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// The client. Opens no connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): the message says what is missing or wrong.
    pub fn build(self) -> Result<Client> {
        let mut config = self.config;
        config.failover_base_url.clone_from(&self.retry.failover_base_url);
        let kernel = Kernel::new(config)?;
        let plain_http = kernel.base_url().starts_with("http://");
        if let Some(url) = &self.retry.failover_base_url {
            check_base_url(url).map_err(|error| error.with_hint("It is the base URL for failover."))?;
            if url.starts_with("http://") && !plain_http {
                return Err(Error::config("the base URL for failover must use https, as the main one does."));
            }
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let mut options = self.transport_options;
                // The kernel has checked that such a base URL is on this machine.
                options.allow_http_loopback |= plain_http;
                Box::new(UreqTransport::new(&options)?)
            }
        };
        let domains = Domains::new(kernel.base_url(), &self.retry);
        let inner = Inner {
            kernel,
            transport,
            retry: self.retry,
            domains,
            no_domains: Domains::fixed(),
            max_body: self.max_body,
            refresh: Refreshes::default(),
        };
        Ok(Client { inner: std::sync::Arc::new(inner), control: None, options: std::sync::Arc::default() })
    }
}

/// Shows no key and no password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("config", &self.config)
            .field("transport_options", &self.transport_options)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

//! How requests travel: the [`Transport`] trait, and its implementation over ureq.
//!
//! A transport moves bytes. It does not sign, verify, retry or follow redirects, and an error status is an answer
//! like any other. What it must get right is *how far a request got* when it fails, for that decides whether the
//! request may be sent again and whether money may have moved:
//!
//! | the request | error | made with |
//! |---|---|---|
//! | cannot have reached WeChat Pay | `connection` | [`Error::connection`] |
//! | was sent, no answer came in time | `timeout` | [`Error::timeout`] |
//! | may have been sent, the connection broke | `network` | [`Error::network`] |

mod attempt;
mod proxy;
mod resolve;
mod together;
mod ureq;

use std::fmt;
use std::io::Read;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::{Headers, HttpRequest, HttpResponse};

pub(crate) use self::attempt::Attempt;
pub(crate) use self::ureq::UreqTransport;

/// Sends signed requests. Implement it to bring another HTTP client, or to play the server in a test.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request exactly as it is and returns the answer, whatever its status. Redirects are not followed.
    ///
    /// # Errors
    /// `connection`, `timeout` or `network` as the table of this module says; `malformed` with code
    /// `BODY_TOO_LARGE` when the body exceeds `limits`.
    fn send(&self, request: &HttpRequest, limits: &Limits) -> Result<HttpResponse>;

    /// Whether this transport calls [`Limits::about_to_send`] before the first byte of each request. When it does not, a
    /// request counts as sent from the moment it is handed over until an error of kind `connection` says otherwise.
    fn announces_sending(&self) -> bool {
        false
    }

    /// As [`send`](Self::send), with a body that is read piece by piece: for files. `limits.max_body` does not
    /// apply. The default reads the whole body into memory first; override it for flat memory.
    ///
    /// # Errors
    /// As [`send`](Self::send). A body that breaks off must end in an error of the reader, not in an early end.
    fn open(&self, request: &HttpRequest, limits: &Limits) -> Result<StreamingResponse> {
        let HttpResponse { status, headers, body } =
            self.send(request, &Limits { max_body: u64::MAX, ..limits.clone() })?;
        Ok(StreamingResponse { status, headers, body: Box::new(std::io::Cursor::new(body)) })
    }
}

/// A function is a transport: handy in tests.
impl<F> Transport for F
where
    F: Fn(&HttpRequest, &Limits) -> Result<HttpResponse> + Send + Sync + 'static,
{
    fn send(&self, request: &HttpRequest, limits: &Limits) -> Result<HttpResponse> {
        self(request, limits)
    }
}

/// Bounds of one exchange.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Time left for everything, from the look-up of the host name to the last byte of the body.
    pub time: Duration,
    /// Largest body accepted, in bytes.
    pub max_body: u64,
    /// What is known of the exchange, and the caller's hold on it.
    pub(crate) attempt: Attempt,
}

impl Limits {
    /// Bounds for one exchange that nobody can give up.
    pub fn new(time: Duration, max_body: u64) -> Self {
        Self { time, max_body, attempt: Attempt::default() }
    }

    /// To be called by a transport right before the first byte of the request leaves.
    ///
    /// # Errors
    /// The caller gave the call up: nothing may be sent. Return this error.
    pub fn about_to_send(&self) -> Result<()> {
        self.attempt.about_to_send()
    }
}

/// An answer whose body has not been read yet.
#[non_exhaustive]
pub struct StreamingResponse {
    /// HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The body as it arrives.
    pub body: Box<dyn Read + Send>,
}

impl StreamingResponse {
    /// An answer made of its parts.
    pub fn new(status: u16, headers: Headers, body: Box<dyn Read + Send>) -> Self {
        Self { status, headers, body }
    }
}

impl fmt::Debug for StreamingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingResponse")
            .field("status", &self.status)
            .field("request_id", &self.headers.get("Request-ID"))
            .finish_non_exhaustive()
    }
}

/// Settings of the built-in transport. The defaults suit a backend that talks to WeChat Pay directly.
#[derive(Clone)]
#[non_exhaustive]
pub struct TransportOptions {
    /// Longest time for the look-up of the host name, and again for the TCP connection, the proxy and the TLS
    /// handshake together. Default 5 s.
    pub connect_timeout: Duration,
    /// Longest time for one write of the request to make progress. Default 10 s.
    pub send_timeout: Duration,
    /// Longest wait for the head of the answer, and for each further piece of its body. Default 10 s.
    pub read_timeout: Duration,
    /// Proxy: `http://user:password@host:port`; `https`, `socks5`, `socks5h`, `socks4` and `socks4a` as well. Default: what
    /// `HTTPS_PROXY`, `ALL_PROXY`, `HTTP_PROXY` and `NO_PROXY` say. One that cannot be used is an error, not gone past.
    /// Loopback hosts are never reached through a proxy.
    pub proxy: ProxySetting,
    /// Trust these CA certificates (PEM, one or more) and no others. Default: those that the platform trusts.
    pub ca_certificates: Option<String>,
    /// Idle connections kept, at most. Set it to the number of threads that call at the same time. Default 64.
    pub max_idle_connections: usize,
    /// Longest time that an idle connection is kept. WeChat Pay closes them after 8 s; the default is 7 s.
    pub max_idle_age: Duration,
    /// Whether `http://` is accepted for 127.0.0.0/8, ::1 and localhost: for the sandbox and for tests. Everything
    /// else is `https://` always. Default: no.
    pub allow_http_loopback: bool,
}

/// Which proxy to use.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum ProxySetting {
    /// The one that the environment variables name, if any.
    #[default]
    Environment,
    /// None, whatever the environment says.
    Direct,
    /// This one: `http://user:password@host:port`, or `socks5://…`.
    Url(String),
}

/// Shows no URL: it may hold a password.
impl fmt::Debug for ProxySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Direct => "Direct",
            Self::Url(_) => "Url(…)",
        })
    }
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            send_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            proxy: ProxySetting::default(),
            ca_certificates: None,
            max_idle_connections: 64,
            max_idle_age: Duration::from_secs(7),
            allow_http_loopback: false,
        }
    }
}

impl fmt::Debug for TransportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("send_timeout", &self.send_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("proxy", &self.proxy)
            .field("ca_certificates", &self.ca_certificates.as_ref().map(|_| "…"))
            .field("max_idle_connections", &self.max_idle_connections)
            .field("max_idle_age", &self.max_idle_age)
            .field("allow_http_loopback", &self.allow_http_loopback)
            .finish()
    }
}

impl Error {
    /// For a [`Transport`]: the request cannot have reached WeChat Pay. `timed_out` tells a connect time-out (which
    /// makes the client try the second domain) from a refusal.
    pub fn connection(message: impl Into<String>, timed_out: bool) -> Self {
        let code = if timed_out { codes::CONNECT_TIMEOUT } else { codes::CONNECT_FAILED };
        Self::new(ErrorKind::Connection, code, message).with_retryable(true)
    }

    /// For a [`Transport`]: the request was sent, or may have been, and no answer came in time.
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, codes::NO_ANSWER, message)
    }

    /// For a [`Transport`]: the connection broke when the request was sent, or may have been.
    pub fn network(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Network, codes::CONNECTION_BROKEN, message)
    }

    /// For a [`Transport`]: the body of the answer exceeds the limit, in bytes.
    pub fn body_too_large(limit: u64) -> Self {
        Self::malformed(
            codes::BODY_TOO_LARGE,
            format!(
                "the answer is larger than {limit} bytes. If this is expected, raise the limit (max_body); files are fetched with `download`."
            ),
        )
    }
}

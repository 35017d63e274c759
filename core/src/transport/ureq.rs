//! The built-in transport: one ureq agent, shared by all threads.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use ::ureq::http::{self, Uri};
use ::ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ::ureq::unversioned::resolver::DefaultResolver;
use ::ureq::unversioned::transport::DefaultConnector;
use ::ureq::{Agent, AsSendBody, Body, SendBody, Timeout};

use super::proxy::proxy_of;
use super::resolve::Remembering;
use super::together::Together;
use super::{Attempt, Limits, StreamingResponse, Transport, TransportOptions};
use crate::clock::LONGEST;
use crate::error::{Error, Result, codes};
use crate::hosts::is_loopback;
use crate::http::{Headers, HttpRequest, HttpResponse, Method};

const BUFFER: usize = 16 * 1024;

/// Sends requests with ureq.
pub(crate) struct UreqTransport {
    agent: Agent,
    connect_timeout: Duration,
    allow_http_loopback: bool,
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").finish_non_exhaustive()
    }
}

impl UreqTransport {
    /// A transport with these settings. Opens no connection.
    pub(crate) fn new(options: &TransportOptions) -> Result<Self> {
        let proxy = proxy_of(&options.proxy, &|name| std::env::var_os(name))?;
        let tls = TlsConfig::builder()
            .root_certs(root_certs(options.ca_certificates.as_deref())?)
            .unversioned_rustls_crypto_provider(crypto_provider())
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .tls_config(tls)
            // The kernel sends its own; `identity` because signatures and hashes cover the bytes as they are.
            .user_agent("")
            .accept("")
            .accept_encoding("identity")
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .max_idle_connections(options.max_idle_connections)
            .max_idle_connections_per_host(options.max_idle_connections)
            .max_idle_age(options.max_idle_age.min(LONGEST))
            // ureq adds them to moments, which panics for times that are too long.
            .timeout_resolve(Some(options.connect_timeout.min(LONGEST)))
            .timeout_connect(Some(options.connect_timeout.min(LONGEST)))
            .timeout_per_write(Some(options.send_timeout.min(LONGEST)))
            .timeout_recv_response(Some(options.read_timeout.min(LONGEST)))
            .timeout_per_read(Some(options.read_timeout.min(LONGEST)))
            .build();
        Ok(Self {
            agent: Agent::with_parts(
                config,
                Together(DefaultConnector::default()),
                Remembering::new(DefaultResolver::default()),
            ),
            connect_timeout: options.connect_timeout,
            allow_http_loopback: options.allow_http_loopback,
        })
    }

    fn exchange(&self, request: &HttpRequest, limits: &Limits) -> Result<http::Response<Body>> {
        let Limits { time, attempt, .. } = limits;
        let uri: Uri =
            request.url.parse().map_err(|_| Error::invalid_request(codes::URL, "the URL is not valid."))?;
        let loopback = is_loopback(uri.host().unwrap_or_default());
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if loopback && self.allow_http_loopback => {}
            _ => {
                return Err(Error::invalid_request(
                    codes::INSECURE_URL,
                    "only https:// is allowed; http:// is for loopback hosts, when the base URL is one.",
                ));
            }
        }
        if time.is_zero() {
            return Err(Error::connection(
                "the time for the whole call was used up before it was sent.",
                true,
            ));
        }
        let mut builder = http::Request::builder().method(request.method.as_str()).uri(uri);
        for (name, value) in request.headers.iter() {
            builder = builder.header(name, value);
        }
        let has_body = !request.body.is_empty();
        let entered = attempt.enter();
        // Without a length, ureq would send an empty POST in chunks.
        let outcome = if has_body || matches!(request.method, Method::Post | Method::Put | Method::Patch) {
            let builder = builder.header("Content-Length", request.body.len());
            self.run(builder.body(SendBody::from_reader(&mut request.body.as_slice())), loopback, *time)
        } else {
            self.run(builder.body(()), loopback, *time)
        };
        drop(entered);
        outcome.map_err(|error| {
            attempt.control().do_not_interrupt();
            self.failure(error, attempt)
        })
    }

    fn run(
        &self,
        message: Result<http::Request<impl AsSendBody>, http::Error>,
        loopback: bool,
        time: Duration,
    ) -> Result<http::Response<Body>, ::ureq::Error> {
        let mut message = self.agent.configure_request(message?).timeout_global(Some(time.min(LONGEST)));
        if loopback {
            message = message.proxy(None);
        }
        self.agent.run(message.build())
    }

    /// Turns a failure before the head of the answer into what happened to the request. Whether a byte of it left is
    /// known, and not guessed from the kind of the error.
    fn failure(&self, error: ::ureq::Error, attempt: &Attempt) -> Error {
        if let Err(given_up) = attempt.control().check() {
            return given_up;
        }
        if attempt.sent() { broken(error) } else { self.never_sent(error) }
    }

    fn never_sent(&self, error: ::ureq::Error) -> Error {
        use ::ureq::Error as E;
        let no_secure_connection = |why: &dyn fmt::Display| {
            Error::connection(format!("no secure connection: {why}. {TLS_HINT}"), false)
        };
        match error {
            E::Timeout(Timeout::Resolve | Timeout::Connect) => Error::connection(
                format!(
                    "no connection to WeChat Pay within {} s. Check the network, the proxy and the firewall.",
                    self.connect_timeout.as_secs_f32()
                ),
                true,
            ),
            E::Timeout(_) => {
                Error::connection("no connection to WeChat Pay in the time left for the call.", true)
            }
            E::HostNotFound => {
                Error::connection("the host name could not be resolved. Check DNS and the network.", false)
            }
            E::ConnectProxyFailed(_) => Error::connection(
                "the proxy refused to connect. Check its address, user name and password.",
                false,
            ),
            E::Io(io) => {
                let tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
                let error = if tls {
                    no_secure_connection(&io)
                } else {
                    Error::connection(format!("the connection could not be made: {io}."), false)
                };
                error.with_source(io)
            }
            E::Rustls(tls) => no_secure_connection(&tls).with_source(tls),
            E::Tls(_) | E::TlsRequired | E::Pem(_) => no_secure_connection(&error),
            E::ConnectionFailed => Error::connection("the connection could not be made.", false),
            E::Http(_) | E::BadUri(_) => {
                Error::invalid_request(codes::URL, "the URL or a header is not valid in HTTP.")
            }
            other => Error::connection(format!("the request could not be sent: {other}."), false),
        }
    }
}

/// What is known when the exchange broke after the first byte had left.
fn broken(error: ::ureq::Error) -> Error {
    use ::ureq::Error as E;
    match error {
        E::Timeout(_) => Error::timeout("the request was sent, and no complete answer came in time."),
        E::Protocol(_) | E::LargeResponseHeader(..) => Error::malformed(
            codes::NOT_HTTP,
            format!(
                "what came back is not an HTTP answer ({error}). Something between you and WeChat Pay may be in the way."
            ),
        ),
        E::Io(io) => {
            Error::network(format!("the connection broke before an answer came: {io}.")).with_source(io)
        }
        other => Error::network(format!("the exchange failed after the request was sent: {other}.")),
    }
}

const TLS_HINT: &str =
    "Check this machine's clock and its CA certificates; behind a TLS-inspecting proxy, set ca_certificates.";

impl Transport for UreqTransport {
    fn announces_sending(&self) -> bool {
        true
    }

    fn send(&self, request: &HttpRequest, limits: &Limits) -> Result<HttpResponse> {
        let mut response = self.exchange(request, limits)?;
        let headers = headers(&response);
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(limits.max_body.saturating_add(1)).read_to_vec();
        // The connection may serve another call from here on.
        limits.attempt.control().do_not_interrupt();
        let body = body.map_err(|error| {
            let error = match error {
                ::ureq::Error::BodyExceedsLimit(_) => Error::body_too_large(limits.max_body),
                ::ureq::Error::Timeout(_) => Error::timeout("the answer began and did not end in time."),
                ::ureq::Error::Protocol(_) => Error::malformed(
                    codes::NOT_HTTP,
                    format!("the body of the answer is not valid HTTP ({error})."),
                ),
                other => {
                    Error::network(format!("the connection broke in the middle of the answer: {other}."))
                }
            };
            error.with_response(&HttpResponse::new(status, headers.clone(), Vec::new()))
        })?;
        Ok(HttpResponse::new(status, headers, body))
    }

    fn open(&self, request: &HttpRequest, limits: &Limits) -> Result<StreamingResponse> {
        let response = self.exchange(request, limits)?;
        let (status, headers) = (response.status().as_u16(), headers(&response));
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(StreamingResponse::new(status, headers, Box::new(Timed { body, attempt: limits.attempt.clone() })))
    }
}

/// A body whose time-outs look like those of a socket, and which ends in an error when the call is given up.
struct Timed<R> {
    body: R,
    attempt: Attempt,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(buffer).map_err(|error| match ::ureq::Error::from(error) {
            ::ureq::Error::Timeout(_) => {
                io::Error::new(io::ErrorKind::TimedOut, "the next piece did not come in time")
            }
            other => other.into_io(),
        });
        // A socket that was shut down may look like the end of the body.
        if self.attempt.control().is_given_up() {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the call was given up"));
        }
        read
    }
}

impl<R> Drop for Timed<R> {
    fn drop(&mut self) {
        self.attempt.control().do_not_interrupt();
    }
}

fn headers(response: &http::Response<Body>) -> Headers {
    response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

fn root_certs(ca_certificates: Option<&str>) -> Result<RootCerts> {
    let Some(pem) = ca_certificates else { return Ok(RootCerts::PlatformVerifier) };
    let unreadable = || {
        Error::config(
            "ca_certificates does not hold readable PEM certificates (-----BEGIN CERTIFICATE-----).",
        )
    };
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in ::ureq::tls::parse_pem(pem.as_bytes()) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {
                return Err(Error::config(
                    "ca_certificates holds something that is not a certificate; give CA certificates only.",
                ));
            }
            Err(_) => return Err(unreadable()),
        }
    }
    // ureq drops what it cannot parse without a word; that would be found out at the first call.
    let parsable =
        certificates.iter().all(|certificate| x509_parser::parse_x509_certificate(certificate.der()).is_ok());
    if certificates.is_empty() || !parsable {
        return Err(unreadable());
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Given to the agent, never installed process-wide: other users of rustls in the process choose for themselves.
fn crypto_provider() -> Arc<rustls::crypto::CryptoProvider> {
    #[cfg(feature = "aws-lc")]
    return Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "aws-lc"))]
    return Arc::new(rustls::crypto::ring::default_provider());
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

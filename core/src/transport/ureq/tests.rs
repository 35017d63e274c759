use std::net::TcpListener;

use ::ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout};

use super::*;
use crate::error::ErrorKind;
use crate::test_server::{Peer, Server, answer, request};
use crate::transport::ProxySetting;

fn limits() -> Limits {
    Limits::new(Duration::from_secs(20), 1000)
}

fn transport(change: impl FnOnce(&mut TransportOptions)) -> UreqTransport {
    let mut options = TransportOptions { allow_http_loopback: true, ..TransportOptions::default() };
    change(&mut options);
    UreqTransport::new(&options).unwrap()
}

fn default() -> UreqTransport {
    transport(|_| {})
}

#[test]
fn sends_exactly_what_it_is_given() {
    let server = Server::answering(&[&answer(404, "Request-ID: 08F1\r\nX-Odd: a\r\n", "{\"code\":\"X\"}")]);
    let sent = request(Method::Post, &server.url("/v3/x?a=%E4%B8%AD&b=1%2F2"), "{\"中\":1}".as_bytes());
    let response = default().send(&sent, &limits()).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (404, b"{\"code\":\"X\"}".as_slice()),
        "a status is no error"
    );
    assert_eq!(response.headers.get("request-id"), Some("08F1"));
    let seen = server.finish().remove(0);
    assert_eq!(seen.line, "POST /v3/x?a=%E4%B8%AD&b=1%2F2 HTTP/1.1");
    assert_eq!(seen.body, sent.body);
    assert_eq!(seen.headers.get("Authorization"), sent.headers.get("Authorization"));
    assert_eq!(seen.headers.get("User-Agent"), Some("test"));
    assert_eq!(seen.headers.get("Accept-Encoding"), Some("identity"));
    assert_eq!(seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept")).count(), 1);
    assert_eq!(
        seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).count(),
        1
    );
}

#[test]
fn bodies_of_every_method() {
    for (method, body, length) in [
        (Method::Get, "", None),
        (Method::Delete, "", None),
        (Method::Delete, "{}", Some("2")),
        (Method::Post, "", Some("0")),
        (Method::Patch, "{}", Some("2")),
        (Method::Put, "{}", Some("2")),
    ] {
        let server = Server::answering(&["HTTP/1.1 204 No Content\r\n\r\n"]);
        let response =
            default().send(&request(method, &server.url("/"), body.as_bytes()), &limits()).unwrap();
        assert_eq!((response.status, response.body.len()), (204, 0), "{method}");
        let seen = server.finish().remove(0);
        assert_eq!(seen.headers.get("Content-Length"), length, "{method}");
        assert_eq!(seen.headers.get("Transfer-Encoding"), None, "{method}");
        assert_eq!(seen.body, body.as_bytes());
    }
}

#[test]
fn redirects_are_answers() {
    let server = Server::answering(&[&answer(302, "Location: http://192.0.2.1/\r\n", "moved")]);
    let response = default().send(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap();
    assert_eq!((response.status, response.headers.get("Location")), (302, Some("http://192.0.2.1/")));
}

#[test]
fn connections_are_reused() {
    let server = Server::new(vec![Box::new(|peer: &mut Peer| {
        for _ in 0..3 {
            peer.request();
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    })]);
    let transport = default();
    for _ in 0..3 {
        assert_eq!(
            transport.send(&request(Method::Post, &server.url("/"), b"{}"), &limits()).unwrap().body,
            b"{}"
        );
    }
    assert_eq!(server.finish().len(), 3);
}

#[test]
fn a_connection_that_was_closed_while_idle_is_not_used() {
    let (closed, wait) = std::sync::mpsc::channel();
    let server = Server::new(vec![
        Box::new(move |peer: &mut Peer| {
            peer.request();
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            peer.hang_up();
            closed.send(()).unwrap();
        }),
        Box::new(|peer: &mut Peer| {
            peer.request();
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
        }),
    ]);
    let transport = default();
    let post = request(Method::Post, &server.url("/"), b"{}");
    assert_eq!(transport.send(&post, &limits()).unwrap().body, b"{}");
    wait.recv().unwrap();
    assert_eq!(
        transport.send(&post, &limits()).unwrap().body,
        b"[]",
        "no change is lost to a dead connection"
    );
}

#[test]
fn refused_means_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(); // closed again here
    for (method, body) in [(Method::Post, "{}"), (Method::Post, ""), (Method::Get, ""), (Method::Delete, "")]
    {
        let error = default()
            .send(&request(method, &format!("http://{address}/"), body.as_bytes()), &limits())
            .unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_FAILED"), "{error}");
    }
}

#[test]
fn host_that_does_not_resolve() {
    // .invalid never resolves (RFC 6761)
    let error = default().send(&request(Method::Post, "https://pay.invalid/", b"{}"), &limits()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
}

#[test]
fn closed_after_the_request_was_sent() {
    for (method, body) in [(Method::Post, "{}"), (Method::Post, ""), (Method::Get, "")] {
        let server = Server::new(vec![Box::new(|peer: &mut Peer| drop(peer.request()))]);
        let error =
            default().send(&request(method, &server.url("/"), body.as_bytes()), &limits()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Network, "CONNECTION_BROKEN"), "{error}");
        server.finish();
    }
}

/// A connection that fails with this kind of error, before or after it took bytes.
#[derive(Debug, Clone, Copy)]
struct Failing {
    kind: io::ErrorKind,
    takes_bytes: bool,
}

#[derive(Debug)]
struct FailingConnection {
    how: Failing,
    buffers: LazyBuffers,
}

impl Connector for Failing {
    type Out = FailingConnection;

    fn connect(
        &self,
        _: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<FailingConnection>, ::ureq::Error> {
        if !self.takes_bytes {
            return Err(::ureq::Error::Io(self.kind.into()));
        }
        Ok(Some(FailingConnection { how: *self, buffers: LazyBuffers::new(BUFFER, BUFFER) }))
    }
}

impl ::ureq::unversioned::transport::Transport for FailingConnection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }
    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), ::ureq::Error> {
        Ok(())
    }
    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ::ureq::Error> {
        Err(::ureq::Error::Io(self.how.kind.into()))
    }
    fn is_open(&mut self) -> bool {
        true
    }
}

#[test]
fn whether_anything_was_sent_goes_by_the_first_byte_and_not_by_the_kind_of_error() {
    for kind in [
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::AddrNotAvailable,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::BrokenPipe,
    ] {
        for (takes_bytes, expected) in [(false, ErrorKind::Connection), (true, ErrorKind::Network)] {
            let connector = Together(Failing { kind, takes_bytes });
            let transport = UreqTransport {
                agent: Agent::with_parts(
                    Agent::config_builder().build(),
                    connector,
                    DefaultResolver::default(),
                ),
                ..default()
            };
            for (method, body) in
                [(Method::Post, "{}"), (Method::Post, ""), (Method::Delete, ""), (Method::Get, "")]
            {
                let sent = request(method, "http://127.0.0.1:1/", body.as_bytes());
                let limits = limits();
                let error = transport.send(&sent, &limits).unwrap_err();
                assert_eq!(
                    (error.kind(), limits.attempt.sent()),
                    (expected, takes_bytes),
                    "{method} {error}"
                );
            }
        }
    }
}

#[test]
fn cut_in_the_middle_of_the_answer() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
    ] {
        let server = Server::answering(&[cut]);
        let error = default().send(&request(Method::Post, &server.url("/"), b"{}"), &limits()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{cut:?}: {error}");
        server.finish();
    }
}

#[test]
fn silence_is_a_timeout_after_sending() {
    let quick = transport(|options| options.read_timeout = Duration::from_millis(50));
    for method in [Method::Post, Method::Get] {
        let body: &[u8] = if method == Method::Post { b"{}" } else { b"" };
        let server = Server::new(vec![Box::new(|peer: &mut Peer| {
            peer.request();
            peer.stay_silent();
        })]);
        let error = quick.send(&request(method, &server.url("/"), body), &limits()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, "NO_ANSWER"), "{error}");
        server.finish();
    }
    // in the middle of the body
    let server = Server::new(vec![Box::new(|peer: &mut Peer| {
        peer.request();
        peer.send(b"HTTP/1.1 200 OK\r\nRequest-ID: 08AB\r\nContent-Length: 10\r\n\r\n123");
        peer.stay_silent();
    })]);
    let error = quick.send(&request(Method::Post, &server.url("/"), b"{}"), &limits()).unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id(), error.status()),
        (ErrorKind::Timeout, Some("08AB"), Some(200))
    );
}

#[test]
fn the_whole_call_has_a_limit_too() {
    let server = Server::new(vec![Box::new(|peer: &mut Peer| {
        peer.request();
        peer.stay_silent();
    })]);
    let limits = Limits::new(Duration::from_millis(50), 1000);
    let error = default().send(&request(Method::Post, &server.url("/"), b"{}"), &limits).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let limits = Limits::new(Duration::ZERO, 1000);
    let error = default().send(&request(Method::Post, "http://127.0.0.1:1/", b"{}"), &limits).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_TIMEOUT"));
}

#[test]
fn tls_that_fails_means_nothing_was_sent() {
    let port = |script: fn(&mut Peer)| Server::new(vec![Box::new(script)]);
    // speaks no TLS, and hangs up in the middle of the handshake
    for server in [port(|peer| peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")), port(|_| {})] {
        let url = format!("https://{}/", server.address);
        let error = default().send(&request(Method::Post, &url, b"{}"), &limits()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        server.finish();
    }
}

#[test]
fn handshake_that_hangs_is_a_connect_timeout() {
    let server = Server::new(vec![Box::new(|peer: &mut Peer| peer.stay_silent())]);
    let quick = transport(|options| options.connect_timeout = Duration::from_millis(50));
    let url = format!("https://{}/", server.address);
    let error = quick.send(&request(Method::Get, &url, b""), &limits()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_TIMEOUT"), "{error}");
}

#[test]
fn too_large_and_not_http() {
    let big = "x".repeat(1001);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3e9\r\n{big}\r\n0\r\n\r\n"
    );
    for reply in [answer(200, "", &big), chunked] {
        let server = Server::answering(&[&reply]);
        let error = default().send(&request(Method::Post, &server.url("/"), b"{}"), &limits()).unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.status()),
            (ErrorKind::Malformed, "BODY_TOO_LARGE", Some(200))
        );
    }
    let server = Server::answering(&[&answer(200, "", &big[..1000])]);
    assert_eq!(
        default().send(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap().body.len(),
        1000
    );
    for garbage in ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "\0\0\0\0\0\0\0\0\r\n\r\n"] {
        let server = Server::answering(&[garbage]);
        let error = default().send(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "NOT_HTTP"), "{error}");
    }
}

#[test]
fn only_https_except_to_this_machine() {
    let strict = transport(|options| options.allow_http_loopback = false);
    for (transport, url) in [
        (&strict, "http://127.0.0.1:1/"),
        (&default(), "http://api.mch.weixin.qq.com/"),
        (&default(), "http://127.0.0.1.example.com/"),
        (&default(), "ftp://127.0.0.1/"),
        (&default(), "file:///etc/passwd"),
        (&default(), "not a url"),
    ] {
        let error = transport.send(&request(Method::Get, url, b""), &limits()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}: {error}");
    }
}

#[test]
fn streams_a_body_and_reports_a_cut() {
    let server =
        Server::answering(&[&answer(200, "", "a,b"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"]);
    let transport = default();
    let mut text = String::new();
    let mut response = transport.open(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap();
    response.body.read_to_string(&mut text).unwrap();
    assert_eq!((response.status, text.as_str()), (200, "a,b"));
    let mut response = transport.open(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap();
    assert_eq!(response.body.read_to_end(&mut Vec::new()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    server.finish();
}

#[test]
fn proxy_carries_requests_and_its_password_stays_secret() {
    // A proxy that refuses: CONNECT with credentials arrives, 407 goes back.
    let server =
        Server::answering(&["HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"]);
    let url = format!("http://user:hunter2@{}", server.address);
    let options = TransportOptions { proxy: ProxySetting::Url(url), ..TransportOptions::default() };
    assert!(!format!("{options:?}").contains("hunter2"));
    let transport = UreqTransport::new(&options).unwrap();
    assert!(!format!("{transport:?}").contains("hunter2"));
    let error = transport
        .send(&request(Method::Post, "https://api.mch.weixin.qq.com/v3/x", b"{}"), &limits())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    let seen = server.finish().remove(0);
    assert_eq!(seen.line, "CONNECT api.mch.weixin.qq.com:443 HTTP/1.1");
    assert_eq!(seen.headers.get("Proxy-Authorization"), Some("Basic dXNlcjpodW50ZXIy"));
    assert_eq!(seen.headers.get("Authorization"), None, "the signature is not for the proxy");
}

#[test]
fn loopback_is_never_proxied() {
    let server = Server::answering(&[&answer(200, "", "{}")]);
    let proxied = transport(|options| options.proxy = ProxySetting::Url("http://127.0.0.1:1".into()));
    assert_eq!(proxied.send(&request(Method::Get, &server.url("/"), b""), &limits()).unwrap().status, 200);
}

#[test]
fn bad_settings_are_refused_at_once() {
    for change in [
        |options: &mut TransportOptions| options.proxy = ProxySetting::Url("secret://user:hunter2@".into()),
        |options: &mut TransportOptions| options.ca_certificates = Some("no pem".into()),
        |options: &mut TransportOptions| {
            options.ca_certificates =
                Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into());
        },
    ] {
        let mut options = TransportOptions::default();
        change(&mut options);
        let error = UreqTransport::new(&options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn the_longest_times_are_taken() {
    let server = Server::answering(&[&answer(200, "", "{}"), &answer(200, "", "a,b")]);
    let patient = transport(|options| {
        options.connect_timeout = Duration::MAX;
        options.send_timeout = Duration::MAX;
        options.read_timeout = Duration::MAX;
        options.max_idle_age = Duration::MAX;
    });
    let limits = Limits::new(Duration::MAX, u64::MAX);
    assert_eq!(patient.send(&request(Method::Post, &server.url("/"), b"{}"), &limits).unwrap().body, b"{}");
    let mut text = String::new();
    let mut response = patient.open(&request(Method::Get, &server.url("/"), b""), &limits).unwrap();
    response.body.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a,b");
}

#[test]
fn threads_share_one_transport() {
    fn shared<T: Send + Sync>() {}
    shared::<UreqTransport>();
}

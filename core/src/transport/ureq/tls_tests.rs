//! TLS on loopback, with certificates made on the spot.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;
use crate::error::ErrorKind;
use crate::test_server::request;
use crate::transport::ProxySetting;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    Authority { pem, issuer: Issuer::new(params, key) }
}

/// Serves one connection with a certificate for `name`; the URL, with the name `localhost`.
fn serve(authority: &Authority, name: &str) -> String {
    let (port, _) = serve_behind(authority, name, |_| String::new());
    format!("https://localhost:{port}/")
}

/// As [`serve`], after `before` has spoken with the client in plain text. The port, and what `before` saw.
fn serve_behind(
    authority: &Authority,
    name: &str,
    before: impl FnOnce(&mut TcpStream) -> String + Send + 'static,
) -> (u16, Receiver<String>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(crypto_provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Not every test wants to know.
        let _ = sender.send(before(&mut stream));
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        // A client that refuses the certificate hangs up here.
        if tls.read(&mut [0; 4096]).is_ok() {
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    (port, seen)
}

fn send(ca_certificates: Option<&str>, url: &str) -> Result<HttpResponse> {
    send_through(ProxySetting::Direct, ca_certificates, url)
}

fn send_through(proxy: ProxySetting, ca_certificates: Option<&str>, url: &str) -> Result<HttpResponse> {
    let options = TransportOptions {
        ca_certificates: ca_certificates.map(str::to_owned),
        proxy,
        ..TransportOptions::default()
    };
    let limits = Limits::new(Duration::from_secs(20), 1000);
    UreqTransport::new(&options).unwrap().send(&request(Method::Post, url, b"{}"), &limits)
}

#[test]
fn a_configured_authority_is_trusted() {
    let authority = authority();
    assert_eq!(send(Some(&authority.pem), &serve(&authority, "localhost")).unwrap().body, b"{}");
}

#[test]
fn strangers_and_other_names_are_refused_before_anything_is_sent() {
    let (ours, theirs) = (authority(), authority());
    for (ca_certificates, url) in [
        (Some(ours.pem.as_str()), serve(&theirs, "localhost")),
        (Some(ours.pem.as_str()), serve(&ours, "api.mch.weixin.qq.com")),
        (None, serve(&ours, "localhost")),
    ] {
        let error = send(ca_certificates, &url).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_FAILED"), "{error}");
        assert!(error.message().contains("no secure connection"), "{error}");
    }
}

#[test]
fn a_proxy_sees_where_to_and_nothing_else() {
    let authority = authority();
    let tunnel = |stream: &mut TcpStream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        String::from_utf8(head).unwrap()
    };
    let (port, seen) = serve_behind(&authority, "pay.example", tunnel);
    let proxy = ProxySetting::Url(format!("http://user:hunter2@127.0.0.1:{port}"));
    let response = send_through(proxy, Some(&authority.pem), "https://pay.example/v3/x").unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
    let head = seen.recv().unwrap();
    assert!(head.starts_with("CONNECT pay.example:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Basic dXNlcjpodW50ZXIy"), "{head}");
    assert!(!head.contains("WECHATPAY2"), "the signature travels inside: {head}");
}

/// A SOCKS5 server that wants a user name and a password (RFC 1928, RFC 1929), and resolves names itself. What it was told.
fn socks5(stream: &mut TcpStream) -> String {
    fn take(stream: &mut TcpStream, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    }
    fn text(stream: &mut TcpStream) -> String {
        let length = take(stream, 1)[0];
        String::from_utf8(take(stream, length.into())).unwrap()
    }
    assert_eq!(take(stream, 4), [5, 2, 2, 0]);
    stream.write_all(&[5, 2]).unwrap();
    assert_eq!(take(stream, 1), [1]);
    let credentials = format!("{}:{}", text(stream), text(stream));
    stream.write_all(&[1, 0]).unwrap();
    assert_eq!(take(stream, 4), [5, 1, 0, 3], "a name, to be resolved there");
    let host = text(stream);
    let port = take(stream, 2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    format!("{credentials} {host}:{}", u16::from_be_bytes([port[0], port[1]]))
}

#[test]
fn a_socks5_proxy_carries_a_call() {
    let authority = authority();
    let (port, seen) = serve_behind(&authority, "pay.example", socks5);
    let proxy = ProxySetting::Url(format!("socks5h://user:p%40ss@127.0.0.1:{port}"));
    let response = send_through(proxy, Some(&authority.pem), "https://pay.example/v3/x").unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(seen.recv().unwrap(), "user:p@ss pay.example:443");
}

#[test]
fn a_socks5_proxy_that_is_away_means_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(); // closed again here
    let proxy = ProxySetting::Url(format!("socks5h://user:hunter2@{address}"));
    let error = send_through(proxy, None, "https://pay.example/v3/x").unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_FAILED"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn no_provider_is_installed_for_the_process() {
    let authority = authority();
    send(Some(&authority.pem), &serve(&authority, "localhost")).unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

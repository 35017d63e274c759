//! TLS on loopback, with certificates made on the spot.

use std::io::{Read, Write};
use std::net::TcpListener;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;
use crate::error::ErrorKind;
use crate::test_server::request;

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
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        // A client that refuses the certificate hangs up here.
        if tls.read(&mut [0; 4096]).is_ok() {
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    url
}

fn send(ca_pem: Option<&str>, url: &str) -> Result<HttpResponse> {
    let options = TransportOptions {
        ca_pem: ca_pem.map(str::to_owned),
        proxy: ProxySetting::Direct,
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
    for (ca_pem, url) in [
        (Some(ours.pem.as_str()), serve(&theirs, "localhost")),
        (Some(ours.pem.as_str()), serve(&ours, "api.mch.weixin.qq.com")),
        (None, serve(&ours, "localhost")),
    ] {
        let error = send(ca_pem, &url).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Connection, "CONNECT_FAILED"), "{error}");
        assert!(error.message().contains("no secure connection"), "{error}");
    }
}

#[test]
fn no_provider_is_installed_for_the_process() {
    let authority = authority();
    send(Some(&authority.pem), &serve(&authority, "localhost")).unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

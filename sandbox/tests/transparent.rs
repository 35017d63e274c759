//! WeChat Pay under its own names: who gets there, who does not, and what of a connection's end comes through.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on shall say so and end"
)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use common::Merchant;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use wechatpay_sandbox::{Options, Sandbox, TransparentAccess, TransparentOptions};

const NAMES: [&str; 5] = [
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "api.wechatpay.cn",
    "api2.wechatpay.cn",
    "apihk.mch.weixin.qq.com",
];

fn options(authority: &Path) -> Options {
    let mut transparent = TransparentOptions::default();
    transparent.authority = Some(authority.to_owned());
    let mut options = Options::default();
    options.transparent = Some(transparent);
    options
}

/// With the authority that all these tests share.
fn merchant() -> Merchant {
    Merchant::with(options(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("transparent-ca")))
}

fn access(merchant: &Merchant) -> &TransparentAccess {
    merchant.credentials().transparent.as_ref().unwrap()
}

/// What the proxy answers to the first line of a request.
fn ask_proxy(merchant: &Merchant, line: &str) -> (TcpStream, String) {
    let address = access(merchant).proxy_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap())
}

/// TLS as a client does it that trusts the sandbox's authority and nobody else.
fn tls(merchant: &Merchant, stream: TcpStream, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&access(merchant).ca_file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

fn through_proxy(merchant: &Merchant, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let (stream, head) = ask_proxy(merchant, &format!("CONNECT {name}:443"));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    tls(merchant, stream, name)
}

fn past_proxy(merchant: &Merchant, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
    tls(merchant, TcpStream::connect(&access(merchant).tls_address).unwrap(), name)
}

fn get(merchant: &Merchant, out: &mut impl Write, name: &str, path: &str) -> std::io::Result<()> {
    let authorization = merchant.authorization("GET", path, b"");
    write!(
        out,
        "GET {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: by hand\r\nAccept: */*\r\nAuthorization: {authorization}\r\n\
         Connection: close\r\n\r\n"
    )?;
    out.flush()
}

/// The whole answer and how the connection ended.
fn read(stream: &mut impl Read) -> (String, std::io::Result<usize>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

fn received(merchant: &Merchant) -> Vec<Value> {
    merchant.observe("/sandbox/requests")["requests"].as_array().cloned().unwrap_or_default()
}

#[test]
fn wechatpays_names_are_answered_with_tls_through_the_proxy_and_past_it() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = merchant();
    for name in NAMES {
        for mut stream in [through_proxy(&merchant, name), past_proxy(&merchant, name)] {
            get(&merchant, &mut stream, name, "/v3/certificates").unwrap();
            let (answer, end) = read(&mut stream);
            assert!(
                answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nWechatpay-Signature: "),
                "{answer}"
            );
            end.unwrap();
            assert_eq!(
                stream.conn.alpn_protocol(),
                Some(&b"http/1.1"[..]),
                "header names of HTTP/2 are lower-case"
            );
        }
    }
    assert_eq!(received(&merchant).len(), 2 * NAMES.len());
}

#[test]
fn the_proxy_leads_nowhere_else() {
    let merchant = merchant();
    for line in [
        "CONNECT example.com:443",
        "CONNECT mch.weixin.qq.com:443",
        "CONNECT api.mch.weixin.qq.com.example.com:443",
        "CONNECT api.mch.weixin.qq.com:80",
        "CONNECT 127.0.0.1:443",
        "GET http://api.mch.weixin.qq.com/v3/certificates",
        "GET /sandbox",
    ] {
        let (_, head) = ask_proxy(&merchant, line);
        assert!(head.starts_with("HTTP/1.1 403 "), "{line}: {head}");
    }
    // Who names another host in TLS is not answered, whatever he asked the proxy for.
    let (stream, _) = ask_proxy(&merchant, "CONNECT api.mch.weixin.qq.com:443");
    let mut stream = tls(&merchant, stream, "example.com");
    assert!(stream.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    assert!(past_proxy(&merchant, "example.com").write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    assert!(received(&merchant).is_empty());
}

#[test]
fn the_control_plane_is_not_at_wechatpays_names() {
    let merchant = merchant();
    for path in ["/sandbox", "/sandbox/credentials", "/sandbox/nothing"] {
        let mut stream = through_proxy(&merchant, NAMES[0]);
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", NAMES[0]).unwrap();
        let (answer, _) = read(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{path}: {answer}");
        assert!(!answer.contains("api_v3_key"), "{answer}");
    }
}

#[test]
fn files_are_downloaded_from_the_host_that_was_asked() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = merchant();
    merchant.control("/sandbox/bills", &json!({ "bill_date": "2026-01-02", "rows": 3 }));
    let path = "/v3/bill/tradebill?bill_date=2026-01-02";
    for (asked, host) in [("api2.wechatpay.cn", "api2.wechatpay.cn"), ("example.com", NAMES[0])] {
        let mut stream = through_proxy(&merchant, if asked == host { asked } else { NAMES[0] });
        get(&merchant, &mut stream, asked, path).unwrap();
        let (answer, _) = read(&mut stream);
        assert!(answer.contains(&format!("\"https://{host}/v3/billdownload/file?")), "{answer}");
    }
    // The sandbox's own address stays what it was.
    let url = merchant.get(path).json()["download_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(merchant.sandbox.base_url()), "{url}");
}

#[test]
fn connections_end_as_a_fault_wants_it() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = merchant();
    let path = "/v3/certificates";
    let strike = |fault: Value| {
        merchant.control("/sandbox/faults", &json!({ "match": { "path": path }, "fault": fault }))
    };
    for connect in [through_proxy, past_proxy] {
        strike(json!({ "close": "reset" }));
        let mut stream = connect(&merchant, NAMES[0]);
        get(&merchant, &mut stream, NAMES[0], path).unwrap();
        let (answer, end) = read(&mut stream);
        assert_eq!((answer.as_str(), end.unwrap_err().kind()), ("", ErrorKind::ConnectionReset));

        strike(json!({ "close": "mid_body", "cut_after": 5 }));
        let mut stream = connect(&merchant, NAMES[0]);
        get(&merchant, &mut stream, NAMES[0], path).unwrap();
        let (answer, _) = read(&mut stream);
        let body = answer.split_once("\r\n\r\n").expect("a whole head").1;
        assert_eq!(body.len(), 5, "{answer}");

        strike(json!({ "close": "mid_headers" }));
        let mut stream = connect(&merchant, NAMES[0]);
        get(&merchant, &mut stream, NAMES[0], path).unwrap();
        let (answer, _) = read(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("\r\n\r\n"), "{answer}");

        strike(json!({ "cut_request": "head", "cut_by": "reset" }));
        let mut stream = connect(&merchant, NAMES[0]);
        get(&merchant, &mut stream, NAMES[0], path).unwrap();
        let (answer, end) = read(&mut stream);
        assert_eq!((answer.as_str(), end.unwrap_err().kind()), ("", ErrorKind::ConnectionReset));
        assert_eq!(received(&merchant).last().unwrap()["complete"], false);
    }
}

#[test]
fn the_authority_is_made_once_and_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("deep/ca");
    let start = || Sandbox::start(options(&authority)).unwrap();
    let files = || {
        ["ca.pem", "ca_key.pem", "ca_bundle.pem", "trust_store.p12"]
            .map(|name| std::fs::read(authority.join(name)).unwrap())
    };
    let access = start().credentials().transparent.clone().unwrap();
    assert_eq!(access.ca_file, authority.join("ca.pem"));
    let made = files();
    assert!(made[2].starts_with(&made[0]), "the bundle has the authority, and what the system trusts");
    drop(start());
    assert_eq!(files(), made);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&authority.join("ca_key.pem")), 0o600);
        assert_eq!(mode(&authority), 0o700);
    }
    // What was removed is written anew, by the same authority.
    std::fs::remove_file(authority.join("trust_store.p12")).unwrap();
    drop(start());
    assert_eq!(files()[..3], made[..3]);
}

#[test]
fn an_authority_that_cannot_be_used_is_said_and_left_alone() {
    let (good, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&good, &other] {
        drop(Sandbox::start(options(folder.path())).unwrap());
    }
    let of = |folder: &tempfile::TempDir, name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let stranger = Sandbox::start(Options::default()).unwrap().credentials().clone();
    let cases = [
        ("ca_key.pem", Some(b"not a key".to_vec()), "ca_key.pem is no private key"),
        ("ca_key.pem", Some(vec![0xff, 0]), "ca_key.pem is no private key"),
        ("ca_key.pem", Some(of(&other, "ca_key.pem")), "ca_key.pem is not the key of ca.pem"),
        ("ca_key.pem", None, "ca_key.pem is missing"),
        ("ca.pem", Some(Vec::new()), "ca.pem is no certificate"),
        ("ca.pem", Some(stranger.root_certificate.into_bytes()), "not of an authority that a sandbox made"),
        ("ca.pem", None, "ca.pem is missing"),
    ];
    for (name, content, why) in cases {
        let (before, out) = (of(&good, name), tempfile::tempdir().unwrap());
        let path = good.path().join(name);
        match &content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let mut options = options(good.path());
        options.out = Some(out.path().join("files"));
        let error = Sandbox::start(options).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("--ca"), "{error}");
        assert_eq!(std::fs::read(&path).ok(), content, "{why}");
        assert!(!out.path().join("files").exists(), "{why}");
        std::fs::write(&path, before).unwrap();
    }
    drop(Sandbox::start(options(good.path())).unwrap());
}

#[test]
fn a_port_that_is_taken_and_a_folder_that_cannot_be_are_said_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (proxy, tls, option) in [(Some(port), None, "--proxy-port"), (None, Some(port), "--tls-port")] {
        let mut options = options(&folder.path().join("ca"));
        options.out = Some(folder.path().join("files"));
        let transparent = options.transparent.as_mut().unwrap();
        (transparent.proxy_port, transparent.tls_port) = (proxy, tls);
        let error = Sandbox::start(options).unwrap_err().to_string();
        assert!(error.contains("cannot listen on") && error.contains(option), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = Sandbox::start(options(&folder.path().join("file/ca"))).unwrap_err().to_string();
    assert!(error.contains("cannot make the folder"), "{error}");
}

#[test]
fn other_programs_read_the_certificates() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = merchant();
    let access = access(&merchant);
    let mut stream = past_proxy(&merchant, NAMES[0]);
    write!(stream, "GET /sandbox HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    read(&mut stream).1.unwrap();
    let server = merchant.file("server.der");
    std::fs::write(&server, &stream.conn.peer_certificates().unwrap()[0]).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (ca, bundle) = (text(&access.ca_file), text(&access.ca_bundle));
    for trusted in [&ca, &bundle] {
        for name in NAMES {
            let arguments =
                ["verify", "-x509_strict", "-CAfile", trusted, "-verify_hostname", name, &text(&server)];
            assert!(common::run(&arguments, b"").0, "{arguments:?}");
        }
    }
    let show = |file: &Path, password: &str| {
        let (read, out) = common::run(
            &["pkcs12", "-in", &text(file), "-passin", &format!("pass:{password}"), "-nodes"],
            b"",
        );
        assert!(read, "{}", file.display());
        String::from_utf8(out).unwrap()
    };
    let trusted = show(&access.trust_store, &access.trust_store_password);
    assert!(trusted.contains("WeChat Pay sandbox of this machine") && !trusted.contains("PRIVATE KEY"));
    assert!(
        trusted.contains("2.16.840.1.113894.746875.1.1"),
        "without this attribute Java takes no notice of a certificate"
    );
    let own = show(&merchant.file("apiclient_cert.p12"), &merchant.credentials().mchid);
    assert!(own.contains("PRIVATE KEY") && own.contains(&merchant.credentials().mchid), "{own}");
}

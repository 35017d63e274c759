//! Uploads and downloads over the wire.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha1::{Digest, Sha1};
use wechatpay_core::ErrorKind;
use wechatpay_core::bill::BillReader;
use wechatpay_core::download::Download;
use wechatpay_core::http::Headers;
use wechatpay_core::media::File;

use crate::calls::{assert_signed, builder};
use crate::server::{Act, Seen, Server, answer, signed};

const BILL: &str = "交易时间,微信订单号,商户订单号,交易状态,应结订单金额,订单金额\r\n\
    `2026-08-08 10:34:56,`4200000001,`T1,`SUCCESS,`0.01,`0.01\r\n总交易单数,订单总金额\r\n`1,`0.01\r\n";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha1(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unsigned(status: u16, body: &[u8]) -> Act {
    answer(status, &Headers::new(), body)
}

#[test]
fn an_upload_signs_its_meta_part() {
    let server = Server::start(|_| signed(200, r#"{"media_id":"m1"}"#));
    let client = builder(&server.url).build().unwrap();
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let answer =
        client.upload("media.upload_image", &File::from_bytes("店 铺.png", content.clone())).unwrap();
    assert_eq!(answer["media_id"], "m1");
    let seen = server.seen().remove(0);
    let content_type = seen.headers.get("Content-Type").unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let text = String::from_utf8_lossy(&seen.body);
    let (_, rest) = text.split_once("\r\n\r\n").unwrap();
    let (meta, _) = rest.split_once(&format!("\r\n--{boundary}\r\n")).unwrap();
    assert_signed(&seen, meta.as_bytes());
    let meta: Value = serde_json::from_str(meta).unwrap();
    assert_eq!(meta["filename"], "店 铺.png");
    assert_eq!(meta["sha256"], hex(&sha2::Sha256::digest(&content)));
    let tail = [b"\r\n\r\n".as_slice(), &content, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    assert!(seen.body.ends_with(&tail));
}

#[test]
fn an_upload_beyond_the_limits_is_not_sent() {
    let server = Server::start(|_| signed(200, "{}"));
    let client = builder(&server.url).build().unwrap();
    for file in [File::from_bytes("a.exe", *b"x"), File::from_bytes("a.png", vec![0; 3 << 20])] {
        let error = client.upload("media.upload_image", &file).unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::InvalidRequest, Some("media.upload_image"))
        );
    }
    let error = client.upload("payments.jsapi.prepay", &File::from_bytes("a.png", *b"x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(server.seen().is_empty());
}

#[test]
fn a_bill_is_fetched_signed_checked_and_read() {
    let server = Server::start(|seen: &Seen| {
        let body =
            if seen.target.contains("GZIP") { gzip(BILL.as_bytes()) } else { BILL.as_bytes().to_vec() };
        unsigned(200, &body)
    });
    let client = builder(&server.url).build().unwrap();
    for target in
        ["/v3/billdownload/file?token=a%2Fb&tartype=gzip", "/v3/billdownload/file?token=x&tartype=GZIP"]
    {
        let download = Download::new(format!("{}{target}", server.url)).sha1(sha1(BILL.as_bytes()));
        let mut file = Vec::new();
        let done = client.download(&download, &mut file).unwrap();
        assert_eq!((done.bytes, done.verified), (BILL.len() as u64, true));
        let mut bill = BillReader::trade(file.as_slice()).unwrap();
        let row = bill.next().unwrap().unwrap();
        let trade = row.trade().unwrap();
        assert_eq!((trade.transaction_id(), trade.total().unwrap()), (Some("4200000001"), Some(1)));
        assert!(bill.next().is_none() && bill.summary().is_some());
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.target, target);
        assert_signed(&seen, b"");
    }
}

#[test]
fn error_answers_to_downloads_are_told() {
    let error = r#"{"code":"INVALID_REQUEST","message":"token已过期"}"#;
    let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
        "/json" => unsigned(400, error.as_bytes()),
        "/empty" => unsigned(404, b""),
        "/redirect" => unsigned(302, b""),
        _ => unsigned(204, b""),
    });
    let client = builder(&server.url).build().unwrap();
    let fetch = |path: &str| {
        client.download(&Download::new(format!("{}{path}", server.url)), &mut Vec::new()).unwrap_err()
    };
    let error = fetch("/json");
    assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Api, "INVALID_REQUEST", Some(400)));
    assert!(error.message().contains("token已过期"));
    assert_eq!(fetch("/empty").status(), Some(404));
    assert_eq!(fetch("/redirect").code(), "REDIRECT");
    fetch("/nothing");
    assert_eq!(server.seen().len(), 4, "none of these is asked for again");
}

#[test]
fn a_cut_file_is_not_left_behind() {
    let server = Server::start(|seen: &Seen| {
        let body = if seen.target == "/gzip" { gzip(BILL.as_bytes()) } else { BILL.as_bytes().to_vec() };
        match seen.target.as_str() {
            "/length" | "/gzip" => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                Act::Send([head.as_bytes(), &body[..40]].concat())
            }
            "/chunk" => Act::Send(
                [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n".as_slice(), &body[..32]]
                    .concat(),
            ),
            _ => unsigned(200, b"another file"),
        }
    });
    let client = builder(&server.url).build().unwrap();
    let folder = std::env::temp_dir().join(format!("wechatpay-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bill.csv");
    for target in ["/length", "/gzip", "/chunk", "/other"] {
        let download = Download::new(format!("{}{target}", server.url)).sha1(sha1(BILL.as_bytes()));
        let error = client.download_to_path(&download, &path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{target}: {error}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{target}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_download_that_stalls_is_given_up() {
    let server = Server::start(|_| Act::StaySilent);
    let client = builder(&server.url).read_timeout(Duration::from_millis(50)).retries(0).build().unwrap();
    let error = client.download(&Download::new(format!("{}/x", server.url)), &mut Vec::new()).unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Timeout, false));
}

#[test]
fn the_beginning_of_a_download_is_tried_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let server = Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Act::Send(Vec::new()),
        1 => unsigned(503, b""),
        _ => unsigned(200, BILL.as_bytes()),
    });
    let client = builder(&server.url).build().unwrap();
    let mut out = Vec::new();
    client.download(&Download::new(format!("{}/x", server.url)), &mut out).unwrap();
    assert_eq!((out.as_slice(), count.load(Ordering::SeqCst)), (BILL.as_bytes(), 3));
}

#[test]
fn where_downloads_may_go() {
    let server = Server::start(|_| unsigned(200, b""));
    let client = builder(&server.url).build().unwrap();
    for url in ["http://example.com/x", "file:///etc/passwd", "/v3/billdownload/file", "", "https://"] {
        let error = client.download(&Download::new(url), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
    }
    let client = builder("https://api.mch.weixin.qq.com").build().unwrap();
    let error = client.download(&Download::new(format!("{}/x", server.url)), &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::InvalidRequest,
        "plain http only when the base URL is on this machine"
    );
    let error = client.download(&Download::new(&server.url).sha1("no hash"), &mut Vec::new()).unwrap_err();
    assert_eq!(error.code(), "HASH_VALUE");
    assert!(server.seen().is_empty());
}

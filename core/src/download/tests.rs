use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::json;
use sha1::{Digest, Sha1};

use super::*;
use crate::clock::SystemRandom;
use crate::crypto::PrivateKey;
use crate::error::ErrorKind;
use crate::http::Headers;
use crate::transport::StreamingResponse;

fn url(download: &Download) -> &str {
    match &download.source {
        Source::Url(url) => url,
        Source::Operation(..) => panic!("a URL is expected"),
    }
}

const BILL: &[u8] = "交易时间,订单金额\r\n`2026-08-08 10:34:56,`0.01\r\n".as_bytes();

/// A download that nobody gives up.
fn copy(download: &Download, response: StreamingResponse, out: &mut dyn Write) -> Result<Downloaded> {
    super::copy(download, None, response, out, &|| Ok(()))
}

/// The file of a part, sealed as WeChat Pay does it, and what announces it.
fn sealed(plain: &[u8], gzipped: bool) -> (Download, Vec<u8>) {
    use aes_gcm::aead::consts::U16;
    use aes_gcm::aead::{Aead as _, KeyInit as _};
    let content = if gzipped { gzip(plain) } else { plain.to_vec() };
    let nonce = aes_gcm::Nonce::<U16>::try_from(&b"a8607ef79034c49c"[..]).unwrap();
    let cipher = aes_gcm::AesGcm::<aes::Aes256, U16>::new(&BILL_KEY.into());
    let encrypt_key = base64::engine::general_purpose::STANDARD
        .encode(merchant().public_key().encrypt_oaep(&BILL_KEY).unwrap());
    let announced = json!({
        "bill_sequence": 1, "hash_type": "SHA1", "hash_value": sha1(plain), "nonce": "a8607ef79034c49c",
        "download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x", "encrypt_key": encrypt_key,
    });
    (Download::announced(&announced).unwrap(), cipher.encrypt(&nonce, content.as_slice()).unwrap())
}

const BILL_KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

fn merchant() -> &'static PrivateKey {
    static KEY: std::sync::OnceLock<PrivateKey> = std::sync::OnceLock::new();
    KEY.get_or_init(|| {
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        PrivateKey::from_pem(&pair.serialize_pem()).unwrap()
    })
}

fn fetch_sealed(download: &Download, body: &[u8]) -> (Result<Downloaded>, Vec<u8>) {
    let mut out = Vec::new();
    let opener = download.seal.as_ref().unwrap().opener(merchant()).unwrap();
    let response = answer(&[], Cursor::new(body.to_vec()));
    (super::copy(download, Some(opener), response, &mut out, &|| Ok(())), out)
}

#[test]
fn a_sealed_file_is_opened_while_it_comes_and_its_hash_is_that_of_what_is_in_it() {
    let long = BILL.repeat(2_000);
    for plain in [BILL, long.as_slice(), b""] {
        for gzipped in [false, true] {
            let (download, body) = sealed(plain, gzipped);
            let (done, out) = fetch_sealed(&download, &body);
            let done = done.unwrap();
            assert_eq!((out.as_slice(), done.verified, done.sha1), (plain, true, sha1(plain)));
        }
    }
}

#[test]
fn a_sealed_file_that_was_changed_or_cut_is_none() {
    // Larger than what is held back until the tag was seen.
    let long = BILL.repeat(2_000);
    for gzipped in [false, true] {
        for plain in [BILL, long.as_slice()] {
            let (download, body) = sealed(plain, gzipped);
            let refused = |body: &[u8]| {
                let (result, out) = fetch_sealed(&download, body);
                let error = result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
                // A small file is not handed on at all before it is known to be right.
                assert!(plain.len() > BILL.len() || out.is_empty(), "{out:?}");
                error.code().to_owned()
            };
            let mut altered = body.clone();
            *altered.last_mut().unwrap() ^= 1;
            assert_eq!(refused(&altered), "SEAL_BROKEN");
            assert_eq!(refused(&body[..body.len() - 1]), "SEAL_BROKEN");
            assert_eq!(refused(&[body.as_slice(), b"x"].concat()), "SEAL_BROKEN");
            assert_eq!(refused(&body[..15]), "SEAL_BROKEN");
            assert_eq!(refused(b""), "SEAL_BROKEN");
        }
    }
    let (download, body) = sealed(BILL, false);
    let (result, _) = fetch_sealed(&download.sha1(sha1(b"another")), &body);
    assert_eq!(result.unwrap_err().code(), "HASH_MISMATCH", "a file that was sealed, but not this one");
}

#[test]
fn the_key_of_a_sealed_file_must_be_the_merchants() {
    let (download, _) = sealed(BILL, false);
    let seal = download.seal.clone().unwrap();
    let opened = |encrypt_key: String| {
        let error = Seal { encrypt_key, ..seal.clone() }.opener(merchant()).err().unwrap();
        (error.kind(), error.message().to_owned())
    };
    let encrypted = |text: &[u8]| {
        base64::engine::general_purpose::STANDARD.encode(merchant().public_key().encrypt_oaep(text).unwrap())
    };
    for (key, why) in [
        ("***".to_owned(), "not base64"),
        ("AAAA".to_owned(), "another merchant certificate"),
        (encrypted(b"16 bytes of SM4."), "AEAD_AES_256_GCM"),
    ] {
        let (kind, message) = opened(key);
        assert!(kind == ErrorKind::Decryption && message.contains(why), "{message}");
    }
    let shown = format!("{download:?}");
    assert!(shown.contains("encrypted: true") && !shown.contains(&seal.encrypt_key), "{shown}");
}

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn answer(headers: &[(&str, String)], body: impl Read + Send + 'static) -> StreamingResponse {
    let headers: Headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    StreamingResponse::new(200, headers, Box::new(body))
}

fn fetch(download: &Download, body: Vec<u8>) -> (Result<Downloaded>, Vec<u8>) {
    let mut out = Vec::new();
    let length = body.len().to_string();
    let result = copy(download, answer(&[("Content-Length", length)], Cursor::new(body)), &mut out);
    (result, out)
}

/// Gives its pieces one by one and then fails or ends.
struct Pieces(Vec<Vec<u8>>, Option<io::ErrorKind>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return self.1.map_or(Ok(0), |kind| Err(kind.into()));
        }
        let piece = &mut self.0[0];
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        if piece.is_empty() {
            self.0.remove(0);
        }
        Ok(count)
    }
}

#[test]
fn plain_and_compressed_files_are_checked_over_the_plain_bytes() {
    for hash in [sha1(BILL), sha1(BILL).to_uppercase(), format!(" {}\n", sha1(BILL))] {
        let download = Download::new("https://x/").sha1(hash);
        for body in [BILL.to_vec(), gzip(BILL), [gzip(&BILL[..9]), gzip(&BILL[9..])].concat()] {
            let (result, out) = fetch(&download, body);
            assert_eq!(
                result.unwrap(),
                Downloaded { bytes: BILL.len() as u64, sha1: sha1(BILL), verified: true }
            );
            assert_eq!(out, BILL);
        }
    }
    let (result, _) = fetch(&Download::new("https://x/"), Vec::new());
    assert_eq!(result.unwrap(), Downloaded { bytes: 0, sha1: sha1(b""), verified: false });
}

#[test]
fn wrong_hash() {
    for body in [BILL.to_vec(), gzip(BILL)] {
        let (result, _) = fetch(&Download::new("https://x/").sha1(sha1(b"another file")), body);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "HASH_MISMATCH"));
    }
    // the hash of the compressed bytes is not what WeChat Pay announces
    let body = gzip(BILL);
    let (result, _) = fetch(&Download::new("https://x/").sha1(sha1(&body)), body);
    assert_eq!(result.unwrap_err().code(), "HASH_MISMATCH");
    for odd in
        ["", "abc", "zz39a3ee5e6b4b0d3255bfef95601890afd80709", "é39a3ee5e6b4b0d3255bfef95601890afd8070"]
    {
        let error = Download::new("https://x/").sha1(odd).expected().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "HASH_VALUE"), "{odd}");
    }
}

#[test]
fn a_file_is_announced_by_the_whole_answer() {
    let answer = |edit: &dyn Fn(&mut Value)| {
        let mut answer = serde_json::json!({
            "hash_type": "SHA1", "hash_value": sha1(BILL), "download_url": "https://x/?token=secret",
        });
        edit(&mut answer);
        Download::announced(&answer)
    };
    let download = answer(&|_| ()).unwrap();
    assert_eq!((url(&download), download.sha1.as_deref()), ("https://x/?token=secret", Some(&*sha1(BILL))));
    assert!(fetch(&download, BILL.to_vec()).0.unwrap().verified);
    // As the files of coupons are announced.
    let coupons = answer(&|answer| {
        answer["url"] = answer["download_url"].take();
        answer["hash_type"] = "sha1".into();
    });
    assert_eq!(url(&coupons.unwrap()), "https://x/?token=secret");

    type Edit = &'static dyn Fn(&mut Value);
    let refusals: [(Edit, &str, &str); 10] = [
        (&|answer| answer["hash_type"] = "SHA256".into(), "HASH_TYPE", "SHA256"),
        (&|answer| answer["hash_type"] = "SM3".into(), "HASH_TYPE", "yourself"),
        (&|answer| answer["hash_type"] = Value::Null, "FILE_ANNOUNCEMENT", "hash_type"),
        (&|answer| answer["hash_value"] = Value::Null, "FILE_ANNOUNCEMENT", "hash_value"),
        (&|answer| answer["hash_value"] = "".into(), "FILE_ANNOUNCEMENT", "hash_value"),
        (&|answer| answer["hash_value"] = "abc".into(), "HASH_VALUE", "40 hexadecimal"),
        (&|answer| answer["download_url"] = Value::Null, "FILE_ANNOUNCEMENT", "download_url"),
        (&|answer| answer["download_url"] = 5.into(), "FILE_ANNOUNCEMENT", "download_url"),
        (&|answer| answer["encrypt_key"] = "a0YK".into(), "FILE_ANNOUNCEMENT", "no nonce"),
        (&|answer| *answer = "https://x/".into(), "WRONG_TYPE", "no object"),
    ];
    for (edit, code, said) in refusals {
        let error = answer(edit).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.message().contains(said) && !error.message().contains("secret"), "{error}");
    }
    let parts =
        serde_json::json!({ "download_bill_count": 1, "download_bill_list": [{ "encrypt_key": "a0YK" }] });
    assert!(Download::announced(&parts).unwrap_err().message().contains("one by one"));
}

#[test]
fn cuts_are_found_without_a_hash() {
    let download = Download::new("https://x/");
    let whole = gzip(BILL);
    for end in 2..whole.len() {
        let (result, _) = fetch(&download, whole[..end].to_vec());
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.retryable()),
            (ErrorKind::Integrity, "DOWNLOAD_CUT", true),
            "{end}"
        );
    }
    // shorter than announced
    let response = answer(&[("Content-Length", "99".into())], Cursor::new(BILL.to_vec()));
    assert_eq!(copy(&download, response, &mut Vec::new()).unwrap_err().code(), "DOWNLOAD_CUT");
    // the connection breaks
    for (kind, expected) in [
        (io::ErrorKind::UnexpectedEof, ErrorKind::Integrity),
        (io::ErrorKind::ConnectionReset, ErrorKind::Integrity),
        (io::ErrorKind::TimedOut, ErrorKind::Timeout),
    ] {
        for body in [b"a".to_vec(), BILL.to_vec(), whole[..20].to_vec()] {
            let response = answer(&[("Request-ID", "08F1".into())], Pieces(vec![body], Some(kind)));
            let error = copy(&download, response, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.request_id()), (expected, Some("08F1")), "{error}");
        }
    }
}

#[test]
fn damaged_gzip() {
    let mut body = gzip(BILL);
    let checksum = body.len() - 5;
    body[checksum] ^= 1;
    let error = fetch(&Download::new("https://x/"), body).0.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "GZIP_CORRUPT"));
    let error =
        fetch(&Download::new("https://x/"), [gzip(BILL), b"trailing".to_vec()].concat()).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
}

#[test]
fn decompression_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![b'0'; 10 << 20]);
    assert!(bomb.len() < 20_000);
    let (result, out) = fetch(&Download::new("https://x/").max_bytes(1 << 20), bomb);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "BODY_TOO_LARGE"));
    assert!(out.len() <= 1 << 20);
    assert!(fetch(&Download::new("https://x/").max_bytes(BILL.len() as u64), BILL.to_vec()).0.is_ok());
}

#[test]
fn progress_is_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let download = Download::new("https://x/").progress(move |progress| log.lock().unwrap().push(progress));
    let body = gzip(&vec![7; 100_000]);
    let total = body.len() as u64;
    fetch(&download, body).0.unwrap();
    let told = told.lock().unwrap();
    assert!(
        told.windows(2).all(|pair| pair[0].written < pair[1].written && pair[0].received <= pair[1].received)
    );
    let last = told.last().unwrap();
    assert_eq!((last.written, last.total), (100_000, Some(total)));
}

#[test]
fn writer_that_fails() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let response = answer(&[], Cursor::new(BILL.to_vec()));
    assert_eq!(copy(&Download::new("https://x/"), response, &mut Full).unwrap_err().kind(), ErrorKind::Io);
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wechatpay-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn fetch_to(path: &Path, download: &Download, body: &[u8]) -> Result<Downloaded> {
    to_path(path, &SystemRandom, |out| copy(download, answer(&[], Cursor::new(body.to_vec())), out))
}

#[test]
fn a_file_appears_only_when_it_is_right() {
    let folder = Folder::new("right");
    let path = folder.0.join("账单 2026-08-08.csv");
    let right = Download::new("https://x/").sha1(sha1(BILL));
    let wrong = Download::new("https://x/").sha1(sha1(b"x"));
    for body in [BILL.to_vec(), gzip(BILL)[..20].to_vec()] {
        assert_eq!(fetch_to(&path, &wrong, &body).unwrap_err().kind(), ErrorKind::Integrity);
        assert_eq!(folder.names(), Vec::<String>::new(), "neither the file nor a temporary one");
    }
    fetch_to(&path, &right, &gzip(BILL)).unwrap();
    assert_eq!(folder.names(), ["账单 2026-08-08.csv"]);
    assert_eq!(std::fs::read(&path).unwrap(), BILL);
    // a failed repetition leaves the good file alone
    assert!(fetch_to(&path, &wrong, b"y").is_err());
    assert_eq!((folder.names().len(), std::fs::read(&path).unwrap().as_slice()), (1, BILL));
}

#[test]
fn a_temporary_file_does_not_survive_a_panic() {
    let folder = Folder::new("panic");
    let path = folder.0.join("bill.csv");
    let outcome = std::panic::catch_unwind(|| {
        to_path(&path, &SystemRandom, |_| -> Result<()> { panic!("in a callback") })
    });
    assert!(outcome.is_err());
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn places_that_cannot_be_written() {
    let missing = std::env::temp_dir().join("wechatpay-no-such-folder").join("bill.csv");
    assert_eq!(fetch_to(&missing, &Download::new("https://x/"), BILL).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(fetch_to(Path::new("/"), &Download::new("https://x/"), BILL).unwrap_err().code(), "FILE_NAME");
}

#[test]
fn the_token_is_not_shown() {
    let shown =
        format!("{:?}", Download::new("https://api.mch.weixin.qq.com/v3/billdownload/file?token=secret"));
    assert!(shown.contains("billdownload") && !shown.contains("secret"), "{shown}");
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_come_out(
        content: Vec<u8>,
        compressed: bool,
        size in 1usize..50,
    ) {
        prop_assume!(compressed || !content.starts_with(&[0x1f, 0x8b]));
        let body = if compressed { gzip(&content) } else { content.clone() };
        let pieces = body.chunks(size).map(<[u8]>::to_vec).collect();
        let mut out = Vec::new();
        let download = Download::new("https://x/").sha1(sha1(&content));
        let done = copy(&download, answer(&[], Pieces(pieces, None)), &mut out).unwrap();
        prop_assert_eq!(done.bytes, content.len() as u64);
        prop_assert_eq!(out, content);
    }

    #[test]
    fn no_damage_goes_unnoticed(content in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, bit in 0u8..8) {
        let mut body = gzip(&content);
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        let mut out = Vec::new();
        let download = Download::new("https://x/").sha1(sha1(&content));
        let result = copy(&download, answer(&[], Cursor::new(body)), &mut out);
        // Header bytes such as the time stamp do not matter; whatever is accepted is the announced content.
        prop_assert!(result.is_err() || out == content);
    }
}

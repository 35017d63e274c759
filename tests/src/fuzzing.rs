//! What must hold for any input: the bodies of the fuzz targets (`fuzz/`) and of the property tests.
//!
//! Each function takes bytes of anybody's and panics when something does not hold.

use std::io::Cursor;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use wechatpay_codegen::parse::{self, Source};
use wechatpay_core::bill::BillReader;
use wechatpay_core::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};
use wechatpay_core::download::Download;
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse};
use wechatpay_core::operation::{self, Reply};
use wechatpay_core::transport::{Limits, StreamingResponse, Transport};
use wechatpay_core::{Client, Config, Error, ErrorKind, Kernel, Result};

/// Test keys and a kernel whose clock stands still.
struct World {
    vectors: Value,
    kernel: Kernel,
    platform: PrivateKey,
    api_v3_key: ApiV3Key,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

fn config(vectors: &Value) -> Config {
    let now = vectors["now"].as_u64().unwrap();
    let platform = PublicKey::from_pem(text(&vectors["keys"]["platform"], "public_key")).unwrap();
    Config::new(
        text(vectors, "mchid"),
        PrivateKey::from_pem(text(&vectors["keys"]["merchant"], "private_key")).unwrap(),
    )
    .merchant_serial(text(vectors, "merchant_serial"))
    .api_v3_key(ApiV3Key::new(text(vectors, "api_v3_key")).unwrap())
    .wechatpay_public_key(text(vectors, "wechatpay_public_key_id"), platform.clone())
    .hk_public_key(text(vectors, "wechatpay_public_key_id"), platform)
    .clock(move || now)
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let vectors: Value = serde_json::from_str(include_str!("../vectors/generated.json")).unwrap();
        World {
            kernel: Kernel::new(config(&vectors)).unwrap(),
            platform: PrivateKey::from_pem(text(&vectors["keys"]["platform"], "private_key")).unwrap(),
            api_v3_key: ApiV3Key::new(text(&vectors, "api_v3_key")).unwrap(),
            vectors,
        }
    })
}

/// Headers of a message that the platform's test key signed.
fn signed(body: &[u8]) -> Headers {
    let world = world();
    let (now, nonce) = (world.vectors["now"].to_string(), text(&world.vectors, "nonce"));
    let message = [now.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
    [
        ("Wechatpay-Serial", text(&world.vectors, "wechatpay_public_key_id").to_owned()),
        ("Wechatpay-Timestamp", now),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Signature", STANDARD.encode(world.platform.sign_sha256(&message).unwrap())),
    ]
    .into_iter()
    .collect()
}

fn split(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// A notification from anybody, or one that was changed on its way: refused. With a good signature: decrypted, or
/// refused as authenticated. With good encryption too: exactly what was sealed.
pub fn notification(data: &[u8]) {
    let world = world();
    let (mode, rest) = split(data);
    match mode % 4 {
        0 => {
            let mut parts = rest.splitn(5, |byte| *byte == b'\n');
            let mut line = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
            let names = ["Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature"];
            let headers: Headers = names.into_iter().map(|name| (name, line())).collect();
            untrusted(&headers, parts.next().unwrap_or_default());
        }
        1 => {
            if let Err(error) = world.kernel.parse_notification(&signed(rest), rest) {
                assert!(error.authenticated(), "{error:?}");
                assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Decryption), "{error}");
                assert!(matches!(error.notification_reply().status, 400 | 500), "{error}");
            }
        }
        3 => {
            // The bytes came in place of others; and a header came in place of another, or beside it.
            untrusted(&signed(b"{}"), if rest == b"{}" { b"{ }" } else { rest });
            let (name, value) = rest.split_at(rest.iter().position(|byte| *byte == b':').unwrap_or(0));
            let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
            let unsigned = signed(b"{}").iter().skip(1).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            for mut headers in [unsigned, signed(b"{}")] {
                headers.push(name.as_ref(), value.trim_start_matches(':'));
                untrusted(&headers, b"{ }");
            }
        }
        _ => {
            let sealed = world.api_v3_key.encrypt(b"fdasflkja484", b"x", rest).unwrap();
            let body = json!({ "id": "1", "event_type": "FUZZ", "resource": {
                "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(sealed),
                "associated_data": "x", "nonce": "fdasflkja484" } });
            let body = body.to_string().into_bytes();
            let parsed = world.kernel.parse_notification(&signed(&body), &body);
            match serde_json::from_slice::<Value>(rest) {
                Ok(value) => assert_eq!(parsed.unwrap().resource, value),
                Err(_) => assert_eq!(parsed.unwrap_err().code(), "BAD_NOTIFICATION"),
            }
        }
    }
}

fn untrusted(headers: &Headers, body: &[u8]) {
    let error = world().kernel.parse_notification(headers, body).unwrap_err();
    assert!(error.kind() == ErrorKind::Verification && !error.authenticated(), "{error}");
    assert_eq!(error.notification_reply().status, 401, "{error}");
}

/// An answer from anybody: never a value without a good signature; with one, what was sent or a reason.
pub fn answer(data: &[u8]) {
    let world = world();
    let (mode, rest) = split(data);
    let operations: Vec<_> = operation::all().collect();
    let operation = operations[usize::from(mode) % operations.len()];
    let (status, body) = split(rest);
    let status = 100 + u16::from(status) * 2;
    let unsigned = HttpResponse::new(status, Headers::new(), body.to_vec());
    let error = world.kernel.finish(operation, &unsigned).unwrap_err();
    assert!(!error.authenticated(), "{error:?}");
    assert!(!error.code().is_empty(), "{error:?}");
    if operation.id().ends_with("certificates.list") {
        return;
    }
    let signed = HttpResponse::new(status, signed(body), body.to_vec());
    match world.kernel.finish(operation, &signed) {
        Ok(answer) => {
            assert!((200..300).contains(&status));
            assert_eq!(answer.status, status);
            // Where nothing, or nobody knows what, is answered, no type says what it is.
            let has_type = matches!(operation.reply(), Reply::Json(_));
            assert!(
                !has_type || answer.value.is_null() || answer.value.is_object(),
                "{}: {}",
                operation.id(),
                answer.value
            );
        }
        Err(error) => assert!(!error.code().is_empty(), "{error:?}"),
    }
}

/// Key and certificate files: loaded or refused, and never shown. One that loads does so in another wrapping too.
pub fn keys(data: &[u8]) {
    if let Ok(key) = PrivateKey::from_bytes(data) {
        let wrapped = STANDARD.encode(data);
        let wide: Vec<u8> = format!("\u{feff}{wrapped}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        for wrapped in [wrapped.into_bytes(), wide] {
            match PrivateKey::from_bytes(&wrapped) {
                Ok(same) => assert!(same.public_key() == key.public_key()),
                // Base64 in base64 comes to an end.
                Err(error) => assert_eq!(error.kind(), ErrorKind::Config),
            }
        }
    }
    let errors: Vec<Error> = [
        PrivateKey::from_bytes(data).err(),
        PrivateKey::from_der(data).err(),
        PublicKey::from_bytes(data).err(),
        PublicKey::from_der(data).err(),
        Certificate::from_bytes(data).err(),
        PrivateKey::from_pkcs12(data, "1900000001").err(),
        ApiV3Key::new(data).err(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let shown: String = errors.iter().map(|error| format!("{error} {error:?}")).collect();
    for line in String::from_utf8_lossy(data).lines().take(20) {
        let line = line.trim();
        // Labels such as BEGIN PRIVATE KEY may be quoted; what stands between them may not.
        if line.len() >= 24 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        {
            assert!(!shown.contains(line), "{line} was shown: {shown}");
        }
    }
}

/// A bill: rows or reasons, and an end that is not reached in silence.
pub fn bill(data: &[u8]) {
    let Ok(mut reader) = BillReader::new(Cursor::new(data)) else { return };
    let lines = data.iter().filter(|byte| **byte == b'\n').count() + 1;
    let (mut seen, mut failed) = (0, false);
    for row in reader.by_ref() {
        seen += 1;
        assert!(seen <= lines, "more rows than lines");
        failed |= row.is_err();
        if let Ok(row) = row {
            assert!(row.line() as usize <= lines);
            for (column, value) in row.iter() {
                assert!(row.get(column).is_some(), "{column}");
                let _ = (row.fen(column), wechatpay_core::bill::fen(value));
            }
            if let Ok(trade) = row.trade() {
                assert!(row.get("商户订单号").is_some() && row.fund_flow().is_err());
                let _ = (trade.total(), trade.transaction_id(), trade.to_json());
            }
        }
    }
    // Without an error a bill ends with totals only; and where they were cut off, it does not end so.
    let Some(totals) = reader.summary().filter(|_| !failed) else {
        assert!(failed, "a bill ended without its totals");
        return;
    };
    let mut before: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
    before.truncate(totals.line() as usize - 1);
    let before = before.concat();
    let cut = BillReader::new(Cursor::new(&before)).map(|mut reader| reader.any(|row| row.is_err()));
    assert!(cut.unwrap_or(true), "a bill without totals was read to its end");
}

/// A header of the sandbox: read or refused.
pub fn authorization(data: &[u8]) {
    let header = String::from_utf8_lossy(data);
    if wechatpay_sandbox::reads_authorization(&header) {
        for name in ["mchid", "serial_no", "nonce_str", "timestamp", "signature"] {
            assert!(header.contains(&format!("{name}=\"")), "{header}");
        }
    }
}

/// A server that answers every download with these bytes.
struct Canned(Vec<u8>);

impl Transport for Canned {
    fn send(&self, _: &HttpRequest, _: &Limits) -> Result<HttpResponse> {
        Ok(HttpResponse::new(200, Headers::new(), self.0.clone()))
    }

    fn open(&self, _: &HttpRequest, _: &Limits) -> Result<StreamingResponse> {
        Ok(StreamingResponse::new(200, Headers::new(), Box::new(Cursor::new(self.0.clone()))))
    }
}

fn downloaded(bytes: Vec<u8>, max: u64) -> (Result<u64>, Vec<u8>) {
    let client =
        Client::builder(config(&world().vectors)).retries(0).transport(Canned(bytes)).build().unwrap();
    let download = Download::new("https://api.mch.weixin.qq.com/v3/billdownload/file?token=x").max_bytes(max);
    let mut out = Vec::new();
    let outcome = client.download(&download, &mut out).map(|downloaded| downloaded.bytes);
    (outcome, out)
}

/// A file of anybody's: copied as it is, or decompressed, or refused; never more than allowed.
pub fn download(data: &[u8]) {
    const MAX: u64 = 1 << 16;
    let (mode, rest) = split(data);
    let packed = || {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::Write::write_all(&mut packer, rest).unwrap();
        packer.finish().unwrap()
    };
    match mode % 3 {
        0 => {
            let (outcome, out) = downloaded(rest.to_vec(), MAX);
            match outcome {
                Ok(bytes) => {
                    assert_eq!(bytes, out.len() as u64);
                    assert!(bytes <= MAX);
                    assert!(rest.starts_with(&[0x1f, 0x8b]) || out == rest);
                }
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Integrity | ErrorKind::Malformed), "{error}")
                }
            }
            assert!(out.len() as u64 <= MAX);
        }
        1 => {
            let (outcome, out) = downloaded(packed(), MAX);
            match outcome {
                Ok(_) => assert_eq!(out, rest),
                Err(error) => assert!(error.code() == "BODY_TOO_LARGE" && rest.len() as u64 > MAX, "{error}"),
            }
        }
        _ => {
            let mut packed = packed();
            packed.truncate(packed.len() - 1 - usize::from(mode) % 8);
            let (outcome, _) = downloaded(packed, MAX);
            assert!(outcome.is_err(), "a file that was cut is no file");
        }
    }
}

/// A spec file: understood, or refused with places that exist.
pub fn spec(data: &[u8]) {
    let source =
        Source { name: "spec/fuzz.yaml".to_owned(), text: String::from_utf8_lossy(data).into_owned() };
    let lines = source.text.split(['\n', '\r']).count() + 1;
    let errors = [parse::parse(std::slice::from_ref(&source)).err(), parse::parse_errors(&source).err()];
    for diagnostic in errors.into_iter().flatten().flatten() {
        assert!(diagnostic.pos.line <= lines, "{diagnostic} ({lines} lines)");
    }
}

/// A path parameter of anybody's: refused, or encoded so that it decodes to the same and names nothing else.
pub fn path_parameter(data: &[u8]) {
    let value = String::from_utf8_lossy(data).into_owned();
    let operation = operation::find("payments.query_by_out_trade_no").unwrap();
    let Ok(request) = world().kernel.prepare(operation, json!({ "out_trade_no": value })) else { return };
    let rest = request.url.split_once("/out-trade-no/").unwrap().1;
    let segment = rest.split_once('?').unwrap().0;
    assert!(
        segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)),
        "{segment}"
    );
    assert_ne!(segment, "..");
    let mut bytes = segment.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            decoded.push(byte);
        }
    }
    assert_eq!(decoded, value.as_bytes());
}

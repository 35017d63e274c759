//! Every example of the spec through the typed Rust API: the request that goes out, and the answer that comes back. Files are
//! made up.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use wechatpay_core::crypto::{PrivateKey, PublicKey};
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse};
use wechatpay_core::operation::{self, Fields, Kind, Reply};
use wechatpay_core::transport::{Limits, Transport};
use wechatpay_core::{Client, Config, Result};
use wechatpay_tests::generated::typed_calls;
use wechatpay_tests::typed;

/// What is in every file that is downloaded.
const FILE: &[u8] = b"date,amount\r\n";

/// Answers one request with a signed body, and keeps the request.
struct Canned {
    answer: Vec<u8>,
    /// The answer is a file whose digest is signed.
    signs_digest: bool,
    key: PrivateKey,
    vectors: Arc<Value>,
    sent: Arc<Mutex<Option<HttpRequest>>>,
}

impl Transport for Canned {
    fn send(&self, request: &HttpRequest, _: &Limits) -> Result<HttpResponse> {
        *self.sent.lock().unwrap() = Some(request.clone());
        let (now, nonce) = (self.vectors["now"].to_string(), text(&self.vectors, "nonce"));
        let sha1 = HEXLOWER.encode(&Sha1::digest(&self.answer));
        let signed = match self.signs_digest {
            true => format!("{{\"sha1\":\"{sha1}\"}}").into_bytes(),
            false => self.answer.clone(),
        };
        let message = [now.as_bytes(), b"\n", nonce.as_bytes(), b"\n", &signed, b"\n"].concat();
        let headers: Headers = [
            ("Wechatpay-Serial", text(&self.vectors, "wechatpay_public_key_id").to_owned()),
            ("Wechatpay-Timestamp", now),
            ("Wechatpay-Nonce", nonce.to_owned()),
            ("Wechatpay-Signature", STANDARD.encode(self.key.sign_sha256(&message)?)),
            ("Wechatpay-Statement-Sha1", sha1),
        ]
        .into_iter()
        .collect();
        let status = if self.answer.is_empty() { 204 } else { 200 };
        Ok(HttpResponse::new(status, headers, self.answer.clone()))
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name:?}"))
}

/// Encrypts to the merchant what WeChat Pay would.
fn seal(fields: Fields, object: &mut Map<String, Value>, key: &PublicKey) {
    for field in fields {
        if let Some(value) = object.get_mut(field.name()) {
            seal_value(field.kind(), field.is_encrypted(), value, key);
        }
    }
}

fn seal_value(kind: Kind, encrypted: bool, value: &mut Value, key: &PublicKey) {
    match (kind, value) {
        (Kind::Object(model), Value::Object(object)) => seal(model.fields(), object, key),
        (Kind::List(item), Value::Array(values)) => {
            values.iter_mut().for_each(|value| seal_value(item.kind(), encrypted, value, key));
        }
        (_, Value::String(text)) if encrypted => {
            *text = STANDARD.encode(key.encrypt_oaep(text.as_bytes()).unwrap());
        }
        _ => {}
    }
}

#[test]
fn every_example_goes_through_the_typed_api() {
    let vectors: Arc<Value> =
        Arc::new(serde_json::from_str(include_str!("../vectors/generated.json")).unwrap());
    let examples = wechatpay_tests::examples::examples().unwrap();
    let key = |who: &str| PrivateKey::from_pem(text(&vectors["keys"][who], "private_key")).unwrap();
    let (merchant, platform) = (key("merchant"), key("platform"));
    let now = vectors["now"].as_u64().unwrap();
    let mut called = 0;
    for (id, call) in typed_calls::all() {
        if id.ends_with("certificates.list") {
            // Its answer is decrypted and checked as certificates; the documentation's sample is cut short.
            continue;
        }
        let operation = operation::find(id).unwrap();
        let Some(example) = examples["operations"].as_array().unwrap().iter().find(|e| e["operation"] == *id)
        else {
            panic!("{id} has no example")
        };
        let response = example.get("response").cloned().unwrap_or_default();
        let mut sealed = response.clone();
        if let (Reply::Json(model), Value::Object(object)) = (operation.reply(), &mut sealed) {
            seal(model.fields(), object, &merchant.public_key());
        }
        let sent = Arc::new(Mutex::new(None));
        let (response, body) = match operation.reply() {
            Reply::File => (json!(FILE.len()), FILE.to_vec()),
            _ if sealed.is_null() => (response, Vec::new()),
            _ => (response, sealed.to_string().into_bytes()),
        };
        let transport = Canned {
            answer: body,
            signs_digest: operation.signs_digest(),
            key: platform.clone(),
            vectors: Arc::clone(&vectors),
            sent: Arc::clone(&sent),
        };
        let config = Config::new(text(&vectors, "mchid"), merchant.clone())
            .merchant_serial(text(&vectors, "merchant_serial"))
            .wechatpay_public_key(text(&vectors, "wechatpay_public_key_id"), platform.public_key())
            .hk_public_key(text(&vectors, "wechatpay_public_key_id"), platform.public_key())
            .clock(move || now);
        let client = Client::builder(config).retries(0).transport(transport).build().unwrap();
        let request = example.get("request").cloned().unwrap_or_else(|| json!({}));
        let answer = call(&client, request.clone()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(answer, response, "{id}: the type of the answer does not hold all of it");

        let typed = sent.lock().unwrap().take().unwrap();
        let untyped = match operation.body() {
            operation::Body::Upload(limits) => {
                let file = typed::to_upload(limits.extensions().next().unwrap());
                let file = file.with(request.as_object().unwrap().clone());
                client.kernel().prepare_upload(operation, &file).unwrap()
            }
            _ => client.kernel().prepare(operation, request).unwrap(),
        };
        assert_eq!(
            (typed.method, without_ciphertexts(&typed.url)),
            (untyped.method, without_ciphertexts(&untyped.url)),
            "{id}"
        );
        let (mut typed, mut untyped) = (body_of(&typed), body_of(&untyped));
        blank_ciphertexts(&mut typed);
        blank_ciphertexts(&mut untyped);
        assert_eq!(typed, untyped, "{id}");
        called += 1;
    }
    println!("{called} typed calls");
    let all = operation::all().count();
    assert_eq!(typed_calls::all().count(), all, "a call is missing: run `cargo xtask codegen`");
}

/// An encrypted value in the query is another one each time: its place is kept, and that it is a ciphertext.
fn without_ciphertexts(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let values = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if value.len() >= 300 => format!("{name}=…"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", values.collect::<Vec<_>>().join("&"))
}

/// The JSON that a request carries; of an upload that beside the file, which must be whole.
fn body_of(request: &HttpRequest) -> Value {
    let body = &request.body;
    if !body.starts_with(b"--") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    let body = std::str::from_utf8(body).unwrap();
    let (_, meta) = body.split_once("application/json\r\n\r\n").unwrap();
    let (meta, rest) = meta.split_once("\r\n").unwrap();
    assert!(rest.contains(std::str::from_utf8(typed::UPLOADED).unwrap()));
    serde_json::from_str(meta).unwrap()
}

/// OAEP gives another ciphertext each time.
fn blank_ciphertexts(value: &mut Value) {
    match value {
        Value::Object(object) => object.values_mut().for_each(blank_ciphertexts),
        Value::Array(values) => values.iter_mut().for_each(blank_ciphertexts),
        Value::String(text) if text.len() == 344 && STANDARD.decode(&*text).is_ok() => {
            "ciphertext".clone_into(text)
        }
        _ => {}
    }
}

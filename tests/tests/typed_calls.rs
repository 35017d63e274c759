//! Every example of the spec through the typed Rust API: the request that goes out, and the answer that comes back.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use wechatpay_core::crypto::{PrivateKey, PublicKey};
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse};
use wechatpay_core::operation::{self, Field, Kind, Reply};
use wechatpay_core::transport::{Limits, Transport};
use wechatpay_core::{Client, Config, Result};
use wechatpay_tests::generated::typed_calls::CALLS;

/// Answers one request with a signed body, and keeps the request.
struct Canned {
    answer: Vec<u8>,
    key: PrivateKey,
    vectors: Arc<Value>,
    sent: Arc<Mutex<Option<HttpRequest>>>,
}

impl Transport for Canned {
    fn send(&self, request: &HttpRequest, _: &Limits) -> Result<HttpResponse> {
        *self.sent.lock().unwrap() = Some(request.clone());
        let (now, nonce) = (self.vectors["now"].to_string(), text(&self.vectors, "nonce"));
        let message = [now.as_bytes(), b"\n", nonce.as_bytes(), b"\n", &self.answer, b"\n"].concat();
        let headers: Headers = [
            ("Wechatpay-Serial", text(&self.vectors, "wechatpay_public_key_id").to_owned()),
            ("Wechatpay-Timestamp", now),
            ("Wechatpay-Nonce", nonce.to_owned()),
            ("Wechatpay-Signature", STANDARD.encode(self.key.sign_sha256(&message)?)),
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
fn seal(fields: &[Field], object: &mut Map<String, Value>, key: &PublicKey) {
    for field in fields {
        match (&field.kind, object.get_mut(field.name)) {
            (Kind::Object(model), Some(Value::Object(object))) => seal(model.fields, object, key),
            (_, Some(Value::String(text))) if field.encrypt => {
                *text = STANDARD.encode(key.encrypt_oaep(text.as_bytes()).unwrap());
            }
            _ => {}
        }
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
    for (id, call) in CALLS {
        if *id == "certificates.list" {
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
        if let (Reply::Json(model), Value::Object(object)) = (operation.reply, &mut sealed) {
            seal(model.fields, object, &merchant.public_key());
        }
        let sent = Arc::new(Mutex::new(None));
        let transport = Canned {
            answer: if sealed.is_null() { Vec::new() } else { sealed.to_string().into_bytes() },
            key: platform.clone(),
            vectors: Arc::clone(&vectors),
            sent: Arc::clone(&sent),
        };
        let config = Config::new(text(&vectors, "mchid"), merchant.clone())
            .merchant_serial(text(&vectors, "merchant_serial"))
            .wechatpay_public_key(text(&vectors, "wechatpay_public_key_id"), platform.public_key())
            .clock(move || now);
        let client = Client::builder(config).max_retries(0).transport(transport).build().unwrap();
        let request = example.get("request").cloned().unwrap_or_else(|| json!({}));
        let answer = call(&client, request.clone()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(answer, response, "{id}: the type of the answer does not hold all of it");

        let typed = sent.lock().unwrap().take().unwrap();
        let untyped = client.kernel().prepare(operation, request).unwrap();
        assert_eq!((typed.method, &typed.url), (untyped.method, &untyped.url), "{id}");
        let body =
            |request: &HttpRequest| -> Value { serde_json::from_slice(&request.body).unwrap_or_default() };
        let (mut typed, mut untyped) = (body(&typed), body(&untyped));
        blank_ciphertexts(&mut typed);
        blank_ciphertexts(&mut untyped);
        assert_eq!(typed, untyped, "{id}");
        called += 1;
    }
    println!("{called} typed calls");
    let typed = operation::all()
        .filter(|operation| !matches!(operation.reply, Reply::File))
        .filter(|operation| !matches!(operation.body, operation::Body::Upload(_)))
        .count();
    assert_eq!(CALLS.len(), typed, "a call is missing: run `cargo xtask codegen`");
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

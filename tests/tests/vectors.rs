//! Every vector of `tests/vectors/`, through the Rust kernel.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use wechatpay::NotificationResource;
use wechatpay_core::crypto::{ApiV3Key, PrivateKey, PublicKey};
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse, Method};
use wechatpay_core::operation::{self, Body, Fields, Fill, Kind, Operation, Reply};
use wechatpay_core::{Config, Kernel, NonceSource, Result, validate};
use wechatpay_tests::examples::examples;

fn load(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name:?} in {value}"))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let list = value[name].as_array().unwrap_or_else(|| panic!("no list {name:?}"));
    assert!(!list.is_empty(), "{name} is empty");
    list
}

/// The nonce of the vectors, always.
struct Fixed(String);

impl NonceSource for Fixed {
    fn fill(&self, random: &mut [u8]) -> Result<()> {
        for (byte, digits) in random.iter_mut().zip(self.0.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        }
        Ok(())
    }
}

fn kernel(vectors: &Value) -> Kernel {
    let now = vectors["now"].as_u64().unwrap();
    let key = PrivateKey::from_pem(text(&vectors["keys"]["merchant"], "private_key")).unwrap();
    let platform = PublicKey::from_pem(text(&vectors["keys"]["platform"], "public_key")).unwrap();
    let config = Config::new(text(vectors, "mchid"), key)
        .merchant_serial(text(vectors, "merchant_serial"))
        .api_v3_key(ApiV3Key::new(text(vectors, "api_v3_key")).unwrap())
        .wechatpay_public_key(text(vectors, "wechatpay_public_key_id"), platform.clone())
        .hk_public_key(text(vectors, "wechatpay_public_key_id"), platform)
        .clock(move || now)
        .nonce_source(Fixed(text(vectors, "nonce").to_owned()));
    Kernel::new(config).unwrap()
}

fn headers(entry: &Value) -> Headers {
    entry["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name, value.as_str().unwrap()))
        .collect()
}

#[test]
fn generated_requests_are_signed_bit_for_bit() {
    let vectors = load("generated.json");
    for entry in list(&vectors, "requests") {
        let body = text(entry, "body");
        let value = (!body.is_empty()).then(|| serde_json::from_str(body).unwrap());
        let method = Method::from_name(text(entry, "method")).unwrap();
        let request = kernel(&vectors).prepare_request(method, text(entry, "target"), value).unwrap();
        assert_eq!(request.body, body.as_bytes(), "{}", entry["name"]);
        let signature = format!("signature=\"{}\"", text(entry, "signature"));
        assert!(request.headers.get("Authorization").unwrap().contains(&signature), "{}", entry["name"]);
    }
}

#[test]
fn generated_answers_are_accepted_or_refused() {
    let vectors = load("generated.json");
    for entry in list(&vectors, "answers") {
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let response = HttpResponse::new(status, headers(entry), text(entry, "body").as_bytes().to_vec());
        match (kernel(&vectors).finish_request(Method::Post, &response), entry.get("error")) {
            (Ok(answer), None) => assert_eq!(answer.value, entry["value"], "{}", entry["name"]),
            (Err(error), Some(code)) => {
                assert_eq!(error.code(), code, "{}: {error}", entry["name"]);
                assert!(error.outcome_unknown() && !error.authenticated(), "{}", entry["name"]);
            }
            (outcome, _) => panic!("{}: {outcome:?}", entry["name"]),
        }
    }
}

#[test]
fn generated_notifications_are_accepted_or_refused() {
    let vectors = load("generated.json");
    for entry in list(&vectors, "notifications") {
        let body = text(entry, "body").as_bytes();
        match (kernel(&vectors).parse_notification(&headers(entry), body), entry.get("error")) {
            (Ok(notification), None) => {
                assert_eq!(notification.resource, entry["resource"], "{}", entry["name"]);
                assert_eq!(
                    json!(notification.kind.map(|kind| kind.id())),
                    entry["type"],
                    "{}",
                    entry["name"]
                );
            }
            (Err(error), Some(code)) => assert_eq!(error.code(), code, "{}: {error}", entry["name"]),
            (outcome, _) => panic!("{}: {outcome:?}", entry["name"]),
        }
    }
}

#[test]
fn generated_sensitive_fields_and_payment_parameters() {
    let vectors = load("generated.json");
    let kernel = kernel(&vectors);
    for entry in list(&vectors, "oaep") {
        assert_eq!(kernel.decrypt_field(text(entry, "ciphertext")).unwrap(), text(entry, "plaintext"));
    }
    let wanted = &vectors["payments"];
    let jsapi = kernel.jsapi_payment(text(wanted, "appid"), text(wanted, "prepay_id")).unwrap();
    assert_eq!(jsapi.pay_sign, text(wanted, "jsapi_sign"));
    assert_eq!(
        (jsapi.time_stamp.as_str(), jsapi.nonce_str.as_str()),
        (text(wanted, "timestamp"), text(wanted, "nonce"))
    );
    let app = kernel.app_payment(text(wanted, "appid"), text(wanted, "prepay_id")).unwrap();
    assert_eq!(app.sign, text(wanted, "app_sign"));
}

#[test]
fn published_signatures_hold_or_fail_as_they_say() {
    let published = load("published.json");
    let keys = &published["keys"];
    let merchant = PrivateKey::from_pem(text(&keys["doc.merchant"], "private_key_pem")).unwrap();
    let verifies = |key: &str, message: &str, signature: &str| {
        let key = PublicKey::from_pem(text(&keys[key], "public_key_pem")).unwrap();
        STANDARD.decode(signature).is_ok_and(|signature| key.verify_sha256(message.as_bytes(), &signature))
    };
    for vector in list(&published, "vectors") {
        let (id, signature) = (text(vector, "id"), text(vector, "signature"));
        match text(vector, "type") {
            kind if kind.ends_with("response") => {
                let valid = text(vector, "expect").starts_with("valid");
                assert_eq!(verifies(text(vector, "key"), text(vector, "message"), signature), valid, "{id}");
            }
            "probe signature" => {
                assert!(signature.starts_with("WECHATPAY/SIGNTEST/"), "{id}");
                for key in ["doc.wechatpay", "doc.wechatpay_pubkey_page"] {
                    assert!(!verifies(key, "1\n1\n{}\n", signature), "{id}");
                }
            }
            kind if kind.starts_with("SHA256-RSA2048") => {
                let made = STANDARD.encode(merchant.sign_sha256(text(vector, "message").as_bytes()).unwrap());
                let wrong = vector
                    .get("expect")
                    .is_some_and(|expect| expect.as_str().unwrap().starts_with("doc_error"));
                assert_eq!(made == signature, !wrong, "{id}");
                if wrong {
                    assert_eq!(made, text(vector, "computed_signature"), "{id}");
                }
            }
            other => panic!("{id}: nothing here knows a vector of type {other:?}"),
        }
    }
}

/// Encrypts to the merchant what WeChat Pay would, by the same table.
fn seal(fields: Fields, object: &mut Map<String, Value>, key: &PublicKey) {
    for field in fields {
        if let Some(value) = object.get_mut(field.name()) {
            seal_value(field.kind(), field.is_encrypted(), value, key);
        }
    }
}

fn seal_value(kind: Kind, encrypt: bool, value: &mut Value, key: &PublicKey) {
    match (kind, value) {
        (Kind::Object(model), Value::Object(object)) => seal(model.fields(), object, key),
        (Kind::List(item), Value::Array(values)) => {
            values.iter_mut().for_each(|value| seal_value(item.kind(), encrypt, value, key));
        }
        (_, Value::String(text)) if encrypt => {
            *text = STANDARD.encode(key.encrypt_oaep(text.as_bytes()).unwrap())
        }
        _ => {}
    }
}

/// Headers of an answer that the platform's test key signed.
fn signed(vectors: &Value, body: &[u8]) -> Headers {
    let key = PrivateKey::from_pem(text(&vectors["keys"]["platform"], "private_key")).unwrap();
    let (now, nonce) = (vectors["now"].to_string(), text(vectors, "nonce"));
    let message = [now.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
    [
        ("Wechatpay-Serial", text(vectors, "wechatpay_public_key_id").to_owned()),
        ("Wechatpay-Timestamp", now),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Signature", STANDARD.encode(key.sign_sha256(&message).unwrap())),
    ]
    .into_iter()
    .collect()
}

fn merchant_public(vectors: &Value) -> PublicKey {
    PublicKey::from_pem(text(&vectors["keys"]["merchant"], "public_key")).unwrap()
}

#[test]
fn every_example_request_is_accepted_and_becomes_a_request() {
    let (examples, vectors) = (examples().unwrap(), load("generated.json"));
    let kernel = kernel(&vectors);
    for example in list(&examples, "operations") {
        let id = text(example, "operation");
        let operation = operation::find(id).unwrap_or_else(|| panic!("no operation {id}"));
        if let Body::Upload(_) = operation.body() {
            continue;
        }
        let Value::Object(params) = example.get("request").cloned().unwrap_or_else(|| json!({})) else {
            panic!("{id}: the request is no object")
        };
        let filled = with_mchid(operation, params.clone(), kernel.mchid());
        validate::check(operation, &filled).unwrap_or_else(|error| panic!("{error}"));
        let request = kernel.prepare(operation, Value::Object(params.clone())).unwrap();
        assert_eq!(request.method, operation.method(), "{id}");
        let body: Value =
            if request.body.is_empty() { json!({}) } else { serde_json::from_slice(&request.body).unwrap() };
        for (name, value) in &params {
            sent_somewhere(operation, name, value, &body, &request);
        }
    }
}

fn with_mchid(operation: Operation, mut params: Map<String, Value>, mchid: &str) -> Map<String, Value> {
    for field in operation.path_params().chain(operation.query()).chain(operation.body_fields()) {
        if field.fill() == Some(Fill::Mchid) {
            params.entry(field.name()).or_insert_with(|| json!(mchid));
        }
    }
    params
}

/// A parameter stands where the table says, unchanged unless it is encrypted.
fn sent_somewhere(operation: Operation, name: &str, value: &Value, body: &Value, request: &HttpRequest) {
    let (id, url) = (operation.id(), &request.url);
    let named = |mut fields: Fields| fields.find(|field| field.name() == name);
    if let Body::Json(fields) = operation.body()
        && let Some(field) = named(fields)
    {
        if field.is_encrypted() {
            assert_ne!(body[name], *value, "{id}: {name} was sent in plain text");
            assert_eq!(text(body, name).len(), 344, "{id}: {name}");
        } else if !matches!(field.kind(), Kind::Object(_) | Kind::List(_)) {
            assert_eq!(body[name], *value, "{id}: {name}");
        } else {
            assert!(!body[name].is_null(), "{id}: {name}");
        }
    } else if named(operation.query()).is_some() {
        assert!(url.contains(&format!("{name}=")), "{id}: {name} in {url}");
    } else if let Some(field) = named(operation.headers()) {
        let header = field.header_name();
        assert_eq!(request.headers.get(&header), value.as_str(), "{id}: {header}");
    } else {
        assert!(named(operation.path_params()).is_some(), "{id}: {name} is nowhere");
        assert!(!url.contains('{'), "{id}: {url}");
    }
}

#[test]
fn every_example_answer_comes_back_as_it_is() {
    let (examples, vectors) = (examples().unwrap(), load("generated.json"));
    let kernel = kernel(&vectors);
    let mut finished = 0;
    for example in list(&examples, "operations") {
        let id = text(example, "operation");
        let operation = operation::find(id).unwrap();
        let Reply::Json(model) = operation.reply() else { continue };
        if id.ends_with("certificates.list") {
            // Its answer is decrypted and checked as certificates; the documentation's sample is cut short.
            continue;
        }
        let response = example["response"].clone();
        let mut sent = response.clone();
        seal(model.fields(), sent.as_object_mut().unwrap(), &merchant_public(&vectors));
        let body = sent.to_string().into_bytes();
        let answer =
            kernel.finish(operation, &HttpResponse::new(200, signed(&vectors, &body), body)).unwrap();
        assert_eq!(answer.value, response, "{id}");
        finished += 1;
    }
    assert!(finished > 30, "only {finished} answers");
}

#[test]
fn every_example_notification_is_typed() {
    let (examples, vectors) = (examples().unwrap(), load("generated.json"));
    let kernel = kernel(&vectors);
    let key = ApiV3Key::new(text(&vectors, "api_v3_key")).unwrap();
    for example in list(&examples, "notifications") {
        let kind = operation::notification_types().find(|kind| kind.id() == text(example, "id")).unwrap();
        let original = example["original_type"].as_str().unwrap_or("anything");
        let mut resource = example["resource"].clone();
        seal(kind.resource().fields(), resource.as_object_mut().unwrap(), &merchant_public(&vectors));
        let sealed = key.encrypt(b"fdasflkja484", b"", resource.to_string().as_bytes()).unwrap();
        let body = json!({
            "id": "1", "create_time": "2026-01-01T00:00:00+08:00", "event_type": example["event_type"],
            "resource_type": "encrypt-resource", "summary": "",
            "resource": { "original_type": original, "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(sealed), "nonce": "fdasflkja484" },
        });
        let body = body.to_string().into_bytes();
        let notification = kernel.parse_notification(&signed(&vectors, &body), &body).unwrap();
        assert_eq!(notification.kind.map(|kind| kind.id()), Some(kind.id()));
        assert_eq!(notification.resource, example["resource"], "{}", kind.id());
        let unknown = matches!(NotificationResource::of(&notification), NotificationResource::Unknown(_));
        assert!(!unknown, "{} has no type in Rust", kind.id());
    }
}

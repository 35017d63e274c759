//! From the options of a scenario to a Rust client.

use std::time::Duration;

use serde_json::{Map, Value, json};
use wechatpay_core::crypto::{ApiV2Key, ApiV3Key, Certificate, PrivateKey, PublicKey};
use wechatpay_core::{Client, Config, Error, Result};

/// The default options, from what the sandbox gave out: public-key mode, no retries.
pub fn default_options(credentials: &Value) -> Map<String, Value> {
    let options = json!({
        "base_url": credentials["base_url"],
        "mchid": credentials["mchid"],
        "private_key": credentials["merchant_private_key"],
        "merchant_serial": credentials["merchant_serial_no"],
        "api_v2_key": credentials["api_v2_key"],
        "api_v3_key": credentials["api_v3_key"],
        "wechatpay_public_key_id": credentials["wechatpay_public_key_id"],
        "wechatpay_public_key": credentials["wechatpay_public_key"],
        "retries": 0,
    });
    match options {
        Value::Object(options) => options,
        _ => Map::new(),
    }
}

/// A client with these options.
///
/// # Errors
/// The library's own, for options that are wrong.
pub fn client(options: &Map<String, Value>) -> Result<Client> {
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let mut config = Config::new(
        text("mchid").unwrap_or_default(),
        PrivateKey::from_pem(text("private_key").unwrap_or_default())?,
    );
    if let Some(url) = text("base_url") {
        config = config.base_url(url);
    }
    if let Some(serial) = text("merchant_serial") {
        config = config.merchant_serial(serial);
    }
    if let Some(pem) = text("merchant_certificate") {
        config = config.merchant_certificate(Certificate::from_pem(pem)?);
    }
    if let Some(key) = text("api_v2_key") {
        config = config.api_v2_key(ApiV2Key::new(key)?);
    }
    if let Some(key) = text("api_v3_key") {
        config = config.api_v3_key(ApiV3Key::new(key)?);
    }
    if let Some(pem) = text("wechatpay_public_key") {
        let id = text("wechatpay_public_key_id").unwrap_or_default();
        config = config.wechatpay_public_key(id, PublicKey::from_pem(pem)?);
    }
    if let Some(pem) = text("hk_public_key") {
        config =
            config.hk_public_key(text("hk_public_key_id").unwrap_or_default(), PublicKey::from_pem(pem)?);
    }
    for pem in options.get("platform_certificates").and_then(Value::as_array).into_iter().flatten() {
        config = config.platform_certificate(Certificate::from_pem(pem.as_str().unwrap_or_default())?);
    }
    let mut builder = Client::builder(config);
    for (name, value) in options {
        let seconds = || Duration::from_secs_f64(value.as_f64().expect("seconds are a number"));
        builder = match name.as_str() {
            "retries" => builder.retries(u32::try_from(value.as_u64().unwrap()).unwrap()),
            "connect_timeout" => builder.connect_timeout(seconds()),
            "read_timeout" => builder.read_timeout(seconds()),
            "timeout" => builder.timeout(seconds()),
            "failover_base_url" => builder.failover_base_url(value.as_str().unwrap()),
            "base_url"
            | "mchid"
            | "private_key"
            | "merchant_serial"
            | "merchant_certificate"
            | "api_v2_key"
            | "api_v3_key"
            | "wechatpay_public_key"
            | "wechatpay_public_key_id"
            | "hk_public_key"
            | "hk_public_key_id"
            | "platform_certificates" => builder,
            other => panic!("there is no client option {other:?}"),
        };
    }
    builder.build()
}

/// An error as all languages see it.
pub fn error_json(error: &Error) -> Value {
    json!({
        "kind": error.kind().as_str(),
        "code": error.code(),
        "message": error.message(),
        "detail": error.detail(),
        "status": error.status(),
        "request_id": error.request_id(),
        "operation": error.operation(),
        "body": error.body().map(String::from_utf8_lossy),
        "retryable": error.retryable(),
        "outcome_unknown": error.outcome_unknown(),
        "authenticated": error.authenticated(),
        "attempts": error.attempts(),
        "notification_reply": error.notification_reply(),
        "text": error.to_string(),
    })
}

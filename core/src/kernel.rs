//! The sans-IO engine: parameters in, signed request out; answer in, verified value out.
//!
//! No socket is opened here and no clock is read but the one configured. The blocking [`Client`](crate::Client) drives
//! it; those who bring their own HTTP client call [`Kernel::prepare`] and [`Kernel::finish`] themselves.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::clock::{self, NonceSource};
use crate::config::{Config, HK_BASE_URL, MAIN_BASE_URL};
use crate::crypto::{ApiV2Key, ApiV3Key};
use crate::encode::{path_and_query, path_and_query_of};
use crate::error::{Error, ErrorKind, Result, codes};
use crate::hosts::SignedHosts;
use crate::http::{Headers, HttpRequest, Method};
use crate::key_ring::{KeyRing, PlatformKey};
use crate::key_rings::KeyRings;
use crate::operation::{Body, Fields, Fill, Host, Operation};
use crate::protocol::{SIGNATURE_TYPE, header, request_message};
use crate::sensitive;
use crate::validate;

const USER_AGENT: &str = concat!("wechatpay-rs/", env!("CARGO_PKG_VERSION"));

/// Signs, verifies, encrypts and decrypts for one merchant. Cheap to share between threads.
pub struct Kernel {
    config: Config,
    serial: String,
    rings: Arc<KeyRings>,
    hosts: SignedHosts,
    user_agent: String,
    /// Whether a signature is still to be held against the certificate: the signer does not show its public key.
    unproven: AtomicBool,
}

impl Kernel {
    /// Checks the configuration and takes it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when something is missing or does not belong together; the message says what is needed.
    pub fn new(config: Config) -> Result<Self> {
        let serial = config.check()?;
        let hosts = SignedHosts::new(&config)?;
        let rings = Arc::new(KeyRings::new(&config)?);
        let platform = format!("{USER_AGENT} ({}; {})", std::env::consts::OS, std::env::consts::ARCH);
        let user_agent = match &config.user_agent {
            Some(name) => format!("{platform} {name}"),
            None => platform,
        };
        let unproven = AtomicBool::new(config.certificate.is_some() && config.key.public_key().is_none());
        Ok(Self { config, serial, rings, hosts, user_agent, unproven })
    }

    /// The same, with the keys that are known now, at another time, in Unix seconds: to look into a message that was kept. Whether
    /// an old message is acted on is another question; nothing that comes over the wire is to be verified with this.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn as_of(&self, seconds: u64) -> Result<Self> {
        let other = Self::new(self.config.clone().clock(move || seconds))?;
        Ok(Self { rings: Arc::clone(&self.rings), ..other })
    }

    /// The merchant number.
    pub fn mchid(&self) -> &str {
        &self.config.mchid
    }

    /// Scheme and host that requests go to.
    pub fn base_url(&self) -> &str {
        &self.config.base_url
    }

    /// Serial number of the merchant's certificate.
    pub fn merchant_serial(&self) -> &str {
        &self.serial
    }

    /// Serials and ids of WeChat Pay's keys known at this moment, of all its hosts.
    pub fn platform_serials(&self) -> Vec<String> {
        [Host::Main, Host::Hk].into_iter().flat_map(|host| self.ring(host).serials(self.now())).collect()
    }

    pub(crate) fn now(&self) -> u64 {
        self.config.clock.now()
    }

    pub(crate) fn nonces(&self) -> &dyn NonceSource {
        &*self.config.nonces
    }

    pub(crate) fn rings(&self) -> &KeyRings {
        &self.rings
    }

    pub(crate) fn ring(&self, host: Host) -> &KeyRing {
        self.rings.of(host)
    }

    /// The key of the host to encrypt to, and to name in `Wechatpay-Serial`.
    fn current_key(&self, host: Host) -> Option<Arc<PlatformKey>> {
        self.ring(host).current(self.now())
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn api_v2_key(&self) -> Result<&ApiV2Key> {
        self.config.api_v2_key.as_ref().ok_or_else(|| {
            Error::config(
                "the APIv2 key is not configured (option api_v2_key); WeChat checks this signature with it, not with the certificate. \
                 It is set under API security on the merchant platform, beside the APIv3 key.",
            )
        })
    }

    pub(crate) fn api_v3_key(&self) -> Result<&ApiV3Key> {
        self.config.api_v3_key.as_ref().ok_or_else(|| {
            Error::config(
                "the APIv3 key is not configured; without it neither notifications nor platform certificates can be decrypted. \
                 It is set under API security on the merchant platform.",
            )
        })
    }

    /// Turns the parameters of an operation into a signed request. `params` is one object with all fields of path,
    /// headers, query and body; members that are `null` are left out.
    ///
    /// The request is good for five minutes; prepare it anew rather than sending it again later.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when a parameter is wrong, [`ErrorKind::Verification`] with code `NO_PLATFORM_KEY`
    /// when a field must be encrypted and no key of WeChat Pay is known yet, [`ErrorKind::Signing`] when the signer
    /// fails.
    pub fn prepare(&self, operation: Operation, params: Value) -> Result<HttpRequest> {
        let in_operation = |error: Error| error.with_operation(operation.id());
        if let Body::Upload(_) = operation.body() {
            return Err(in_operation(Error::invalid_request(
                codes::WRONG_TYPE,
                "this operation uploads a file: use prepare_upload.",
            )));
        }
        let mut params = self.complete_params(operation, params)?;
        let key = self.current_key(operation.host());
        if sensitive::encrypts(operation) && sensitive::any(operation, &params) {
            let key = key.as_ref().ok_or_else(|| in_operation(no_platform_key(operation.host())))?;
            sensitive::encrypt(operation, &mut params, &key.public_key).map_err(in_operation)?;
        }
        let target = path_and_query(operation, |name| params.get(name))?;
        let headers: Vec<(String, String)> = operation
            .headers()
            .filter_map(|field| Some((field.header_name(), params.get(field.name())?.as_str()?.to_owned())))
            .collect();
        let body = match operation.body() {
            Body::Json(fields) => json_body(fields, params),
            _ => Vec::new(),
        };
        let mut request = self.signed(operation.method(), &target, body, key).map_err(in_operation)?;
        for (name, value) in headers {
            request.headers.push(name, value);
        }
        self.send_to_host_of(operation, &mut request);
        Ok(request)
    }

    /// The parameters of a call as they are sent, but for what is to be encrypted.
    pub(crate) fn complete_params(&self, operation: Operation, params: Value) -> Result<Map<String, Value>> {
        let mut params = match params {
            Value::Null => Map::new(),
            Value::Object(params) => params,
            other => {
                return Err(not_an_object("the parameters", &other).with_operation(operation.id()));
            }
        };
        self.complete(operation, &mut params)?;
        Ok(params)
    }

    /// Fills in what the client knows, and checks the whole.
    pub(crate) fn complete(&self, operation: Operation, params: &mut Map<String, Value>) -> Result<()> {
        drop_nulls(params);
        validate::fill(operation, params, Fill::Mchid, &self.config.mchid);
        validate::check(operation, params)
    }

    /// The main host's requests go to the base URL; those of the other host too when the base URL is somebody else's: a
    /// sandbox, a gateway.
    pub(crate) fn send_to_host_of(&self, operation: Operation, request: &mut HttpRequest) {
        if operation.host() == Host::Hk
            && let Some(target) = request.url.strip_prefix(MAIN_BASE_URL)
        {
            request.url = format!("{HK_BASE_URL}{target}");
        }
    }

    /// A signed request for an endpoint that is not typed here: method, path with query exactly as to be sent, and a
    /// JSON body that is sent as given (members that are `null` are left out). Nothing is checked or encrypted.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the path does not start with `/`, holds characters that need encoding or a
    /// placeholder that was not filled in, or when the body is a text or another single value.
    pub fn prepare_request(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<Value>,
    ) -> Result<HttpRequest> {
        check_filled_in(path_and_query)?;
        check_target(path_and_query)?;
        let body = match body {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(mut object)) => {
                drop_nulls(&mut object);
                Value::Object(object).to_string().into_bytes()
            }
            Some(list @ Value::Array(_)) => list.to_string().into_bytes(),
            Some(other) => return Err(not_an_object("the body", &other)),
        };
        self.signed(method, path_and_query, body, self.current_key(Host::Main))
    }

    /// A signed request for a file, from the `download_url` that WeChat Pay answered.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the URL is not https (or http on this machine, when the base URL is), or with code
    /// `FOREIGN_HOST` when its host is not WeChat Pay's: see [`Config::download_host`].
    pub fn prepare_download(&self, url: &str) -> Result<HttpRequest> {
        let url = url.split_once('#').map_or(url, |(before, _)| before);
        self.hosts.check(url)?;
        let target = path_and_query_of(url);
        check_target(target)?;
        let host = if url.starts_with(HK_BASE_URL) { Host::Hk } else { Host::Main };
        let mut request = self.signed(Method::Get, target, Vec::new(), self.current_key(host))?;
        request.url = url.to_owned();
        Ok(request)
    }

    /// Signs `signed_body` and makes the request around it; `body` and its type may differ (uploads).
    pub(crate) fn signed_with(
        &self,
        method: Method,
        target: &str,
        signed_body: &[u8],
        body: Vec<u8>,
        content_type: Option<&str>,
        host: Host,
    ) -> Result<HttpRequest> {
        self.sign_request(method, target, signed_body, body, content_type, self.current_key(host))
    }

    fn signed(
        &self,
        method: Method,
        target: &str,
        body: Vec<u8>,
        key: Option<Arc<PlatformKey>>,
    ) -> Result<HttpRequest> {
        let content_type = (!body.is_empty()).then_some("application/json");
        let signed_body = body.clone();
        self.sign_request(method, target, &signed_body, body, content_type, key)
    }

    fn sign_request(
        &self,
        method: Method,
        target: &str,
        signed_body: &[u8],
        body: Vec<u8>,
        content_type: Option<&str>,
        key: Option<Arc<PlatformKey>>,
    ) -> Result<HttpRequest> {
        let authorization = self.authorization(|timestamp, nonce| {
            request_message(method, target, timestamp, nonce, signed_body)
        })?;
        let mut headers = Headers::new();
        headers.push("Authorization", authorization);
        headers.push("Accept", "application/json");
        headers.push("User-Agent", self.user_agent.clone());
        if let Some(content_type) = content_type {
            headers.push("Content-Type", content_type);
        }
        // Says which of its keys WeChat Pay is to sign the answer with, and which one sensitive fields were encrypted to.
        if let Some(key) = key {
            headers.push(header::SERIAL, key.serial.clone());
        }
        if let Some(language) = &self.config.accept_language {
            headers.push("Accept-Language", language.clone());
        }
        Ok(HttpRequest { method, url: format!("{}{target}", self.config.base_url), headers, body })
    }

    /// The value of an `Authorization` header over what is made of a timestamp and a nonce.
    pub(crate) fn authorization(&self, message: impl FnOnce(u64, &str) -> Vec<u8>) -> Result<String> {
        let timestamp = self.now();
        let nonce = clock::nonce(self.nonces())?;
        let signature = self.sign(&message(timestamp, &nonce))?;
        Ok(format!(
            "{SIGNATURE_TYPE} mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",serial_no=\"{}\",signature=\"{}\"",
            self.config.mchid,
            self.serial,
            STANDARD.encode(signature)
        ))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |what: String| Error::new(ErrorKind::Signing, codes::SIGNING_FAILED, what);
        let signature =
            self.config.key.sign_sha256(message).map_err(|error| {
                failed(format!("the merchant's signer failed: {error}.")).with_source(error)
            })?;
        // Once: WeChat Pay would only say that the signature is wrong, and not whose key it was.
        if self.unproven.load(Ordering::Relaxed)
            && let Some(certificate) = &self.config.certificate
        {
            if !certificate.public_key().verify_sha256(message, &signature) {
                return Err(failed(format!(
                    "the merchant's signer holds another key than that of the merchant certificate {}, or does not sign with \
                     RSASSA-PKCS1-v1_5 and SHA-256; nothing was sent.",
                    self.serial
                )));
            }
            self.unproven.store(false, Ordering::Relaxed);
        }
        Ok(signature)
    }

    /// Encrypts a text to WeChat Pay, for a sensitive field of an operation that is not typed here. Returns the
    /// ciphertext in base64 and the serial that the request must carry as `Wechatpay-Serial`, which `prepare_request`
    /// does.
    ///
    /// # Errors
    /// [`ErrorKind::Verification`] with code `NO_PLATFORM_KEY` when no key of WeChat Pay is known yet,
    /// [`ErrorKind::InvalidRequest`] when the text is too long (214 bytes of UTF-8).
    pub fn encrypt_field(&self, plaintext: &str) -> Result<(String, String)> {
        let key = self.current_key(Host::Main).ok_or_else(|| no_platform_key(Host::Main))?;
        Ok((STANDARD.encode(key.public_key.encrypt_oaep(plaintext.as_bytes())?), key.serial.clone()))
    }

    /// Decrypts a sensitive field that WeChat Pay encrypted to the merchant. Only for content that was verified.
    ///
    /// # Errors
    /// [`ErrorKind::Decryption`] when it was encrypted to another key, or is not encrypted at all.
    pub fn decrypt_field(&self, ciphertext: &str) -> Result<String> {
        sensitive::decrypt_text(&*self.config.key, ciphertext)
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel")
            .field("mchid", &self.config.mchid)
            .field("merchant_serial", &self.serial)
            .field("base_url", &self.config.base_url)
            .finish_non_exhaustive()
    }
}

fn no_platform_key(host: Host) -> Error {
    let message = match host {
        Host::Main => {
            "no key of WeChat Pay is known yet: configure the WeChat Pay public key and its id, or download the platform \
             certificates first (operation certificates.list)."
        }
        Host::Hk => {
            "no key of WeChat Pay's host in Hong Kong is known yet, and the main host's are not good there: configure \
             hk_public_key and its id, or download the certificates first (operation global.certificates.list)."
        }
    };
    Error::new(ErrorKind::Verification, codes::NO_PLATFORM_KEY, message)
}

/// The body: the body's fields in the order the caller gave them, serialised once. An operation with a JSON body and
/// no fields given sends `{}`.
fn json_body(fields: Fields, params: Map<String, Value>) -> Vec<u8> {
    if fields.len() == 0 {
        return Vec::new();
    }
    let body: Map<String, Value> =
        params.into_iter().filter(|(name, _)| fields.clone().any(|field| field.name() == name)).collect();
    Value::Object(body).to_string().into_bytes()
}

/// Removes members that are null, at every depth: WeChat Pay accepts no null. A null in a list is left for the check
/// to refuse, for removing it would move its neighbours.
fn drop_nulls(object: &mut Map<String, Value>) {
    object.retain(|_, value| !value.is_null());
    for value in object.values_mut() {
        drop_nulls_in(value);
    }
}

fn drop_nulls_in(value: &mut Value) {
    match value {
        Value::Object(object) => drop_nulls(object),
        Value::Array(values) => values.iter_mut().for_each(drop_nulls_in),
        _ => {}
    }
}

/// Something else where an object is meant. The value itself is not told: it may be a parameter that must not be shown.
fn not_an_object(what: &str, value: &Value) -> Error {
    let given = match value {
        Value::String(text) if serde_json::from_str::<Map<String, Value>>(text).is_ok() => {
            "a text that holds an object as JSON: pass the object itself"
        }
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Null | Value::Object(_) => "nothing",
    };
    let message = format!("{what} must be one object with named fields, not {given}.");
    Error::invalid_request(codes::WRONG_TYPE, message)
}

/// Refuses `/v3/orders/{id}` and `/v3/orders/%s`. Braces and per cent signs that are meant are percent-encoded.
fn check_filled_in(target: &str) -> Result<()> {
    let refuse = |what: &str| {
        let message = format!(
            "the path {target:?} holds {what}: put the value in its place. What is meant literally must be percent-encoded."
        );
        Err(Error::invalid_request(codes::BAD_URL, message))
    };
    if let Some(start) = target.find(['{', '}']) {
        let end = target[start..].find('}').map_or(target.len(), |length| start + length + 1);
        return refuse(&format!("{:?}", &target[start..end]));
    }
    for (start, _) in target.match_indices('%') {
        let digits = target.as_bytes().get(start + 1..start + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return refuse("a per cent sign without two hexadecimal digits");
        }
    }
    Ok(())
}

fn check_target(target: &str) -> Result<()> {
    let problem = if !target.starts_with('/') {
        "must start with a slash"
    } else if let Some(bad) =
        target.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '#' | '"' | '<' | '>' | '\\'))
    {
        return Err(Error::invalid_request(
            codes::BAD_URL,
            format!(
                "the path {target:?} holds {bad:?}, which must be percent-encoded: it is signed and sent as it stands."
            ),
        ));
    } else {
        return Ok(());
    };
    Err(Error::invalid_request(codes::BAD_URL, format!("the path {target:?} {problem}.")))
}

//! Verification of what WeChat Pay sends: answers and notifications alike.
//!
//! Nothing here returns content. It says that the content may be trusted, and with which key, or why not.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::crypto::PublicKey;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Headers;
use crate::key_ring::{KeyRing, Lookup, PlatformKey};
use crate::protocol::{CLOCK_WINDOW_SECONDS, PROBE_PREFIX, SIGNATURE_TYPE, answer_message, header};

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Verification, code, message)
}

/// Whether the message carries a signature at all: error answers usually do not.
pub(crate) fn is_signed(headers: &Headers) -> bool {
    headers.get(header::SIGNATURE).is_some()
}

/// The signature headers of a message.
struct Signed<'h> {
    serial: &'h str,
    timestamp: &'h str,
    nonce: &'h str,
    signature: &'h str,
}

impl<'h> Signed<'h> {
    fn read(headers: &'h Headers) -> Result<Self> {
        let get = |name| headers.get(name).filter(|value| !value.is_empty());
        match (get(header::SERIAL), get(header::TIMESTAMP), get(header::NONCE), get(header::SIGNATURE)) {
            (Some(serial), Some(timestamp), Some(nonce), Some(signature)) => {
                Ok(Self { serial, timestamp, nonce, signature })
            }
            _ => {
                let mut missing = vec![header::SERIAL, header::SIGNATURE, header::TIMESTAMP, header::NONCE];
                missing.retain(|name| get(name).is_none());
                Err(refused(
                    "MISSING_HEADER",
                    format!(
                        "the signature cannot be checked: {} absent. Either this did not come from WeChat Pay, or something \
                         between WeChat Pay and you strips headers.",
                        match missing.as_slice() {
                            [one] => format!("header {one} is"),
                            many => format!("headers {} are", many.join(", ")),
                        }
                    ),
                ))
            }
        }
    }
}

/// Verifies a message and returns the key that signed it.
///
/// # Errors
/// [`ErrorKind::Verification`]; the code says which check failed.
pub(crate) fn verify(ring: &KeyRing, now: u64, headers: &Headers, body: &[u8]) -> Result<Arc<PlatformKey>> {
    let signed = Signed::read(headers)?;
    check_clock(signed.timestamp, now)?;
    check_not_probe(signed.signature)?;
    if let Some(kind) = headers.get(header::SIGNATURE_TYPE).filter(|kind| *kind != SIGNATURE_TYPE) {
        return Err(refused(
            "UNSUPPORTED_SIGNATURE_TYPE",
            format!("the signature is of type {kind:?}; this client verifies {SIGNATURE_TYPE}."),
        ));
    }
    let key = find(ring, signed.serial, now)?;
    check_signature(&key.public_key, &signed, body)?;
    Ok(key)
}

/// Verifies a message with one given key, whatever the ring holds.
pub(crate) fn verify_with(key: &PlatformKey, now: u64, headers: &Headers, body: &[u8]) -> Result<()> {
    let signed = Signed::read(headers)?;
    check_clock(signed.timestamp, now)?;
    check_not_probe(signed.signature)?;
    check_signature(&key.public_key, &signed, body)
}

fn check_clock(timestamp: &str, now: u64) -> Result<()> {
    let Ok(sent) = timestamp.parse::<u64>() else {
        return Err(refused(
            "CLOCK_OFF",
            format!("{} is {timestamp:?}, which is not a time in Unix seconds.", header::TIMESTAMP),
        ));
    };
    let distance = now.abs_diff(sent);
    if distance <= CLOCK_WINDOW_SECONDS {
        return Ok(());
    }
    let direction = if sent < now { "behind" } else { "ahead of" };
    Err(refused(
        "CLOCK_OFF",
        format!(
            "the message's timestamp is {distance} s {direction} this machine's clock; at most {CLOCK_WINDOW_SECONDS} s are \
             allowed. Check that this machine's clock is right (NTP); if it is, this is an old message sent again."
        ),
    ))
}

fn check_not_probe(signature: &str) -> Result<()> {
    if !signature.starts_with(PROBE_PREFIX) {
        return Ok(());
    }
    Err(refused(
        "SIGNTEST_PROBE",
        "WeChat Pay sent a deliberately wrong signature (WECHATPAY/SIGNTEST/) to see whether signatures are checked here: \
         they are. No alarm: answer a notification with a 4xx or 5xx status and the real one follows; send a call again.",
    )
    .with_retryable(true))
}

fn find(ring: &KeyRing, serial: &str, now: u64) -> Result<Arc<PlatformKey>> {
    let held = || match ring.serials().as_slice() {
        [] => "none".to_owned(),
        serials => serials.join(", "),
    };
    match ring.find(serial, now) {
        Lookup::Found(key) => Ok(key),
        Lookup::Invalid(key) => Err(refused(
            "CERTIFICATE_UNTRUSTED",
            format!(
                "signed with the platform certificate {}, which is {}.",
                key.serial,
                match &key.certificate {
                    Some(certificate)
                        if certificate.not_before() > i64::try_from(now).unwrap_or(i64::MAX) =>
                        "not valid yet: is this machine's clock right?",
                    _ => "expired: download the current one, or switch to the WeChat Pay public key",
                }
            ),
        )),
        Lookup::Unknown => Err(refused(
            "UNKNOWN_SERIAL",
            format!(
                "signed with the key {serial:?}, which is not known here (known: {}). {}",
                held(),
                if serial.starts_with("PUB_KEY_ID_") {
                    "This is a WeChat Pay public key: download it under API security on the merchant platform and configure \
                     it with this id; certificates may stay configured beside it."
                } else {
                    "This is a platform certificate: let certificates be downloaded, or configure it."
                }
            ),
        )),
    }
}

fn check_signature(key: &PublicKey, signed: &Signed<'_>, body: &[u8]) -> Result<()> {
    let fits = |signature: &str, body: &[u8]| {
        STANDARD.decode(signature).is_ok_and(|signature| {
            key.verify_sha256(&answer_message(signed.timestamp, signed.nonce, body), &signature)
        })
    };
    if fits(signed.signature, body) {
        return Ok(());
    }
    Err(refused("SIGNATURE_MISMATCH", explain_mismatch(signed, body, fits)))
}

/// Says why a signature does not fit, by trying what usually happens to a body on its way. What fits here is never
/// accepted: it only makes the message better.
fn explain_mismatch(signed: &Signed<'_>, body: &[u8], fits: impl Fn(&str, &[u8]) -> bool) -> String {
    let with_plus = signed.signature.replace(' ', "+");
    if with_plus != signed.signature && fits(&with_plus, body) {
        return "the signature fits once the blanks in the Wechatpay-Signature header are turned back into '+': something \
                decoded the header as a form. Pass headers on as they came."
            .to_owned();
    }
    if STANDARD.decode(signed.signature).is_err() {
        return "the signature is not valid base64: it was cut or altered on the way, or does not come from WeChat Pay."
            .to_owned();
    }
    let trimmed = body.trim_ascii();
    if trimmed.len() != body.len() && fits(signed.signature, trimmed) {
        return "the signature fits once blanks or line breaks around the body are removed: something added them. Pass on \
                the raw bytes of the body."
            .to_owned();
    }
    let with_newline = [body, b"\n"].concat();
    if fits(signed.signature, &with_newline) {
        return "the signature fits with a line feed at the end of the body: something removed it. Pass on the raw bytes of \
                the body."
            .to_owned();
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let compact = value.to_string();
        if compact.as_bytes() != body && fits(signed.signature, compact.as_bytes()) {
            return "the signature fits the body written as compact JSON: a framework parsed the body and wrote it anew. Pass \
                    on the raw bytes of the body as received, not a parsed object."
                .to_owned();
        }
    } else if body.is_empty() {
        return "the signature does not fit, and the body is empty: something consumed the body before it got here.".to_owned();
    }
    format!(
        "the signature does not fit the {} bytes of the body: the body was altered or re-serialised on the way (pass on the raw \
         bytes as received), the key configured for serial {:?} is not that key, or the message is forged.",
        body.len(),
        signed.serial
    )
}

//! Verification of what WeChat Pay sends: answers and notifications alike.
//!
//! Nothing here returns content. It says that the content may be trusted, and with which key, or why not.

mod explain;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::PublicKey;
use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::Headers;
use crate::key_ring::{KeyRing, Lookup, PlatformKey};
use crate::protocol::{CLOCK_WINDOW_SECONDS, PROBE_PREFIX, SIGNATURE_TYPE, answer_message, header};
use crate::public_key_id::is_public_key_id;

/// Ids that differ in so few characters are taken for one that was mistyped.
const MISTYPED: usize = 3;

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Verification, code, message)
}

/// Whether the message carries a signature at all: error answers usually do not.
pub(crate) fn is_signed(headers: &Headers) -> bool {
    headers.get(header::SIGNATURE).is_some()
}

/// The signature headers of a message.
struct Signed<'h> {
    headers: &'h Headers,
    serial: &'h str,
    timestamp: &'h str,
    nonce: &'h str,
    signature: &'h str,
}

impl<'h> Signed<'h> {
    fn read(headers: &'h Headers, body: &[u8]) -> Result<Self> {
        let get = |name| the_one(headers, name);
        match (get(header::SERIAL)?, get(header::TIMESTAMP)?, get(header::NONCE)?, get(header::SIGNATURE)?) {
            (Some(serial), Some(timestamp), Some(nonce), Some(signature)) => {
                let signed = Self { headers, serial, timestamp, nonce, signature };
                signed.check_characters().map(|()| signed)
            }
            _ => {
                let mut missing = vec![header::SERIAL, header::SIGNATURE, header::TIMESTAMP, header::NONCE];
                missing.retain(|name| matches!(get(name), Ok(None)));
                Err(refused(codes::MISSING_HEADER, explain::missing(headers, body, &missing)))
            }
        }
    }
}

/// The value of a header; none when it is absent or empty. The same value twice is that value, but of two different ones
/// there is no telling which was signed.
fn the_one<'h>(headers: &'h Headers, name: &str) -> Result<Option<&'h str>> {
    let mut values = headers.all(name).filter(|value| !value.is_empty());
    let first = values.next();
    if values.any(|value| Some(value) != first) {
        return Err(refused(
            codes::AMBIGUOUS_HEADER,
            format!(
                "header {name} came more than once, with different values: something on the way put two messages together or \
                 added a header of its own, or the message is forged."
            ),
        ));
    }
    Ok(first)
}

impl Signed<'_> {
    /// A line feed in a header would move the border between the lines that are signed.
    fn check_characters(&self) -> Result<()> {
        let headers = [
            (header::SERIAL, self.serial),
            (header::TIMESTAMP, self.timestamp),
            (header::NONCE, self.nonce),
            (header::SIGNATURE, self.signature),
        ];
        match headers.into_iter().find(|(_, value)| value.chars().any(char::is_control)) {
            None => Ok(()),
            Some((name, _)) => Err(refused(
                codes::SIGNATURE_MISMATCH,
                format!(
                    "header {name} holds a line break or another control character, which no header of HTTP can: it was put \
                     together wrongly on the way, or the message is forged."
                ),
            )),
        }
    }
}

/// Verifies a message and returns the key that signed it.
///
/// # Errors
/// [`ErrorKind::Verification`]; the code says which check failed.
pub(crate) fn verify(ring: &KeyRing, now: u64, headers: &Headers, body: &[u8]) -> Result<Arc<PlatformKey>> {
    let signed = Signed::read(headers, body)?;
    check_clock(signed.timestamp, now)?;
    check_not_probe(signed.signature)?;
    if let Some(kind) = headers.get(header::SIGNATURE_TYPE).filter(|kind| *kind != SIGNATURE_TYPE) {
        return Err(refused(
            codes::UNSUPPORTED_SIGNATURE_TYPE,
            format!("the signature is of type {kind:?}; this client verifies {SIGNATURE_TYPE}."),
        ));
    }
    let key = find(ring, signed.serial, now)?;
    check_signature(&key.public_key, &signed, body)?;
    Ok(key)
}

/// Verifies a message with one given key, whatever the ring holds.
pub(crate) fn verify_with(key: &PlatformKey, now: u64, headers: &Headers, body: &[u8]) -> Result<()> {
    let signed = Signed::read(headers, body)?;
    check_clock(signed.timestamp, now)?;
    check_not_probe(signed.signature)?;
    check_signature(&key.public_key, &signed, body)
}

fn check_clock(timestamp: &str, now: u64) -> Result<()> {
    let Ok(sent) = timestamp.parse::<u64>() else {
        return Err(refused(
            codes::CLOCK_OFF,
            format!(
                "{} is {timestamp:?}, which is not a time in Unix seconds{}.",
                header::TIMESTAMP,
                explain::list_as_text(timestamp)
            ),
        ));
    };
    let distance = now.abs_diff(sent);
    if distance <= CLOCK_WINDOW_SECONDS {
        return Ok(());
    }
    let direction = if sent < now { "behind" } else { "ahead of" };
    Err(refused(
        codes::CLOCK_OFF,
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
        codes::SIGNTEST_PROBE,
        "WeChat Pay sent a deliberately wrong signature (WECHATPAY/SIGNTEST/) to see whether signatures are checked here: \
         they are. No alarm: answer a notification with a 4xx or 5xx status and the real one follows; send a call again.",
    )
    .with_retryable(true))
}

fn find(ring: &KeyRing, serial: &str, now: u64) -> Result<Arc<PlatformKey>> {
    let held = || match ring.serials(now).as_slice() {
        [] => "none".to_owned(),
        serials => serials.join(", "),
    };
    match ring.find(serial, now) {
        Lookup::Found(key) => Ok(key),
        Lookup::Invalid(key) => Err(refused(
            codes::CERTIFICATE_UNTRUSTED,
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
            codes::UNKNOWN_SERIAL,
            format!(
                "signed with the key {serial:?}, which is not known here (known: {}). {}{}",
                held(),
                mistyped(ring, serial),
                if is_public_key_id(serial) {
                    "This is a WeChat Pay public key: download it under API security on the merchant platform and configure \
                     it with this id; certificates may stay configured beside it."
                } else {
                    "This is a platform certificate: let certificates be downloaded, or configure it."
                }
            ),
        )),
    }
}

/// Asks about a configured id that differs in a few places only.
fn mistyped(ring: &KeyRing, serial: &str) -> String {
    let ids = ring.public_key_ids();
    let distance = |id: &String| strsim::damerau_levenshtein(&serial.to_ascii_uppercase(), id);
    match ids.iter().map(|id| (distance(id), id)).min() {
        Some((distance, id)) if is_public_key_id(serial) && distance <= MISTYPED => {
            format!("It is close to {id}, which is configured: was that mistyped? ")
        }
        _ => String::new(),
    }
}

fn check_signature(key: &PublicKey, signed: &Signed<'_>, body: &[u8]) -> Result<()> {
    check_fit(signed, body, &|message, signature| key.verify_sha256(message, signature))
}

/// `verifies` is the RSA verification of a signature over a message: by far the most of what a forgery costs.
fn check_fit(signed: &Signed<'_>, body: &[u8], verifies: &dyn Fn(&[u8], &[u8]) -> bool) -> Result<()> {
    let fits = |signature: &str, body: &[u8]| {
        STANDARD.decode(signature).is_ok_and(|signature| {
            verifies(&answer_message(signed.timestamp, signed.nonce, body), &signature)
        })
    };
    if fits(signed.signature, body) {
        return Ok(());
    }
    Err(refused(codes::SIGNATURE_MISMATCH, explain::mismatch(signed, body, &fits)))
}

#[cfg(test)]
mod tests;

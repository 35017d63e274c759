//! The platform's signature on answers and notifications, good or spoilt.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wechatpay_core::operation::Host;

use crate::faults::{Fault, SignatureFault, Signer};
use crate::ids;
use crate::keys::{self, NamedKey, PlatformCertificate};
use crate::refusal::{Refusal, Result};
use crate::store::State;

const PROBE_PREFIX: &str = "WECHATPAY/SIGNTEST/";

/// The `Wechatpay-*` headers of this host over this body.
pub(crate) fn headers(
    state: &State,
    host: Host,
    signer: Signer,
    body: &[u8],
    fault: &Fault,
) -> Result<Vec<(String, String)>> {
    let key = match fault.signer.unwrap_or(signer) {
        Signer::PublicKey => state.public_key_of(host),
        Signer::Certificate => &state.certificate_of(host).key,
        Signer::PreviousCertificate => {
            let mut newest_first = state.certificates_of(host).iter().rev();
            let newest = newest_first.next();
            &newest_first.next().or(newest).unwrap_or_else(|| state.certificate_of(host)).key
        }
    };
    headers_with(key, state.clock.timestamp(), body, fault)
}

/// The same with a key that is not the state's.
pub(crate) fn headers_with(
    key: &NamedKey,
    now: i64,
    body: &[u8],
    fault: &Fault,
) -> Result<Vec<(String, String)>> {
    let timestamp = now.saturating_add(fault.timestamp_offset).to_string();
    let nonce = ids::hex(32);
    let message = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
    let signature = sign(key, &message, fault.signature)?;
    let serial = fault.serial.clone().unwrap_or_else(|| key.serial.clone());
    Ok(vec![
        ("Wechatpay-Nonce".to_owned(), nonce),
        ("Wechatpay-Signature".to_owned(), signature),
        ("Wechatpay-Timestamp".to_owned(), timestamp),
        ("Wechatpay-Serial".to_owned(), serial),
        ("Wechatpay-Signature-Type".to_owned(), "WECHATPAY2-SHA256-RSA2048".to_owned()),
    ])
}

fn sign(key: &NamedKey, message: &[u8], fault: Option<SignatureFault>) -> Result<String> {
    let failed = |_| Refusal::new(500, "SYSTEM_ERROR", "沙箱无法签名");
    let good = |key: &NamedKey| key.private.sign_sha256(message).map_err(failed);
    Ok(match fault {
        None => STANDARD.encode(good(key)?),
        Some(SignatureFault::Altered) => {
            let mut signature = good(key)?;
            if let Some(byte) = signature.last_mut() {
                *byte ^= 1;
            }
            STANDARD.encode(signature)
        }
        Some(SignatureFault::Empty) => String::new(),
        Some(SignatureFault::NotBase64) => "*** not base64 ***".to_owned(),
        Some(SignatureFault::Probe) => {
            // The whole is 344 characters with one `=` pair at the end: base64 of 256 bytes.
            format!("{PROBE_PREFIX}{}==", ids::alphanumeric(344 - PROBE_PREFIX.len() - 3) + "A")
        }
        Some(SignatureFault::ProbeProduction) => {
            let bytes: Vec<u8> = (0..4).flat_map(|_| ids::random_bytes::<64>()).take(250).collect();
            format!("{PROBE_PREFIX}{}", STANDARD.encode(bytes))
        }
        Some(SignatureFault::Stranger) => STANDARD.encode(good(&stranger()?.key)?),
    })
}

/// A key that is not WeChat Pay's, made when first needed.
pub(crate) fn stranger() -> Result<&'static PlatformCertificate> {
    static STRANGER: OnceLock<PlatformCertificate> = OnceLock::new();
    if let Some(stranger) = STRANGER.get() {
        return Ok(stranger);
    }
    let made = keys::stranger(crate::clock::Clock::default().now())
        .map_err(|error| Refusal::new(500, "SYSTEM_ERROR", error.to_string()))?;
    Ok(STRANGER.get_or_init(|| made))
}

/// Takes headers away and sets others, as the fault wants.
pub(crate) fn edit(headers: &mut Vec<(String, String)>, fault: &Fault) {
    headers.retain(|(name, _)| {
        !fault.drop_headers.iter().any(|dropped| dropped.eq_ignore_ascii_case(name))
            && !fault.set_headers.keys().any(|set| set.eq_ignore_ascii_case(name))
    });
    headers.extend(fault.set_headers.iter().map(|(name, value)| (name.clone(), value.clone())));
}

/// Spoils one byte so that the text stays text and JSON stays JSON where that is possible.
pub(crate) fn alter(body: &mut Vec<u8>) {
    // A digit or a letter inside a value makes the most believable forgery.
    match body.iter().rposition(u8::is_ascii_alphanumeric) {
        Some(index) => body[index] = if body[index] == b'1' { b'2' } else { b'1' },
        None => body.push(b' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_have_the_published_shapes() {
        let keys = keys::Keys::shared().unwrap();
        let probe = sign(&keys.public_key, b"x", Some(SignatureFault::Probe)).unwrap();
        assert_eq!(probe.len(), 344);
        assert_eq!(STANDARD.decode(&probe).unwrap().len(), 256);
        let production = sign(&keys.public_key, b"x", Some(SignatureFault::ProbeProduction)).unwrap();
        assert_eq!(production.len(), 355);
        assert!(STANDARD.decode(&production).is_err());
        assert!(production.starts_with(PROBE_PREFIX) && probe.starts_with(PROBE_PREFIX));
    }
}

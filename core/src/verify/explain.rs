//! Why a message that should verify does not: the text of the error, never a second way in.
//!
//! What usually happens to a body on its way is tried. Each try is one more RSA verification over the whole body, so
//! that only small bodies are looked at: a stranger who posts forgeries must not be able to make this machine work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Signed;

/// Longest body, in bytes, whose failure is looked into. Notifications and answers have a few thousand bytes.
pub(super) const EXPLAIN_LIMIT: usize = 16 * 1024;

/// Says why a signature does not fit, by trying what usually happens to a body on its way. What fits here is never
/// accepted: it only makes the message better.
pub(super) fn mismatch(signed: &Signed<'_>, body: &[u8], fits: &dyn Fn(&str, &[u8]) -> bool) -> String {
    if body.len() > EXPLAIN_LIMIT {
        return format!(
            "the signature does not fit the {} bytes of the body. Why is looked for in bodies of up to {EXPLAIN_LIMIT} bytes only: the \
             body was altered or re-serialised on the way (pass on the raw bytes as received), the key configured for serial \
             {:?} is not that key, or the message is forged.",
            body.len(),
            signed.serial
        );
    }
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

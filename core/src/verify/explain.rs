//! Why a message that should verify does not: the text of the error, never a second way in.
//!
//! What usually happens to a message on its way is recognised by what it looks like, or tried. Each try is one more RSA
//! verification over the whole body, so that only small bodies are looked at: a stranger who posts forgeries must not
//! be able to make this machine work.

mod bodies;
mod names;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Signed;
use crate::http::Headers;

/// Longest body, in bytes, whose failure is looked into. Notifications and answers have a few thousand bytes.
pub(super) const EXPLAIN_LIMIT: usize = 16 * 1024;

/// What every explanation of a changed body ends with.
const RAW: &str = "Pass on the raw bytes of the body as they came.";

/// Says why headers are missing: another protocol, other names, or nothing to be seen.
pub(super) fn missing(headers: &Headers, body: &[u8], missing: &[&str]) -> String {
    if bodies::is_xml(body) {
        return bodies::APIV2.to_owned();
    }
    let absent = match missing {
        [one] => format!("header {one} is"),
        many => format!("headers {} are", many.join(", ")),
    };
    let why = names::renamed(headers, missing).unwrap_or_else(|| {
        "Either this did not come from WeChat Pay, or something between WeChat Pay and you strips headers.".to_owned()
    });
    format!("the signature cannot be checked: {absent} absent. {why}")
}

/// What to add when a value is none because it is several: joined by commas, or a list printed as text.
pub(super) fn list_as_text(value: &str) -> &'static str {
    if value.starts_with('[') {
        ": it is a list, written as text. Pass its element"
    } else if value.contains(',') {
        ": it is two values joined by a comma. Something on the way doubles the headers"
    } else {
        ""
    }
}

/// Says why a signature does not fit. What fits here is never accepted: it only makes the message better.
pub(super) fn mismatch(signed: &Signed<'_>, body: &[u8], fits: &dyn Fn(&str, &[u8]) -> bool) -> String {
    if bodies::is_xml(body) {
        return bodies::APIV2.to_owned();
    }
    if let Some(what) = bodies::by_its_beginning(body) {
        return format!("{what} {RAW}");
    }
    if body.len() > EXPLAIN_LIMIT {
        let only = format!("Why is looked for in bodies of up to {EXPLAIN_LIMIT} bytes only.");
        return format!("{} {only}", altered(signed, body));
    }
    if let Some(what) = of_the_signature(signed, body, fits) {
        return what;
    }
    let fits = |body: &[u8]| fits(signed.signature, body);
    if let Some(what) = bodies::by_its_content(body).or_else(|| by_trying(body, &fits)) {
        return format!("{what} {RAW}");
    }
    match bodies::suspicion(signed.headers, body) {
        Some(suspicion) => format!("{} {suspicion}", altered(signed, body)),
        None => altered(signed, body),
    }
}

fn altered(signed: &Signed<'_>, body: &[u8]) -> String {
    format!(
        "the signature does not fit the {} bytes of the body: the body was altered or re-serialised on the way (pass on the raw \
         bytes as received), the key configured for serial {:?} is not that key, or the message is forged.",
        body.len(),
        signed.serial
    )
}

/// What happens to the signature itself.
fn of_the_signature(signed: &Signed<'_>, body: &[u8], fits: &dyn Fn(&str, &[u8]) -> bool) -> Option<String> {
    let with_plus = signed.signature.replace(' ', "+");
    if with_plus != signed.signature && fits(&with_plus, body) {
        return Some(
            "the signature fits once the blanks in the Wechatpay-Signature header are turned back into '+': something \
             decoded the header as a form. Pass headers on as they came."
                .to_owned(),
        );
    }
    if STANDARD.decode(signed.signature).is_ok() {
        return None;
    }
    let encoded =
        ["%2B", "%2F", "%3D"].iter().any(|code| signed.signature.to_ascii_uppercase().contains(code));
    let why = match list_as_text(signed.signature) {
        "" if encoded => ": it is percent-encoded. Pass headers on as they came",
        "" => ": it was cut or altered on the way, or does not come from WeChat Pay",
        list => list,
    };
    Some(format!("the signature is not valid base64{why}."))
}

/// What can be undone, undone: it is what happened when the signature fits then.
fn by_trying(body: &[u8], fits: &dyn Fn(&[u8]) -> bool) -> Option<&'static str> {
    let trimmed = body.trim_ascii();
    if trimmed.len() != body.len() && fits(trimmed) {
        return Some(
            "the signature fits once blanks or line breaks around the body are removed: something added them.",
        );
    }
    if fits(&[body, b"\n"].concat()) {
        return Some("the signature fits with a line feed at the end of the body: something removed it.");
    }
    if bodies::read_as_latin1(body).is_some_and(|bytes| fits(&bytes)) {
        return Some(
            "the signature fits the body before it was read as ISO-8859-1 and written as UTF-8: something decoded it with \
             its default character set.",
        );
    }
    let compact = serde_json::from_slice::<Value>(body).ok()?.to_string();
    if compact.as_bytes() != body && fits(compact.as_bytes()) {
        return Some(
            "the signature fits the body written as compact JSON: a framework parsed the body and wrote it anew, so that \
             what came here is not what was signed.",
        );
    }
    None
}

//! Bodies that nobody has to verify to see what became of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::http::Headers;

/// A notification of the older protocol has neither headers nor JSON.
pub(super) const APIV2: &str = "the body is XML: this is a message of APIv2, the older protocol, which this client does not speak. What was made \
     through APIv2 (an order, a refund, a contract) is notified in APIv2: give it an address of its own, or make it \
     through APIv3.";

pub(super) fn is_xml(body: &[u8]) -> bool {
    body.trim_ascii_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"<xml"))
}

/// What the first bytes show, however long the body is: WeChat Pay signs JSON in UTF-8, which begins otherwise.
pub(super) fn by_its_beginning(body: &[u8]) -> Option<&'static str> {
    match body {
        [] => Some(
            "the signature does not fit, and the body is empty: something consumed the body before it got here.",
        ),
        [0x1f, 0x8b, ..] => Some(
            "the body is still compressed with gzip (it begins with 1f 8b), and the signature covers what is in it: \
             decompress it first, or have it passed on uncompressed.",
        ),
        [0xef, 0xbb, 0xbf, ..] => Some(
            "the body begins with a byte order mark (EF BB BF), which WeChat Pay does not send: something added it.",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b'{', ..] | [b'{', 0, ..] => {
            Some("the body is in UTF-16, and WeChat Pay sends UTF-8: something converted it.")
        }
        _ => None,
    }
}

/// What the content shows.
pub(super) fn by_its_content(body: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Some(
            "the body is not UTF-8, as WeChat Pay sends it: something converted it to another character set, such as GBK.",
        );
    };
    if text.contains('\u{fffd}') {
        return Some(
            "the body holds U+FFFD in place of characters: something decoded it with the wrong character set and could not \
             read the Chinese in it.",
        );
    }
    let text = text.trim();
    if is_base64_of_json(text) {
        return Some(
            "the body is the base64 text of JSON: API gateways hand bodies over that way (isBase64Encoded). Decode it first.",
        );
    }
    if text.starts_with("%7B") || text.starts_with("%7b") {
        return Some("the body is percent-encoded JSON: something treated it as a form.");
    }
    if text.starts_with("{&quot;") {
        return Some(
            "the body is JSON with &quot; in place of quotation marks: a filter against scripts in input changed it.",
        );
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(inner)) if inner.starts_with('{') => {
            Some("the body is a JSON text with JSON in it: something encoded it once more.")
        }
        Ok(Value::String(inner)) if is_base64_of_json(&inner) => {
            Some("the body is a JSON text with base64 of JSON in it: something encoded it twice. Undo both.")
        }
        _ => None,
    }
}

fn is_base64_of_json(text: &str) -> bool {
    !text.starts_with('{')
        && STANDARD.decode(text).is_ok_and(|bytes| bytes.trim_ascii_start().first() == Some(&b'{'))
}

/// The bytes that became this body when they were read as ISO-8859-1 and written as UTF-8; none when that cannot be.
pub(super) fn read_as_latin1(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|text| !text.is_ascii())?;
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// What may have to do with it, and proves nothing.
pub(super) fn suspicion(headers: &Headers, body: &[u8]) -> Option<&'static str> {
    let encoding = headers.get("Content-Encoding").unwrap_or_default();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Some(
            "Content-Encoding names a compression, and the body is not compressed: something decompressed it on the way, \
             and may have changed it.",
        );
    }
    if body.windows(3).any(|bytes| bytes == b"???") {
        return Some(
            "The body holds ??? where WeChat Pay may have written Chinese: look for something that converts it to a \
             character set without Chinese.",
        );
    }
    None
}

//! JSON in ASCII: JavaScript and Python keep such a text in one byte a character, and read it a third faster than one
//! with a single Chinese character in it.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// The value as JSON that escapes whatever is not ASCII.
pub(super) fn ascii_json(value: &impl Serialize) -> String {
    let mut out = Vec::with_capacity(1024);
    // Neither values of JSON nor structs of strings can fail to be written, and ASCII is UTF-8.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, Ascii));
    String::from_utf8(out).unwrap_or_default()
}

/// The JSON text with whatever is not ASCII escaped: in JSON that can only stand in strings.
pub(super) fn ascii(json: &str) -> Cow<'_, str> {
    if json.is_ascii() {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() * 2);
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = fmt::Write::write_fmt(&mut out, format_args!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(out)
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        out.write_all(ascii(fragment).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_not_ascii_is_escaped_and_reads_as_before() {
        let value = json!({ "摘要": "支付\"成功\"\n🍵 é", "plain": [1, 2.5, null, true, "a\\b"] });
        let text = ascii_json(&value);
        assert!(text.is_ascii());
        assert!(text.contains("\\ud83c\\udf75"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(ascii(&value.to_string()), text);
        assert_eq!(ascii_json(&json!({ "a": "b" })), r#"{"a":"b"}"#);
    }
}

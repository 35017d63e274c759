//! JSON that WeChat Pay sent, read so that no number in it changes on its way.
//!
//! A reader that keeps whole numbers in 64 bits and others in floating point changes the rest silently: the id of an
//! order becomes that of another one. What would change is turned into text before it is read, as it stands in the
//! JSON. Signatures are verified over the bytes as they came, before this. See `docs/adr/0016-exact-numbers.md`.

use std::borrow::Cow;
use std::str;

#[cfg(feature = "host")]
use serde::de::Error as _;
use serde_json::Value;

#[cfg(feature = "host")]
pub(crate) use outline::Outline;

/// So many digits a floating point number keeps whatever they are.
const SURE_DIGITS: usize = 15;
/// Powers of ten up to this one are exact in floating point, so that such a number is read and written without a loss.
const SURE_POWER: u64 = 22;
/// `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Who reads numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Whole numbers in 64 bits, with sign or without.
    Rust,
    /// All numbers in floating point. Takes JSON that went through the other one: only whole numbers are looked at.
    #[cfg_attr(not(feature = "host"), allow(dead_code))]
    JavaScript,
}

/// Reads JSON. Whole numbers beyond 64 bits, and other numbers with more digits than floating point keeps, become text.
pub(crate) fn parse(json: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(&exact(json, Reader::Rust))
}

/// As [`parse`], for hosts that hand text on: what `parse` would read is checked and left as it came, but for the same
/// numbers; what it would refuse is refused with the same error. Tells besides what it is.
#[cfg(feature = "host")]
pub(crate) fn check(json: &[u8]) -> Result<(Cow<'_, str>, Outline), serde_json::Error> {
    let text = match exact(json, Reader::Rust) {
        Cow::Borrowed(bytes) => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    };
    let Some(text) = text else {
        return Err(parse(json).err().unwrap_or_else(|| serde_json::Error::custom("not UTF-8")));
    };
    let outline = serde_json::from_str(&text)?;
    Ok((text, outline))
}

/// The JSON with each number in quotes that this reader would change. What is not JSON does not become it.
pub(crate) fn exact(json: &[u8], reader: Reader) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut copied = 0;
    for (start, number) in Numbers::of(json) {
        if keeps(number, reader) != Some(false) {
            continue;
        }
        let end = start + number.len();
        let rest = json.get(end..).unwrap_or_default().trim_ascii_start();
        // Where a name must stand a number is wrong, and must stay so.
        if rest.first() == Some(&b':') {
            continue;
        }
        out.extend_from_slice(json.get(copied..start).unwrap_or_default());
        out.push(b'"');
        out.extend_from_slice(number.as_bytes());
        out.push(b'"');
        copied = end;
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(json.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// As [`exact`], for text.
#[cfg(feature = "host")]
pub(crate) fn exact_text(json: &str, reader: Reader) -> Cow<'_, str> {
    match exact(json.as_bytes(), reader) {
        Cow::Borrowed(_) => Cow::Borrowed(json),
        // Quotes around ASCII: it stays UTF-8.
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).unwrap_or_default()),
    }
}

/// Whether all numbers arrive as they are where JSON is read with [`parse`]'s limits.
#[cfg(feature = "host")]
pub(crate) fn all_kept(json: &str) -> bool {
    Numbers::of(json.as_bytes()).all(|(_, number)| keeps(number, Reader::Rust) != Some(false))
}

/// Whether the reader keeps the number; `None` when it is none of JSON's.
fn keeps(token: &str, reader: Reader) -> Option<bool> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(before, after)| (before, Some(after)));
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(before, after)| (before, Some(after)));
    let well_formed = digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    if !well_formed {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        return Some(match reader {
            Reader::Rust => token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok(),
            Reader::JavaScript => unsigned.parse::<u64>().is_ok_and(|value| value <= MAX_SAFE),
        });
    }
    if reader == Reader::JavaScript {
        return Some(true);
    }
    let fraction = fraction.unwrap_or_default();
    let Ok(exponent) = exponent.unwrap_or("0").parse::<i32>() else { return Some(false) };
    let significant = [whole, fraction].concat().trim_start_matches('0').len();
    let power = i64::from(exponent) - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    Some(significant <= SURE_DIGITS && power.unsigned_abs() <= SURE_POWER)
}

/// What may be a number, outside strings, and where; only what is long or has an exponent, for the rest is kept anyway.
struct Numbers<'j> {
    json: &'j [u8],
    at: usize,
}

impl<'j> Numbers<'j> {
    const fn of(json: &'j [u8]) -> Self {
        Self { json, at: 0 }
    }
}

impl<'j> Iterator for Numbers<'j> {
    type Item = (usize, &'j str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.json.get(self.at..)?;
            let start = self.at;
            match *rest.first()? {
                b'"' => self.at += string_length(rest),
                b'-' | b'0'..=b'9' => {
                    let length = rest.iter().position(|byte| !in_number(*byte)).unwrap_or(rest.len());
                    self.at += length;
                    let token = rest.get(..length)?;
                    if length > SURE_DIGITS || token.iter().any(|byte| matches!(byte, b'e' | b'E')) {
                        return Some((start, str::from_utf8(token).ok()?));
                    }
                }
                _ => self.at += 1,
            }
        }
    }
}

const fn in_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Length of the string at the beginning, with its quotes.
fn string_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

#[cfg(feature = "host")]
mod outline;
#[cfg(test)]
mod tests;

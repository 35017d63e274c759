//! Yuan as text to fen as an integer, without a float in between.

use crate::error::{Error, Result, codes};

/// An amount in yuan as bills have it (`12.30`, `-0.01`, `0.01000`) in fen.
///
/// Fees come with five decimals; zeros after the second are fine, anything else there is not a whole number of fen.
///
/// # Errors
/// `malformed` with code `NOT_AN_AMOUNT` or `NOT_WHOLE_FEN`.
pub fn fen(yuan: &str) -> Result<i64> {
    parse(yuan).map_err(|code| {
        let message = match code {
            codes::NOT_WHOLE_FEN => format!("{yuan:?} yuan is not a whole number of fen. Read it as text and decide how to round."),
            _ => format!("{yuan:?} is not an amount in yuan (such as 12.30), or is beyond what 64 bits of fen can hold."),
        };
        Error::malformed(code, message)
    })
}

fn parse(yuan: &str) -> Result<i64, &'static str> {
    let (negative, digits) = match yuan.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, yuan.strip_prefix('+').unwrap_or(yuan)),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(codes::NOT_AN_AMOUNT),
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(codes::NOT_AN_AMOUNT);
    }
    let (cents, rest) = fraction.split_at(fraction.len().min(2));
    if rest.bytes().any(|byte| byte != b'0') {
        return Err(codes::NOT_WHOLE_FEN);
    }
    let padding = "00".get(cents.len()..).unwrap_or_default();
    let mut amount: i64 = 0;
    for byte in whole.bytes().chain(cents.bytes()).chain(padding.bytes()) {
        let digit = i64::from(byte - b'0');
        let digit = if negative { -digit } else { digit };
        amount = amount.checked_mul(10).and_then(|sum| sum.checked_add(digit)).ok_or(codes::NOT_AN_AMOUNT)?;
    }
    Ok(amount)
}

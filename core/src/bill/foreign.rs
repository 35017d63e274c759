//! What came when it is a text but no bill: said by its first line.

use std::io::BufRead;

use serde_json::Value;

use super::binary::refusal;
use super::lines::Lines;
use super::row::split;
use super::totals::starts_totals;
use crate::error::Error;

/// More of an error answer is not read.
const MAX_ANSWER: u64 = 64 * 1024;
/// More of an unknown text is not quoted.
const MAX_QUOTED: usize = 60;

/// Why a text that starts with this line is no bill; `None` when it may be one.
pub(super) fn refused<R: BufRead>(first: &str, lines: &mut Lines<R>) -> Option<Error> {
    let text = first.trim();
    match text.chars().next()? {
        '{' | '[' => return Some(json(text, lines)),
        '<' => return Some(markup(text)),
        _ => {}
    }
    let names = split(first);
    if text.starts_with('`') && names.first().is_some_and(|name| starts_with_digit(name))
        || starts_with_digit(text)
    {
        // Not quoted: a row holds a payer's identity.
        return Some(refusal(
            "a row, or another text, in place of the line of column names",
            "The beginning of the file is missing; ask for the bill again.",
        ));
    }
    if starts_totals(first) {
        return Some(refusal(
            "the end of a bill: its totals",
            "The rows are missing; ask for the bill again.",
        ));
    }
    let is_name = |name: &String| !name.contains(['{', '}', '<', '>', '"', ';', '=']);
    if names.len() < 2 || !names.iter().all(is_name) {
        return Some(refusal(
            &format!("a text that starts with {:?}", quoted(text)),
            "Look at what answered: a proxy or gateway may have put its own page in place of the file.",
        ));
    }
    None
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

pub(super) fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED).collect()
}

/// An error answer of the API says by `code` and `message` why there is no bill.
fn json<R: BufRead>(first: &str, lines: &mut Lines<R>) -> Error {
    let mut bytes = first.as_bytes().to_vec();
    bytes.extend(lines.rest(MAX_ANSWER));
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let part = |name: &str| answer[name].as_str().map(quoted).unwrap_or_default();
    let (code, message) = (part("code"), part("message"));
    if !code.is_empty() {
        return refusal(
            &format!("JSON, an error answer of the API: {code} {message}"),
            "Nothing was downloaded; go by this code.",
        );
    }
    if answer["download_url"].is_string() {
        return refusal(
            "JSON, the answer that announces a bill",
            "Download the file that it announces, and read that.",
        );
    }
    refusal("JSON", "If it is an answer of the API, read its `code` and `message`.")
}

fn markup(text: &str) -> Error {
    let start = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if start.starts_with("<xml") || start.starts_with("<?xml") {
        return refusal(
            "XML",
            "APIv2 answers so; ask for the bill with APIv3, and read the `return_msg` that stands there.",
        );
    }
    refusal(
        "an HTML page",
        "A proxy, gateway or captive portal answered in place of WeChat Pay; find it, and fetch the file again.",
    )
}

//! Headers that are there under another name.

use crate::http::Headers;

/// Names longer than this are a stranger's, and not repeated to anybody.
const LONGEST_NAME: usize = 64;

/// Says under which names the missing headers are there, if so, and which names are expected.
pub(super) fn renamed(headers: &Headers, missing: &[&str]) -> Option<String> {
    let (expected, found) = missing.iter().find_map(|name| Some((name, like(headers, name)?)))?;
    let upper = found.to_ascii_uppercase();
    let who = if upper.starts_with("HTTP_") {
        "WSGI and CGI write names so in their environment"
    } else if found.contains('_') {
        "something wrote the names with underscores, which nginx and others then drop"
    } else if upper.starts_with("X-") {
        "a gateway passes headers on under a prefix of its own"
    } else {
        "something on the way renamed it"
    };
    Some(format!(
        "There is {found:?} in place of {expected:?}: {who}. Pass each on under the name that WeChat Pay gave it."
    ))
}

/// A header whose name ends with the letters of this one: `HTTP_WECHATPAY_SIGNATURE`, `X-Forwarded-Wechatpay-Signature`.
fn like<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    let wanted = letters(name);
    headers
        .iter()
        .filter(|(found, value)| found.len() <= LONGEST_NAME && !value.trim().is_empty())
        .map(|(found, _)| found)
        .find(|found| letters(found).ends_with(&wanted))
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

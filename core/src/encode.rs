//! Percent-encoding of path and query: what is signed is what is sent.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::Value;

use crate::error::{Error, Result, codes};
use crate::operation::Operation;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it stands in a path or in the value of a query.
pub(crate) fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Path with its parameters filled in, and the query string. `value_of` gives the value of a parameter.
///
/// # Errors
/// A path parameter is `.` or `..`, which every HTTP library on the way would swallow.
pub(crate) fn path_and_query<'v>(
    operation: Operation,
    value_of: impl Fn(&str) -> Option<&'v Value>,
) -> Result<String> {
    let mut url = String::with_capacity(operation.path().len() + 32);
    let mut rest = operation.path();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        url.push_str(before);
        let value = value_of(name).map(text_of).unwrap_or_default();
        if value.is_empty() || value == "." || value == ".." {
            return Err(Error::invalid_request(
                codes::EMPTY_PARAMETER,
                format!("{name} (url): {value:?} cannot stand in a path: the URL would mean something else."),
            )
            .with_operation(operation.id()));
        }
        url.extend(encoded(&value));
        rest = after;
    }
    url.push_str(rest);
    let mut separator = '?';
    for field in operation.query() {
        let values: Vec<&Value> = match value_of(field.name()) {
            None => continue,
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
        };
        for value in values {
            url.push(separator);
            separator = '&';
            url.extend(encoded(field.name()));
            url.push('=');
            url.extend(encoded(&text_of(value)));
        }
    }
    Ok(url)
}

/// Path and query of an absolute URL, or of one that starts with a slash, exactly as they stand there. A fragment is
/// cut off; an empty path becomes `/`.
pub(crate) fn path_and_query_of(url: &str) -> &str {
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let after_authority = match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?']).map_or("", |start| &rest[start..]),
        None => url,
    };
    if after_authority.is_empty() { "/" } else { after_authority }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_of_absolute_urls() {
        for (url, expected) in [
            (
                "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb&x=1",
                "/v3/billdownload/file?token=a%2Fb&x=1",
            ),
            ("https://api.mch.weixin.qq.com/v3/a?redirect=http://x/y#top", "/v3/a?redirect=http://x/y"),
            ("http://127.0.0.1:80", "/"),
            ("/v3/a?b=c", "/v3/a?b=c"),
        ] {
            assert_eq!(path_and_query_of(url), expected);
        }
    }

    #[test]
    fn reserved_characters_and_chinese_are_encoded() {
        assert_eq!(encoded("a/b?c%d 中-._~").to_string(), "a%2Fb%3Fc%25d%20%E4%B8%AD-._~");
    }
}

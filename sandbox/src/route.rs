//! Which operation of the table a request means.

use std::collections::HashMap;
use std::sync::OnceLock;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use wechatpay_core::operation::{self, Operation};

use crate::refusal::{Refusal, Result};

/// An operation, and the parameters in the path of the request.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) operation: Operation,
    pub(crate) path: Map<String, Value>,
}

/// Operations whose paths have as many segments as this one.
fn of_length(path: &str) -> &'static [Operation] {
    static BY_LENGTH: OnceLock<HashMap<usize, Vec<Operation>>> = OnceLock::new();
    let length = |path: &str| path.split('/').count();
    let by_length = BY_LENGTH.get_or_init(|| {
        let mut by_length = HashMap::<usize, Vec<Operation>>::new();
        for operation in operation::all() {
            by_length.entry(length(operation.path())).or_default().push(operation);
        }
        by_length
    });
    by_length.get(&length(path)).map_or(&[], Vec::as_slice)
}

/// Finds the operation; the path is as it came, percent-encoded. An unknown path is a 404 without a body, a known one with
/// another method a 405 without a body, as the platform answers.
pub(crate) fn find(method: &str, path: &str) -> Result<Found> {
    let mut known_path = false;
    // A literal segment wins over a parameter: `…/serviceorder/deduction` is not an order of that name.
    let mut best: Option<(usize, Found)> = None;
    for operation in of_length(path).iter().copied() {
        let Some(parameters) = match_path(operation.path(), path) else { continue };
        known_path = true;
        if operation.method().as_str() != method {
            continue;
        }
        let literal = operation.path().split('/').filter(|segment| !segment.starts_with('{')).count();
        if best.as_ref().is_none_or(|(most, _)| literal > *most) {
            best = Some((literal, Found { operation, path: parameters }));
        }
    }
    best.map(|(_, found)| found).ok_or_else(|| Refusal::empty(if known_path { 405 } else { 404 }))
}

/// The parameters in the path, percent-decoded, when the path fits the template.
pub(crate) fn match_path(template: &str, path: &str) -> Option<Map<String, Value>> {
    let mut parameters = Map::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            None if expected == segment => {}
            None => return None,
            Some(_) if segment.is_empty() => return None,
            Some(name) => {
                let value = percent_decode_str(segment).decode_utf8().ok()?;
                parameters.insert(name.to_owned(), Value::String(value.into_owned()));
            }
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// The parameters in the query string. One that comes twice becomes a list.
pub(crate) fn parse_query(query: &str) -> Result<Map<String, Value>> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8()
                .map(|text| text.into_owned())
                .map_err(|_| Refusal::param("query", name, &Value::from(text), "不是以百分号编码的UTF-8"))
        };
        let (name, value) = (decode(name)?, Value::String(decode(value)?));
        match parameters.remove(&name) {
            None => parameters.insert(name, value),
            Some(Value::Array(mut values)) => {
                values.push(value);
                parameters.insert(name, Value::Array(values))
            }
            Some(first) => parameters.insert(name, Value::Array(vec![first, value])),
        };
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_path_parameters() {
        let found = match_path(
            "/v3/pay/transactions/out-trade-no/{out_trade_no}/close",
            "/v3/pay/transactions/out-trade-no/a%2Fb%E5%8D%95/close",
        );
        assert_eq!(found.unwrap()["out_trade_no"], "a/b单");
        assert!(match_path("/v3/a/{b}", "/v3/a/").is_none());
        assert!(match_path("/v3/a/{b}", "/v3/a/b/c").is_none());
    }

    #[test]
    fn literal_segments_win() {
        let found = find("GET", "/v3/payscore/acquiringbank/serviceorder/deduction").unwrap();
        assert_eq!(found.operation.path(), "/v3/payscore/acquiringbank/serviceorder/deduction");
    }

    #[test]
    fn unknown_path_and_wrong_method_have_no_body() {
        let unknown = find("GET", "/v3/nothing").unwrap_err();
        assert_eq!((unknown.status, unknown.body.is_none()), (404, true));
        let method = find("DELETE", "/v3/pay/transactions/jsapi").unwrap_err();
        assert_eq!((method.status, method.body.is_none()), (405, true));
    }

    #[test]
    fn query_values_are_decoded() {
        let query = parse_query("a=1&b=%E5%8D%95+x&c=1&c=2").unwrap();
        assert_eq!(Value::Object(query), serde_json::json!({ "a": "1", "b": "单 x", "c": ["1", "2"] }));
        assert!(parse_query("a=%FF").is_err());
    }
}

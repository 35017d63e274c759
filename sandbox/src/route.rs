//! Which operation a request means.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::products::{Handler, ROUTES, Route};
use crate::refusal::{Outcome, Refusal};

/// A route that fits, and the parameters in its path.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) route: &'static Route,
    pub(crate) path: Map<String, Value>,
}

impl Found {
    pub(crate) fn handler(&self) -> Handler {
        self.route.handler
    }
}

/// Finds the route; the path is as it came, percent-encoded. An unknown path is a 404 without a body, a known one with
/// another method a 405 without a body, as the platform answers.
pub(crate) fn find(method: &str, path: &str) -> Outcome<Found> {
    let mut known_path = false;
    // A literal segment wins over a parameter: `…/serviceorder/deduction` is not an order of that name.
    let mut best: Option<(usize, Found)> = None;
    for route in ROUTES {
        let Some(parameters) = match_path(route.path, path) else { continue };
        known_path = true;
        if route.method.as_str() != method {
            continue;
        }
        let literal = route.path.split('/').filter(|segment| !segment.starts_with('{')).count();
        if best.as_ref().is_none_or(|(most, _)| literal > *most) {
            best = Some((literal, Found { route, path: parameters }));
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
pub(crate) fn parse_query(query: &str) -> Outcome<Map<String, Value>> {
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
        assert_eq!(found.route.path, "/v3/payscore/acquiringbank/serviceorder/deduction");
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

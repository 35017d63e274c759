//! Checks parameters against the operation table before anything is sent.

use std::fmt;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{Error, Result, codes};
use crate::nearest::nearest;
use crate::operation::{Body, Choice, Field, Fields, Fill, Kind, Model, Operation};
use crate::rules::{Broken, Limits};

/// How deeply parameters may be nested: far above what the API uses, far below what would exhaust the stack.
const MAX_DEPTH: usize = 64;
/// How many problems one error names.
const MAX_NAMED: usize = 10;

/// One thing wrong with a request, in the shape of WeChat Pay's own `detail`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// `MISSING_PARAMETER`, `UNKNOWN_PARAMETER`, `CONFLICTING_PARAMETERS`, `WRONG_TYPE`, `TOO_LONG`, `TOO_SHORT`, `OUT_OF_RANGE`,
    /// `UNSUPPORTED_CHARACTER`, `BAD_NOTIFY_URL`, `INVALID_TIMESTAMP`, `EMPTY_PARAMETER`, `NULL_NOT_ALLOWED` or `TOO_DEEP`.
    pub code: &'static str,
    /// JSON Pointer of a body field (`/amount/total`), or the name of a path or query parameter.
    pub field: String,
    /// Where the field stands: `url` (path), `header`, `query` or `body`.
    pub location: &'static str,
    /// What is wrong with it, and what to do.
    pub issue: String,
}

impl Problem {
    /// The problem as WeChat Pay would write it.
    pub fn to_detail(&self) -> Value {
        json!({ "field": self.field, "issue": self.issue, "location": self.location })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.field, self.location, self.issue)
    }
}

/// Checks the parameters of a call: every field of path, query and body in one object.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) naming every problem; `code` and `detail` are those
/// of the first.
pub fn check(operation: Operation, params: &Map<String, Value>) -> Result<()> {
    refused(&problems(operation, params)).map_err(|error| error.with_operation(operation.id()))
}

/// Checks an object that is sent on its own: the answer to a notification.
pub(crate) fn check_object(model: Model, object: &Value) -> Result<()> {
    let mut checker = Checker { location: "body", problems: Vec::new() };
    checker.value(Kind::Object(model), Limits::NONE, object, String::new(), 0);
    // That a required text is not empty is a rule of requests; the page of the parking fee lets `message` be empty.
    checker.problems.retain(|problem| problem.code != codes::EMPTY_PARAMETER);
    refused(&checker.problems)
}

fn refused(problems: &[Problem]) -> Result<()> {
    let Some(first) = problems.first() else { return Ok(()) };
    let mut message = problems.iter().take(MAX_NAMED).map(Problem::to_string).collect::<Vec<_>>().join("; ");
    if problems.len() > MAX_NAMED {
        message.push_str(&format!("; and {} more", problems.len() - MAX_NAMED));
    }
    Err(Error::invalid_request(first.code, message).with_detail(first.to_detail()))
}

/// Everything wrong with the parameters of a call; empty when they may be sent.
pub fn problems(operation: Operation, params: &Map<String, Value>) -> Vec<Problem> {
    let places = [
        ("url", operation.path_params()),
        ("header", operation.headers()),
        ("query", operation.query()),
        ("body", operation.body_fields()),
        ("body", meta_fields(operation)),
    ];
    let mut checker = Checker { location: "", problems: Vec::new() };
    for (location, fields) in places.clone() {
        checker.location = location;
        for field in fields {
            let name = field.name();
            let path = if location == "body" { format!("/{name}") } else { name.to_owned() };
            checker.field(field, params.get(name), path, 0);
        }
    }
    for choice in operation.choices() {
        let place = places.iter().find(|(_, fields)| choice.is_among(fields.clone()));
        checker.location = place.map_or("body", |(location, _)| location);
        let prefix = if checker.location == "body" { "/" } else { "" };
        checker.choice(choice, params, prefix);
    }
    checker.location = "body";
    let known = || places.clone().into_iter().flat_map(|(_, fields)| fields).map(Field::name);
    for name in params.keys().filter(|name| !known().any(|known| known == *name)) {
        checker.unknown(name, format!("/{name}"), known());
    }
    checker.problems
}

struct Checker {
    location: &'static str,
    problems: Vec<Problem>,
}

impl Checker {
    fn report(&mut self, code: &'static str, field: String, issue: impl Into<String>) {
        self.problems.push(Problem { code, field, location: self.location, issue: issue.into() });
    }

    fn field(&mut self, field: Field, value: Option<&Value>, path: String, depth: usize) {
        match value {
            None if field.is_required() && field.fill() == Some(Fill::SubMchid) => {
                self.report(
                    codes::MISSING_PARAMETER,
                    path,
                    "is required, unless the client was made for a sub-merchant",
                );
            }
            None if field.is_required() => self.report(codes::MISSING_PARAMETER, path, "is required"),
            None => {}
            Some(Value::String(text)) if text.is_empty() && self.location != "body" => {
                let issue = match self.location {
                    "header" => "must not be empty",
                    _ => "must not be empty: the URL would mean something else",
                };
                self.report(codes::EMPTY_PARAMETER, path, issue);
            }
            Some(Value::String(text))
                if self.location == "header" && !text.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                let issue = "may have printable ASCII characters and no blank: it is a header";
                self.report(codes::UNSUPPORTED_CHARACTER, path, issue);
            }
            Some(value) => self.value(field.kind(), Limits::of(field), value, path, depth),
        }
    }

    fn value(&mut self, kind: Kind, limits: Limits, value: &Value, path: String, depth: usize) {
        if depth > MAX_DEPTH {
            return self.report(
                codes::TOO_DEEP,
                path,
                format!("is nested more than {MAX_DEPTH} levels deep"),
            );
        }
        match (kind, value) {
            (_, Value::Null) => {
                self.report(
                    codes::NULL_NOT_ALLOWED,
                    path,
                    "is null inside a list; WeChat Pay accepts no null",
                );
            }
            (Kind::String | Kind::OpenEnum(_), Value::String(text)) => self.text(text, limits, &path),
            (Kind::Timestamp, Value::String(text)) => {
                if OffsetDateTime::parse(text, &Rfc3339).is_err() {
                    let issue =
                        "must be a time as RFC 3339 with an offset, such as 2018-06-08T10:34:56+08:00";
                    self.report(codes::INVALID_TIMESTAMP, path, issue);
                }
            }
            (Kind::Int, Value::Number(number)) => match number.as_i64() {
                Some(number) => self.broken(limits.number(number), &path),
                None => {
                    let issue = format!("must be a whole number (amounts are in fen), not {number}");
                    self.report(codes::WRONG_TYPE, path, issue);
                }
            },
            (Kind::Bool, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => {}
            (Kind::Json, value) => self.free(value, path, depth),
            (Kind::Object(model), Value::Object(object)) => {
                for field in model.fields() {
                    let name = field.name();
                    self.field(field, object.get(name), format!("{path}/{name}"), depth + 1);
                }
                let known = || model.fields().map(Field::name);
                for name in object.keys().filter(|name| !known().any(|known| known == *name)) {
                    self.unknown(name, format!("{path}/{name}"), known());
                }
                for choice in model.choices() {
                    self.choice(choice, object, &format!("{path}/"));
                }
            }
            (Kind::List(item), Value::Array(values)) => {
                self.broken(limits.elements(values.len()), &path);
                for (index, value) in values.iter().enumerate() {
                    self.value(item.kind(), Limits::NONE, value, format!("{path}/{index}"), depth + 1);
                }
            }
            (Kind::Map(item), Value::Object(object)) => {
                for (key, value) in object {
                    self.text(key, Limits::NONE, &format!("{path}/{key}"));
                    self.value(item.kind(), Limits::NONE, value, format!("{path}/{key}"), depth + 1);
                }
            }
            (kind, value) => {
                let issue = format!("must be {}, not {}", name_of(kind), type_of(value));
                self.report(codes::WRONG_TYPE, path, issue);
            }
        }
    }

    /// One alternative must be there as a whole, and, when they exclude each other, nothing of the others.
    fn choice(&mut self, choice: Choice, object: &Map<String, Value>, prefix: &str) {
        let first = choice.names().next().unwrap_or_default();
        let whole = choice.alternatives().find(|names| names.clone().all(|name| object.contains_key(name)));
        let Some(whole) = whole else {
            let how = if choice.is_exclusive() { "exactly one" } else { "at least one" };
            return self.report(
                codes::MISSING_PARAMETER,
                format!("{prefix}{first}"),
                format!("{how} of {} is required", choice.in_words()),
            );
        };
        if !choice.is_exclusive() {
            return;
        }
        let other =
            choice.names().find(|name| object.contains_key(*name) && !whole.clone().any(|n| n == *name));
        if let Some(other) = other {
            let issue = format!("must not be given as well: exactly one of {} is wanted", choice.in_words());
            self.report(codes::CONFLICTING_PARAMETERS, format!("{prefix}{other}"), issue);
        }
    }

    fn text(&mut self, text: &str, limits: Limits, path: &str) {
        self.broken(limits.text(text), path);
    }

    fn broken(&mut self, broken: Vec<Broken>, path: &str) {
        for (code, issue) in broken {
            self.report(code, path.to_owned(), issue);
        }
    }

    /// A value whose shape is free must still be something WeChat Pay can read.
    fn free(&mut self, value: &Value, path: String, depth: usize) {
        if depth > MAX_DEPTH {
            return self.report(
                codes::TOO_DEEP,
                path,
                format!("is nested more than {MAX_DEPTH} levels deep"),
            );
        }
        match value {
            Value::Null => self.report(codes::NULL_NOT_ALLOWED, path, "is null; WeChat Pay accepts no null"),
            Value::String(text) => self.text(text, Limits::NONE, &path),
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.free(value, format!("{path}/{index}"), depth + 1);
                }
            }
            Value::Object(object) => {
                for (key, value) in object {
                    self.text(key, Limits::NONE, &format!("{path}/{key}"));
                    self.free(value, format!("{path}/{key}"), depth + 1);
                }
            }
            Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn unknown(&mut self, name: &str, path: String, known: impl Iterator<Item = &'static str>) {
        let issue = match nearest(name, known) {
            Some(near) => format!("is not a parameter here; did you mean {near:?}?"),
            None => {
                "is not a parameter here; if it is new, send the request untyped with `request`".to_owned()
            }
        };
        self.report(codes::UNKNOWN_PARAMETER, path, issue);
    }
}

/// Writes a value that the client knows wherever the operation wants it and the caller does not say it.
pub(crate) fn fill(operation: Operation, params: &mut Map<String, Value>, wanted: Fill, value: &str) {
    let sent = operation
        .path_params()
        .chain(operation.headers())
        .chain(operation.query())
        .chain(operation.body_fields());
    for field in sent.chain(meta_fields(operation)) {
        if field.fill() == Some(wanted) && params.get(field.name()).is_none_or(Value::is_null) {
            params.insert(field.name().to_owned(), Value::String(value.to_owned()));
        }
    }
}

/// What an upload says in `meta` besides the file.
pub(crate) fn meta_fields(operation: Operation) -> Fields {
    match operation.body() {
        Body::Upload(upload) => upload.fields(),
        Body::None | Body::Json(_) => operation.no_fields(),
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::String | Kind::OpenEnum(_) => "a string",
        Kind::Int => "a whole number",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::Timestamp => "a time as RFC 3339 text",
        Kind::Json => "a JSON value",
        Kind::Object(_) | Kind::Map(_) => "an object",
        Kind::List(_) => "a list",
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::table::draft::Draft;
    use crate::table::{Place, Type};

    fn operation() -> Operation {
        let mut draft = Draft::default();
        let total = draft.required("total", Type::Int);
        let amount = draft.model("Amount", &[total]);
        let (texts, numbers) = (draft.item(Type::String), draft.item(Type::Int));
        let number = draft.required("out_trade_no", Type::String);
        let path = draft.fields(&[number]);
        let body = [
            draft.required("description", Type::String).max(4),
            draft.optional("tags", Type::List(texts)).max(2),
            draft.optional("amount", Type::Object(amount)),
            draft.optional("time_expire", Type::Timestamp),
            draft.optional("labels", Type::Map(numbers)),
            draft.optional("extra", Type::Json),
            draft.optional("profit_sharing", Type::Bool),
        ];
        let body = draft.fields(&body);
        draft.operation("test.create", Method::Post, "/v3/test/{out_trade_no}", |operation| {
            operation.path_params(path).json(body)
        });
        Operation(Place::new(draft.table(), 0))
    }

    fn codes(extra: Value) -> Vec<(&'static str, String)> {
        let mut params = json!({ "out_trade_no": "1", "description": "shoe" });
        for (key, value) in extra.as_object().unwrap() {
            params[key] = value.clone();
        }
        problems(operation(), params.as_object().unwrap()).into_iter().map(|p| (p.code, p.field)).collect()
    }

    #[test]
    fn good_parameters_pass() {
        let good = json!({
            "description": "公仔公仔", "tags": ["a", "b"], "amount": { "total": 1 }, "labels": { "x": -1 },
            "time_expire": "2018-06-08T10:34:56.123+08:00", "extra": { "a": [1, "b", 1.5] }, "profit_sharing": false
        });
        assert_eq!(codes(good), []);
    }

    #[test]
    fn every_problem_is_named_with_its_place() {
        for (extra, code, path) in [
            (json!({ "description": "shoes" }), "TOO_LONG", "/description"),
            (json!({ "description": 1 }), "WRONG_TYPE", "/description"),
            (json!({ "description": "😀" }), "UNSUPPORTED_CHARACTER", "/description"),
            (json!({ "out_trade_no": "" }), "EMPTY_PARAMETER", "out_trade_no"),
            (json!({ "tags": ["a", "b", "c"] }), "TOO_LONG", "/tags"),
            (json!({ "tags": ["a", null] }), "NULL_NOT_ALLOWED", "/tags/1"),
            (json!({ "amount": {} }), "MISSING_PARAMETER", "/amount/total"),
            (json!({ "amount": { "total": 1.0 } }), "WRONG_TYPE", "/amount/total"),
            (json!({ "amount": { "total": 9_223_372_036_854_775_808_u64 } }), "WRONG_TYPE", "/amount/total"),
            (json!({ "amount": { "total": true } }), "WRONG_TYPE", "/amount/total"),
            (json!({ "amount": { "total": 1, "totl": 1 } }), "UNKNOWN_PARAMETER", "/amount/totl"),
            (json!({ "amount": [1] }), "WRONG_TYPE", "/amount"),
            (json!({ "time_expire": "2018-06-08 10:34:56" }), "INVALID_TIMESTAMP", "/time_expire"),
            (json!({ "labels": { "x": "1" } }), "WRONG_TYPE", "/labels/x"),
            (json!({ "extra": { "a": [null] } }), "NULL_NOT_ALLOWED", "/extra/a/0"),
            (json!({ "profit_sharing": "true" }), "WRONG_TYPE", "/profit_sharing"),
            (json!({ "descripton": "x" }), "UNKNOWN_PARAMETER", "/descripton"),
        ] {
            assert_eq!(codes(extra.clone()), [(code, path.to_owned())], "{extra}");
        }
    }

    #[test]
    fn the_error_suggests_the_right_name_and_carries_detail() {
        let params = json!({ "outTradeNo": "1", "out_trade_no": "1", "descripton": "shoe" });
        let error = check(operation(), params.as_object().unwrap()).unwrap_err();
        assert_eq!(error.code(), "MISSING_PARAMETER");
        assert_eq!(error.detail().unwrap()["field"], "/description");
        let text = error.to_string();
        assert!(
            text.contains("did you mean \"description\"?") && text.contains("did you mean \"out_trade_no\"?"),
            "{text}"
        );
    }

    #[test]
    fn deep_nesting_is_refused_without_exhausting_the_stack() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert_eq!(codes(json!({ "extra": deep }))[0].0, "TOO_DEEP");
    }
}

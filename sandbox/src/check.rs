//! Checks a request against the operation table, as the platform would. Written apart from the client's check in
//! `wechatpay_core`, so that a mistake in one does not hide in the other; `check/tests.rs` compares the two.

use serde_json::{Map, Value, json};
use wechatpay_core::operation::{Body, Characters, Choice, Field, Fields, Kind, Model, Operation, Rule};

use crate::call::Call;
use crate::clock;
use crate::refusal::{Refusal, Result};

/// What the platform was seen to want of a URL for notifications.
const NOTIFY_URL: &str = r"^https?://([^\s/?#\[\]\@]+\@)?([^\s/?#\@:]+)(?::\d{2,5})?([^\s?#\[\]]*)$";

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Sensitive fields are still encrypted: what they hold is not looked at.
    Sealed,
    /// Sensitive fields have been decrypted.
    Opened,
    /// No request: an answer or a notification of the sandbox's own, before anything is encrypted.
    Own,
}

/// Checks path, query and body. `strict` also refuses parameters that the table does not know, as the platform does;
/// what it only may refuse goes into `warnings`.
pub(crate) fn check(
    operation: Operation,
    call: &Call,
    strict: bool,
    stage: Stage,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let mut walk = Walk { stage, warnings, unknown: Vec::new() };
    for (location, values) in
        [("uri_template", &call.path), ("header", &call.headers), ("query", &call.query)]
    {
        for (name, value) in values {
            check_text(value, location, name)?;
        }
    }
    walk.fields(operation.path_params(), &call.path, &At::root("uri_template"))?;
    walk.fields(operation.headers(), &call.headers, &At::root("header"))?;
    walk.fields(operation.query(), &call.query, &At::root("query"))?;
    match operation.body() {
        Body::Json(fields) => walk.fields(fields, &call.body, &At::root("body"))?,
        Body::Upload(upload) => walk.fields(upload.fields(), &call.body, &At::root("body"))?,
        _ => {}
    }
    for choice in operation.choices() {
        let of_query = operation.query().any(|field| choice.names().any(|name| name == field.name()));
        let (values, location) = if of_query { (&call.query, "query") } else { (&call.body, "body") };
        check_choice(choice, values, &At::root(location))?;
    }
    if strict && !walk.unknown.is_empty() { Err(Refusal::unknown(&walk.unknown)) } else { Ok(()) }
}

/// Whether an object of the sandbox's own is what the table says: nothing missing, nothing of another type and, with
/// `strict`, nothing unknown. Limits are about requests.
pub(crate) fn fits(model: Model, values: &Map<String, Value>, strict: bool) -> Result<()> {
    let mut walk = Walk { stage: Stage::Own, warnings: &mut Vec::new(), unknown: Vec::new() };
    walk.fields(model.fields(), values, &At::root("body"))?;
    if strict && !walk.unknown.is_empty() { Err(Refusal::unknown(&walk.unknown)) } else { Ok(()) }
}

/// Where a value stands.
struct At {
    location: &'static str,
    /// `/body/amount/total`
    pointer: String,
    /// Name of the field, which stands for the Chinese one that the platform knows.
    name: String,
    /// Whether the value may not be shown.
    secret: bool,
}

impl At {
    fn root(location: &'static str) -> Self {
        Self { location, pointer: format!("/{location}"), name: String::new(), secret: false }
    }

    fn in_body(&self) -> bool {
        self.location == "body"
    }

    fn down(&self, name: &str) -> Self {
        let pointer = format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"));
        Self { location: self.location, pointer, name: name.to_owned(), secret: self.secret }
    }

    fn field(&self, field: Field) -> Self {
        Self { secret: field.is_encrypted(), ..self.down(field.name()) }
    }

    fn refuse(&self, value: Value, message: String) -> Refusal {
        Refusal::rule(self.location, if self.secret { json!("***") } else { value }, message)
    }

    fn wrong_type(&self, value: &Value, wanted: &str) -> Refusal {
        let source = if self.in_body() { " JSON 输入源" } else { "输入源" };
        let message = format!(
            "无法将{source}“{}”映射到目标字段“{}”中，此字段需要一个{wanted}",
            self.pointer, self.name
        );
        self.refuse(value.clone(), message)
    }

    /// A rule that a text breaks.
    fn text_rule(&self, value: Value, what: &str) -> Refusal {
        let message =
            format!("输入源“{}”映射到值字段“{}”字符串规则校验失败，{what}", self.pointer, self.name);
        self.refuse(value, message)
    }
}

struct Walk<'a> {
    stage: Stage,
    warnings: &'a mut Vec<String>,
    /// Pointers of the parameters that the table does not have.
    unknown: Vec<String>,
}

impl Walk<'_> {
    fn fields(&mut self, fields: Fields, values: &Map<String, Value>, at: &At) -> Result<()> {
        for field in fields.clone() {
            let at = at.field(field);
            match values.get(field.name()) {
                None if field.is_required() => {
                    let message = format!(
                        "输入源“{}”映射到字段“{}”必填性规则校验失败，此字段为必填项",
                        at.pointer, at.name
                    );
                    return Err(at.refuse(json!(""), message));
                }
                None => {}
                Some(value) => {
                    self.kind(field.kind(), value, &at)?;
                    if field.is_encrypted()
                        && self.stage == Stage::Opened
                        && let Some(what) = value.as_str().and_then(unsupported)
                    {
                        return Err(at.text_rule(json!("***"), what));
                    }
                    if self.stage == Stage::Opened || (self.stage == Stage::Sealed && !field.is_encrypted()) {
                        self.limits(field, value, &at)?;
                    }
                }
            }
        }
        let known = |name: &str| fields.clone().any(|field| field.name() == name);
        let unknown = values.keys().filter(|name| !known(name)).map(|name| at.down(name).pointer);
        self.unknown.extend(unknown);
        Ok(())
    }

    fn kind(&mut self, kind: Kind, value: &Value, at: &At) -> Result<()> {
        // Path and query are text on the wire; numbers and flags are read from it.
        let text = value.as_str();
        let wire = !at.in_body();
        let good = match kind {
            Kind::String | Kind::OpenEnum(_) => value.is_string(),
            Kind::Timestamp => text.is_some_and(|text| clock::parse(text).is_some()),
            Kind::Int => value.is_i64() || (wire && text.is_some_and(|text| text.parse::<i64>().is_ok())),
            Kind::Number => {
                value.is_number() || (wire && text.is_some_and(|text| text.parse::<f64>().is_ok()))
            }
            Kind::Bool => {
                value.is_boolean() || (wire && text.is_some_and(|text| text == "true" || text == "false"))
            }
            Kind::Json => true,
            Kind::Object(model) => match value {
                Value::Object(values) => {
                    self.fields(model.fields(), values, at)?;
                    if self.stage != Stage::Own {
                        for choice in model.choices() {
                            check_choice(choice, values, at)?;
                        }
                    }
                    return Ok(());
                }
                // An object in the query is JSON text.
                Value::String(text) if wire => return self.embedded(kind, text, at),
                _ => false,
            },
            Kind::List(item_kind) => match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.kind(item_kind.kind(), item, &at.down(&index.to_string()))?;
                    }
                    true
                }
                // In a query a list of one looks like a single value.
                Value::String(_) if wire => return self.kind(item_kind.kind(), value, at),
                _ => false,
            },
            Kind::Map(item_kind) => match value {
                Value::Object(values) => {
                    for (name, item) in values {
                        self.kind(item_kind.kind(), item, &at.down(name))?;
                    }
                    true
                }
                Value::String(text) if wire => return self.embedded(kind, text, at),
                _ => false,
            },
            // A kind that this version of the sandbox does not know: nothing to check.
            _ => true,
        };
        if good { Ok(()) } else { Err(at.wrong_type(value, wanted(kind))) }
    }

    fn embedded(&mut self, kind: Kind, text: &str, at: &At) -> Result<()> {
        match serde_json::from_str::<Value>(text) {
            Ok(value @ Value::Object(_)) => {
                let inside = At {
                    location: "body",
                    pointer: at.pointer.clone(),
                    name: at.name.clone(),
                    secret: false,
                };
                self.kind(kind, &value, &inside)
            }
            _ => Err(at.wrong_type(&Value::from(text), "合法的 Json 对象")),
        }
    }

    fn limits(&mut self, field: Field, value: &Value, at: &At) -> Result<()> {
        // An empty optional text is a text like any other.
        let empty = field.is_required() && value.as_str() == Some("");
        let implied = [empty.then_some(Rule::Min(1)), field.max().map(Rule::Max)];
        for rule in field.rules().chain(implied.into_iter().flatten()) {
            match rule {
                Rule::Suspected(suspected) => {
                    if let Some(refusal) = broken(suspected.rule(), value, at) {
                        let message = refusal.body.as_ref().and_then(|body| body["message"].as_str());
                        self.warnings.push(format!(
                            "WeChat Pay may refuse this: {}",
                            message.unwrap_or(at.pointer.as_str())
                        ));
                    }
                }
                rule => broken(rule, value, at).map_or(Ok(()), Err)?,
            }
        }
        Ok(())
    }
}

/// One of several fields must be there, with those that belong to it; of an exclusive choice no other.
fn check_choice(choice: Choice, values: &Map<String, Value>, at: &At) -> Result<()> {
    let complete: Vec<Vec<&str>> = choice
        .alternatives()
        .map(Iterator::collect::<Vec<_>>)
        .filter(|names| names.iter().all(|name| values.contains_key(*name)))
        .collect();
    let Some(first) = complete.first() else {
        let at = at.down(choice.names().next().unwrap_or_default());
        let names = choice.names().collect::<Vec<_>>().join("、");
        return Err(
            at.refuse(json!(""), format!("输入源“{}”必填性规则校验失败，{names} 至少填写其一", at.pointer))
        );
    };
    let second = choice.names().find(|name| values.contains_key(*name) && !first.contains(name));
    match second.filter(|_| choice.is_exclusive()) {
        None => Ok(()),
        Some(name) => {
            let at = at.down(name);
            Err(at.refuse(
                json!(name),
                format!(
                    "输入源“{}”校验失败，{}只能填写其一",
                    at.pointer,
                    choice.names().collect::<Vec<_>>().join("、")
                ),
            ))
        }
    }
}

/// The refusal, when the value breaks the rule.
fn broken(rule: Rule, value: &Value, at: &At) -> Option<Refusal> {
    match value {
        Value::String(text) => text_breaks(rule, text, at).or_else(|| match at.in_body() {
            true => None,
            // A number of the query.
            false => number_breaks(rule, text.parse().ok()?, at),
        }),
        Value::Number(number) => number_breaks(rule, number.as_i64()?, at),
        Value::Array(items) => {
            let count = items.len();
            let what = match rule {
                Rule::Min(min) if count < min as usize => format!("低于最小值 {min}"),
                Rule::Max(max) if count > max as usize => format!("高于最大值 {max}"),
                _ => return None,
            };
            let message = format!(
                "输入源“{}”映射到字段“{}”多重性规则校验失败，此字段个数为 {count} 个，{what}",
                at.pointer, at.name
            );
            Some(at.refuse(json!(count), message))
        }
        _ => None,
    }
}

fn text_breaks(rule: Rule, text: &str, at: &At) -> Option<Refusal> {
    let (bytes, characters) = (text.len(), text.chars().count());
    let (unit, length, what) = match rule {
        Rule::Min(min) if characters < min as usize => ("字符数", characters, format!("小于最小值 {min}")),
        Rule::Max(max) if characters > max as usize => ("字符数", characters, format!("大于最大值 {max}")),
        Rule::MinBytes(min) if bytes < min as usize => ("字节数", bytes, format!("小于最小值 {min}")),
        Rule::MaxBytes(max) if bytes > max as usize => ("字节数", bytes, format!("大于最大值 {max}")),
        Rule::Characters(set) => {
            if text.chars().all(|character| set.contains(character)) {
                return None;
            }
            return Some(at.text_rule(json!(text), &format!("字符串必须匹配正则表达式“{}”", regex(set))));
        }
        Rule::NotifyUrl if !is_notify_url(text) => {
            return Some(at.text_rule(json!(text), &format!("字符串必须匹配正则表达式“{NOTIFY_URL}”")));
        }
        _ => return None,
    };
    Some(at.text_rule(json!(length), &format!("{unit} {length}，{what}")))
}

fn number_breaks(rule: Rule, number: i64, at: &At) -> Option<Refusal> {
    let what = match rule {
        Rule::Minimum(minimum) if number < minimum => format!("值低于最小值 {minimum}"),
        Rule::Maximum(maximum) if number > maximum => format!("值高于最大值 {maximum}"),
        _ => return None,
    };
    let message = format!("输入源“{}”映射到数值字段“{}”规则校验失败，{what}", at.pointer, at.name);
    Some(at.refuse(json!(number), message))
}

/// The set as the platform would write it.
fn regex(set: Characters) -> String {
    let mut class = String::new();
    for (from, to) in set.ranges() {
        if matches!(from, '-' | '\\' | '[' | ']' | '^') {
            class.push('\\');
        }
        class.push(from);
        if from != to {
            class.push('-');
            class.push(to);
        }
    }
    format!("^[{class}]+$")
}

/// [`NOTIFY_URL`] without an engine for regular expressions: the parts after the scheme allow all but blanks, `?`, `#` and
/// brackets, and the first of them must begin a host.
fn is_notify_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    (scheme == "http" || scheme == "https")
        && !rest.chars().any(|c| c.is_whitespace() || "?#[]".contains(c))
        && rest.chars().next().is_some_and(|first| !"/:@".contains(first))
}

const fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::String | Kind::OpenEnum(_) => " string 类型的 Json 值",
        Kind::Int => "合法的 64 位有符号整数",
        Kind::Bool => "合法的布尔值",
        Kind::Number => "合法的数字",
        Kind::Timestamp => "合法的 RFC 3339 格式的时间",
        Kind::Object(_) | Kind::Map(_) => "合法的 Json 对象",
        Kind::List(_) => "合法的 Json 数组",
        _ => "其他类型的值",
    }
}

/// Rules for every request: no `null`, no control character except tabs and line breaks, and no character outside the
/// basic plane (4-byte UTF-8), which the API does not take.
pub(crate) fn check_text(value: &Value, location: &'static str, pointer: &str) -> Result<()> {
    let at = || At {
        name: pointer.rsplit('/').next().unwrap_or_default().to_owned(),
        pointer: format!("/{location}/{}", pointer.trim_start_matches('/')),
        ..At::root(location)
    };
    match value {
        Value::Null => Err(at().wrong_type(value, "值，不允许为null，可选参数请不要传")),
        Value::String(text) => {
            unsupported(text).map_or(Ok(()), |what| Err(at().text_rule(json!(text), what)))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_text(item, location, &format!("{pointer}/{index}"))),
        Value::Object(fields) => fields.iter().try_for_each(|(name, item)| {
            if let Some(what) = unsupported(name) {
                return Err(at().text_rule(json!(name), what));
            }
            check_text(item, location, &format!("{pointer}/{name}"))
        }),
        _ => Ok(()),
    }
}

/// What is wrong with the characters of a text, wherever it stands.
fn unsupported(text: &str) -> Option<&'static str> {
    if text.chars().any(|c| c.len_utf8() == 4) {
        return Some("仅支持1到3字节的UTF-8字符，不支持表情符号等4字节字符");
    }
    let control = |c: char| c < '\u{20}' && c != '\t' && c != '\n' && c != '\r';
    text.chars().any(control).then_some("不支持控制字符")
}

#[cfg(test)]
mod tests;

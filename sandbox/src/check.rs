//! Checks a request against the operation table, as the platform would. Written apart from the client's check in
//! `wechatpay_core`, so that a mistake in one does not hide in the other.

use serde_json::{Map, Value};
use wechatpay_core::operation::{Body, Field, Kind, Operation};

use crate::call::Call;
use crate::clock;
use crate::refusal::{Outcome, Refusal};

/// Checks path, query and body. `strict` also refuses fields that the table does not know; WeChat Pay ignores them,
/// which turns a misspelt optional field into a silent mistake.
pub(crate) fn check(operation: &Operation, call: &Call, strict: bool) -> Outcome<()> {
    check_fields(operation.path_params, &call.path, &At::name("url"), strict)?;
    check_fields(operation.query, &call.query, &At::name("query"), strict)?;
    if let Body::Json(fields) = operation.body {
        check_fields(fields, &call.body, &At::pointer(), strict)?;
    }
    Ok(())
}

/// Whether an object is what the table says: nothing missing, nothing unknown, nothing of another type. For the sandbox's own
/// answers and notifications.
#[cfg(test)]
pub(crate) fn fits(fields: &[Field], values: &Map<String, Value>) -> Outcome<()> {
    check_fields(fields, values, &At::pointer(), true)
}

/// Where a value stands: `body` is spoken of in JSON pointers, path and query in names.
struct At {
    location: &'static str,
    pointer: String,
}

impl At {
    fn name(location: &'static str) -> Self {
        Self { location, pointer: String::new() }
    }

    fn pointer() -> Self {
        Self { location: "body", pointer: String::new() }
    }

    fn in_body(&self) -> bool {
        self.location == "body"
    }

    fn field(&self, name: &str) -> Self {
        let pointer = if self.in_body() {
            format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
        } else {
            name.to_owned()
        };
        Self { location: self.location, pointer }
    }

    fn refuse(&self, value: &Value, issue: impl Into<String>) -> Refusal {
        Refusal::param(self.location, &self.pointer, value, issue)
    }
}

fn check_fields(fields: &[Field], values: &Map<String, Value>, at: &At, strict: bool) -> Outcome<()> {
    for field in fields {
        let at = at.field(field.name);
        match values.get(field.name) {
            None if field.required => {
                return Err(at.refuse(&Value::Null, format!("缺少必填参数 {}", field.name)));
            }
            None => {}
            Some(value) => {
                check_kind(&field.kind, value, &at, strict)?;
                check_length(field, value, &at)?;
            }
        }
    }
    let unknown = values.keys().find(|name| !fields.iter().any(|field| field.name == name.as_str()));
    match unknown {
        Some(name) if strict => Err(at.field(name).refuse(
            &values[name],
            format!(
                "未知的参数 {name}（微信支付会忽略它；沙箱拒绝它，以免拼写错误不被发现。可用 --lenient 关闭）"
            ),
        )),
        _ => Ok(()),
    }
}

fn check_kind(kind: &Kind, value: &Value, at: &At, strict: bool) -> Outcome<()> {
    // Path and query are text on the wire; numbers and flags are read from it.
    let text = value.as_str();
    let wire = !at.in_body();
    let good = match kind {
        Kind::String | Kind::OpenEnum(_) => value.is_string(),
        Kind::Timestamp => text.is_some_and(|text| clock::parse(text).is_some()),
        Kind::Int => {
            value.is_i64() || value.is_u64() || (wire && text.is_some_and(|text| text.parse::<i64>().is_ok()))
        }
        Kind::Number => value.is_number() || (wire && text.is_some_and(|text| text.parse::<f64>().is_ok())),
        Kind::Bool => {
            value.is_boolean() || (wire && text.is_some_and(|text| text == "true" || text == "false"))
        }
        Kind::Json => true,
        Kind::Object(model) => match value {
            Value::Object(values) => return check_fields(model.fields, values, at, strict),
            // An object in the query is JSON text.
            Value::String(text) if wire => return check_embedded(kind, text, at, strict),
            _ => false,
        },
        Kind::List(kind) => match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    check_kind(kind, item, &at.field(&index.to_string()), strict)?;
                }
                true
            }
            // In a query a list of one looks like a single value.
            Value::String(_) if wire => return check_kind(kind, value, at, strict),
            _ => false,
        },
        Kind::Map(kind) => match value {
            Value::Object(values) => {
                for (name, item) in values {
                    check_kind(kind, item, &at.field(name), strict)?;
                }
                true
            }
            Value::String(text) if wire => return check_embedded(kind, text, at, strict),
            _ => false,
        },
        // A kind that this version of the sandbox does not know: nothing to check.
        _ => true,
    };
    if good { Ok(()) } else { Err(at.refuse(value, format!("类型错误，应为{}", kind_name(kind)))) }
}

fn check_embedded(kind: &Kind, text: &str, at: &At, strict: bool) -> Outcome<()> {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => {
            check_kind(kind, &value, &At { location: "body", pointer: at.pointer.clone() }, strict)
        }
        _ => Err(at.refuse(&Value::from(text), "应为JSON对象的文本")),
    }
}

fn check_length(field: &Field, value: &Value, at: &At) -> Outcome<()> {
    let Some(max) = field.max else { return Ok(()) };
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        _ => return Ok(()),
    };
    if length <= max as usize {
        return Ok(());
    }
    Err(at.refuse(value, format!("长度超过最大值{max}，实际为{length}")))
}

const fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::String | Kind::OpenEnum(_) => "字符串",
        Kind::Int => "整数",
        Kind::Bool => "布尔值",
        Kind::Number => "数字",
        Kind::Timestamp => "RFC 3339 格式的时间",
        Kind::Object(_) | Kind::Map(_) => "对象",
        Kind::List(_) => "数组",
        _ => "其他类型",
    }
}

/// Rules for every request: no `null`, and no character outside the basic plane (4-byte UTF-8), which the API does not
/// take.
pub(crate) fn check_text(value: &Value, pointer: &str) -> Outcome<()> {
    match value {
        Value::Null => Err(Refusal::param("body", pointer, value, "不允许为null，可选参数请不要传")),
        Value::String(text) if text.chars().any(|character| character.len_utf8() == 4) => Err(
            Refusal::param("body", pointer, value, "仅支持1到3字节的UTF-8字符，不支持表情符号等4字节字符"),
        ),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_text(item, &format!("{pointer}/{index}"))),
        Value::Object(fields) => {
            fields.iter().try_for_each(|(name, item)| check_text(item, &format!("{pointer}/{name}")))
        }
        _ => Ok(()),
    }
}

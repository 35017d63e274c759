//! An answer where the spec has no example: what must be there, each of its kind.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use wechatpay_core::operation::{Kind, Model};

use crate::clock;

/// A model that contains itself ends here.
const DEEPEST: usize = 16;

/// An object with the required fields.
pub(super) fn object(model: Model, now: OffsetDateTime) -> Map<String, Value> {
    fields(model, now, 0)
}

fn fields(model: Model, now: OffsetDateTime, depth: usize) -> Map<String, Value> {
    let required = model.fields().filter(|field| field.is_required() && depth < DEEPEST);
    required
        .map(|field| (field.name().to_owned(), value(field.kind(), field.name(), now, depth + 1)))
        .collect()
}

fn value(kind: Kind, name: &str, now: OffsetDateTime, depth: usize) -> Value {
    match kind {
        Kind::String => json!(name),
        Kind::Int | Kind::Number => json!(1),
        Kind::Bool => json!(false),
        Kind::Timestamp => json!(clock::rfc3339(now)),
        Kind::OpenEnum(known) => json!(known.iter().next().unwrap_or(name)),
        Kind::Object(model) => Value::Object(fields(model, now, depth)),
        Kind::List(item) => json!([value(item.kind(), name, now, depth)]),
        _ => json!({}),
    }
}

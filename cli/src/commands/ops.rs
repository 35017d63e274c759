//! `ops` and `op`: what can be called.

use std::process::ExitCode;

use serde_json::{Value, json};
use wechatpay_core::operation::{self, Body, Field, Fields, Item, Kind, Operation, Reply, Standing};

use crate::catalogue;
use crate::failure::{Failure, Result};
use crate::language::{Language, Text};
use crate::output::Output;

pub(crate) fn list(search: &[String], output: &Output) -> Result<ExitCode> {
    let found = catalogue::search(search);
    if found.is_empty() {
        return Err(Failure::new(
            format!("no operation has all of: {}", search.join(" ")),
            format!("没有接口同时包含：{}", search.join(" ")),
        ));
    }
    if output.json {
        output.value(&Value::Array(found.iter().map(|operation| about(*operation)).collect()));
    } else {
        for operation in found {
            let id = output.styled("1", operation.id());
            output.line(format!("{id}  {}", title(operation, output)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn title(operation: Operation, output: &Output) -> &'static str {
    match output.language {
        Language::Chinese => &catalogue::entry(operation).title_zh,
        Language::English => &catalogue::entry(operation).title,
    }
}

fn standing(operation: Operation) -> &'static str {
    match operation.standing() {
        Standing::Documented => "documented",
        Standing::Retired => "retired",
        _ => "community",
    }
}

fn about(operation: Operation) -> Value {
    let entry = catalogue::entry(operation);
    json!({
        "id": operation.id(), "title": entry.title, "title_zh": entry.title_zh,
        "method": operation.method().as_str(), "path": operation.path(), "doc": page(operation), "standing": standing(operation),
    })
}

fn page(operation: Operation) -> Option<&'static str> {
    Some(operation.doc()).filter(|doc| !doc.is_empty())
}

pub(crate) fn show(id: &str, output: &Output) -> Result<ExitCode> {
    let operation = operation::named(id)?;
    let entry = catalogue::entry(operation);
    let answer: Vec<Value> = match operation.reply() {
        Reply::Json(model) => model.fields().map(|field| parameter("answer", field)).collect(),
        _ => Vec::new(),
    };
    if output.json {
        let mut shown = about(operation);
        shown["description"] = json!(entry.description);
        shown["idempotent"] = json!(operation.is_idempotent());
        shown["confirm"] = json!(operation.confirm());
        shown["errors"] = json!(entry.errors);
        shown["parameters"] = Value::Array(parameters(operation));
        shown["answer"] = Value::Array(answer);
        output.value(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    output.line(output.styled("1", operation.id()));
    output.line(format!("{}  {}", entry.title, entry.title_zh));
    output.line(format!("{} {}", operation.method().as_str(), operation.path()));
    if let Some(page) = page(operation) {
        output.line(page);
    }
    if operation.standing() == Standing::Community {
        let warning = Text::new(
            "Not in the official documentation; fields may be missing.",
            "官方文档中没有这个接口，字段可能不全。",
        );
        output.line(output.say(&warning));
    }
    if !entry.description.is_empty() {
        output.line(format!("\n{}", entry.description));
    }
    if let Some(confirm) = operation.confirm() {
        let text = Text::new(
            format!("Outcome unknown? Ask {confirm}."),
            format!("结果不明时，先用 {confirm} 查询。"),
        );
        output.line(output.say(&text));
    }
    for (heading, rows) in [
        (Text::new("Parameters", "请求参数"), parameters(operation)),
        (Text::new("Answer", "应答参数"), answer),
    ] {
        if !rows.is_empty() {
            output.line(format!("\n{}", output.styled("1", output.say(&heading))));
        }
        for row in rows {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            let mark = if row["required"] == true { "*" } else { " " };
            output.line(format!("  {mark} {:<28} {:<14} {}", text("name"), text("type"), text("place")));
        }
    }
    if !entry.errors.is_empty() {
        output.line(format!("\n{}: {}", output.say(&Text::new("Errors", "错误码")), entry.errors.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

fn parameters(operation: Operation) -> Vec<Value> {
    let of = |place: &'static str, fields: Fields| fields.map(move |field| parameter(place, field));
    let mut all: Vec<Value> = of("path", operation.path_params()).collect();
    all.extend(of("header", operation.headers()));
    all.extend(of("query", operation.query()));
    match operation.body() {
        Body::Upload(upload) => all.extend(of("meta", upload.fields())),
        _ => all.extend(of("body", operation.body_fields())),
    }
    all
}

fn parameter(place: &str, field: Field) -> Value {
    let mut shown = json!({
        "place": place, "name": field.name(), "type": kind(field.kind()), "required": field.is_required(), "max": field.max(),
    });
    if field.is_encrypted() {
        shown["encrypted"] = json!(true);
    }
    shown
}

fn kind(kind: Kind) -> String {
    let of = |item: Item| self::kind(item.kind());
    match kind {
        Kind::String => "text".to_owned(),
        Kind::Int => "integer".to_owned(),
        Kind::Bool => "true/false".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Timestamp => "RFC 3339".to_owned(),
        Kind::OpenEnum(_) => "enum".to_owned(),
        Kind::Object(model) => model.name().to_owned(),
        Kind::List(item) => format!("[{}]", of(item)),
        Kind::Map(item) => format!("{{{}}}", of(item)),
        _ => "JSON".to_owned(),
    }
}

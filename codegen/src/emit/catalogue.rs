//! What the command line says of each operation and the table in the core does not have: `wechatpay ops`.
//! A running service has no use for it, so it is not in the libraries.

use serde_json::json;

use crate::Files;
use crate::ir::{Operation, Spec};

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &["cli/src/generated"];

/// One line for each operation: id, title, Chinese title, description, errors worth naming.
pub fn emit(spec: &Spec) -> Files {
    let lines: Vec<String> = spec.operations().map(|(_, operation)| line(operation)).collect();
    let content = format!("[\n{}\n]\n", lines.join(",\n"));
    Files::from([("cli/src/generated/operations.json".to_owned(), content)])
}

fn line(operation: &Operation) -> String {
    let description = operation.description.as_deref().map(str::trim);
    json!([operation.id, operation.title, operation.title_zh, description, operation.errors]).to_string()
}

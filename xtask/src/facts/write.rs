//! Facts into their files: an operation after the other by path, and every field on a line of its own, so that a change
//! of the documentation is a change of a line.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{FOLDER, Facts, Field, Fields, NOTIFICATIONS, OPERATIONS, Operation, Place, Standing};

/// Writes the operations and the notifications; what is left out is written by hand.
pub(crate) fn write(root: &Path, facts: &Facts) -> Result<()> {
    let folder = root.join(FOLDER);
    for (product, operations) in &facts.products {
        save(&folder.join(OPERATIONS).join(format!("{product}.json")), &product_text(operations))?;
    }
    save(&folder.join(NOTIFICATIONS), &notifications_text(facts))
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

fn product_text(operations: &[Operation]) -> String {
    let mut sorted: Vec<&Operation> = operations.iter().collect();
    sorted.sort_by_key(|operation| (operation.http.split_once(' ').map(|(_, path)| path), &operation.http));
    let items =
        sorted.iter().map(|operation| format!(" {}: {}", json!(operation.http), operation_text(operation)));
    format!("{{\n{}\n}}\n", items.collect::<Vec<_>>().join(",\n"))
}

fn operation_text(operation: &Operation) -> String {
    let mut members = Vec::new();
    let mut add = |key: &str, value: Value| members.push(format!("  {}: {value}", json!(key)));
    if let Some(title) = &operation.title {
        add("title", json!(title));
    }
    add("standing", json!(operation.standing.name()));
    if let Some(host) = &operation.host {
        add("host", json!(host));
    }
    if !operation.docs.is_empty() {
        add("docs", json!(operation.docs));
    }
    if operation.upload {
        add("upload", json!(true));
    }
    if !operation.errors.is_empty() {
        add("errors", json!(operation.errors));
    }
    if operation.no_answer {
        add("no_answer", json!(true));
    }
    for place in Place::ALL {
        add_fields(&mut members, place.name(), operation.of(place));
    }
    format!("{{\n{}\n }}", members.join(",\n"))
}

fn notifications_text(facts: &Facts) -> String {
    let items = facts.notifications.iter().map(|notification| {
        let mut members = Vec::new();
        let mut add = |key: &str, value: Value| members.push(format!("  {}: {value}", json!(key)));
        if let Some(title) = &notification.title {
            add("title", json!(title));
        }
        if notification.standing != Standing::Documented {
            add("standing", json!(notification.standing.name()));
        }
        add("events", json!(notification.events));
        if !notification.original_types.is_empty() {
            add("original_types", json!(notification.original_types));
        }
        if !notification.docs.is_empty() {
            add("docs", json!(notification.docs));
        }
        if let Some(model) = &notification.model {
            add("model", json!(model));
        }
        add_fields(&mut members, "resource", &notification.resource);
        format!(" {{\n{}\n }}", members.join(",\n"))
    });
    format!("[\n{}\n]\n", items.collect::<Vec<_>>().join(",\n"))
}

fn add_fields(members: &mut Vec<String>, name: &str, fields: &Fields) {
    if fields.0.is_empty() {
        return;
    }
    let lines = fields.0.iter().map(|(path, field)| format!("   {}: {}", json!(path), field_text(field)));
    members.push(format!("  {}: {{\n{}\n  }}", json!(name), lines.collect::<Vec<_>>().join(",\n")));
}

fn field_text(field: &Field) -> String {
    let mut text = format!("{{\"type\":{}", json!(field.ty));
    // Writing into a text cannot fail.
    if field.required {
        text.push_str(",\"required\":true");
    }
    if let Some(max) = field.max {
        let _ = write!(text, ",\"max\":{max}");
    }
    if !field.values.is_empty() {
        let _ = write!(text, ",\"enum\":{}", json!(field.values));
    }
    if field.sensitive {
        text.push_str(",\"sensitive\":true");
    }
    let _ = write!(text, ",\"from\":{}}}", json!(field.from));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn the_committed_facts_are_as_they_are_written() {
        let facts = super::super::read(&root()).unwrap();
        let folder = root().join(FOLDER);
        let committed = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        for (product, operations) in &facts.products {
            let name = format!("{OPERATIONS}/{product}.json");
            assert!(
                committed(&name) == product_text(operations),
                "{name} was not written by `cargo xtask facts`"
            );
        }
        assert!(committed(NOTIFICATIONS) == notifications_text(&facts), "{NOTIFICATIONS}");
    }
}

//! JSON as people read it: what fits on a line stands on one.

use serde_json::Value;

/// Columns of a line.
const WIDTH: usize = 110;

/// The value with lines of at most 110 columns where that is possible, and a line end behind it.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, 0);
    out.push('\n');
    out
}

/// `before` is how many columns stand on the line already.
fn write(out: &mut String, value: &Value, depth: usize, before: usize) {
    if let Some(flat) = flat(value, WIDTH.saturating_sub(before)) {
        out.push_str(&flat);
        return;
    }
    let indent = "  ".repeat(depth + 1);
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.push_str(&indent);
                write(out, item, depth + 1, indent.len() + 1);
            }
            out.push_str(&format!("\n{}]", "  ".repeat(depth)));
        }
        Value::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                let key = format!("{indent}{}: ", Value::from(key.as_str()));
                out.push_str(&key);
                write(out, value, depth + 1, key.len() + 1);
            }
            out.push_str(&format!("\n{}}}", "  ".repeat(depth)));
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// The value on one line, when it takes no more than `room` columns.
fn flat(value: &Value, room: usize) -> Option<String> {
    let text = match value {
        Value::Array(items) => {
            let mut text = String::from("[");
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(&flat(item, room.checked_sub(text.len())?)?);
            }
            text + "]"
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let mut text = String::from("{ ");
            for (index, (key, value)) in entries.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(&format!("{}: ", Value::from(key.as_str())));
                text.push_str(&flat(value, room.checked_sub(text.len())?)?);
            }
            text + " }"
        }
        scalar => scalar.to_string(),
    };
    (text.len() <= room).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_stands_on_one_line() {
        assert_eq!(pretty(&json!({ "a": [1, "x"], "b": {} })), "{ \"a\": [1, \"x\"], \"b\": {} }\n");
        let long = "x".repeat(100);
        let text = pretty(&json!({ "a": { "b": long }, "c": [true] }));
        assert_eq!(text, format!("{{\n  \"a\": {{\n    \"b\": \"{long}\"\n  }},\n  \"c\": [true]\n}}\n"));
    }
}

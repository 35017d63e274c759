//! `${name.path}` in scenarios.

use serde_json::{Map, Value};

/// What is known so far: the sandbox's credentials, constants of the file, and what steps saved.
#[derive(Debug, Default, Clone)]
pub struct Variables(Map<String, Value>);

impl Variables {
    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.0.insert(name.into(), value);
    }

    /// The value at a path: `order.amount.total`, `list.data.0.serial_no`.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn get(&self, path: &str) -> Result<&Value, String> {
        let mut names = path.split('.');
        let first = names.next().unwrap_or_default();
        let root = self.0.get(first).ok_or_else(|| format!("there is no variable {first:?}"))?;
        names.try_fold(root, |value, name| {
            match value {
                Value::Array(list) => name.parse::<usize>().ok().and_then(|index| list.get(index)),
                other => other.get(name),
            }
            .ok_or_else(|| format!("there is nothing at {path:?}"))
        })
    }

    /// The value with every `${…}` replaced. A text that is one `${…}` and nothing else becomes the value itself, of
    /// whatever type.
    ///
    /// # Errors
    /// A variable does not exist.
    pub fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(list) => list.iter().map(|value| self.fill(value)).collect::<Result<_, _>>()?,
            Value::Object(object) => Value::Object(
                object
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.fill(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            other => other.clone(),
        })
    }

    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (path, after) =
                after.split_once('}').ok_or_else(|| format!("{text:?} has no closing brace"))?;
            let value = self.get(path)?;
            if before.is_empty() && after.is_empty() && filled.is_empty() {
                return Ok(value.clone());
            }
            filled.push_str(before);
            match value {
                Value::String(part) => filled.push_str(part),
                other => filled.push_str(&other.to_string()),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_are_filled_in_and_keep_their_type_when_alone() {
        let mut variables = Variables::default();
        variables.set("order", json!({ "amount": { "total": 100 }, "rows": ["a"] }));
        let filled = variables
            .fill(&json!({ "total": "${order.amount.total}", "text": "<${order.rows.0}|${order.amount.total}>" }))
            .unwrap();
        assert_eq!(filled, json!({ "total": 100, "text": "<a|100>" }));
        assert!(variables.fill(&json!("${order.amount.nothing}")).is_err());
        assert!(variables.fill(&json!("${nothing}")).is_err());
        assert!(variables.fill(&json!("${order")).is_err());
        assert_eq!(variables.fill(&json!("$5")).unwrap(), json!("$5"));
    }
}

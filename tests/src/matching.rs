//! Compares what came with what a scenario expects: a subset, with a few matchers.

use serde_json::{Map, Value};

/// The matchers: an object with one of these names as its only member.
pub const MATCHERS: &[&str] = &["$absent", "$type", "$contains", "$length"];

/// Says what is not as expected, or nothing.
///
/// Objects: every expected member must fit, others are ignored. Lists: same length, each element must fit. Everything
/// else: equal.
pub fn mismatch(expected: &Value, found: Option<&Value>) -> Option<String> {
    compare(expected, found, "")
}

fn compare(expected: &Value, found: Option<&Value>, at: &str) -> Option<String> {
    if let Value::Object(members) = expected
        && let Some((name, argument)) = members.iter().find(|(name, _)| name.starts_with('$'))
    {
        return matcher(name, argument, found, at);
    }
    let Some(found) = found else { return Some(format!("{at}: absent, expected {expected}")) };
    match (expected, found) {
        (Value::Object(members), Value::Object(object)) => members
            .iter()
            .find_map(|(name, expected)| compare(expected, object.get(name), &format!("{at}/{name}"))),
        (Value::Array(elements), Value::Array(list)) if elements.len() == list.len() => {
            elements.iter().zip(list).enumerate().find_map(|(index, (expected, found))| {
                compare(expected, Some(found), &format!("{at}/{index}"))
            })
        }
        _ if expected == found => None,
        _ => Some(format!("{at}: {found}, expected {expected}")),
    }
}

fn matcher(name: &str, argument: &Value, found: Option<&Value>, at: &str) -> Option<String> {
    let fits = match (name, argument, found) {
        ("$absent", _, found) => found.is_none_or(Value::is_null),
        (_, _, None) => false,
        ("$type", kind, Some(found)) => kind == type_name(found),
        ("$contains", Value::String(part), Some(Value::String(text))) => text.contains(part.as_str()),
        // Several texts, all of which must be there.
        ("$contains", Value::Array(parts), Some(Value::String(text))) => {
            parts.iter().all(|part| part.as_str().is_some_and(|part| text.contains(part)))
        }
        ("$contains", element, Some(Value::Array(list))) => {
            list.iter().any(|found| compare(element, Some(found), "").is_none())
        }
        ("$length", length, Some(Value::Array(list))) => *length == list.len(),
        ("$length", length, Some(Value::String(text))) => *length == text.chars().count(),
        _ => false,
    };
    let shown = found.map_or_else(|| "absent".to_owned(), Value::to_string);
    (!fits).then(|| format!("{at}: {shown}, expected {name} {argument}"))
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Refuses a matcher that does not exist: it would be compared as an ordinary member.
pub fn check(expected: &Value) -> Result<(), String> {
    match expected {
        Value::Object(members) => check_object(members),
        Value::Array(elements) => elements.iter().try_for_each(check),
        _ => Ok(()),
    }
}

fn check_object(members: &Map<String, Value>) -> Result<(), String> {
    if let Some(name) = members.keys().find(|name| name.starts_with('$'))
        && (members.len() > 1 || !MATCHERS.contains(&name.as_str()))
    {
        return Err(format!("{name} is no matcher, or not the only member of its object"));
    }
    members.values().try_for_each(check)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fits(expected: Value, found: Value) -> bool {
        mismatch(&expected, Some(&found)).is_none()
    }

    #[test]
    fn expected_members_must_be_there_and_others_may() {
        assert!(fits(json!({ "a": 1 }), json!({ "a": 1, "b": 2 })));
        assert!(!fits(json!({ "a": 1, "b": 2 }), json!({ "a": 1 })));
        assert!(!fits(json!({ "a": { "b": "x" } }), json!({ "a": { "b": "y" } })));
        assert!(!fits(json!([1]), json!([1, 2])), "lists have the same length");
        assert!(!fits(json!("1"), json!(1)));
    }

    #[test]
    fn matchers_match_what_they_say() {
        assert!(fits(json!({ "a": { "$absent": true } }), json!({})));
        assert!(!fits(json!({ "a": { "$absent": true } }), json!({ "a": 1 })));
        assert!(fits(json!({ "$contains": ["b", "c"] }), json!("abc")));
        assert!(!fits(json!({ "$contains": ["b", "d"] }), json!("abc")));
        assert!(fits(json!({ "$contains": { "n": 2 } }), json!([{ "n": 1 }, { "n": 2 }])));
        assert!(!fits(json!({ "$contains": "b" }), json!(["a"])));
        assert!(fits(json!({ "$length": 2 }), json!("茶点")));
        assert!(!fits(json!({ "$length": 2 }), json!([])));
        assert!(fits(json!({ "$type": "list" }), json!([])));
        assert!(!fits(json!({ "a": { "$type": "string" } }), json!({})));
    }

    #[test]
    fn unknown_matchers_are_refused() {
        assert!(check(&json!({ "a": [{ "$contians": "x" }] })).is_err());
        assert!(check(&json!({ "a": { "$contains": "x", "b": 1 } })).is_err());
        assert!(check(&json!({ "a": { "$contains": "x" } })).is_ok());
    }
}

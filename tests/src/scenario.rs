//! Scenario files, read strictly: what is not understood is an error, so that nothing silently does not run.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::matching;

/// A file of scenarios.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the scenarios are about.
    pub title: String,
    /// Constants, usable as `${name}`.
    #[serde(default, rename = "let")]
    pub constants: Map<String, Value>,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

/// One scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Unique in its file; snake_case.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub note: String,
    /// Options of the client in which it differs from the default; `null` removes one.
    #[serde(default)]
    pub client: Map<String, Value>,
    /// Texts that no error may show.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One step: a verb with its argument, its options, and what is expected of it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Step {
    /// What is done.
    pub verb: String,
    /// What it is done with.
    pub argument: Value,
    /// All members, for options of the verb.
    members: Map<String, Value>,
}

/// Verbs and their options.
const VERBS: &[(&str, &[&str])] = &[
    ("client", &[]),
    ("with_options", &[]),
    ("for_sub_merchant", &[]),
    ("call", &["params"]),
    ("request", &["body"]),
    ("prepare", &["params"]),
    ("send", &[]),
    ("finish", &["response"]),
    ("upload", &["file", "params"]),
    ("download", &[]),
    ("bill", &["kind"]),
    ("fen", &[]),
    ("notification", &["attempt", "header_case", "header_lists", "body_suffix", "body_as"]),
    ("parse_notification", &[]),
    ("answer_notification", &[]),
    ("jsapi_payment", &[]),
    ("app_payment", &[]),
    ("front_end", &["params"]),
    ("encrypt_field", &[]),
    ("decrypt_field", &[]),
    ("sandbox", &["body"]),
];
/// What every step may have.
const COMMON: &[&str] = &["note", "save", "expect", "error"];
/// What is known of an error.
const ERROR_FIELDS: &[&str] = &[
    "kind",
    "code",
    "message",
    "detail",
    "status",
    "request_id",
    "operation",
    "body",
    "retryable",
    "outcome_unknown",
    "authenticated",
    "attempts",
    "notification_reply",
    "text",
];

impl Step {
    /// An option of the verb.
    pub fn option(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Name under which the result is saved.
    pub fn save(&self) -> Option<&str> {
        self.members.get("save").and_then(Value::as_str)
    }
}

impl TryFrom<Map<String, Value>> for Step {
    type Error = String;

    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        let verbs: Vec<_> = VERBS.iter().filter(|(verb, _)| members.contains_key(*verb)).collect();
        let [(verb, options)] = verbs[..] else {
            let names: Vec<&String> = members.keys().collect();
            return Err(format!("a step has exactly one verb; this one has {} ({names:?})", verbs.len()));
        };
        let known = |name: &str| name == *verb || options.contains(&name) || COMMON.contains(&name);
        if let Some(name) = members.keys().find(|name| !known(name)) {
            return Err(format!("step {verb:?} has an unknown member {name:?}"));
        }
        if members.contains_key("expect") && members.contains_key("error") {
            return Err(format!("step {verb:?} expects both success and an error"));
        }
        if *verb == "sandbox" && members.contains_key("error") {
            return Err("what is asked of the sandbox must succeed".to_owned());
        }
        if let Some(error) = members.get("error") {
            let fields = error.as_object().filter(|fields| !fields.is_empty());
            let fields =
                fields.ok_or_else(|| format!("`error` of {verb:?} is not an object with members"))?;
            if let Some(name) = fields.keys().find(|name| !ERROR_FIELDS.contains(&name.as_str())) {
                return Err(format!("errors have no field {name:?}"));
            }
        }
        for name in ["expect", "error"] {
            members.get(name).map_or(Ok(()), matching::check)?;
        }
        Ok(Self { verb: (*verb).to_owned(), argument: members[*verb].clone(), members })
    }
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, or holds something that is not of the format.
pub fn read(path: &Path) -> Result<File, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut names: Vec<&str> = file.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("{}: two scenarios are called {}", path.display(), twice[0]));
    }
    if let Some(empty) = file.scenarios.iter().find(|scenario| scenario.steps.is_empty()) {
        return Err(format!("{}: {} has no steps", path.display(), empty.name));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(value: Value) -> Result<Step, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(step(json!({ "call": "a.b", "params": {}, "save": "x", "expect": {} })).is_ok());
        for (wrong, why) in [
            (json!({ "cal": "a.b" }), "exactly one verb"),
            (json!({ "call": "a.b", "request": "GET /" }), "exactly one verb"),
            (json!({ "call": "a.b", "parms": {} }), "parms"),
            (json!({ "call": "a.b", "response": {} }), "response"),
            (json!({ "call": "a.b", "expect": {}, "error": { "kind": "api" } }), "both"),
            (json!({ "call": "a.b", "error": {} }), "members"),
            (json!({ "call": "a.b", "error": { "knid": "api" } }), "knid"),
            (json!({ "call": "a.b", "expect": { "a": { "$regex": "x" } } }), "$regex"),
            (json!({ "sandbox": "GET /", "error": { "kind": "api" } }), "must succeed"),
        ] {
            let error = step(wrong.clone()).unwrap_err().to_string();
            assert!(error.contains(why), "{wrong}: {error}");
        }
        assert!(serde_json::from_value::<Scenario>(json!({ "name": "a", "setps": [] })).is_err());
        assert!(serde_json::from_value::<File>(json!({ "title": "a", "scenario": [] })).is_err());
    }
}

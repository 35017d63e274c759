//! Operations and what is said of them.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;
use wechatpay_core::operation::{self, Operation};

/// What the table in the core does not have.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) title: String,
    pub(crate) title_zh: String,
    pub(crate) description: String,
    pub(crate) errors: Vec<String>,
}

fn entries() -> &'static HashMap<String, Entry> {
    static ENTRIES: OnceLock<HashMap<String, Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        // Written by the generator, so that it is what this expects.
        let lines: Vec<[Value; 5]> =
            serde_json::from_str(include_str!("generated/operations.json")).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        lines
            .iter()
            .map(|[id, title, title_zh, description, errors]| {
                let errors = errors.as_array().into_iter().flatten().map(text).collect();
                (
                    text(id),
                    Entry {
                        title: text(title),
                        title_zh: text(title_zh),
                        description: text(description),
                        errors,
                    },
                )
            })
            .collect()
    })
}

pub(crate) fn entry(operation: Operation) -> &'static Entry {
    static NONE: OnceLock<Entry> = OnceLock::new();
    entries().get(operation.id()).unwrap_or_else(|| NONE.get_or_init(Entry::default))
}

/// Operations that have each of the words somewhere; those that have them in the id or a title come first.
pub(crate) fn search(words: &[String]) -> Vec<Operation> {
    let words: Vec<String> = words.iter().flat_map(|word| parts(word)).collect();
    let has = |text: &str, word: &String| text.to_lowercase().contains(word.as_str());
    let mut found: Vec<(bool, Operation)> = operation::all()
        .filter_map(|operation| {
            let entry = entry(operation);
            let near = |word: &String| {
                [operation.id(), &entry.title, &entry.title_zh].iter().any(|text| has(text, word))
            };
            let far =
                |word: &String| near(word) || has(operation.path(), word) || has(&entry.description, word);
            words.iter().all(far).then(|| (!words.iter().all(near), operation))
        })
        .collect();
    found.sort_by_key(|(far, operation)| (*far, operation.id()));
    found.into_iter().map(|(_, operation)| operation).collect()
}

/// Cut at blanks, and where Chinese begins or ends: `JSAPI下单` is to find `JSAPI/小程序下单`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c: char| c.is_ascii() != first.is_ascii()).unwrap_or(rest.len());
            parts.push(rest[..end].to_lowercase());
            rest = &rest[end..];
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_an_entry_and_a_chinese_title() {
        for operation in operation::all() {
            assert!(!entry(operation).title_zh.is_empty(), "{}", operation.id());
        }
    }

    #[test]
    fn english_chinese_paths_and_ids_lead_to_an_operation() {
        for words in [vec!["jsapi", "prepay"], vec!["JSAPI下单"], vec!["/v3/pay/transactions/jsapi"]] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            let found: Vec<&str> = search(&words).iter().map(|operation| operation.id()).collect();
            assert!(found.contains(&"payments.jsapi.prepay"), "{words:?}: {found:?}");
        }
        assert!(search(&["nothing has this".to_owned()]).is_empty());
    }
}

//! `spec/errors.yaml`: kinds of errors, and the codes that this library itself gives.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostics;
use crate::ir::{ErrorCode, ErrorKind, ErrorSpec};
use crate::names;
use crate::parse::reader::Reader;
use crate::yaml::Entry;

/// Reads the file.
pub(super) fn read_errors(name: &str, text: &str, diagnostics: &mut Diagnostics) -> ErrorSpec {
    let mut errors = ErrorSpec { kinds: Vec::new(), codes: Vec::new(), statuses: BTreeMap::new() };
    let Some(root) = crate::yaml::load(name, text, diagnostics) else { return errors };
    let mut reader = Reader { file: name, diagnostics };
    let mut code_groups: &[Entry] = &[];
    for entry in reader.map("spec/errors.yaml", &root) {
        match entry.key.as_str() {
            "kinds" => {
                for entry in reader.map("kinds", &entry.node) {
                    errors.kinds.extend(kind(&mut reader, entry));
                }
            }
            "codes" => code_groups = reader.map("codes", &entry.node),
            "statuses" => statuses(&mut reader, entry, &mut errors.statuses),
            _ => reader.unknown_key("spec/errors.yaml", entry, &["kinds", "codes", "statuses"]),
        }
    }
    for group in code_groups {
        if !errors.kinds.iter().any(|kind| kind.name == group.key) {
            reader.error(group.pos, format!("`{}` is not one of the kinds", group.key));
        }
        for entry in reader.map("codes of a kind", &group.node) {
            if !names::is_error_code(&entry.key) {
                reader.error(entry.pos, format!("a code is upper case like CLOCK_OFF, not `{}`", entry.key));
            }
            if errors.codes.iter().any(|code| code.code == entry.key) {
                reader.error(entry.pos, format!("the code `{}` stands here twice", entry.key));
            }
            if let Some(advice) = reader.text("what a code means", &entry.node) {
                errors.codes.push(ErrorCode {
                    code: entry.key.clone(),
                    kind: group.key.clone(),
                    advice: advice.value,
                });
            }
        }
    }
    errors
}

/// Which codes of WeChat Pay come with which HTTP status.
fn statuses(reader: &mut Reader<'_>, entry: &Entry, statuses: &mut BTreeMap<String, u16>) {
    for group in reader.map("statuses", &entry.node) {
        let status = group.key.parse::<u16>().ok().filter(|status| (200..600).contains(status));
        let Some(status) = status else {
            reader.error(group.pos, format!("`{}` is no HTTP status", group.key));
            continue;
        };
        for code in reader.texts("the codes of a status", &group.node) {
            if !names::is_error_code(&code.value) {
                reader.error(code.pos, format!("a code is upper case like NOT_ENOUGH, not `{}`", code.value));
            }
            if statuses.insert(code.value.clone(), status).is_some() {
                reader.error(code.pos, format!("the code `{}` stands here twice", code.value));
            }
        }
    }
}

fn kind(reader: &mut Reader<'_>, entry: &Entry) -> Option<ErrorKind> {
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("a kind of error is snake_case, not `{}`", entry.key));
    }
    let mut doc = None;
    for entry in reader.map(&format!("kind `{}`", entry.key), &entry.node) {
        match entry.key.as_str() {
            "doc" => doc = reader.text("doc", &entry.node),
            _ => reader.unknown_key("a kind of error", entry, &["doc"]),
        }
    }
    if doc.is_none() {
        reader.error(entry.pos, format!("kind `{}` needs a `doc`", entry.key));
    }
    Some(ErrorKind { name: entry.key.clone(), doc: doc?.value })
}

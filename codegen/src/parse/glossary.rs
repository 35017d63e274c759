//! `spec/glossary.yaml`: what fields mean that many types have, said once.

use std::collections::BTreeMap;

use super::GLOSSARY;
use super::reader::{Reader, Spanned};
use super::types::Field;
use crate::diagnostics::{Diagnostics, Pos, did_you_mean};
use crate::names;

/// The entries by name: `openid`, `openid/sub_appid`.
#[derive(Debug, Default)]
pub(super) struct Glossary {
    terms: BTreeMap<String, Term>,
    /// Whether there is a glossary. Where there is one, every field must be described.
    pub(super) is_there: bool,
}

#[derive(Debug)]
struct Term {
    pos: Pos,
    doc: Option<String>,
    label: Option<String>,
    used: bool,
}

impl Glossary {
    /// Reads the file.
    pub(super) fn read(&mut self, text: &str, diagnostics: &mut Diagnostics) {
        self.is_there = true;
        let Some(root) = crate::yaml::load(GLOSSARY, text, diagnostics) else { return };
        let mut reader = Reader { file: GLOSSARY, diagnostics };
        for entry in reader.map("the glossary", &root) {
            let (name, variant) = entry.key.split_once('/').unwrap_or((&entry.key, "x"));
            if !names::is_field_name(name) || !names::is_field_name(variant) {
                let message = format!("`{}` is not a name of a field, or name/variant", entry.key);
                reader.error(entry.pos, message);
            }
            let mut term = Term { pos: entry.pos, doc: None, label: None, used: false };
            let what = format!("the term `{}`", entry.key);
            for entry in reader.map(&what, &entry.node) {
                match entry.key.as_str() {
                    "doc" => term.doc = reader.text("doc", &entry.node).map(|doc| doc.value),
                    "label" => term.label = reader.text("label", &entry.node).map(|label| label.value),
                    _ => reader.unknown_key(&what, entry, &["doc", "label"]),
                }
            }
            if term.doc.is_none() {
                reader.error(entry.pos, format!("{what} needs a `doc`"));
            }
            self.terms.insert(entry.key.clone(), term);
        }
    }

    /// Description and Chinese name of a field: its own, or else the glossary's.
    pub(super) fn describe(
        &mut self,
        field: &Field,
        error: &mut dyn FnMut(Pos, String),
    ) -> (Option<String>, Option<String>) {
        let own = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.value.clone());
        let (doc, label) = (own(&field.doc), own(&field.label));
        if let (Some(_), Some(_), Some(term)) = (&doc, &label, &field.term) {
            error(term.pos, "a field with `doc` and `label` of its own needs no `term`".to_owned());
        }
        let name = field.term.as_ref().map_or(&field.name.value, |term| &term.value);
        let Some(term) = self.terms.get_mut(name) else {
            if let Some(term) = &field.term {
                let hint = did_you_mean(name, self.terms.keys().map(String::as_str));
                error(term.pos, format!("the glossary has no term `{name}`{hint}"));
            }
            return (doc, label);
        };
        if doc.is_none() || label.is_none() && term.label.is_some() {
            term.used = true;
        }
        if let (Some(text), true) = (&field.doc, doc == term.doc) {
            error(text.pos, format!("the glossary says this of `{name}` already: leave it out"));
        }
        (doc.or_else(|| term.doc.clone()), label.or_else(|| term.label.clone()))
    }

    /// Entries that describe nothing.
    pub(super) fn unused(&self) -> impl Iterator<Item = (Pos, String)> {
        let unused = self.terms.iter().filter(|(_, term)| !term.used);
        unused.map(|(name, term)| (term.pos, format!("no field uses the term `{name}`")))
    }
}

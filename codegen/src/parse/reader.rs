//! Reading a mapping key by key, so that what is left over is an error.

use crate::diagnostics::{Diagnostics, Pos, did_you_mean};
use crate::yaml::{Data, Entry, Node};

/// Text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spanned<T> {
    /// The value.
    pub(super) value: T,
    /// Where it stands.
    pub(super) pos: Pos,
}

/// Errors of one file.
pub(super) struct Reader<'a> {
    /// Path shown in errors.
    pub(super) file: &'a str,
    /// Where errors go.
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, pos: Pos, message: impl Into<String>) {
        self.diagnostics.push(self.file, pos, message);
    }

    /// The entries of a mapping; anything else is an error.
    pub(super) fn map<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Entry] {
        match &node.data {
            Data::Map(entries) => entries,
            _ => {
                self.error(node.pos, format!("{what} must be a mapping, not {}", node.describe()));
                &[]
            }
        }
    }

    /// Text. A number or boolean without quotes is taken as it is written only where `bare` allows it.
    pub(super) fn text(&mut self, what: &str, node: &Node) -> Option<Spanned<String>> {
        match &node.data {
            Data::Scalar { text, value: serde_json::Value::String(_) } if text.trim().is_empty() => {
                self.error(node.pos, format!("{what} is empty: leave it out or fill it in"));
                None
            }
            Data::Scalar { text, value: serde_json::Value::String(_) } => {
                Some(Spanned { value: text.trim().to_owned(), pos: node.pos })
            }
            _ => {
                self.error(node.pos, format!("{what} must be a string, not {}", quoted_hint(node)));
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, what: &str, node: &Node) -> Option<bool> {
        match node.to_json() {
            serde_json::Value::Bool(value) => Some(value),
            _ => {
                self.error(node.pos, format!("{what} must be true or false, not {}", node.describe()));
                None
            }
        }
    }

    pub(super) fn positive(&mut self, what: &str, node: &Node) -> Option<u64> {
        match node.to_json().as_u64() {
            Some(value) if value > 0 => Some(value),
            _ => {
                self.error(node.pos, format!("{what} must be a whole number above 0"));
                None
            }
        }
    }

    /// A whole number of 64 bits.
    pub(super) fn integer(&mut self, what: &str, node: &Node) -> Option<Spanned<i64>> {
        match node.to_json().as_i64() {
            Some(value) => Some(Spanned { value, pos: node.pos }),
            None => {
                self.error(node.pos, format!("{what} must be a whole number, not {}", node.describe()));
                None
            }
        }
    }

    /// A list of strings without repetition.
    pub(super) fn texts(&mut self, what: &str, node: &Node) -> Vec<Spanned<String>> {
        let Data::List(items) = &node.data else {
            self.error(node.pos, format!("{what} must be a list ([A, B]), not {}", node.describe()));
            return Vec::new();
        };
        if items.is_empty() {
            self.error(node.pos, format!("{what} is an empty list: leave it out"));
        }
        let mut texts: Vec<Spanned<String>> = Vec::new();
        for item in items {
            let Some(text) = self.text(&format!("an element of {what}"), item) else { continue };
            if texts.iter().any(|other| other.value == text.value) {
                self.error(text.pos, format!("{what} names `{}` twice", text.value));
            } else {
                texts.push(text);
            }
        }
        texts
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, what: &str, node: &Node, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(what, node)?;
        let found = choices.iter().find(|(name, _)| *name == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.error(text.pos, format!("{what} must be one of {}, not `{}`", names.join(", "), text.value));
        }
        found
    }

    /// The error for a key that has no meaning.
    pub(super) fn unknown_key(&mut self, what: &str, entry: &Entry, known: &[&str]) {
        let hint = did_you_mean(&entry.key, known.iter().copied());
        self.error(
            entry.pos,
            format!("{what} has no key `{}`{hint}; known keys: {}", entry.key, known.join(", ")),
        );
    }
}

fn quoted_hint(node: &Node) -> String {
    match &node.data {
        Data::Scalar { text, value } if value.is_number() || value.is_boolean() => {
            format!("{} (write it in quotes: \"{text}\")", node.describe())
        }
        _ => node.describe().to_owned(),
    }
}

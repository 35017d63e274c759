//! The keys of a field that limit its value: `min`, `max`, `unit`, `pattern`, `minimum`, `maximum`, `format`, `suspected`.

use super::pattern::{self, Pattern};
use super::reader::{Reader, Spanned};
use crate::diagnostics::Pos;
use crate::ir::{Rule, Type};
use crate::yaml::{Entry, Node};

/// The longest text that fits into one RSA-OAEP block with SHA-1 and a key of 2048 bits.
const MOST_ENCRYPTED: u32 = 214;

/// The keys that this reads.
pub(super) const KEYS: &[&str] =
    &["min", "max", "unit", "pattern", "minimum", "maximum", "format", "suspected"];

/// What a length is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    NotifyUrl,
}

/// Limits as they are written.
#[derive(Debug, Default)]
pub(super) struct Limits {
    min: Option<Spanned<u32>>,
    max: Option<Spanned<u32>>,
    unit: Option<Spanned<Unit>>,
    pattern: Option<Spanned<Pattern>>,
    minimum: Option<Spanned<i64>>,
    maximum: Option<Spanned<i64>>,
    format: Option<Spanned<Format>>,
    suspected: Option<Spanned<Box<Self>>>,
}

/// Limits that make sense together.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// Longest value, in characters or elements.
    pub(super) max: Option<u32>,
    /// Everything else.
    pub(super) rules: Vec<Rule>,
}

impl Limits {
    /// Reads a key of a field; `false` when it is none of these.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, entry: &Entry) -> bool {
        let (key, node) = (entry.key.as_str(), &entry.node);
        match key {
            "min" => self.min = length(reader, key, node),
            "max" => self.max = length(reader, key, node),
            "unit" => self.unit = choice(reader, key, node, &[("bytes", Unit::Bytes)]),
            "pattern" => {
                self.pattern = reader.text(key, node).and_then(|text| match pattern::parse(&text.value) {
                    Ok(value) => Some(Spanned { value, pos: text.pos }),
                    Err(message) => {
                        reader.error(text.pos, message);
                        None
                    }
                });
            }
            "minimum" => self.minimum = reader.integer(key, node),
            "maximum" => self.maximum = reader.integer(key, node),
            "format" => self.format = choice(reader, key, node, &[("notify_url", Format::NotifyUrl)]),
            "suspected" => {
                let mut limits = Self::default();
                let entries = reader.map("suspected (e.g. { max: 127, unit: bytes })", node);
                if entries.is_empty() {
                    reader.error(node.pos, "suspected says nothing: leave it out");
                }
                for entry in entries {
                    if entry.key == "suspected" || !limits.read(reader, entry) {
                        reader.unknown_key("suspected", entry, &KEYS[..KEYS.len() - 1]);
                    }
                }
                self.suspected = Some(Spanned { value: Box::new(limits), pos: node.pos });
            }
            _ => return false,
        }
        true
    }

    /// The limits for a value of this type, and everything wrong with them.
    pub(super) fn resolve(&self, ty: &Type, encrypted: bool, error: &mut dyn FnMut(Pos, String)) -> Resolved {
        let (text, list, int) = (*ty == Type::String, matches!(ty, Type::List(_)), *ty == Type::Int);
        for (name, limit) in [("min", &self.min), ("max", &self.max)] {
            if let Some(limit) = limit
                && !(text || list)
            {
                error(limit.pos, format!("`{name}` is for strings (characters) and lists (elements) only"));
            }
        }
        let for_texts = [
            ("unit", self.unit.as_ref().map(|unit| unit.pos)),
            ("pattern", self.pattern.as_ref().map(|pattern| pattern.pos)),
            ("format", self.format.as_ref().map(|format| format.pos)),
        ];
        for (name, pos) in for_texts {
            if let Some(pos) = pos
                && !text
            {
                error(pos, format!("`{name}` is for strings only"));
            }
        }
        for (name, limit) in [("minimum", &self.minimum), ("maximum", &self.maximum)] {
            if let Some(limit) = limit
                && !int
            {
                error(limit.pos, format!("`{name}` is for int only; lengths are `min` and `max`"));
            }
        }
        if let (Some(min), Some(max)) = (&self.min, &self.max)
            && min.value > max.value
        {
            error(min.pos, format!("min {} is above max {}", min.value, max.value));
        }
        if let (Some(minimum), Some(maximum)) = (&self.minimum, &self.maximum)
            && minimum.value > maximum.value
        {
            error(minimum.pos, format!("minimum {} is above maximum {}", minimum.value, maximum.value));
        }
        if let Some(unit) = &self.unit
            && self.min.is_none()
            && self.max.is_none()
        {
            error(unit.pos, "`unit` needs a `min` or `max` to count".to_owned());
        }
        if let Some(pattern) = &self.pattern
            && (self.min.is_some() || self.max.is_some())
        {
            error(pattern.pos, "a pattern has the length in it: leave `min` and `max` out".to_owned());
        }
        let longest = self.max.as_ref().map(|max| (max.value, max.pos));
        let longest = longest.or(self.pattern.as_ref().map(|pattern| (pattern.value.max, pattern.pos)));
        if let Some((max, pos)) = longest
            && encrypted
            && text
            && max > MOST_ENCRYPTED
        {
            error(
                pos,
                format!(
                    "{max} is the length of the encrypted text: what can be encrypted is at most {MOST_ENCRYPTED} bytes long"
                ),
            );
        }
        self.rules(ty, encrypted, error)
    }

    fn rules(&self, ty: &Type, encrypted: bool, error: &mut dyn FnMut(Pos, String)) -> Resolved {
        let mut resolved = Resolved::default();
        let (min, max) = (self.min.as_ref().map(|min| min.value), self.max.as_ref().map(|max| max.value));
        if self.unit.is_some() {
            resolved.rules.extend(min.map(Rule::MinBytes));
            resolved.rules.extend(max.map(Rule::MaxBytes));
        } else {
            resolved.rules.extend(min.map(Rule::Min));
            resolved.max = max;
        }
        if let Some(Spanned { value: pattern, .. }) = &self.pattern {
            resolved.max = Some(pattern.max);
            if pattern.min > 0 {
                resolved.rules.push(Rule::Min(pattern.min));
            }
            resolved.rules.push(Rule::Characters(pattern.characters.clone()));
        }
        resolved.rules.extend(self.minimum.as_ref().map(|minimum| Rule::Minimum(minimum.value)));
        resolved.rules.extend(self.maximum.as_ref().map(|maximum| Rule::Maximum(maximum.value)));
        if let Some(Spanned { value: Format::NotifyUrl, .. }) = self.format {
            resolved.rules.push(Rule::NotifyUrl);
        }
        if let Some(Spanned { value: suspected, .. }) = &self.suspected {
            let suspected = suspected.resolve(ty, encrypted, error);
            // What is certain need not be suspected.
            let max = suspected.max.filter(|max| resolved.max.is_none_or(|certain| *max < certain));
            let rules = max.map(Rule::Max).into_iter().chain(suspected.rules);
            resolved.rules.extend(rules.map(|rule| Rule::Suspected(Box::new(rule))));
        }
        resolved
    }
}

fn length(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Spanned<u32>> {
    let length = reader.positive(key, node)?;
    match u32::try_from(length) {
        Ok(value) => Some(Spanned { value, pos: node.pos }),
        Err(_) => {
            reader.error(node.pos, format!("{key} {length} is too large"));
            None
        }
    }
}

fn choice<T: Copy>(
    reader: &mut Reader<'_>,
    key: &str,
    node: &Node,
    choices: &[(&str, T)],
) -> Option<Spanned<T>> {
    reader.choice(key, node, choices).map(|value| Spanned { value, pos: node.pos })
}

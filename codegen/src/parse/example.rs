//! Whether an example fits its type: no unknown field, no missing field, right types, nothing too long.

use crate::diagnostics::{Diagnostics, Pos, did_you_mean};
use crate::ir::{Field, Rule, Shape, Spec, Type, TypeDef};
use crate::yaml::{Data, Entry, Node};

/// What the example is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// A request: what the client fills in may be left out.
    Request,
    /// An answer or a notification.
    Reply,
}

/// Checks an example against a type.
pub(super) fn check(
    spec: &Spec,
    ty: Type,
    rules: Rules,
    node: &Node,
    file: &str,
    diagnostics: &mut Diagnostics,
) {
    Checker { spec, rules, file, diagnostics }.value("the example", &ty, (None, &[]), node);
}

/// Longest length and rules of a field.
type Limits<'a> = (Option<u32>, &'a [Rule]);

struct Checker<'a> {
    spec: &'a Spec,
    rules: Rules,
    file: &'a str,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn error(&mut self, pos: Pos, message: String) {
        self.diagnostics.push(self.file, pos, message);
    }

    fn wrong_type(&mut self, path: &str, expected: &str, node: &Node) {
        let quote = match &node.data {
            Data::Scalar { text, value }
                if expected == "a string" && (value.is_number() || value.is_boolean()) =>
            {
                format!(" (write it in quotes: \"{text}\")")
            }
            _ => String::new(),
        };
        self.error(node.pos, format!("{path} must be {expected}, not {}{quote}", node.describe()));
    }

    fn value(&mut self, path: &str, ty: &Type, limits: Limits<'_>, node: &Node) {
        let json = node.to_json();
        match ty {
            Type::Json => {}
            Type::String => match json.as_str() {
                Some(text) => self.text(path, text, limits, node),
                None => self.wrong_type(path, "a string", node),
            },
            Type::Timestamp => match json.as_str() {
                Some(text) if is_rfc3339(text) => {}
                Some(text) => {
                    let message = format!("{path}: `{text}` is not RFC 3339 (2018-06-08T10:34:56+08:00)");
                    self.error(node.pos, message);
                }
                None => self.wrong_type(path, "a string", node),
            },
            Type::Int => match json.as_i64() {
                Some(number) => self.number(path, number, limits.1, node),
                None => self.wrong_type(path, "a whole number", node),
            },
            Type::Bool if !json.is_boolean() => self.wrong_type(path, "true or false", node),
            Type::Number if !json.is_number() => self.wrong_type(path, "a number", node),
            Type::Bool | Type::Number => {}
            Type::List(inner) => match &node.data {
                Data::List(items) => {
                    self.length(path, "elements", items.len(), limits, node);
                    for (index, item) in items.iter().enumerate() {
                        self.value(&format!("{path}[{index}]"), inner, (None, &[]), item);
                    }
                }
                _ => self.wrong_type(path, "a list", node),
            },
            Type::Map(inner) => match &node.data {
                Data::Map(entries) => {
                    for entry in entries {
                        self.value(&format!("{path}.{}", entry.key), inner, (None, &[]), &entry.node);
                    }
                }
                _ => self.wrong_type(path, "a mapping", node),
            },
            Type::Named(id) => match &self.spec.type_def(*id).shape {
                Shape::OpenEnum(values) => match json.as_str() {
                    Some(text) if values.iter().any(|known| known.value == text) => {}
                    Some(text) => {
                        let name = &self.spec.type_def(*id).name;
                        let hint = did_you_mean(text, values.iter().map(|known| known.value.as_str()));
                        self.error(node.pos, format!("{path}: `{name}` lists no value `{text}`{hint}"));
                    }
                    None => self.wrong_type(path, "a string", node),
                },
                Shape::Object(fields) => self.object(path, self.spec.type_def(*id), fields, node),
            },
        }
    }

    fn object(&mut self, path: &str, definition: &TypeDef, fields: &[Field], node: &Node) {
        let type_name = &definition.name;
        let Data::Map(entries) = &node.data else {
            self.wrong_type(path, "a mapping", node);
            return;
        };
        for entry in entries {
            match fields.iter().find(|field| field.name == entry.key) {
                Some(field) => {
                    let path = if path == "the example" {
                        entry.key.clone()
                    } else {
                        format!("{path}.{}", entry.key)
                    };
                    self.value(&path, &field.ty, (field.max, &field.rules), &entry.node);
                }
                None => {
                    let hint = did_you_mean(&entry.key, fields.iter().map(|field| field.name.as_str()));
                    self.error(entry.pos, format!("`{type_name}` has no field `{}`{hint}", entry.key));
                }
            }
        }
        if self.rules == Rules::Request {
            self.choices(path, definition, entries, node);
        }
        for field in fields.iter().filter(|field| field.required) {
            let filled = self.rules == Rules::Request && field.fill.is_some();
            if !filled && !entries.iter().any(|entry| entry.key == field.name) {
                self.error(
                    node.pos,
                    format!("{path} lacks the required field `{}` of `{type_name}`", field.name),
                );
            }
        }
    }

    /// What is sent gives as many of the alternatives as it must, each of them whole.
    fn choices(&mut self, path: &str, definition: &TypeDef, entries: &[Entry], node: &Node) {
        let given = |name: &String| entries.iter().any(|entry| entry.key == *name);
        for choice in &definition.choices {
            let begun = choice.alternatives.iter().filter(|names| names.iter().any(given)).count();
            let whole = choice.alternatives.iter().filter(|names| names.iter().all(given)).count();
            if whole == 0 || choice.exactly_one && begun > 1 {
                self.error(node.pos, format!("{path}: {}", choice.sentence("`")));
            }
        }
    }

    fn length(&mut self, path: &str, unit: &str, length: usize, limits: Limits<'_>, node: &Node) {
        let (max, rules) = limits;
        if let Some(max) = max.filter(|max| length > *max as usize) {
            self.error(node.pos, format!("{path} has {length} {unit}, and {max} are allowed"));
        }
        for rule in rules {
            if let Rule::Min(min) = rule
                && length < *min as usize
            {
                self.error(node.pos, format!("{path} has {length} {unit}, and at least {min} must be there"));
            }
        }
    }

    /// Rules are about what is sent: answers may hold older values.
    fn text(&mut self, path: &str, text: &str, limits: Limits<'_>, node: &Node) {
        let (max, rules) = limits;
        let rules = if self.rules == Rules::Request { rules } else { &[] };
        self.length(path, "characters", text.chars().count(), (max, rules), node);
        for rule in rules {
            match rule {
                Rule::MinBytes(min) if text.len() < *min as usize => {
                    self.error(
                        node.pos,
                        format!("{path} has {} bytes, and at least {min} must be there", text.len()),
                    );
                }
                Rule::MaxBytes(max) if text.len() > *max as usize => {
                    self.error(node.pos, format!("{path} has {} bytes, and {max} are allowed", text.len()));
                }
                Rule::Characters(set) if !set.hold(text) => {
                    self.error(node.pos, format!("{path} may only hold {}", set.words("")));
                }
                Rule::NotifyUrl if !text.starts_with("http") || text.contains(['?', '#', ' ']) => {
                    self.error(
                        node.pos,
                        format!("{path} is no URL for notifications: http(s), no query, no blank"),
                    );
                }
                _ => {}
            }
        }
    }

    fn number(&mut self, path: &str, number: i64, rules: &[Rule], node: &Node) {
        let rules = if self.rules == Rules::Request { rules } else { &[] };
        for rule in rules {
            match rule {
                Rule::Minimum(least) if number < *least => {
                    self.error(node.pos, format!("{path} is {number}, and at least {least} is allowed"));
                }
                Rule::Maximum(most) if number > *most => {
                    self.error(node.pos, format!("{path} is {number}, and at most {most} is allowed"));
                }
                _ => {}
            }
        }
    }
}

/// `2018-06-08T10:34:56+08:00`, with or without a fraction of a second; `Z` is fine.
fn is_rfc3339(text: &str) -> bool {
    let matches = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(c, s)| if s == b'0' { c.is_ascii_digit() } else { c == s })
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    matches(moment, "0000-00-00T00:00:00")
        && (zone == "Z" || matches(zone, "+00:00") || matches(zone, "-00:00"))
}

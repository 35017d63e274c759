//! Names in Swift.

use std::collections::BTreeMap;

use crate::ir::{Field, Spec, TypeId};
use crate::names::{Unique, camel_case, pascal_case};

/// Names that generated code uses itself, or that Swift does not let a nested type have.
const TAKEN_TYPES: &[&str] = &[
    "Any",
    "Array",
    "Bool",
    "Calls",
    "Client",
    "Codable",
    "Data",
    "Decoder",
    "Dictionary",
    "Double",
    "Encoder",
    "Error",
    "FieldKey",
    "Hashable",
    "Int",
    "JSONValue",
    "Notification",
    "Optional",
    "Protocol",
    "Reply",
    "Self",
    "Sendable",
    "String",
    "Timestamp",
    "Type",
    "Void",
];

const KEYWORDS: &[&str] = &[
    "Any",
    "Self",
    "Type",
    "as",
    "associatedtype",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "default",
    "defer",
    "deinit",
    "do",
    "else",
    "enum",
    "extension",
    "fallthrough",
    "false",
    "fileprivate",
    "for",
    "func",
    "guard",
    "if",
    "import",
    "in",
    "init",
    "inout",
    "internal",
    "is",
    "let",
    "nil",
    "operator",
    "precedencegroup",
    "private",
    "protocol",
    "public",
    "repeat",
    "rethrows",
    "return",
    "self",
    "static",
    "struct",
    "subscript",
    "super",
    "switch",
    "throw",
    "throws",
    "true",
    "try",
    "typealias",
    "var",
    "where",
    "while",
];

/// A Swift identifier as it is written in code.
pub(super) fn ident(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

/// `tradeBill`
pub(super) fn method(name: &str) -> String {
    ident(&camel_case(name))
}

/// `Payments.Jsapi`
pub(super) fn namespace(path: &[String]) -> String {
    path.iter().map(|part| pascal_case(part)).collect::<Vec<_>>().join(".")
}

/// A Swift string literal.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// All names of types.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    namespaces: BTreeMap<TypeId, String>,
}

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = Self { types: BTreeMap::new(), namespaces: BTreeMap::new() };
        for module in &spec.modules {
            let mut unique = Unique::new(TAKEN_TYPES.iter().copied());
            // Namespaces inside this one are names too.
            for other in &spec.modules {
                if other.path.len() > module.path.len() && other.path.starts_with(&module.path) {
                    unique.take(pascal_case(&other.path[module.path.len()]), "");
                }
            }
            for id in &module.types {
                let name = spec.type_def(*id).name.clone();
                let name = if unique.is_taken(&name) { format!("{name}Model") } else { name };
                names.types.insert(*id, unique.take(name, ""));
                names.namespaces.insert(*id, namespace(&module.path));
            }
        }
        names
    }

    /// Name of a type in its namespace.
    pub(super) fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    /// Namespace of a type.
    pub(super) fn namespace(&self, id: TypeId) -> &str {
        self.namespaces.get(&id).map_or("", String::as_str)
    }

    /// Name of a type with its namespace.
    pub(super) fn full(&self, id: TypeId) -> String {
        format!("{}.{}", self.namespace(id), self.ty(id))
    }
}

/// Names of properties, unique: `1` is `n1`. A type with something to hide has a `description` of its own, and every value
/// has a `self`, which no backtick lets a property be.
pub(super) fn properties(fields: &[Field]) -> Vec<String> {
    let mut unique = Unique::default();
    let hides = fields.iter().any(|field| field.encrypt);
    fields
        .iter()
        .map(|field| {
            let name = if field.name.starts_with(|c: char| c.is_ascii_digit()) {
                format!("n{}", field.name)
            } else if field.name == "self"
                || field.name.chars().all(|c| c == '_')
                || (hides && field.name == "description")
            {
                format!("{}_value", field.name)
            } else {
                field.name.clone()
            };
            unique.take(name, "_")
        })
        .collect()
}

//! Names: what the spec accepts, and how they are written in each language.

use std::collections::BTreeSet;

/// `prepay`, `query_by_out_trade_no`
pub fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('_').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

/// `PrepayRequest`
pub fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Names of fields are WeChat Pay's own, so almost anything goes.
pub fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `PARAM_ERROR`
pub fn is_error_code(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Words of a name in any spelling, lower case: `outTradeNo`, `OUT_TRADE_NO` and `OutTradeNo` are out, trade, no.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            previous = None;
            continue;
        }
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let starts = match previous {
            None => true,
            Some(before) => c.is_uppercase() && (!before.is_uppercase() || next_is_lower),
        };
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        previous = Some(c);
    }
    words
}

/// `out_trade_no`
pub fn snake_case(name: &str) -> String {
    words(name).join("_")
}

/// `OUT_TRADE_NO`
pub fn screaming_case(name: &str) -> String {
    snake_case(name).to_uppercase()
}

/// `OutTradeNo`
pub fn pascal_case(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .map(|first| first.to_uppercase().chain(chars).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

/// `outTradeNo`
pub fn camel_case(name: &str) -> String {
    let pascal = pascal_case(name);
    let mut chars = pascal.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A constant for a value of an open enum, written like the value where that is a name: `NOTPAY`, `VALUE_3DS`.
pub fn constant(value: &str) -> String {
    let is_name = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        return value.to_owned();
    }
    let name = screaming_case(value);
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("VALUE_{name}"),
        Some(_) => name,
        None => "VALUE".to_owned(),
    }
}

/// Keywords of Rust, editions 2015 to 2024, strict and reserved.
const RUST_KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// These cannot even be written as `r#…`.
const RUST_NEVER_RAW: &[&str] = &["crate", "self", "super", "Self"];

/// A Rust identifier for a name that is already in the right case.
pub fn rust_ident(name: &str) -> String {
    if RUST_NEVER_RAW.contains(&name) || name == "_" {
        format!("{name}_")
    } else if RUST_KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else {
        name.to_owned()
    }
}

/// Name of the file of a Rust module: `mod.rs` and the words that cannot be raw identifiers are taken.
pub fn rust_file_stem(name: &str) -> String {
    if name == "mod" || RUST_NEVER_RAW.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// Identifier of a Rust module.
pub fn rust_module(name: &str) -> String {
    rust_ident(&rust_file_stem(name))
}

/// A Rust enum variant for a value of an open enum: `NOTPAY` is `Notpay`, `3DS` is `Value3Ds`.
pub fn rust_variant(value: &str) -> String {
    let name = pascal_case(value);
    match name.chars().next() {
        None => "Value".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("Value{name}"),
        Some(_) => name,
    }
}

/// Hands out each name once: a second `user_id` becomes `user_id_2`.
#[derive(Debug, Default)]
pub struct Unique(BTreeSet<String>);

impl Unique {
    /// Starts with names that are taken.
    pub fn new<'a>(taken: impl IntoIterator<Item = &'a str>) -> Self {
        Self(taken.into_iter().map(str::to_owned).collect())
    }

    /// Whether the name was handed out or reserved.
    pub fn is_taken(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// `name`, or with the first free number behind `separator`.
    pub fn take(&mut self, name: String, separator: &str) -> String {
        if self.0.insert(name.clone()) {
            return name;
        }
        let plain = name.strip_prefix("r#").unwrap_or(&name).trim_end_matches('_');
        for number in 2_u32.. {
            let candidate = format!("{plain}{separator}{number}");
            if self.0.insert(candidate.clone()) {
                return candidate;
            }
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_in_any_spelling() {
        for name in ["outTradeNo", "OUT_TRADE_NO", "OutTradeNo", "out-trade-no"] {
            assert_eq!(words(name), ["out", "trade", "no"], "{name}");
        }
        assert_eq!(words("APIv3Key"), ["ap", "iv3", "key"]);
        assert_eq!(pascal_case("query_by_out_trade_no"), "QueryByOutTradeNo");
        assert_eq!(camel_case("query_by_out_trade_no"), "queryByOutTradeNo");
        assert_eq!(rust_variant("3DS"), "Value3Ds");
        assert_eq!([constant("NOTPAY"), constant("3-DS"), constant("-")], ["NOTPAY", "VALUE_3_DS", "VALUE"]);
        assert_eq!(rust_variant("--"), "Value");
    }

    #[test]
    fn reserved_words_become_identifiers() {
        assert_eq!(rust_ident("type"), "r#type");
        assert_eq!(rust_ident("self"), "self_");
        assert_eq!(rust_ident("3d"), "n3d");
        assert_eq!(rust_module("mod"), "mod_");
    }

    #[test]
    fn no_name_is_given_out_twice() {
        let mut unique = Unique::default();
        let given: Vec<String> = ["a", "a", "a_2", "a"].map(|name| unique.take(name.to_owned(), "_")).into();
        assert_eq!(given, ["a", "a_2", "a_2_2", "a_3"]);
    }
}

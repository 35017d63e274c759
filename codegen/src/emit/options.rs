//! `spec/options.yaml` to `core/src/generated/options.rs`: what the core must know of the options of a client.

use std::fmt::Write;

use crate::Files;
use crate::emit::text::{doc, header, literal, literals};
use crate::ir::{OptionKind, OptionSpec};

/// Names, kinds, alternatives and the names that languages have for them.
pub fn emit(spec: &OptionSpec) -> Files {
    let mut out = header("spec/options.yaml");
    out.push_str(
        "//! The options of a client: names, and what stands in an environment variable.

/// How the text of a variable becomes an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Separated by commas.
    Texts,
    Seconds,
    Number,
    Flag,
    /// Several keys or certificates, which one variable cannot hold.
    Keys,
}

/// An option.
#[derive(Debug)]
pub(crate) struct ClientOption {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What other SDKs and people call it.
    pub(crate) other_names: &'static [&'static str],
}

/// All of them.
pub(crate) const OPTIONS: &[ClientOption] = &[
",
    );
    for option in &spec.options {
        let kind = match option.kind {
            OptionKind::Text | OptionKind::Key | OptionKind::Pem | OptionKind::Binary | OptionKind::Path => {
                "Text"
            }
            OptionKind::Texts => "Texts",
            OptionKind::Seconds => "Seconds",
            OptionKind::Number | OptionKind::Bytes => "Number",
            OptionKind::Flag => "Flag",
            OptionKind::Keys | OptionKind::Paths | OptionKind::PublicKeys => "Keys",
        };
        out.push_str(&doc("    ", "//", &option.doc));
        let _ = writeln!(
            out,
            "ClientOption {{ name: {}, kind: Kind::{kind}, other_names: {} }},",
            literal(&option.name),
            literals(&option.other_names)
        );
    }
    out.push_str("];\n\n/// Ways to say the same: one of them is given, or none.\npub(crate) const ALTERNATIVES: &[&[&str]] = &[\n");
    for group in &spec.alternatives {
        let _ = writeln!(out, "{},", literals(group));
    }
    out.push_str("];\n\n/// Language, option, and what users of the language call it where that does not follow from the name.\n");
    out.push_str("pub(crate) const SPELLED: &[(&str, &str, &str)] = &[\n");
    for option in &spec.options {
        for (language, own) in &option.spelled {
            let _ = writeln!(out, "({}, {}, {}),", literal(language), literal(&option.name), literal(own));
        }
    }
    out.push_str("];\n");
    Files::from([("core/src/generated/options.rs".to_owned(), out)])
}

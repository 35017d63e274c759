//! `spec/options.yaml` to the struct `Options`.

use std::fmt::Write;

use super::names::literal;
use super::{CORE, header, swift_doc};
use crate::Files;
use crate::emit::option_docs;
use crate::emit::text::markdown;
use crate::ir::{OptionKind, OptionSpec};

pub(super) fn emit(spec: &OptionSpec) -> Files {
    let mut out = header("spec/options.yaml");
    out.push('\n');
    out.push_str(&swift_doc(
        "",
        &format!("Options of a `Client`; times in seconds.\n\n{}", option_docs::NEEDED),
    ));
    out.push_str(
        "public struct Options: Sendable, Encodable, CustomStringConvertible, CustomReflectable {\n",
    );
    let (mut arguments, mut assignments, mut keys) = (Vec::new(), String::new(), String::new());
    for option in &spec.options {
        let Some(name) = option.in_camel_case("swift") else { continue };
        let (ty, note) = match option.kind {
            OptionKind::Text | OptionKind::Path => ("String", ""),
            OptionKind::Key | OptionKind::Pem => ("String", "As PEM text."),
            OptionKind::Binary => ("String", "As base64."),
            OptionKind::Seconds => ("Double", ""),
            OptionKind::Number | OptionKind::Bytes => ("Int", ""),
            OptionKind::Flag => ("Bool", ""),
            OptionKind::Keys => ("[String]", "As PEM text."),
            OptionKind::Texts | OptionKind::Paths => ("[String]", ""),
            OptionKind::PublicKeys => ("[PublicKey]", ""),
        };
        let note = if option.id.is_some() { "" } else { note };
        out.push_str(&swift_doc("    ", &markdown(&option_docs::option(option, "", note))));
        if let Some(id) = &option.id {
            public_key(&mut out, &mut keys, &name, &option.name, id);
            continue;
        }
        let default = match ty {
            _ if option.required => "",
            list if list.starts_with('[') => " = []",
            _ => "?",
        };
        let _ = writeln!(out, "    public var {name}: {ty}{default}");
        if option.required {
            arguments.push(format!("{name}: {ty}"));
            let _ = writeln!(assignments, "        self.{name} = {name}");
        }
        let _ = match name == option.name {
            true => writeln!(keys, "        case {name}"),
            false => writeln!(keys, "        case {name} = {}", literal(&option.name)),
        };
    }
    let _ = write!(
        out,
        "    private let language = \"Swift\"

    /// The options that a client cannot be without.
    public init({}) {{
{assignments}    }}

    /// Shows no key.
    public var description: String {{ \"Options(mchid: \\(mchid))\" }}

    /// `dump` shows no more than `description`.
    public var customMirror: Mirror {{ Mirror(self, children: [\"mchid\": mchid]) }}

    private enum CodingKeys: String, CodingKey {{
        case language
{keys}    }}
}}
",
        arguments.join(", ")
    );
    Files::from([(format!("{CORE}/Options.swift"), out)])
}

/// One property for a key, its file and its id, which the core takes one by one.
fn public_key(out: &mut String, keys: &mut String, name: &str, key: &str, id: &str) {
    let _ = writeln!(
        out,
        "    public var {name}: PublicKey? {{
        didSet {{
            ({name}ID, {name}Text, {name}Path) = ({name}?.id, {name}?.key, {name}?.path)
        }}
    }}
    private var {name}ID: String?
    private var {name}Text: String?
    private var {name}Path: String?"
    );
    let path = format!("{key}_path");
    for (suffix, key) in [("ID", id), ("Text", key), ("Path", &path)] {
        let _ = writeln!(keys, "        case {name}{suffix} = {}", literal(key));
    }
}

//! `spec/options.yaml` to the keyword arguments of a client, and the table by which they are read.

use std::fmt::Write;

use super::{FOLDER, text};
use crate::Files;
use crate::emit::option_docs;
use crate::ir::{ClientOption, OptionKind, OptionSpec};

const SOURCE: &str = "spec/options.yaml";

pub(super) fn emit(spec: &OptionSpec) -> Files {
    Files::from([
        (format!("{FOLDER}/options.py"), table(spec)),
        (format!("{FOLDER}/option_types.py"), types(spec)),
    ])
}

/// Read at run time: it imports nothing.
fn table(spec: &OptionSpec) -> String {
    let mut out = text::header(SOURCE);
    out.push_str("\"\"\"How the options of a client are read.\"\"\"\n\nfrom __future__ import annotations\n\nKINDS: dict[str, str] = {\n");
    let mut core = String::new();
    for (name, option) in declared(spec) {
        let _ = writeln!(out, "    {}: {},", text::literal(name), text::literal(kind(option.kind)));
        if name != option.name {
            let _ = writeln!(core, "    {}: {},", text::literal(name), text::literal(&option.name));
        }
    }
    out.push_str("}\n\"\"\"What the value of each option is.\"\"\"\n\n");
    let _ = write!(
        out,
        "CORE_NAMES: dict[str, str] = {{\n{core}}}\n\"\"\"What the core calls an option, where that is not its name here.\"\"\"\n"
    );
    out
}

fn declared(spec: &OptionSpec) -> impl Iterator<Item = (&str, &ClientOption)> {
    spec.options.iter().filter_map(|option| Some((option.in_python()?, option)))
}

fn kind(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Text => "text",
        OptionKind::Texts => "texts",
        OptionKind::Seconds => "seconds",
        OptionKind::Number | OptionKind::Bytes => "number",
        OptionKind::Flag => "flag",
        OptionKind::Key => "key",
        OptionKind::Pem => "pem",
        OptionKind::Binary => "binary",
        OptionKind::Path => "path",
        OptionKind::Keys => "keys",
        OptionKind::Paths => "paths",
        OptionKind::PublicKeys => "public_keys",
    }
}

/// Read by type checkers, and by who asks for `wechatpay_rs.Options`.
fn types(spec: &OptionSpec) -> String {
    let mut out = text::header(SOURCE);
    out.push_str(
        "\"\"\"Options of a client. Read by type checkers; at run time when somebody asks for them.\"\"\"\n\nfrom __future__ import annotations\n\nimport os\nfrom collections.abc import Mapping, Sequence\nfrom typing import TypedDict\n\nfrom .._types import Key\n\n\nclass Optional(TypedDict, total=False):\n",
    );
    let intro = format!("Keyword arguments of `Client` and `AsyncClient`.\n\n{}", option_docs::NEEDED);
    out.push_str(&text::docstring("    ", "What may be left out."));
    let (needed, optional): (Vec<_>, Vec<_>) = declared(spec).partition(|(_, option)| option.required);
    fields(&mut out, &optional);
    out.push_str("\n\nclass Options(Optional):\n");
    out.push_str(&text::docstring("    ", &intro));
    fields(&mut out, &needed);
    out.push_str("\n\nclass OptionsBesideEnvironment(Optional, total=False):\n");
    let intro = "Keyword arguments of `Client.from_env` and `AsyncClient.from_env`: what no variable sets, or another value.";
    out.push_str(&text::docstring("    ", intro));
    fields(&mut out, &needed);
    out
}

fn fields(out: &mut String, options: &[(&str, &ClientOption)]) {
    for (name, option) in options {
        let (ty, note) = match option.kind {
            OptionKind::Text => ("str", ""),
            OptionKind::Texts => ("Sequence[str]", ""),
            OptionKind::Seconds => ("float", ""),
            OptionKind::Number | OptionKind::Bytes => ("int", ""),
            OptionKind::Flag => ("bool", ""),
            OptionKind::Key => ("Key", "Text, bytes or a `pathlib.Path`."),
            OptionKind::Pem => ("Key", "PEM: text, bytes or a `pathlib.Path`."),
            OptionKind::Binary => ("bytes | os.PathLike[str]", "Bytes or a `pathlib.Path`."),
            OptionKind::Path => ("str | os.PathLike[str]", ""),
            OptionKind::Keys => ("Sequence[Key]", "Each text, bytes or a `pathlib.Path`."),
            OptionKind::Paths => ("Sequence[str | os.PathLike[str]]", ""),
            OptionKind::PublicKeys => ("Mapping[str, Key]", "By id: text, bytes or a `pathlib.Path`."),
        };
        let _ = write!(out, "\n    {name}: {ty}\n");
        out.push_str(&text::docstring("    ", &option_docs::option(option, "In seconds.", note)));
    }
}

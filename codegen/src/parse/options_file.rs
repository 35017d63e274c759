//! `spec/options.yaml`: the options of a client.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostics;
use crate::ir::{ClientOption, OptionKind, OptionSpec};
use crate::names;
use crate::parse::reader::{Reader, Spanned};
use crate::yaml::{Data, Entry};

/// Languages whose users may know an option by a name of its own.
const LANGUAGES: &[&str] = &["python", "node", "kotlin", "swift"];

const KINDS: &[(&str, OptionKind)] = &[
    ("text", OptionKind::Text),
    ("texts", OptionKind::Texts),
    ("seconds", OptionKind::Seconds),
    ("number", OptionKind::Number),
    ("bytes", OptionKind::Bytes),
    ("flag", OptionKind::Flag),
    ("key", OptionKind::Key),
    ("pem", OptionKind::Pem),
    ("binary", OptionKind::Binary),
    ("path", OptionKind::Path),
    ("keys", OptionKind::Keys),
    ("paths", OptionKind::Paths),
    ("public_keys", OptionKind::PublicKeys),
];

/// Reads the file.
pub(super) fn read_options(name: &str, text: &str, diagnostics: &mut Diagnostics) -> OptionSpec {
    let mut spec = OptionSpec::default();
    let Some(root) = crate::yaml::load(name, text, diagnostics) else { return spec };
    let mut reader = Reader { file: name, diagnostics };
    let (mut alternatives, mut others) = (None, Vec::new());
    for entry in reader.map("spec/options.yaml", &root) {
        match entry.key.as_str() {
            "options" => {
                for entry in reader.map("options", &entry.node) {
                    spec.options.extend(option(&mut reader, entry, &mut others));
                }
            }
            "alternatives" => alternatives = Some(entry),
            _ => reader.unknown_key("spec/options.yaml", entry, &["options", "alternatives"]),
        }
    }
    for other in others {
        if !spec.options.iter().any(|option| option.name == other.value) {
            reader.error(other.pos, format!("there is no option `{}`", other.value));
        }
    }
    let groups = match alternatives.map(|entry| &entry.node.data) {
        Some(Data::List(groups)) => groups.as_slice(),
        Some(_) => {
            reader.error(root.pos, "alternatives is a list of lists of options");
            &[]
        }
        None => &[],
    };
    for node in groups {
        let group = reader.texts("alternatives", node);
        for name in &group {
            if !spec.options.iter().any(|option| option.name == name.value) {
                reader.error(name.pos, format!("there is no option `{}`", name.value));
            }
            if spec.alternatives.iter().flatten().any(|other| *other == name.value) {
                reader.error(name.pos, format!("the option `{}` has alternatives already", name.value));
            }
        }
        spec.alternatives.push(group.into_iter().map(|name| name.value).collect());
    }
    spec
}

/// The option. What it says of other options goes to `others`.
fn option(reader: &mut Reader<'_>, entry: &Entry, others: &mut Vec<Spanned<String>>) -> Option<ClientOption> {
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("an option is snake_case, not `{}`", entry.key));
    }
    let (mut kind, mut doc, mut id, mut password, mut required) = (None, None, None, None, false);
    let (mut other_names, mut spelled) = (Vec::new(), BTreeMap::new());
    for entry in reader.map(&format!("option `{}`", entry.key), &entry.node) {
        match entry.key.as_str() {
            "type" => kind = Some(reader.choice("type", &entry.node, KINDS)),
            "doc" => doc = reader.text("doc", &entry.node),
            "required" => required = reader.boolean("required", &entry.node).unwrap_or_default(),
            "id" => id = reader.text("id", &entry.node),
            "password" => password = reader.text("password", &entry.node),
            "other_names" => {
                other_names =
                    reader.texts("other_names", &entry.node).into_iter().map(|name| name.value).collect();
            }
            "spelled" => {
                for entry in reader.map("spelled", &entry.node) {
                    if !LANGUAGES.contains(&entry.key.as_str()) {
                        reader.unknown_key("spelled", entry, LANGUAGES);
                    }
                    if let Some(own) = reader.text("the name in a language", &entry.node) {
                        spelled.insert(entry.key.clone(), own.value);
                    }
                }
            }
            _ => {
                let known = &["type", "required", "other_names", "spelled", "id", "password", "doc"];
                reader.unknown_key("an option", entry, known);
            }
        }
    }
    if doc.is_none() {
        reader.error(entry.pos, format!("option `{}` needs a `doc`", entry.key));
    }
    if kind.is_none() {
        reader.error(entry.pos, format!("option `{}` needs a `type`", entry.key));
    }
    let (name, kind, doc) = (entry.key.clone(), kind??, doc?.value);
    others.extend(id.iter().chain(&password).cloned());
    let (id, password) = (id.map(|id| id.value), password.map(|password| password.value));
    Some(ClientOption { name, kind, required, doc, other_names, spelled, id, password })
}

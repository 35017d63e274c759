//! Models as `TypedDict`s, open enums as unions of their known values and `str`, notifications as a tagged union.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::place::{Place, alias, file_name, type_name};
use super::{FOLDER, text};
use crate::Files;
use crate::emit::describe::{FieldDoc, members};
use crate::emit::text::{page_url, sentence, used};
use crate::ir::{Field, Module, Shape, Spec, TypeDef};
use crate::names::{Unique, pascal_case};

/// Names that annotations use: a field of such a name would hide it from the fields after it.
const NAMES: &[&str] = &["str", "int", "bool", "float", "list", "dict", "Any", "NotRequired", "DateTime"];

pub(super) fn emit(spec: &Spec) -> Files {
    let mut files = Files::new();
    for (index, module) in spec.modules.iter().enumerate() {
        files.insert(format!("{FOLDER}/types/{}.py", file_name(module)), file(spec, index, module));
    }
    files.insert(format!("{FOLDER}/types/__init__.py"), package(spec));
    files.insert(format!("{FOLDER}/types/notifications.py"), notifications(spec));
    files
}

/// The package: its modules are imported when somebody asks for one.
fn package(spec: &Spec) -> String {
    let mut out = text::header("spec/**/*.yaml");
    out.push_str(
        "\"\"\"Requests and replies as `TypedDict`s, one module per product. `wechatpay_rs.types` is their public name.\"\"\"\n\n\
         from __future__ import annotations\n\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any\n\n",
    );
    let mut names: Vec<String> = spec.modules.iter().map(file_name).collect();
    names.push("notifications".to_owned());
    names.sort();
    for name in &names {
        let _ = writeln!(out, "    from . import {name} as {name}");
    }
    out.push_str(
        "    from .notifications import Notification as Notification\n\n__all__ = [\n    \"Notification\",\n",
    );
    for name in &names {
        let _ = writeln!(out, "    {},", text::literal(name));
    }
    out.push_str(
        "]\n\n\ndef __getattr__(name: str) -> Any:\n    from importlib import import_module\n\n    if name == \"Notification\":\n        \
         return import_module(\".notifications\", __name__).Notification\n    if name not in __all__:\n        \
         raise AttributeError(f\"module {__name__!r} has no attribute {name!r}\")\n    return import_module(f\".{name}\", __name__)\n",
    );
    out
}

/// Meaning, unit and limits of a field, as sentences.
pub(super) fn field_doc(spec: &Spec, field: &Field) -> String {
    let doc = FieldDoc::of(field);
    let mut parts: Vec<String> = doc.meaning.as_deref().map(sentence).into_iter().chain(doc.notes).collect();
    if let Some(id) = field.ty.named()
        && let Shape::OpenEnum(values) = &spec.type_def(id).shape
    {
        let known: Vec<String> = values.iter().map(|value| format!("`{}`", value.value)).collect();
        if known.len() <= 12 {
            parts.push(format!("Known values: {}.", known.join(", ")));
        }
    }
    parts.join(" ")
}

fn file(spec: &Spec, index: usize, module: &Module) -> String {
    let mut body = String::new();
    let mut place = Place::new(spec, Some(index), BTreeSet::new());
    for id in &module.types {
        let definition = spec.type_def(*id);
        match &definition.shape {
            Shape::Object(fields) => object(&mut body, &mut place, definition, fields),
            Shape::OpenEnum(values) => {
                let (alias, literal) = (place.imported("TypeAlias"), place.imported("Literal"));
                let _ = write!(body, "\n{}: {alias} = {literal}[\n", type_name(definition));
                for value in values {
                    let _ = writeln!(body, "    {},", text::literal(&value.value));
                }
                body.push_str("] | str\n");
                let mut doc = String::from("Other values may appear without notice. Known ones:\n\n");
                for value in values {
                    let meaning = value.doc.as_deref().map(sentence).unwrap_or_default();
                    let _ = writeln!(doc, "- `{}`: {meaning}", value.value);
                }
                body.push_str(&text::docstring("", &doc));
            }
        }
    }
    let mut out = text::header(&module.file);
    let mut intro = sentence(&module.title);
    if let Some(title) = &module.title_zh {
        let _ = write!(intro, "\n\n{title}");
    }
    out.push_str(&text::docstring("", &intro));
    out.push_str(&imports(&place));
    out + &body
}

/// The import lines for what was written.
fn imports(place: &Place<'_>) -> String {
    let mut out = String::from("\nfrom __future__ import annotations\n\n");
    if place.imports("builtins") {
        out.push_str("import builtins\n");
    }
    let not_required = place.imports("NotRequired");
    if not_required {
        out.push_str("import sys\n");
    }
    if place.imports("DateTime") {
        out.push_str("from datetime import datetime as DateTime\n");
    }
    let mut typing = vec!["Any", "Literal", "TypeAlias", "TypedDict"];
    typing.retain(|name| place.imports(name));
    if not_required {
        typing.insert(0, "TYPE_CHECKING");
    }
    if !typing.is_empty() {
        let _ = writeln!(out, "from typing import {}", typing.join(", "));
    }
    let mut others = String::new();
    for module in place.modules() {
        let _ = writeln!(others, "from . import {} as {}", file_name(module), alias(module));
    }
    if !others.is_empty() {
        let _ = write!(out, "\n{others}");
    }
    if not_required {
        out.push_str(
            "\nif sys.version_info >= (3, 11):\n    from typing import NotRequired\nelif TYPE_CHECKING:\n    from typing_extensions import NotRequired\n",
        );
    }
    out
}

fn object(out: &mut String, place: &mut Place<'_>, definition: &TypeDef, fields: &[Field]) {
    let name = type_name(definition);
    // A type that also comes back has text there, so that what was received can be typed exactly.
    place.times = definition.in_request && !definition.in_reply;
    let ty = |field: &Field| {
        let ty = place.ty(&field.ty);
        if field.caller_must_give() { ty } else { format!("{}[{ty}]", place.imported("NotRequired")) }
    };
    let types: Vec<String> = fields.iter().map(ty).collect();
    let typed_dict = place.imported("TypedDict");
    let spec = place.spec;
    let hides = |field: &Field| {
        NAMES.contains(&field.name.as_str()) || types.iter().any(|ty| !used(ty, &[&field.name]).is_empty())
    };
    if fields.iter().any(|field| !text::is_plain(&field.name) || hides(field)) {
        let _ = write!(out, "\n\n{name} = {typed_dict}(\n    {},\n    {{\n", text::literal(&name));
        for (field, ty) in fields.iter().zip(&types) {
            let doc = field_doc(spec, field);
            if !doc.is_empty() {
                let _ = writeln!(out, "        # {}", doc.replace('\n', " "));
            }
            let _ = writeln!(out, "        {}: {},", text::literal(&field.name), text::literal(ty));
        }
        out.push_str("    },\n)\n");
        return;
    }
    let _ = write!(out, "\n\nclass {name}({typed_dict}):\n");
    if fields.is_empty() {
        out.push_str("    \"\"\"No fields.\"\"\"\n");
    }
    for (field, ty) in fields.iter().zip(&types) {
        let _ = writeln!(out, "    {}: {ty}", field.name);
        let doc = field_doc(spec, field);
        if !doc.is_empty() {
            out.push_str(&text::docstring("    ", &doc));
        }
    }
}

/// The union of all notifications, told apart by `type`.
fn notifications(spec: &Spec) -> String {
    let mut place = Place::new(spec, None, BTreeSet::new());
    for name in ["Any", "Literal", "TypeAlias", "TypedDict"] {
        place.imported(name);
    }
    let mut unique = Unique::new(["Envelope", "Notification", "UnknownNotification"]);
    let mut names = Vec::new();
    let mut body = String::from(
        "

class Envelope(TypedDict):
    \"\"\"What every notification carries around its resource.\"\"\"

    id: str
    \"\"\"Number of the notification. The same one may come many times, with the same number.\"\"\"
    create_time: str
    \"\"\"When it was made, RFC 3339.\"\"\"
    event_type: str
    \"\"\"What happened: `TRANSACTION.SUCCESS`.\"\"\"
    resource_type: str
    \"\"\"Always `encrypt-resource`.\"\"\"
    summary: str
    \"\"\"Note by WeChat Pay.\"\"\"
    original_type: str | None
    \"\"\"What the resource was before it was encrypted: `transaction`.\"\"\"
    associated_data: str | None
    \"\"\"Associated data of the encryption.\"\"\"
    serial: str
    \"\"\"Serial number or id of the key that it was signed with.\"\"\"
",
    );
    for (_, notification) in spec.notifications() {
        let name = unique.take(format!("{}Notification", pascal_case(&notification.id)), "");
        let _ = write!(body, "\n\nclass {name}(Envelope):\n");
        let mut doc = sentence(&notification.title);
        if let Some(title) = &notification.title_zh {
            let _ = write!(doc, "\n\n{title}");
        }
        if let Some(members) = members(notification) {
            let _ = write!(doc, "\n\nGiven only when the resource has {members}.");
        }
        if let Some(description) = &notification.description {
            let _ = write!(doc, "\n\n{}", sentence(description));
        }
        if let Some(retry) = &notification.retry {
            let _ = write!(doc, "\n\n{}", retry.sentence());
        }
        if let Some(page) = &notification.doc {
            let _ = write!(doc, "\n\n{}", page_url(page));
        }
        body.push_str(&text::docstring("    ", &doc));
        let resource = place.named(notification.resource);
        let _ = write!(
            body,
            "\n    type: Literal[{}]\n    resource: {resource}\n",
            text::literal(&notification.id)
        );
        names.push(name);
    }
    body.push_str(
        "

class UnknownNotification(Envelope):
    \"\"\"Verified and decrypted, of a kind that this version does not know. Do not acknowledge it unless you do.\"\"\"

    type: Literal[\"unknown\"]
    resource: Any

",
    );
    names.push("UnknownNotification".to_owned());
    let _ = writeln!(body, "Notification: TypeAlias = (\n    {}\n)", names.join("\n    | "));
    body.push_str("\"\"\"A notification; `type` tells which one it is.\"\"\"\n");
    let mut out = text::header("spec/**/*.yaml");
    out.push_str("\"\"\"Notifications, told apart by their `type`.\"\"\"\n");
    out.push_str(&imports(&place));
    out + &body
}

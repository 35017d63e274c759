//! Models as `TypedDict`s, open enums as unions of their known values and `str`, notifications as a tagged union.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{FOLDER, text};
use crate::Files;
use crate::emit::describe::members;
use crate::emit::limits;
use crate::emit::text::{page_url, sentence, used};
use crate::ir::{Field, Module, Shape, Spec, Type, TypeDef, TypeId};
use crate::names::{Unique, pascal_case};

/// Names that annotations use: a field of such a name would hide it from the fields after it.
const NAMES: &[&str] = &["str", "int", "bool", "float", "list", "dict", "Any", "NotRequired", "DateTime"];

pub(super) fn emit(spec: &Spec) -> Files {
    let mut files = Files::new();
    for (index, module) in spec.modules.iter().enumerate() {
        files.insert(format!("{FOLDER}/types/{}.py", file_name(module)), file(spec, index, module));
    }
    files.insert(
        format!("{FOLDER}/types/__init__.py"),
        text::header("spec/**/*.yaml")
            + "\"\"\"Requests and replies as `TypedDict`s, one module per product. Import them to annotate your own code.\"\"\"\n",
    );
    files.insert(format!("{FOLDER}/types/notifications.py"), notifications(spec));
    files
}

/// `payments_jsapi`
pub(super) fn file_name(module: &Module) -> String {
    let name = module.path.join("_");
    // This file holds the union of all notifications.
    if name == "notifications" { "notifications_".to_owned() } else { text::ident(&name) }
}

/// What a file of types is called where it is imported.
pub(super) fn alias(module: &Module) -> String {
    format!("{}_types", file_name(module))
}

/// The name of a type in its own module.
pub(super) fn type_name(definition: &TypeDef) -> String {
    let name = text::ident(&definition.name);
    let imported = ["Any", "Literal", "TypeAlias", "TypedDict", "NotRequired", "DateTime"];
    if imported.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// How types are written at one place.
pub(super) struct Place<'a> {
    pub(super) spec: &'a Spec,
    /// The module whose types need no prefix.
    pub(super) own: Option<usize>,
    /// Names of builtins that mean something else here.
    pub(super) hidden: &'a BTreeSet<String>,
    /// A point in time may be given as a `datetime`.
    pub(super) times: bool,
}

impl Place<'_> {
    pub(super) fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::String => self.builtin("str"),
            Type::Int => self.builtin("int"),
            Type::Bool => self.builtin("bool"),
            Type::Number => self.builtin("float"),
            Type::Timestamp if self.times => format!("{} | DateTime", self.builtin("str")),
            Type::Timestamp => self.builtin("str"),
            Type::Json => "Any".to_owned(),
            Type::Named(id) => self.named(*id),
            Type::List(inner) => format!("{}[{}]", self.builtin("list"), self.ty(inner)),
            Type::Map(inner) => {
                format!("{}[{}, {}]", self.builtin("dict"), self.builtin("str"), self.ty(inner))
            }
        }
    }

    pub(super) fn named(&self, id: TypeId) -> String {
        let definition = self.spec.type_def(id);
        let name = type_name(definition);
        if self.own == Some(definition.module) {
            name
        } else {
            format!("{}.{name}", alias(self.spec.module_of(id)))
        }
    }

    fn builtin(&self, name: &str) -> String {
        if self.hidden.contains(name) { format!("builtins.{name}") } else { name.to_owned() }
    }
}

/// Meaning, unit and limits of a field, as sentences.
pub(super) fn field_doc(spec: &Spec, field: &Field) -> String {
    let mut parts = Vec::new();
    if let Some(doc) = &field.doc {
        parts.push(sentence(doc));
    }
    parts.extend(limits::sentences(field));
    if field.encrypt {
        parts.push("Plain text here; encrypted on the wire.".to_owned());
    }
    if field.fill.is_some() {
        parts.push("Filled in from the client when left out.".to_owned());
    }
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
    for id in &module.types {
        let definition = spec.type_def(*id);
        match &definition.shape {
            Shape::Object(fields) => object(&mut body, spec, index, definition, fields),
            Shape::OpenEnum(values) => {
                let _ = write!(body, "\n{}: TypeAlias = Literal[\n", type_name(definition));
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
    out.push_str(&imports(spec, Some(index), &body));
    out + &body
}

/// The import lines that `body` needs.
fn imports(spec: &Spec, own: Option<usize>, body: &str) -> String {
    let mut out = String::from("\nfrom __future__ import annotations\n\n");
    if !used(body, &["builtins"]).is_empty() {
        out.push_str("import builtins\n");
    }
    let not_required = !used(body, &["NotRequired"]).is_empty();
    if not_required {
        out.push_str("import sys\n");
    }
    if !used(body, &["DateTime"]).is_empty() {
        out.push_str("from datetime import datetime as DateTime\n");
    }
    let mut typing = used(body, &["Any", "Literal", "TypeAlias", "TypedDict"]);
    if not_required {
        typing.insert(0, "TYPE_CHECKING");
    }
    if !typing.is_empty() {
        let _ = writeln!(out, "from typing import {}", typing.join(", "));
    }
    let mut others = String::new();
    for (index, module) in spec.modules.iter().enumerate() {
        let alias = alias(module);
        if own != Some(index) && body.contains(&format!("{alias}.")) {
            let _ = writeln!(others, "from . import {} as {alias}", file_name(module));
        }
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

fn object(out: &mut String, spec: &Spec, module: usize, definition: &TypeDef, fields: &[Field]) {
    let name = type_name(definition);
    let hidden = BTreeSet::new();
    // A type that also comes back has text there, so that what was received can be typed exactly.
    let times = definition.in_request && !definition.in_reply;
    let place = Place { spec, own: Some(module), hidden: &hidden, times };
    let ty = |field: &Field| {
        let ty = place.ty(&field.ty);
        if field.caller_must_give() { ty } else { format!("NotRequired[{ty}]") }
    };
    let types: Vec<String> = fields.iter().map(ty).collect();
    let hides = |field: &Field| {
        NAMES.contains(&field.name.as_str()) || types.iter().any(|ty| !used(ty, &[&field.name]).is_empty())
    };
    if fields.iter().any(|field| !text::is_plain(&field.name) || hides(field)) {
        let _ = write!(out, "\n\n{name} = TypedDict(\n    {},\n    {{\n", text::literal(&name));
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
    let _ = write!(out, "\n\nclass {name}(TypedDict):\n");
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
    let hidden = BTreeSet::new();
    let place = Place { spec, own: None, hidden: &hidden, times: false };
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
    out.push_str(&imports(spec, None, &body));
    out + &body
}

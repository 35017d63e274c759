//! Structs and enums.
//!
//! A type that occurs in requests only has plain required fields. A type that occurs in an answer has `Option`s only:
//! an answer that lacks a field which the documentation calls required still reaches the caller.

use std::fmt::Write;

use crate::emit::describe::type_doc;
use crate::emit::limits;
use crate::emit::rust_api::names::{Names, variants};
use crate::emit::text::{doc, literal, markdown, sentence};
use crate::ir::{Field, Fill, Module, Shape, Spec, Type, TypeDef, TypeId};

/// All types of one file.
pub(super) fn emit(out: &mut String, spec: &Spec, names: &Names, index: usize, module: &Module) {
    let emitter = Emitter { spec, names, module: index };
    for id in &module.types {
        match &spec.type_def(*id).shape {
            Shape::Object(fields) => emitter.object(out, *id, fields),
            Shape::OpenEnum(_) => emitter.open_enum(out, *id),
        }
    }
}

/// Fields that `new` takes.
pub(super) fn constructor_fields<'a>(definition: &TypeDef, fields: &'a [Field]) -> Vec<(usize, &'a Field)> {
    fields.iter().enumerate().filter(|(_, field)| definition.demands(field)).collect()
}

struct Emitter<'a> {
    spec: &'a Spec,
    names: &'a Names,
    module: usize,
}

impl Emitter<'_> {
    fn object(&self, out: &mut String, id: TypeId, fields: &[Field]) {
        let definition = self.spec.type_def(id);
        let name = self.names.plain(id);
        out.push_str(&doc("", "///", &self.type_doc(id)));
        let default = if definition.in_reply || constructor_fields(definition, fields).is_empty() {
            "Default, "
        } else {
            ""
        };
        let _ = writeln!(out, "#[derive(Debug, Clone, {default}PartialEq, Serialize, Deserialize)]");
        if definition.in_reply {
            out.push_str("#[serde(default)]\n");
        }
        let _ = writeln!(out, "#[non_exhaustive]\npub struct {name} {{");
        for (field, names) in fields.iter().zip(self.names.fields(id)) {
            out.push_str(&doc("    ", "///", &field_doc(field)));
            let mut attributes = Vec::new();
            if names.renamed {
                attributes.push(format!("rename = {}", literal(&field.name)));
            }
            if definition.may_lack(field) {
                attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            }
            if definition.in_reply {
                attributes.push(format!("deserialize_with = \"crate::typed::{}\"", tolerance(field)));
            }
            if !attributes.is_empty() {
                let _ = writeln!(out, "    #[serde({})]", attributes.join(", "));
            }
            let ty = self.field_type(id, field);
            let ty = if definition.may_lack(field) { format!("Option<{ty}>") } else { ty };
            let _ = writeln!(out, "    pub {}: {ty},", names.ident);
        }
        out.push_str("}\n\n");
        if definition.in_request {
            self.constructor_and_setters(out, id, fields);
        }
    }

    fn constructor_and_setters(&self, out: &mut String, id: TypeId, fields: &[Field]) {
        let definition = self.spec.type_def(id);
        let names = self.names.fields(id);
        let required = constructor_fields(definition, fields);
        let _ = writeln!(out, "impl {} {{", self.names.plain(id));
        out.push_str(if required.is_empty() {
            "    /// Without any field: all are optional.\n"
        } else {
            "    /// With the fields that are required, in the order of the documentation.\n"
        });
        if required.len() > 7 {
            out.push_str("    #[allow(clippy::too_many_arguments)]\n");
        }
        let parameters: Vec<String> = required
            .iter()
            .map(|(index, field)| format!("{}: {}", names[*index].ident, self.parameter_type(id, field)))
            .collect();
        let _ = writeln!(out, "    pub fn new({}) -> Self {{\n        Self {{", parameters.join(", "));
        for (index, field) in fields.iter().enumerate() {
            let ident = &names[index].ident;
            let given = required.iter().any(|(required, _)| *required == index);
            let value = match given {
                false => "None".to_owned(),
                true => {
                    let value = self.convert(id, field, ident);
                    if definition.may_lack(field) { format!("Some({value})") } else { value }
                }
            };
            let _ = if value == *ident {
                writeln!(out, "            {ident},")
            } else {
                writeln!(out, "            {ident}: {value},")
            };
        }
        out.push_str("        }\n    }\n");
        if fields.is_empty() {
            out.push_str("}\n\n");
            return;
        }
        out.push_str("\n    setters! {\n");
        for (field, names) in fields.iter().zip(names) {
            out.push_str(&doc("        ", "///", &field_doc(field)));
            let value = self.convert(id, field, "value");
            let value = if definition.may_lack(field) { format!("Some({value})") } else { value };
            let ty = self.parameter_type(id, field);
            let _ = writeln!(out, "        {}(value: {ty}) => {} = {value};", names.setter, names.ident);
        }
        out.push_str("    }\n}\n\n");
    }

    fn open_enum(&self, out: &mut String, id: TypeId) {
        let definition = self.spec.type_def(id);
        let Shape::OpenEnum(values) = &definition.shape else { return };
        out.push_str("open_enum! {\n");
        let text =
            format!("{}\n\nWeChat Pay adds values without notice: match `Other` too.", self.type_doc(id));
        out.push_str(&doc("    ", "///", &text));
        let _ = writeln!(out, "    pub enum {} {{", self.names.plain(id));
        for (value, variant) in values.iter().zip(variants(&definition.shape)) {
            let meaning = match &value.doc {
                Some(text) => sentence(&markdown(text)),
                None => format!("`{}`", value.value),
            };
            out.push_str(&doc("        ", "///", &meaning));
            let _ = writeln!(out, "        {variant} = {},", literal(&value.value));
        }
        out.push_str("    }\n}\n\n");
    }

    fn type_doc(&self, id: TypeId) -> String {
        type_doc(self.spec, id, |owner| self.names.plain(owner))
    }

    fn field_type(&self, owner: TypeId, field: &Field) -> String {
        if field.encrypt {
            return "Sensitive".to_owned();
        }
        match &field.ty {
            Type::Named(id) if self.spec.holds_owner(owner, field) => {
                format!("Box<{}>", self.names.ty(self.spec, *id, self.module))
            }
            ty => self.rust_type(ty),
        }
    }

    fn rust_type(&self, ty: &Type) -> String {
        match ty {
            Type::String => "String".to_owned(),
            Type::Int => "i64".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Number => "f64".to_owned(),
            Type::Timestamp => "Timestamp".to_owned(),
            Type::Json => "Value".to_owned(),
            Type::Named(id) => self.names.ty(self.spec, *id, self.module),
            Type::List(inner) => format!("Vec<{}>", self.rust_type(inner)),
            Type::Map(inner) => format!("BTreeMap<String, {}>", self.rust_type(inner)),
        }
    }

    /// What `new` and setters take.
    fn parameter_type(&self, owner: TypeId, field: &Field) -> String {
        match &field.ty {
            Type::Int | Type::Bool | Type::Number => self.field_type(owner, field),
            Type::List(inner) => format!("impl IntoIterator<Item = impl Into<{}>>", self.rust_type(inner)),
            Type::Map(inner) => {
                format!("impl IntoIterator<Item = (impl Into<String>, impl Into<{}>)>", self.rust_type(inner))
            }
            Type::Named(id) if matches!(self.spec.type_def(*id).shape, Shape::Object(_)) => {
                self.names.ty(self.spec, *id, self.module)
            }
            Type::String | Type::Timestamp | Type::Json | Type::Named(_) => {
                format!("impl Into<{}>", self.field_type(owner, field))
            }
        }
    }

    fn convert(&self, owner: TypeId, field: &Field, value: &str) -> String {
        match &field.ty {
            Type::Int | Type::Bool | Type::Number => value.to_owned(),
            Type::List(_) => format!("{value}.into_iter().map(Into::into).collect()"),
            Type::Map(_) => {
                format!("{value}.into_iter().map(|(key, value)| (key.into(), value.into())).collect()")
            }
            Type::Named(id) if matches!(self.spec.type_def(*id).shape, Shape::Object(_)) => {
                if self.spec.holds_owner(owner, field) {
                    format!("Box::new({value})")
                } else {
                    value.to_owned()
                }
            }
            Type::String | Type::Timestamp | Type::Json | Type::Named(_) => format!("{value}.into()"),
        }
    }
}

/// The function that decodes a field of an answer.
fn tolerance(field: &Field) -> &'static str {
    match field.ty {
        Type::Int => "tolerant_int",
        Type::String => "tolerant_text",
        _ => "tolerant",
    }
}

/// Meaning, limits and what happens to the value on the way.
fn field_doc(field: &Field) -> String {
    let mut text = match &field.doc {
        Some(text) => sentence(&markdown(text)),
        None => format!("`{}`", field.name),
    };
    for limit in limits::sentences(field) {
        let _ = write!(text, " {limit}");
    }
    if field.encrypt {
        text.push_str(" Plain text here, encrypted on the wire.");
    }
    match field.fill {
        Some(Fill::Mchid) => {
            text.push_str(" The client fills in its own merchant number when this is left out.")
        }
        None => {}
    }
    text
}

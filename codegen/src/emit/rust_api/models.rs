//! Models and enums.
//!
//! A model is a view of a JSON object (`core/typed/src/model.rs`): a line for each field says its name on the wire, its
//! getter, its setter and what it holds. What a request must have is not in its type but in the table, so a new field, and a
//! field that becomes required, break no program.

use std::fmt::Write;

use crate::emit::describe::{self, type_doc};
use crate::emit::rust_api::names::{Names, variants};
use crate::emit::text::{doc, literal, markdown, sentence};
use crate::ir::{Field, Shape, Spec, Type, TypeId};

/// A file of types: the names as they are seen from there.
pub(super) struct Emitter<'a> {
    pub(super) spec: &'a Spec,
    pub(super) names: &'a Names,
    /// Index of the module.
    pub(super) module: usize,
    /// How many Rust modules below the one of the spec's file.
    pub(super) depth: usize,
}

impl Emitter<'_> {
    /// The text of one type.
    pub(super) fn emit(&self, id: TypeId) -> String {
        match &self.spec.type_def(id).shape {
            Shape::Object(fields) => self.object(id, fields),
            Shape::OpenEnum(_) => self.open_enum(id),
        }
    }

    fn object(&self, id: TypeId, fields: &[Field]) -> String {
        let definition = self.spec.type_def(id);
        let names = self.names.fields(id);
        let mut text = self.type_doc(id);
        let demanded: Vec<String> = fields
            .iter()
            .zip(names)
            .filter(|(field, _)| definition.demands(field))
            .map(|(_, names)| format!("`{}`", names.bare))
            .collect();
        if !demanded.is_empty() {
            let _ = write!(text, "\n\nRequired in a request: {}.", demanded.join(", "));
        }
        let mut out = String::from("model! {\n");
        out.push_str(&doc("    ", "///", &text));
        let _ = writeln!(out, "    {} {{", self.names.plain(id));
        for (field, names) in fields.iter().zip(names) {
            out.push_str(&doc("        ", "///", &describe::field_doc(field)));
            let _ = writeln!(
                out,
                "        {}: {}, {} => {};",
                literal(&field.name),
                names.getter,
                names.setter,
                self.kind(&field.ty, field.encrypt)
            );
        }
        out.push_str("    }\n");
        let hidden: Vec<String> = fields
            .iter()
            .filter_map(|field| match field.ty.named() {
                _ if field.encrypt => Some(literal(&field.name)),
                Some(inner) if self.names.hides(inner) => {
                    Some(format!("{} in {}", literal(&field.name), self.path(inner)))
                }
                _ => None,
            })
            .collect();
        if !hidden.is_empty() {
            let _ = writeln!(out, "    hidden {{ {} }}", hidden.join(", "));
        }
        out.push_str("}\n\n");
        out
    }

    fn open_enum(&self, id: TypeId) -> String {
        let definition = self.spec.type_def(id);
        let Shape::OpenEnum(values) = &definition.shape else { return String::new() };
        let mut out = String::from("open_enum! {\n");
        let text =
            format!("{}\n\nWeChat Pay adds values without notice: match `Other` too.", self.type_doc(id));
        out.push_str(&doc("    ", "///", &text));
        let _ = writeln!(out, "    {} {{", self.names.plain(id));
        for (value, variant) in values.iter().zip(variants(&definition.shape)) {
            let meaning = match &value.doc {
                Some(text) => sentence(&markdown(text)),
                None => format!("`{}`", value.value),
            };
            out.push_str(&doc("        ", "///", &meaning));
            let _ = writeln!(out, "        {variant} = {},", literal(&value.value));
        }
        out.push_str("    }\n}\n\n");
        out
    }

    fn type_doc(&self, id: TypeId) -> String {
        type_doc(self.spec, id, |owner| self.names.plain(owner))
    }

    fn path(&self, id: TypeId) -> String {
        self.names.path(self.spec, id, self.module, self.depth)
    }

    /// What a field holds, in the words of the macro `field!`.
    fn kind(&self, ty: &Type, encrypt: bool) -> String {
        match ty {
            Type::String if encrypt => "secret".to_owned(),
            Type::String => "text".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Number => "number".to_owned(),
            Type::Timestamp => "time".to_owned(),
            Type::Json => "json".to_owned(),
            Type::Named(id) => match self.spec.type_def(*id).shape {
                Shape::Object(_) => format!("[object {}]", self.path(*id)),
                Shape::OpenEnum(_) => format!("[open {}]", self.path(*id)),
            },
            Type::List(inner) => format!("[list {}]", self.kind(inner, encrypt)),
            Type::Map(inner) => format!("[map {}]", self.kind(inner, encrypt)),
        }
    }
}

//! Structs and open enums.

use std::fmt::Write;

use crate::emit::describe::{field_doc, type_doc};
use crate::emit::swift::names::{Names, ident, literal, properties};
use crate::emit::swift::swift_doc;
use crate::emit::text::{markdown, sentence};
use crate::ir::{EnumValue, Field, Shape, Spec, Type, TypeId};
use crate::names::{Unique, constant};

/// The declaration of one type.
pub(super) fn emit(spec: &Spec, names: &Names, module: usize, id: TypeId) -> String {
    let body = match &spec.type_def(id).shape {
        Shape::Object(fields) => object(spec, names, module, id, fields),
        Shape::OpenEnum(values) => open_enum(spec, names, id, values),
    };
    format!("extension {} {{\n{body}}}\n\n", names.namespace(id))
}

/// How the type is written in code.
fn swift_type(spec: &Spec, names: &Names, module: usize, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int => "Int".to_owned(),
        Type::Bool => "Bool".to_owned(),
        Type::Number => "Double".to_owned(),
        Type::Timestamp => "Timestamp".to_owned(),
        Type::Json => "JSONValue".to_owned(),
        Type::Named(id) if spec.type_def(*id).module == module => names.ty(*id).to_owned(),
        Type::Named(id) => names.full(*id),
        Type::List(inner) => format!("[{}]", swift_type(spec, names, module, inner)),
        Type::Map(inner) => format!("[String: {}]", swift_type(spec, names, module, inner)),
    }
}

fn object(spec: &Spec, names: &Names, module: usize, id: TypeId, fields: &[Field]) -> String {
    let definition = spec.type_def(id);
    let name = names.ty(id);
    let columns: Vec<(String, String, bool, &Field)> = fields
        .iter()
        .zip(properties(fields))
        .map(|(field, property)| {
            // A struct cannot hold itself.
            let ty = if spec.holds_owner(id, field) {
                "JSONValue".to_owned()
            } else {
                swift_type(spec, names, module, &field.ty)
            };
            (ident(&property), ty, definition.may_lack(field), field)
        })
        .collect();
    let hides = fields.iter().any(|field| field.encrypt);
    let mut out = swift_doc("    ", &type_doc(spec, id, |id| &spec.type_def(id).name));
    let shown = if hides { ", CustomStringConvertible, CustomReflectable" } else { "" };
    let _ = writeln!(out, "    public struct {name}: Sendable, Hashable, Codable{shown} {{");
    for (property, ty, optional, field) in &columns {
        out.push_str(&swift_doc("        ", &field_doc(field)));
        let mark = if *optional { "?" } else { "" };
        let _ = writeln!(out, "        public var {property}: {ty}{mark}");
    }
    let parameters: Vec<String> = columns
        .iter()
        .map(|(property, ty, optional, field)| match (*optional, definition.demands(field)) {
            (false, _) => format!("{property}: {ty}"),
            (true, true) => format!("{property}: {ty}?"),
            (true, false) => format!("{property}: {ty}? = nil"),
        })
        .collect();
    let separator = if columns.is_empty() { "" } else { "\n            " };
    let end = if columns.is_empty() { "" } else { "\n        " };
    out.push_str(if columns.is_empty() { "" } else { "\n" });
    let _ = writeln!(
        out,
        "        /// With these fields; what is nil is not sent.\n        public init({separator}{}{end}) {{",
        parameters.join(",\n            ")
    );
    for (property, ..) in &columns {
        let _ = writeln!(out, "            self.{property} = {property}");
    }
    out.push_str("        }\n\n        public init(from decoder: any Decoder) throws {\n");
    out.push_str(if columns.is_empty() {
        "            _ = try decoder.container(keyedBy: FieldKey.self)\n"
    } else {
        "            let fields = try decoder.container(keyedBy: FieldKey.self)\n"
    });
    for (property, ty, optional, field) in &columns {
        let key = literal(&field.name);
        let value = match (optional, &field.ty) {
            (false, _) => format!("try fields.decode({ty}.self, forKey: {key})"),
            (true, Type::String) => format!("fields.text({key})"),
            (true, Type::Int) => format!("fields.int({key})"),
            (true, _) => format!("fields.tolerant({ty}.self, {key})"),
        };
        let _ = writeln!(out, "            self.{property} = {value}");
    }
    out.push_str("        }\n\n        public func encode(to encoder: any Encoder) throws {\n");
    out.push_str(if columns.is_empty() {
        "            _ = encoder.container(keyedBy: FieldKey.self)\n"
    } else {
        "            var fields = encoder.container(keyedBy: FieldKey.self)\n"
    });
    for (property, _, optional, field) in &columns {
        let call = if *optional { "encodeIfPresent" } else { "encode" };
        let _ =
            writeln!(out, "            try fields.{call}(self.{property}, forKey: {})", literal(&field.name));
    }
    out.push_str("        }\n");
    if hides {
        out.push_str("\n        /// Does not show what is encrypted on the wire.\n        public var description: String {\n            \"");
        let _ = write!(out, "{name}(");
        for (index, (property, _, _, field)) in columns.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let value = if field.encrypt {
                "***".to_owned()
            } else {
                format!("\\(String(describing: self.{property}))")
            };
            let _ = write!(out, "{comma}{}: {value}", field.name);
        }
        out.push_str(")\"\n        }\n\n        /// `dump` shows no more than `description`.\n        public var customMirror: Mirror { Mirror(self, children: []) }\n");
    }
    out.push_str("    }\n");
    out
}

fn open_enum(spec: &Spec, names: &Names, id: TypeId, values: &[EnumValue]) -> String {
    let name = names.ty(id);
    let text = format!(
        "{}\n\nWeChat Pay adds values without notice: one that this version does not know comes through as it is.",
        type_doc(spec, id, |id| &spec.type_def(id).name)
    );
    let mut out = swift_doc("    ", &text);
    let _ = writeln!(out, "    public struct {name}: RawRepresentable, Sendable, Hashable, Codable {{");
    out.push_str("        /// On the wire.\n        public let rawValue: String\n\n        public init(rawValue: String) {\n            self.rawValue = rawValue\n        }\n");
    let mut unique = Unique::new(["rawValue"]);
    for value in values {
        out.push('\n');
        let meaning = match &value.doc {
            Some(text) => sentence(&markdown(text)),
            None => format!("`{}`.", value.value),
        };
        out.push_str(&swift_doc("        ", &meaning));
        let name_of_value = unique.take(constant(&value.value), "_");
        let _ = writeln!(
            out,
            "        public static let {} = {name}(rawValue: {})",
            ident(&name_of_value),
            literal(&value.value)
        );
    }
    out.push_str("    }\n");
    out
}

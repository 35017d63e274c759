//! Data classes, their builders, and open enums.

use std::fmt::Write;

use crate::emit::describe::{field_doc, type_doc};
use crate::emit::kotlin::kdoc;
use crate::emit::kotlin::names::{FieldNames, Names, fits_constructor, ident, literal};
use crate::emit::text::{markdown, sentence};
use crate::ir::{EnumValue, Field, Shape, Spec, Type, TypeId};
use crate::names::{Unique, screaming_case};

/// The declaration of one type.
pub(super) fn emit(spec: &Spec, names: &Names, id: TypeId) -> String {
    match &spec.type_def(id).shape {
        Shape::Object(fields) if !fits_constructor(spec.type_def(id), fields) => String::new(),
        Shape::Object(fields) if fields.is_empty() => empty(spec, names, id),
        Shape::Object(fields) => object(spec, names, id, fields),
        Shape::OpenEnum(values) => open_enum(spec, names, id, values),
    }
}

/// How the type is written in code.
pub(super) fn kotlin_type(names: &Names, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int => "Long".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Double".to_owned(),
        Type::Timestamp => "OffsetDateTime".to_owned(),
        Type::Json => "JsonElement".to_owned(),
        Type::Named(id) => names.model(*id).to_owned(),
        Type::List(inner) => format!("List<{}>", kotlin_type(names, inner)),
        Type::Map(inner) => format!("Map<String, {}>", kotlin_type(names, inner)),
    }
}

fn base(spec: &Spec, id: TypeId) -> &'static str {
    if spec.uses(id).is_whole_reply() { " : Reply()" } else { "" }
}

/// A data class must have a field.
fn empty(spec: &Spec, names: &Names, id: TypeId) -> String {
    let name = names.ty(id);
    let mut out =
        kdoc("", &format!("{} It has no fields.", type_doc(spec, id, |id| &spec.type_def(id).name)));
    let _ = writeln!(out, "@Serializable\npublic class {name}{} {{", base(spec, id));
    let _ = writeln!(out, "    override fun equals(other: Any?): Boolean = other is {name}\n");
    let _ = writeln!(out, "    override fun hashCode(): Int = 0\n");
    let _ = writeln!(out, "    override fun toString(): String = {}\n}}\n", literal(&format!("{name}()")));
    out
}

fn object(spec: &Spec, names: &Names, id: TypeId, fields: &[Field]) -> String {
    let definition = spec.type_def(id);
    let name = names.ty(id);
    let mut out = kdoc("", &type_doc(spec, id, |id| &spec.type_def(id).name));
    let _ = writeln!(out, "@Serializable\npublic data class {name}(");
    for (field, field_names) in fields.iter().zip(names.fields(id)) {
        out.push_str(&kdoc("    ", &field_doc(field)));
        if field_names.renamed {
            let _ = writeln!(out, "    @SerialName({})", literal(&field.name));
        }
        let ty = kotlin_type(names, &field.ty);
        // What must be given has no default; in a type that answers share it may be null nevertheless.
        let default = if definition.demands(field) { "" } else { " = null" };
        let mark = if definition.may_lack(field) { "?" } else { "" };
        let _ = writeln!(out, "    public val {}: {ty}{mark}{default},", ident(&field_names.property));
    }
    let _ = writeln!(out, "){} {{", base(spec, id));
    if fields.iter().any(|field| field.encrypt) {
        to_string(&mut out, name, fields, names.fields(id));
    }
    if definition.in_request {
        builder(&mut out, names, id, fields);
    } else {
        out.push_str("    public companion object\n");
    }
    out.push_str("}\n\n");
    out
}

/// What is encrypted on the wire must not end up in a log.
fn to_string(out: &mut String, name: &str, fields: &[Field], names: &[FieldNames]) {
    let _ = writeln!(out, "    /** Does not show what is encrypted on the wire. */");
    let _ =
        writeln!(out, "    override fun toString(): String =\n        {} +", literal(&format!("{name}(")));
    for (index, (field, names)) in fields.iter().zip(names).enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        let property = ident(&names.property);
        let label = literal(&format!("{comma}{}=", field.name));
        let value =
            if field.encrypt { format!("(if ({property} == null) null else \"***\")") } else { property };
        let _ = writeln!(out, "            {label} + {value} +");
    }
    out.push_str("            \")\"\n\n");
}

fn builder(out: &mut String, names: &Names, id: TypeId, fields: &[Field]) {
    let name = names.ty(id);
    out.push_str("    public companion object {\n");
    out.push_str("        /** Starts without any field; for Java. */\n");
    out.push_str("        @JvmStatic\n        public fun builder(): Builder = Builder()\n    }\n\n");
    let _ = writeln!(out, "    /** Sets the fields of a [{name}] one by one; for Java. */");
    out.push_str("    public class Builder internal constructor() {\n");
    let all = || fields.iter().zip(names.fields(id));
    for (field, field_names) in all() {
        let ty = kotlin_type(names, &field.ty);
        let _ = writeln!(out, "        private var {}: {ty}? = null", ident(&field_names.property));
    }
    out.push('\n');
    for (field, field_names) in all() {
        let (setter, property) = (ident(&field_names.setter), ident(&field_names.property));
        let ty = kotlin_type(names, &field.ty);
        out.push_str(&kdoc("        ", &field_doc(field)));
        let _ = writeln!(
            out,
            "        public fun {setter}(value: {ty}?): Builder = apply {{ this.{property} = value }}\n"
        );
    }
    let _ = writeln!(
        out,
        "        /** Fails with an [io.github.wechatpayrs.InvalidRequestException] when a required field is missing. */"
    );
    let _ = writeln!(out, "        public fun build(): {name} = {name}(");
    for (field, field_names) in all() {
        let property = ident(&field_names.property);
        let value = if field.caller_must_give() {
            format!("required({property}, {}, {})", literal(name), literal(&field.name))
        } else {
            property.clone()
        };
        let _ = writeln!(out, "            {property} = {value},");
    }
    out.push_str("        )\n    }\n");
}

fn open_enum(spec: &Spec, names: &Names, id: TypeId, values: &[EnumValue]) -> String {
    let name = names.ty(id);
    let text = format!(
        "{}\n\nWeChat Pay adds values without notice: one that this version does not know comes through as it is.",
        type_doc(spec, id, |id| &spec.type_def(id).name)
    );
    let mut out = kdoc("", &text);
    let _ = writeln!(out, "@Serializable(with = {name}.Serializer::class)");
    let _ = writeln!(out, "public class {name}(value: String) : OpenEnum(value) {{");
    out.push_str("    public companion object {\n");
    let mut unique = Unique::new(["Companion"]);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let meaning = match &value.doc {
            Some(text) => sentence(&markdown(text)),
            None => format!("`{}`.", value.value),
        };
        out.push_str(&kdoc("        ", &meaning));
        let constant = unique.take(constant(&value.value), "_");
        let _ = writeln!(
            out,
            "        @JvmField\n        public val {}: {name} = {name}({})",
            ident(&constant),
            literal(&value.value)
        );
    }
    out.push_str("    }\n\n");
    let _ = writeln!(
        out,
        "    internal object Serializer : OpenEnumSerializer<{name}>({}, ::{name})\n}}\n",
        literal(name)
    );
    out
}

/// A constant is written like its value where that is a name.
fn constant(value: &str) -> String {
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

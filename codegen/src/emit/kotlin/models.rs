//! Models, their builders and open enums: Java, for a class file of Java is half of Kotlin's.
//!
//! What a model costs is counted in bytes and methods, of which an Android program has 65,536 in all: docs/adr/0024. Kotlin adds
//! metadata to every class, and needs a companion object, a class of five methods, for each static one. Kotlin reads Java's getters
//! as properties. Generated code has no lambda where a loop will do, for Android makes a class of each.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::emit::describe::{field_doc, type_doc};
use crate::emit::kotlin::javadoc::javadoc;
use crate::emit::kotlin::names::{Names, java_ident, literal};
use crate::emit::text::{markdown, sentence};
use crate::ir::{EnumValue, Field, Shape, Spec, Type, TypeId};
use crate::names::{Unique, constant};

/// The declaration of one type, which has a file of its own.
pub(super) fn emit(spec: &Spec, names: &Names, id: TypeId) -> String {
    match &spec.type_def(id).shape {
        Shape::Object(fields) => object(spec, names, id, fields),
        Shape::OpenEnum(values) => open_enum(spec, names, id, values),
    }
}

/// How the type is written in Java.
fn java_type(names: &Names, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int => "Long".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Double".to_owned(),
        Type::Timestamp => "OffsetDateTime".to_owned(),
        Type::Json => "JsonElement".to_owned(),
        Type::Named(id) => names.full(*id).to_owned(),
        Type::List(inner) => format!("List<{}>", java_type(names, inner)),
        Type::Map(inner) => format!("Map<String, {}>", java_type(names, inner)),
    }
}

fn object(spec: &Spec, names: &Names, id: TypeId, fields: &[Field]) -> String {
    let definition = spec.type_def(id);
    let name = names.ty(id);
    let base = if spec.uses(id).is_whole_reply() { "Reply" } else { "Model" };
    let mut text = type_doc(spec, id, |id| &spec.type_def(id).name);
    if fields.is_empty() {
        text.push_str(" It has no fields.");
    }
    let mut out = javadoc("", &text);
    let _ = writeln!(out, "public final class {name} extends {base} {{");
    let _ = writeln!(
        out,
        "    /** Over an object of JSON: for tests, and for what this version has no setter for. */"
    );
    let _ = writeln!(out, "    public {name}(JsonObject json) {{\n        super(json);\n    }}");
    for (field, field_names) in fields.iter().zip(names.fields(id)) {
        out.push('\n');
        out.push_str(&javadoc("    ", &field_doc(field)));
        let ty = java_type(names, &field.ty);
        let _ = writeln!(out, "    public @Nullable {ty} {}() {{", field_names.getter);
        getter(&mut out, spec, names, field);
        out.push_str("    }\n");
    }
    let hidden = hidden_fields(spec, id);
    if !hidden.is_empty() {
        let list: Vec<String> = hidden.into_iter().map(literal).collect();
        let _ = writeln!(
            out,
            "\n    @Override\n    public String toString() {{\n        return hiding({});\n    }}",
            list.join(", ")
        );
    }
    if definition.in_request {
        builder(&mut out, names, id, fields);
    }
    out.push_str("}\n");
    out
}

/// How a field is read.
fn getter(out: &mut String, spec: &Spec, names: &Names, field: &Field) {
    let label = literal(&field.name);
    let is_object = |id: &TypeId| matches!(spec.type_def(*id).shape, Shape::Object(_));
    let value = match &field.ty {
        Type::String => format!("text({label})"),
        Type::Int => format!("whole({label})"),
        Type::Bool => format!("flag({label})"),
        Type::Number => format!("number({label})"),
        Type::Timestamp => format!("time({label})"),
        Type::Json => format!("any({label})"),
        Type::Named(id) => {
            let (read, is) = if is_object(id) { ("member", "JsonObject") } else { ("text", "String") };
            let _ = writeln!(out, "        {is} found = {read}({label});");
            format!("found == null ? null : new {}(found)", names.full(*id))
        }
        Type::List(inner) => match &**inner {
            Type::String => format!("texts({label})"),
            Type::Named(id) => {
                let (read, is) = if is_object(id) { ("members", "JsonObject") } else { ("texts", "String") };
                let name = names.full(*id);
                let _ = writeln!(out, "        List<{is}> found = {read}({label});");
                out.push_str("        if (found == null) return null;\n");
                let _ = writeln!(out, "        List<{name}> list = new ArrayList<>(found.size());");
                let _ = writeln!(out, "        for ({is} each : found) list.add(new {name}(each));");
                "list".to_owned()
            }
            _ => reader(spec, names, &field.ty, &format!("any({label})"), 0),
        },
        Type::Map(_) => reader(spec, names, &field.ty, &format!("any({label})"), 0),
    };
    let _ = writeln!(out, "        return {value};");
}

/// How a value within a list or a map is read; what stands deeper than a list of models is rare enough for lambdas.
fn reader(spec: &Spec, names: &Names, ty: &Type, from: &str, depth: usize) -> String {
    let each = format!("v{depth}");
    let lambda = |ty| format!("{each} -> {}", reader(spec, names, ty, &each, depth + 1));
    match ty {
        Type::String => format!("Elements.text({from})"),
        Type::Int => format!("Elements.whole({from})"),
        Type::Bool => format!("Elements.flag({from})"),
        Type::Number => format!("Elements.number({from})"),
        Type::Timestamp => format!("Elements.time({from})"),
        Type::Json => format!("Elements.any({from})"),
        Type::Named(id) => {
            let read =
                if matches!(spec.type_def(*id).shape, Shape::Object(_)) { "model" } else { "constant" };
            format!("Elements.{read}({from}, {}::new)", names.full(*id))
        }
        Type::List(inner) => format!("Elements.list({from}, {})", lambda(inner)),
        Type::Map(inner) => format!("Elements.map({from}, {})", lambda(inner)),
    }
}

/// Names of the fields that are encrypted on the wire, in the type and in all that it holds.
fn hidden_fields(spec: &Spec, id: TypeId) -> BTreeSet<&str> {
    let (mut hidden, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            for field in spec.fields(id) {
                if field.encrypt {
                    hidden.insert(field.name.as_str());
                }
                open.extend(field.ty.named());
            }
        }
    }
    hidden
}

fn builder(out: &mut String, names: &Names, id: TypeId, fields: &[Field]) {
    let name = names.ty(id);
    let _ = writeln!(
        out,
        "
    /** A builder that has everything of this one. */
    public Builder toBuilder() {{
        return new Builder(json());
    }}

    /** Starts without any field. */
    public static Builder builder() {{
        return new Builder(null);
    }}

    /** Sets the fields of a {{@link {name}}} one by one; null takes one away. */
    public static final class Builder extends ModelBuilder {{
        Builder(@Nullable JsonObject from) {{
            super(from);
        }}"
    );
    for (field, field_names) in fields.iter().zip(names.fields(id)) {
        let ty = java_type(names, &field.ty);
        out.push('\n');
        out.push_str(&javadoc("        ", &field_doc(field)));
        let _ = writeln!(out, "        public Builder {}(@Nullable {ty} value) {{", field_names.setter);
        let _ = writeln!(out, "            put({}, value);", literal(&field.name));
        out.push_str("            return this;\n        }\n");
    }
    let required: String = fields
        .iter()
        .filter(|field| field.caller_must_give())
        .map(|field| format!(", {}", literal(&field.name)))
        .collect();
    let _ = writeln!(
        out,
        "
        /** Fails with an InvalidRequestException when a required field is missing. */
        public {name} build() {{
            return new {name}(checked({}{required}));
        }}
    }}",
        literal(name)
    );
}

fn open_enum(spec: &Spec, names: &Names, id: TypeId, values: &[EnumValue]) -> String {
    let name = names.ty(id);
    let text = format!(
        "{}\n\nWeChat Pay adds values without notice: one that this version does not know comes through as it is.",
        type_doc(spec, id, |id| &spec.type_def(id).name)
    );
    let mut out = javadoc("", &text);
    let _ = writeln!(out, "public final class {name} extends OpenEnum {{");
    let mut unique = Unique::default();
    for value in values {
        let meaning = match &value.doc {
            Some(text) => sentence(&markdown(text)),
            None => format!("`{}`.", value.value),
        };
        out.push_str(&javadoc("    ", &meaning));
        let name_of_value = unique.take(java_ident(&constant(&value.value)), "_");
        let _ = writeln!(
            out,
            "    public static final {name} {name_of_value} = new {name}({});\n",
            literal(&value.value)
        );
    }
    let _ = writeln!(
        out,
        "    /** Any value. */\n    public {name}(String value) {{\n        super(value);\n    }}\n}}"
    );
    out
}

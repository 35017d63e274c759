//! `PrepayRequest(appid = …)` for Kotlin: a function with the name of the class.

use std::fmt::Write;

use crate::emit::kotlin::kdoc;
use crate::emit::kotlin::names::{Names, fits_function, ident, literal};
use crate::ir::{Shape, Spec, Type, TypeId};

/// How the type is written in code.
fn kotlin_type(names: &Names, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int => "Long".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Double".to_owned(),
        Type::Timestamp => "OffsetDateTime".to_owned(),
        Type::Json => "JsonElement".to_owned(),
        Type::Named(id) => names.full(*id).to_owned(),
        Type::List(inner) => format!("List<{}>", kotlin_type(names, inner)),
        Type::Map(inner) => format!("Map<String, {}>", kotlin_type(names, inner)),
    }
}

/// The function that makes a model of this type, if requests have it.
///
/// It is inlined where it is called, so that no compiled program knows its parameters: a field may be added, or become required,
/// and programs that were compiled before go on.
pub(super) fn emit(spec: &Spec, names: &Names, id: TypeId) -> String {
    let fields = spec.fields(id);
    if !spec.type_def(id).in_request
        || !matches!(spec.type_def(id).shape, Shape::Object(_))
        || !fits_function(fields)
    {
        return String::new();
    }
    let name = names.ty(id);
    let mut out = kdoc("", &format!("Makes a [{name}]; its getters say what the arguments are."));
    let _ = writeln!(out, "@JvmSynthetic\npublic inline fun {name}(");
    let _ = writeln!(out, "    vararg nameTheArguments: NameTheArguments,");
    for (field, field_names) in fields.iter().zip(names.fields(id)) {
        let ty = kotlin_type(names, &field.ty);
        let end = if field.caller_must_give() { "" } else { "? = null" };
        let _ = writeln!(out, "    {}: {ty}{end},", ident(&field_names.property));
    }
    let _ = writeln!(out, "): {name} = {name}(");
    out.push_str("    Fields()");
    for (field, field_names) in fields.iter().zip(names.fields(id)) {
        let _ = write!(out, "\n        .put({}, {})", literal(&field.name), ident(&field_names.property));
    }
    out.push_str(if fields.is_empty() { ".json(),\n)\n\n" } else { "\n        .json(),\n)\n\n" });
    out
}

//! Interfaces for objects and open unions for enums. They exist for the compiler only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::emit::text::{markdown, sentence};
use crate::ir::{Field, Module, Shape, Spec, Tree, Type, TypeId};
use crate::names::Unique;

use super::{docs, property, quoted};
use crate::names::camel_case;

/// Names that mean something in every TypeScript file, or in ours.
const TAKEN: &[&str] =
    &["Api", "Array", "CallOptions", "Error", "Partial", "Promise", "Record", "UploadSource"];

/// What every type is called in the file of its module.
pub(super) struct Names(BTreeMap<TypeId, String>);

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = BTreeMap::new();
        for module in &spec.modules {
            let mut unique = Unique::new(TAKEN.iter().copied());
            for id in &module.types {
                names.insert(*id, unique.take(spec.type_def(*id).name.clone(), ""));
            }
        }
        Self(names)
    }

    pub(super) fn plain(&self, id: TypeId) -> &str {
        self.0.get(&id).map_or("unknown", String::as_str)
    }
}

/// Writes types as seen from one file, and remembers which other files it needs.
pub(super) struct Scope<'a> {
    spec: &'a Spec,
    names: &'a Names,
    /// The module of the file; none for files that stand outside.
    here: Option<usize>,
    needed: BTreeSet<usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(spec: &'a Spec, names: &'a Names, here: Option<usize>) -> Self {
        Self { spec, names, here, needed: BTreeSet::new() }
    }

    pub(super) fn fields(&self, id: TypeId) -> &'a [Field] {
        self.spec.fields(id)
    }

    /// `Transaction`, or `payments_.Transaction` when it is written in another file.
    pub(super) fn named(&mut self, id: TypeId) -> String {
        let module = self.spec.type_def(id).module;
        let plain = self.names.plain(id);
        if self.here == Some(module) {
            return plain.to_owned();
        }
        self.needed.insert(module);
        format!("{}.{plain}", alias(&self.spec.modules[module]))
    }

    pub(super) fn ty(&mut self, ty: &Type) -> String {
        match ty {
            Type::String | Type::Timestamp => "string".to_owned(),
            Type::Int | Type::Number => "number".to_owned(),
            Type::Bool => "boolean".to_owned(),
            Type::Json => "unknown".to_owned(),
            Type::Named(id) => self.named(*id),
            Type::List(inner) => format!("Array<{}>", self.ty(inner)),
            Type::Map(inner) => format!("{{ [key: string]: {} }}", self.ty(inner)),
        }
    }

    /// The `import` lines for what was named so far.
    pub(super) fn imports(&self, from: &[String]) -> String {
        let mut out = String::new();
        for index in &self.needed {
            let module = &self.spec.modules[*index];
            let path = super::relative(from, &module.path.join("/"));
            let _ = writeln!(out, "import type * as {} from {};", alias(module), quoted(&path));
        }
        out
    }
}

fn alias(module: &Module) -> String {
    format!("{}_", camel_case(&module.path.join("_")))
}

/// All types of a module.
pub(super) fn declarations(scope: &mut Scope<'_>, names: &Names, node: &Tree<'_>) -> String {
    let mut out = String::new();
    let Some((_, module)) = node.module else { return out };
    for id in &module.types {
        let definition = scope.spec.type_def(*id);
        let name = names.plain(*id);
        out.push('\n');
        match &definition.shape {
            Shape::Object(fields) => {
                let _ = writeln!(out, "export interface {name} {{");
                for field in fields {
                    let ty = scope.ty(&field.ty);
                    let mark = if field.caller_must_give() { "" } else { "?" };
                    out.push_str(&docs::comment("  ", &docs::field(field)));
                    let _ = writeln!(out, "  {}{mark}: {ty};", property(&field.name));
                }
                out.push_str("}\n");
            }
            Shape::OpenEnum(values) => {
                let mut text = String::from("Known values; WeChat Pay adds new ones without notice.\n");
                for value in values {
                    let meaning = value.doc.as_deref().map(|doc| format!(": {}", sentence(&markdown(doc))));
                    let _ = write!(text, "\n- `{}`{}", value.value, meaning.unwrap_or_default());
                }
                out.push_str(&docs::comment("", &text));
                let known: Vec<String> = values.iter().map(|value| quoted(&value.value)).collect();
                let _ =
                    writeln!(out, "export type {name} =\n  | {}\n  | (string & {{}});", known.join("\n  | "));
            }
        }
    }
    out
}

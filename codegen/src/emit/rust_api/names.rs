//! Names in the typed Rust API, unique where Rust wants them to be.

use std::collections::BTreeMap;

use crate::ir::{Shape, Spec, TypeId};
use crate::names::{Unique, pascal_case, rust_ident, rust_variant, snake_case};

/// Names that the generated files use themselves.
const TAKEN_TYPES: &[&str] = &[
    "BTreeMap",
    "Box",
    "Client",
    "Clone",
    "Debug",
    "Default",
    "Deserialize",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Reply",
    "Result",
    "Self",
    "Sensitive",
    "Serialize",
    "Some",
    "String",
    "Timestamp",
    "Value",
    "Vec",
];

/// Methods of models that a setter must not hide.
const TAKEN_METHODS: &[&str] =
    &["new", "default", "clone", "eq", "ne", "fmt", "serialize", "deserialize", "drop"];

/// Names of one field.
#[derive(Debug, Clone)]
pub(super) struct FieldNames {
    /// The field.
    pub(super) ident: String,
    /// Its setter.
    pub(super) setter: String,
    /// Whether serde must be told the name on the wire.
    pub(super) renamed: bool,
}

/// All names.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    fields: BTreeMap<TypeId, Vec<FieldNames>>,
    services: BTreeMap<Vec<String>, String>,
}

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = Self { types: BTreeMap::new(), fields: BTreeMap::new(), services: BTreeMap::new() };
        for module in &spec.modules {
            let mut unique = Unique::new(TAKEN_TYPES.iter().copied());
            for id in &module.types {
                let name = spec.type_def(*id).name.clone();
                let name = if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}Model") } else { name };
                names.types.insert(*id, unique.take(name, ""));
                names.fields.insert(*id, field_names(spec, *id));
            }
            for length in 1..=module.path.len() {
                let path = module.path[..length].to_vec();
                let is_own = length == module.path.len();
                if is_own || !spec.modules.iter().any(|other| other.path == path) {
                    let name = pascal_case(&module.path[length - 1]);
                    let name = if unique.is_taken(&name) && is_own { format!("{name}Api") } else { name };
                    names.services.insert(path, name);
                }
            }
        }
        names
    }

    /// Name of a type, without its module.
    pub(super) fn plain(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    /// Path of a type as seen from the module with this index.
    pub(super) fn ty(&self, spec: &Spec, id: TypeId, from: usize) -> String {
        // Types are looked up in the own file and in its parents, so the way only ever goes up.
        let own = spec.modules[from].path.len();
        let there = spec.module_of(id).path.len();
        format!("{}{}", "super::".repeat(own - there), self.plain(id))
    }

    pub(super) fn fields(&self, id: TypeId) -> &[FieldNames] {
        self.fields.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Name of the service struct of a module.
    pub(super) fn service(&self, path: &[String]) -> &str {
        self.services.get(path).map_or("", String::as_str)
    }
}

fn field_names(spec: &Spec, id: TypeId) -> Vec<FieldNames> {
    let mut idents = Unique::default();
    let mut setters = Unique::new(TAKEN_METHODS.iter().copied());
    spec.fields(id)
        .iter()
        .map(|field| {
            let ident = idents.take(rust_ident(&snake_case(&field.name)), "_");
            let bare = ident.strip_prefix("r#").unwrap_or(&ident);
            let setter = if setters.is_taken(&ident) {
                setters.take(format!("set_{bare}"), "_")
            } else {
                setters.take(ident.clone(), "_")
            };
            let renamed = bare != field.name;
            FieldNames { ident, setter, renamed }
        })
        .collect()
}

/// Variants of an open enum, in the order of its values.
pub(super) fn variants(shape: &Shape) -> Vec<String> {
    let Shape::OpenEnum(values) = shape else { return Vec::new() };
    let mut unique = Unique::new(["Other", "Self"]);
    values
        .iter()
        .map(|value| {
            let name = rust_variant(&value.value);
            let name = if name == "Other" || name == "Self" { format!("{name}Value") } else { name };
            unique.take(name, "")
        })
        .collect()
}

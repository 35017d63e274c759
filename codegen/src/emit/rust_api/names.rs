//! Names in the typed Rust API, unique where Rust wants them to be.

use std::collections::{BTreeMap, BTreeSet};

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
    "Notification",
    "NotificationResource",
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

/// Methods that models and replies have besides getters, or get from traits that everybody uses.
const TAKEN_METHODS: &[&str] = &[
    "borrow",
    "borrow_mut",
    "clone",
    "clone_into",
    "default",
    "deref",
    "deserialize",
    "drop",
    "eq",
    "fmt",
    "from",
    "http_status",
    "into",
    "into_inner",
    "into_json",
    "json",
    "ne",
    "new",
    "ref_cast",
    "request_id",
    "serialize",
    "signed_by",
    "to_download",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// Names of one field.
#[derive(Debug, Clone)]
pub(super) struct FieldNames {
    /// Its name in Rust, without `r#`.
    pub(super) bare: String,
    /// The method that reads it.
    pub(super) getter: String,
    /// The method that sets it.
    pub(super) setter: String,
}

/// All names.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    fields: BTreeMap<TypeId, Vec<FieldNames>>,
    services: BTreeMap<Vec<String>, String>,
    hiding: BTreeSet<TypeId>,
}

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = Self {
            types: BTreeMap::new(),
            fields: BTreeMap::new(),
            services: BTreeMap::new(),
            hiding: hiding(spec),
        };
        let files: BTreeSet<&[String]> = spec.modules.iter().map(|module| module.path.as_slice()).collect();
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
                if is_own || !files.contains(path.as_slice()) {
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

    /// Path of a type as seen from the module with this index, or from `depth` modules below it.
    pub(super) fn path(&self, spec: &Spec, id: TypeId, from: usize, depth: usize) -> String {
        // Types are looked up in the own file and in its parents, so the way only ever goes up.
        let own = spec.modules[from].path.len();
        let there = spec.module_of(id).path.len();
        // What lies below a file of the spec imports everything of that file.
        let up = if own == there { 0 } else { own - there + depth };
        format!("{}{}", "super::".repeat(up), self.plain(id))
    }

    /// Whether `Debug` of this type must leave something out.
    pub(super) fn hides(&self, id: TypeId) -> bool {
        self.hiding.contains(&id)
    }

    pub(super) fn fields(&self, id: TypeId) -> &[FieldNames] {
        self.fields.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Name of the service struct of a module.
    pub(super) fn service(&self, path: &[String]) -> &str {
        self.services.get(path).map_or("", String::as_str)
    }
}

/// Which names fields get does not depend on their order, but for fields that differ in nothing else than capitals and
/// underscores: a new one must rename no other.
fn field_names(spec: &Spec, id: TypeId) -> Vec<FieldNames> {
    let mut unique = Unique::default();
    let fields = spec.fields(id);
    fields
        .iter()
        .map(|field| {
            let plain = snake_case(&field.name);
            let ident = unique.take(rust_ident(&plain), "_");
            let bare = ident.strip_prefix("r#").unwrap_or(&ident).to_owned();
            let taken = TAKEN_METHODS.contains(&bare.as_str()) || bare.starts_with("with_");
            let getter = if taken { format!("get_{bare}") } else { ident };
            FieldNames { getter, setter: format!("with_{bare}"), bare }
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

/// The types that have, themselves or in the objects they hold, fields that must not be shown.
fn hiding(spec: &Spec) -> BTreeSet<TypeId> {
    let ids = || (0..spec.types.len()).map(TypeId);
    let mut open: Vec<TypeId> =
        ids().filter(|id| spec.fields(*id).iter().any(|field| field.encrypt)).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(spec.uses(id).fields.iter().map(|(owner, _)| *owner));
        }
    }
    found
}

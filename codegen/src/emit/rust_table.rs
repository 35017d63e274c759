//! The operation table: `core/src/generated/table`, one file per file of the spec.

mod module;
mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::Files;
use crate::emit::RustTarget;
use crate::emit::text::header;
use crate::ir::{Module, Shape, Spec, TypeId};
use crate::names::{Unique, rust_file_stem, rust_module, screaming_case};

/// The table of all operations and notifications.
pub fn emit(spec: &Spec, target: &RustTarget) -> Files {
    let folder = format!("{}/table", target.folder);
    let names = Names::new(spec);
    let numbers = Numbers::new(spec);
    let tables: Vec<_> = (0..spec.modules.len()).map(|index| module::table(spec, &numbers, index)).collect();
    let shared: BTreeSet<TypeId> = tables.iter().flat_map(|table| table.types_of_others()).collect();
    let mut files = Files::new();
    for (index, (module, table)) in spec.modules.iter().zip(&tables).enumerate() {
        let text = module::file(spec, &names, &numbers, index, table, &shared);
        files.insert(format!("{folder}/{}.rs", file_stem(module)), text);
    }
    files.insert(format!("{folder}/mod.rs"), root_file(spec));
    files
}

/// Name of the file of a module: `payments_jsapi`.
fn file_stem(module: &Module) -> String {
    rust_file_stem(&module.path.join("_"))
}

/// Name of its Rust module.
pub fn module_ident(module: &Module) -> String {
    rust_module(&module.path.join("_"))
}

/// Names of the constants.
pub struct Names {
    operations: BTreeMap<String, String>,
    types: BTreeMap<TypeId, String>,
}

impl Names {
    /// Gives every operation and type a name that is unique in its file.
    pub fn new(spec: &Spec) -> Self {
        let mut names = Self { operations: BTreeMap::new(), types: BTreeMap::new() };
        for module in &spec.modules {
            let mut unique = Unique::new(["TABLE"]);
            for operation in &module.operations {
                let name = unique.take(screaming_case(&operation.name), "_");
                names.operations.insert(operation.id.clone(), name);
            }
            for id in &module.types {
                let definition = spec.type_def(*id);
                let suffix = match definition.shape {
                    Shape::Object(_) => "MODEL",
                    Shape::OpenEnum(_) => "VALUES",
                };
                let name = unique.take(format!("{}_{suffix}", screaming_case(&definition.name)), "_");
                names.types.insert(*id, name);
            }
        }
        names
    }

    /// The constant of an operation: `PREPAY`.
    pub fn operation(&self, id: &str) -> &str {
        self.operations.get(id).map_or("", String::as_str)
    }

    /// The constant of a type: `AMOUNT_MODEL`.
    fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }
}

/// Numbers of the models and of the open enums, each counted in the file that they stand in.
struct Numbers {
    types: BTreeMap<TypeId, usize>,
    /// Models and enums of each module.
    counts: Vec<(usize, usize)>,
}

impl Numbers {
    fn new(spec: &Spec) -> Self {
        let mut numbers = Self { types: BTreeMap::new(), counts: Vec::new() };
        for module in &spec.modules {
            let (mut models, mut enums) = (0, 0);
            for id in kept(spec, module) {
                let count = match spec.type_def(id).shape {
                    Shape::Object(_) => &mut models,
                    Shape::OpenEnum(_) => &mut enums,
                };
                numbers.types.insert(id, *count);
                *count += 1;
            }
            numbers.counts.push((models, enums));
        }
        numbers
    }

    fn of(&self, id: TypeId) -> usize {
        self.types.get(&id).copied().unwrap_or_default()
    }
}

/// The types of a module that stand in the table. The type of a request does not when nothing else refers to it: its
/// fields stand in the operation itself.
fn kept<'a>(spec: &'a Spec, module: &'a Module) -> impl Iterator<Item = TypeId> + 'a {
    module.types.iter().copied().filter(|id| spec.uses(*id).is_referenced())
}

fn root_file(spec: &Spec) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str(
        "//! Every operation and every notification of the spec.\n\
         #![allow(dead_code, reason = \"what only typed calls name\")]\n\n",
    );
    for module in &spec.modules {
        let _ = writeln!(out, "pub(crate) mod {};", module_ident(module));
    }
    let mut sorted: Vec<(String, String)> =
        spec.modules.iter().map(|module| (module.id(), module_ident(module))).collect();
    sorted.sort();
    out.push_str("\nuse crate::table::{Table, Tables};\n\n");
    out.push_str("/// Sorted by name of the file.\npub(crate) const TABLES: Tables = Tables(ALL);\n\n");
    out.push_str("static ALL: &[&Table] = &[\n");
    for (_, ident) in sorted {
        let _ = writeln!(out, "    &{ident}::TABLE,");
    }
    out.push_str("];\n");
    out
}

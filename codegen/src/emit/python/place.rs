//! How types are written at one place of a Python file, and what the file must import for them.

use std::collections::BTreeSet;

use super::text;
use crate::ir::{Module, Spec, Type, TypeDef, TypeId};

/// How types are written at one place. It notes what is written: text that was written cannot tell a reference from a word
/// in a docstring, nor `favor_types.X` from the end of `busifavor_types.X`.
pub(super) struct Place<'a> {
    pub(super) spec: &'a Spec,
    /// The module whose types need no prefix.
    own: Option<usize>,
    /// Names of builtins that mean something else here.
    hidden: BTreeSet<String>,
    /// A point in time may be given as a `datetime`.
    pub(super) times: bool,
    /// Other modules whose types were written.
    modules: BTreeSet<usize>,
    /// Other names that were written and that need an import.
    names: BTreeSet<&'static str>,
}

impl<'a> Place<'a> {
    pub(super) fn new(spec: &'a Spec, own: Option<usize>, hidden: BTreeSet<String>) -> Self {
        Self { spec, own, hidden, times: false, modules: BTreeSet::new(), names: BTreeSet::new() }
    }

    /// A type in an annotation.
    pub(super) fn ty(&mut self, ty: &Type) -> String {
        match ty {
            Type::String => self.builtin("str"),
            Type::Int => self.builtin("int"),
            Type::Bool => self.builtin("bool"),
            Type::Number => self.builtin("float"),
            Type::Timestamp if self.times => {
                format!("{} | {}", self.builtin("str"), self.imported("DateTime"))
            }
            Type::Timestamp => self.builtin("str"),
            Type::Json => self.imported("Any").to_owned(),
            Type::Named(id) => self.named(*id),
            Type::List(inner) => format!("{}[{}]", self.builtin("list"), self.ty(inner)),
            Type::Map(inner) => {
                format!("{}[{}, {}]", self.builtin("dict"), self.builtin("str"), self.ty(inner))
            }
        }
    }

    /// A type of the spec in an annotation.
    pub(super) fn named(&mut self, id: TypeId) -> String {
        let definition = self.spec.type_def(id);
        let name = type_name(definition);
        if self.own == Some(definition.module) {
            return name;
        }
        self.modules.insert(definition.module);
        format!("{}.{name}", alias(self.spec.module_of(id)))
    }

    /// `str`, however it is called here.
    pub(super) fn builtin(&mut self, name: &str) -> String {
        if !self.hidden.contains(name) {
            return name.to_owned();
        }
        format!("{}.{name}", self.imported("builtins"))
    }

    /// A name that the file imports.
    pub(super) fn imported(&mut self, name: &'static str) -> &'static str {
        self.names.insert(name);
        name
    }

    /// Whether the file imports this name.
    pub(super) fn imports(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Modules with types that were written here, in the order of the spec.
    pub(super) fn modules(&self) -> impl Iterator<Item = &'a Module> {
        self.modules.iter().map(|index| &self.spec.modules[*index])
    }
}

/// `payments_jsapi`
pub(super) fn file_name(module: &Module) -> String {
    let name = module.path.join("_");
    // This file holds the union of all notifications.
    if name == "notifications" { "notifications_".to_owned() } else { text::ident(&name) }
}

/// What a file of types is called where it is imported.
pub(super) fn alias(module: &Module) -> String {
    format!("{}_types", file_name(module))
}

/// The name of a type in its own module.
pub(super) fn type_name(definition: &TypeDef) -> String {
    let name = text::ident(&definition.name);
    let imported = ["Any", "Literal", "TypeAlias", "TypedDict", "NotRequired", "DateTime"];
    if imported.contains(&name.as_str()) { format!("{name}_") } else { name }
}

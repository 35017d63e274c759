//! From the IR to files, one module per kind of output.
//!
//! An emitter is a function from the IR to [`Files`]; it knows nothing of the disk. A new language is a new module
//! here and a line in [`all`].

pub mod describe;
pub mod errors;
pub mod examples;
pub mod kotlin;
pub mod limits;
pub mod openapi;
pub mod python;
pub mod rust_api;
pub mod rust_table;
pub mod swift;
pub mod text;
pub mod typescript;

use crate::Files;
use crate::ir::{ErrorSpec, Spec};

/// Where generated Rust goes.
#[derive(Debug, Clone)]
pub struct RustTarget {
    /// Folder, relative to the repository: `core/src/generated`.
    pub folder: String,
    /// Path of the Rust module that the folder is: `crate::generated`.
    pub module: String,
    /// Whether each product family stands behind the Cargo feature of its name.
    pub features: bool,
}

impl RustTarget {
    /// The generated part of `wechatpay-core`.
    pub fn core() -> Self {
        Self {
            folder: "core/src/generated".to_owned(),
            module: "crate::generated".to_owned(),
            features: true,
        }
    }

    /// The attribute in front of what belongs to a product family, with its line end.
    pub(crate) fn gate(&self, family: &str) -> String {
        if self.features { format!("#[cfg(feature = \"{family}\")]\n") } else { String::new() }
    }
}

/// Everything, for every language.
pub fn all(spec: &Spec, errors: &ErrorSpec) -> Files {
    let mut files = Files::new();
    files.extend(errors::emit(errors));
    files.extend(rust_table::emit(spec, &RustTarget::core()));
    files.extend(rust_api::emit(spec, &RustTarget::core()));
    files.extend(rust_api::typed_calls::emit(spec));
    files.extend(python::emit(spec, errors));
    files.extend(openapi::emit(spec));
    files.extend(examples::emit(spec, errors));
    files.extend(typescript::emit(spec, errors));
    files.extend(kotlin::emit(spec, errors));
    files.extend(swift::emit(spec, errors));
    files.insert("core/src/generated/mod.rs".to_owned(), rust_mod());
    files
}

fn rust_mod() -> String {
    format!(
        "{}//! Written by `cargo xtask codegen` from `spec/`.\n\npub mod api;\npub(crate) mod error_kind;\npub(crate) mod table;\n",
        text::header("spec/**/*.yaml")
    )
}

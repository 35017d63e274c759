//! From the IR to files, one module per kind of output.
//!
//! An emitter is a function from the IR to [`Files`]; it knows nothing of the disk. A new language is a new module
//! here and a line in [`all`].

pub mod errors;
pub mod examples;
pub mod openapi;
pub mod python;
pub mod rust_api;
pub mod rust_table;
pub mod text;
pub mod typescript;

use crate::Files;
use crate::ir::{ErrorSpec, Spec};

/// Everything, for every language.
pub fn all(spec: &Spec, errors: &ErrorSpec) -> Files {
    let mut files = Files::new();
    files.extend(errors::emit(errors));
    files.extend(rust_table::emit(spec));
    files.extend(rust_api::emit(spec));
    files.extend(python::emit(spec, errors));
    files.extend(openapi::emit(spec));
    files.extend(examples::emit(spec));
    files.extend(typescript::emit(spec, errors));
    files.insert("core/src/generated/mod.rs".to_owned(), rust_mod());
    files
}

fn rust_mod() -> String {
    format!(
        "{}//! Written by `cargo xtask codegen` from `spec/`.\n\npub mod api;\npub(crate) mod error_kind;\npub(crate) mod table;\n",
        text::header("spec/**/*.yaml")
    )
}

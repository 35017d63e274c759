//! From the IR to files, one module per kind of output.
//!
//! An emitter is a function from the [`Api`] to [`Files`]; it knows nothing of the disk. All of them stand in [`EMITTERS`].

pub mod bill_docs;
pub mod catalogue;
pub mod describe;
pub mod errors;
pub mod examples;
pub mod json;
pub mod kotlin;
pub mod lengths;
pub mod limits;
pub mod openapi;
pub mod option_docs;
pub mod options;
pub mod python;
pub mod rust_api;
pub mod rust_bills;
pub mod rust_table;
pub mod sandbox;
pub mod swift;
pub mod text;
pub mod typescript;

use crate::Files;
use crate::ir::{BillSpec, ErrorSpec, OptionSpec, Spec};

const RUST: &str = "core/src/generated";
const RUST_TYPED: &str = "core/typed/src/generated";

/// Where generated Rust goes.
#[derive(Debug, Clone)]
pub struct RustTarget {
    /// Folder, relative to the repository: `core/src/generated`.
    pub folder: String,
    /// Whether each product family stands behind the Cargo feature of its name.
    pub features: bool,
}

impl RustTarget {
    /// The generated part of `wechatpay-core`.
    pub fn core() -> Self {
        Self { folder: RUST.to_owned(), features: true }
    }

    /// The generated part of `wechatpay`.
    pub fn typed() -> Self {
        Self { folder: RUST_TYPED.to_owned(), features: true }
    }

    /// The attribute in front of what belongs to a product family, with its line end.
    pub(crate) fn gate(&self, family: &str) -> String {
        if self.features { format!("#[cfg(feature = \"{family}\")]\n") } else { String::new() }
    }
}

/// What emitters see.
#[derive(Debug, Clone, Copy)]
pub struct Api<'a> {
    /// `spec/**/*.yaml`
    pub spec: &'a Spec,
    /// `spec/errors.yaml`
    pub errors: &'a ErrorSpec,
    /// `spec/options.yaml`
    pub options: &'a OptionSpec,
    /// `spec/bill_columns.yaml`
    pub bills: &'a BillSpec,
}

/// One kind of output.
pub struct Emitter {
    /// Folders of the repository that hold nothing but what emitters write: all its files go there, and what is found there
    /// and not written is stale.
    pub folders: &'static [&'static str],
    /// The files.
    pub emit: fn(Api<'_>) -> Files,
}

/// Every kind of output. A new language is a folder beside this file, and a line here.
pub const EMITTERS: &[Emitter] = &[
    Emitter { folders: &[RUST, RUST_TYPED], emit: rust },
    Emitter { folders: &["tests/src/generated"], emit: |api| rust_api::typed_calls::emit(api.spec) },
    Emitter { folders: python::FOLDERS, emit: python::emit_all },
    Emitter { folders: typescript::FOLDERS, emit: typescript::emit_all },
    Emitter { folders: kotlin::FOLDERS, emit: kotlin::emit_all },
    Emitter { folders: swift::FOLDERS, emit: swift::emit_all },
    Emitter { folders: openapi::FOLDERS, emit: |api| openapi::emit(api.spec) },
    Emitter { folders: examples::FOLDERS, emit: |api| examples::emit(api.spec, api.errors) },
    Emitter { folders: catalogue::FOLDERS, emit: |api| catalogue::emit(api.spec) },
    Emitter {
        folders: sandbox::FOLDERS,
        emit: |api| {
            let mut files = sandbox::emit(api.spec, api.errors);
            files.extend(sandbox::emit_bills(api.bills));
            files
        },
    },
];

/// Everything, for every language, or what an emitter did that it must not do.
pub fn all(api: Api<'_>) -> Result<Files, String> {
    let mut files = Files::new();
    for emitter in EMITTERS {
        for (name, text) in (emitter.emit)(api) {
            if !emitter
                .folders
                .iter()
                .any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
            {
                return Err(format!(
                    "{name} is outside of {}, the folders of its emitter",
                    emitter.folders.join(", ")
                ));
            }
            if files.insert(name.clone(), text).is_some() {
                return Err(format!("{name} is written twice"));
            }
        }
    }
    Ok(files)
}

fn rust(api: Api<'_>) -> Files {
    let target = RustTarget::core();
    let mut files = errors::emit(api.errors);
    files.extend(options::emit(api.options));
    files.extend(rust_bills::emit(api.bills, RUST));
    files.extend(rust_table::emit(api.spec, &target));
    files.extend(rust_api::emit(api.spec, &RustTarget::typed()));
    files.insert(format!("{RUST}/mod.rs"), rust_mod());
    files
}

fn rust_mod() -> String {
    format!(
        "{}//! Written by `cargo xtask codegen` from `spec/`.\n\npub(crate) mod bill_columns;\npub(crate) mod bill_rows;\npub(crate) mod error_kind;\n#[cfg(feature = \"host\")]\npub(crate) mod options;\npub(crate) mod table;\n",
        text::header("spec/**/*.yaml")
    )
}

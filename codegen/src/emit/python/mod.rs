//! Python: `bindings-python/python/wechatpay_rs/generated`.
//!
//! `types` holds a `TypedDict` for every model, `client` and `async_client` the methods, one file per file of the spec
//! in each. Nothing imports `types` at run time, and a file of methods is imported when its product is first used.

mod bills;
mod errors;
mod options;
mod place;
mod services;
mod text;
mod types;

use crate::Files;
use crate::emit::Api;
use crate::ir::{ErrorSpec, Spec};

const FOLDER: &str = "bindings-python/python/wechatpay_rs/generated";

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &[FOLDER];

/// All files of the language.
pub fn emit_all(api: Api<'_>) -> Files {
    let mut files = emit(api.spec, api.errors);
    files.extend(bills::emit(api.bills));
    files.extend(options::emit(api.options));
    files
}

/// Types, methods, notifications, exceptions and codes.
pub fn emit(spec: &Spec, errors: &ErrorSpec) -> Files {
    let mut files = emit_api(spec);
    files.extend(errors::emit(errors));
    files
}

/// Types, methods and notifications.
pub fn emit_api(spec: &Spec) -> Files {
    let mut files = types::emit(spec);
    files.extend(services::emit(spec, &spec.tree()));
    files.insert(
        format!("{FOLDER}/__init__.py"),
        text::header("spec/**/*.yaml")
            + "\"\"\"Written from the description of the API; see the modules inside.\"\"\"\n",
    );
    files
}

//! `cargo xtask dist`: the packages as they would be published, in `dist/`.

use std::path::Path;

use anyhow::{Context, Result};
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::run::root;
use crate::{sandbox_packages, usage};

/// `dist`, `dist node`, `dist --lang node`, `dist sandbox` or `dist openapi`.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let out = root().join("dist");
    let language = languages::from_args(&mut args)?;
    let name: Option<String> = if language.is_none() { args.opt_free_from_str()? } else { None };
    usage::finish(args)?;
    if let Some(name) = name {
        return part(&name, &out);
    }
    match language {
        Some(language) => part(language.name, &out),
        None => {
            LANGUAGES.iter().filter_map(|language| language.dist).try_for_each(|dist| dist(&out))?;
            sandbox_packages::dist(&out)?;
            openapi(&out)
        }
    }
}

/// A language's packages, `sandbox` or `openapi`.
pub(crate) fn part(name: &str, out: &Path) -> Result<()> {
    match name {
        "openapi" => openapi(out),
        "sandbox" => sandbox_packages::dist(out),
        _ => {
            let language = languages::named(name)?;
            language.dist.ok_or_else(|| language.not_built("package"))?(out)
        }
    }
}

/// The whole API in one OpenAPI document, `openapi.json`. The repository holds a document per file of the spec.
fn openapi(out: &Path) -> Result<()> {
    std::fs::create_dir_all(out)?;
    let document = wechatpay_codegen::emit::openapi::bundle(&super::codegen::load()?);
    std::fs::write(out.join("openapi.json"), document).context("openapi.json")?;
    println!("dist/openapi.json");
    Ok(())
}

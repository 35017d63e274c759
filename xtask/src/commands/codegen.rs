//! `cargo xtask codegen [--check]`: the committed code that is made from `spec/`.

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::run::root;

pub(crate) fn run(mut args: Args) -> Result<()> {
    let only_check = args.flag("--check");
    args.finish()?;
    if only_check { check() } else { generate(false) }
}

/// Fails when a generated file is not what the spec says.
pub(crate) fn check() -> Result<()> {
    generate(true)
}

fn generate(check: bool) -> Result<()> {
    let report =
        wechatpay_codegen::run(&root(), check).map_err(|error| Failure::Failed(error.to_string()))?;
    println!("{report}");
    Ok(())
}

//! `cargo xtask codegen [--check]`: the committed code that is made from `spec/`.

use crate::args::Args;
use crate::failure::Result;

pub(crate) fn run(mut args: Args) -> Result<()> {
    let only_check = args.flag("--check");
    args.finish()?;
    if only_check { check() } else { Err(not_landed()) }
}

/// Fails when a generated file is not what the spec says.
pub(crate) fn check() -> Result<()> {
    Err(not_landed())
}

fn not_landed() -> crate::failure::Failure {
    crate::failure::Failure::NotBuilt("codegen is not built yet".into())
}

//! `cargo xtask codegen [--check]`: the committed code that is made from `spec/`.

use anyhow::{Context, Result, anyhow};
use pico_args::Arguments;
use wechatpay_codegen::ir::Spec;
use wechatpay_codegen::parse;

use crate::run::root;
use crate::usage;

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let only_check = args.contains("--check");
    usage::finish(args)?;
    if only_check { check() } else { generate(false) }
}

/// Fails when a generated file is not what the spec says.
pub(crate) fn check() -> Result<()> {
    generate(true)
}

fn generate(only_check: bool) -> Result<()> {
    let report = wechatpay_codegen::run(&root(), only_check).map_err(|error| anyhow!(error.to_string()))?;
    println!("{report}");
    Ok(())
}

/// The API as the spec has it.
pub(crate) fn load() -> Result<Spec> {
    let (sources, _) = parse::read_sources(&root()).context("spec")?;
    parse::parse(&sources).map_err(|wrong| {
        let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        anyhow!(lines.join("\n"))
    })
}

//! What compiling the kernel and the typed calls costs.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Repository, Scale, Table, meter};
use crate::run::{self, cargo, target_dir};

const KERNEL: &str = "wechatpay-core";
const TYPED: &str = "wechatpay";
/// Of every choice of families.
const BASE: &str = "aws-lc,transport,pkcs12";
/// A family that is in every spec, and larger than most.
const FAMILY: &str = "busifavor";

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let whole = &scale.whole;
    let default = fresh(whole, &[KERNEL, TYPED], &[])?;
    table.most("cargo check, default features: kernel and typed calls", default.cpu, 15.0, "CPU-s");
    table.told("… its memory", default.peak, "GB");
    let one = fresh(whole, &[TYPED], &["--no-default-features", "--features", &format!("{BASE},{FAMILY}")])?;
    table.most("cargo check of one family", one.cpu, 10.0, "CPU-s");
    let all = fresh(whole, &[TYPED], &["--features", "all"])?;
    table.most("cargo check of all families", all.cpu, 90.0, "CPU-s");
    table.most("… its memory", all.peak, 2.5, "GB");

    // Something that changes what the compiler sees.
    let file = whole.root.join("core/src/client.rs");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    meter::measure(&check(whole, KERNEL, &[])?)?;
    fs::write(
        &file,
        format!("{text}\n/// Added to be compiled.\npub const fn added() -> u64 {{\n    1\n}}\n"),
    )
    .with_context(|| file.display().to_string())?;
    let edit = meter::measure(&check(whole, KERNEL, &[])?);
    fs::write(&file, text).with_context(|| file.display().to_string())?;
    table.most("cargo check of the kernel after an edit of it", edit?.cpu, 5.0, "CPU-s");
    Ok(())
}

/// Checks these packages anew; what they depend on is compiled before.
fn fresh(copy: &Repository, packages: &[&str], features: &[&str]) -> Result<meter::Cost> {
    let last = packages.last().copied().unwrap_or_default();
    run::run(&mut check(copy, last, features)?)?;
    for package in packages {
        let mut clean = in_copy(copy, &["clean", "--quiet", "--package", package])?;
        run::run(&mut clean)?;
    }
    let command = check(copy, last, features)?;
    run::announce(&command);
    meter::measure(&command)
}

fn check(copy: &Repository, package: &str, features: &[&str]) -> Result<Command> {
    let mut command = in_copy(copy, &["check", "--quiet", "--locked", "--package", package])?;
    command.args(features);
    Ok(command)
}

pub(super) fn in_copy(copy: &Repository, args: &[&str]) -> Result<Command> {
    let mut command = cargo(args);
    command.current_dir(&copy.root).env("CARGO_TARGET_DIR", target_dir()?.join("scale/target"));
    Ok(command)
}

//! What `cargo xtask codegen` costs, and how long the files are that it writes.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Repository, Scale, Table, files, meter};
use crate::run;

/// More lines than this are too many to look at; the generator refuses to write them.
const LONGEST: f64 = 2000.0;

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let half = scale.with_half()?;
    // Once more: now nothing is written, there as in the whole.
    let of_half = generate(&half)?;
    let whole = generate(&scale.whole)?;
    table.most("codegen", whole.cpu, 12.0, "CPU-s");
    // Of a linear program each operation costs the same.
    let growth = (whole.cpu / scale.whole.operations as f64) / (of_half.cpu / half.operations as f64);
    table.most("codegen per operation, beside half as many", growth, 1.3, "times");
    table.told("codegen, memory", whole.peak, "GB");

    let mut longest = (0, String::new());
    for folder in wechatpay_codegen::emit::EMITTERS.iter().flat_map(|emitter| emitter.folders) {
        let folder = scale.whole.root.join(folder);
        for path in files(&folder)? {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let lines = text.lines().count();
            if lines > longest.0 {
                longest =
                    (lines, path.strip_prefix(&scale.whole.root).unwrap_or(&path).display().to_string());
            }
        }
    }
    table.most(format!("longest generated file, {}", longest.1), longest.0 as f64, LONGEST, "lines");
    Ok(())
}

/// Generates everything in the copy, with this very program.
pub(super) fn generate(repository: &Repository) -> Result<meter::Cost> {
    let mut command = Command::new(std::env::current_exe().context("xtask itself")?);
    command.arg("codegen").current_dir(&repository.root);
    // By this it finds the root of the repository.
    command.env("CARGO_MANIFEST_DIR", repository.root.join("xtask"));
    run::announce(&command);
    meter::measure(&command)
}

//! What the table of operations adds to a native library: bytes, memory that every process has for itself, time to load.
//!
//! The library is that of the JVM and Swift, which can be loaded by any program. Python's and Node's hold the same table,
//! and nothing else that grows with the spec.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::{Scale, Table, rust};
use crate::run::{self, output_of, root, target_dir};

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let few = scale.with_few()?;
    // Not in one folder: cargo would take the crates of both for the same ones.
    let mut of_few = rust::in_copy(&few, &[])?;
    of_few.env("CARGO_TARGET_DIR", target_dir()?.join("scale/second-target"));
    let small = build(of_few, "few")?;
    let whole = build(rust::in_copy(&scale.whole, &[])?, "whole")?;
    let megabytes = |path: &Path| -> Result<f64> {
        Ok(path.metadata().with_context(|| path.display().to_string())?.len() as f64 / 1e6)
    };
    // What a thousand operations cost, although some of them are in the smaller library as well.
    let to_thousand = 1000.0 / scale.whole.operations.saturating_sub(few.operations).max(1) as f64;
    table.told(format!("native library with {} operations", few.operations), megabytes(&small)?, "MB");
    let size = (megabytes(&whole)? - megabytes(&small)?) * to_thousand;
    table.most("a thousand operations in the library", size, 0.6, "MB");
    let (small, whole) = (load(&small)?, load(&whole)?);
    table.told("loading the library with few", small.milliseconds, "ms");
    table.most("loading the library with all", whole.milliseconds, 0.6, "ms");
    let dirty = (whole.kilobytes - small.kilobytes) / 1e3 * to_thousand;
    table.most("memory that a thousand operations make private to a process", dirty, 0.1, "MB");
    Ok(())
}

/// Builds the library as it is shipped: thin LTO, stripped.
fn build(mut command: Command, name: &str) -> Result<PathBuf> {
    command.args(["build", "--release", "--locked", "--manifest-path", "bindings-uniffi/Cargo.toml"]);
    command.args(["--package", "wechatpay-uniffi", "--message-format", "json-render-diagnostics"]);
    let folder = target_dir()?.join("scale");
    run::announce(&command);
    let built = output_of(&mut command)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "wechatpay_uniffi")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|path| path.as_str().map(PathBuf::from))
        .find(|path| path.extension().is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION))
        .ok_or_else(|| anyhow!("cargo built no library"))?;
    let kept = folder.join(format!("{name}.so"));
    std::fs::copy(&built, &kept).with_context(|| built.display().to_string())?;
    // Pages that are not yet on the disk count as changed, whoever maps them.
    File::open(&kept).and_then(|file| file.sync_all()).with_context(|| kept.display().to_string())?;
    Ok(kept)
}

/// What loading costs.
struct Loaded {
    milliseconds: f64,
    kilobytes: f64,
}

/// Loads the library some times in processes that hold nothing else.
fn load(library: &Path) -> Result<Loaded> {
    let program = target_dir()?.join("scale/dlopen");
    let mut compile = Command::new("cc");
    compile.args(["-O1", "-o"]).arg(&program).arg(root().join("xtask/data/dlopen.c")).arg("-ldl");
    run::run(&mut compile)?;
    let said = output_of(Command::new(&program).arg(library))?;
    let mut numbers = said.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(milliseconds)), Some(Ok(kilobytes))) => Ok(Loaded { milliseconds, kilobytes }),
        _ => Err(anyhow!("dlopen said {said:?}")),
    }
}

//! How much a clone of the repository brings, and how much of that is generated.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Scale, Table, files};
use crate::run::{self, root, target_dir};

pub(super) fn measure(_: &Scale, table: &mut Table) -> Result<()> {
    let folder = target_dir()?.join("scale/clone.git");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let mut clone = Command::new("git");
    // As over a network: packed anew, nothing linked.
    clone.args(["clone", "--quiet", "--bare", "--no-local", "--depth", "1"]);
    clone.arg(format!("file://{}", root().display())).arg(&folder);
    run::run(&mut clone)?;
    let mut bytes = 0;
    for path in files(&folder)? {
        bytes += path.metadata().with_context(|| path.display().to_string())?.len();
    }
    table.told("a shallow clone, packed", bytes as f64 / 1e6, "MB");
    Ok(())
}

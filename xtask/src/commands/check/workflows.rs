//! The workflows are what GitHub takes for some: `actionlint`, where it is or can be had.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::Checked;
use crate::run::{self, root, target_dir};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.9";

pub(super) fn check() -> Result<Checked> {
    let Some(program) = program()? else {
        return Ok(Checked::Partly(
            "workflows NOT checked: there is neither actionlint nor a Go that can build it".into(),
        ));
    };
    let folder = root().join(".github/workflows");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.sort();
    // Neither of these is everywhere; what is checked must not depend on that.
    let mut lint = Command::new(program);
    run::run(lint.args(["-shellcheck=", "-pyflakes="]).args(files).current_dir(root()))?;
    Ok(Checked::Ok)
}

/// The one on the path, or one that Go builds below `target`.
fn program() -> Result<Option<PathBuf>> {
    if Command::new("actionlint").arg("-version").output().is_ok() {
        return Ok(Some("actionlint".into()));
    }
    let folder = target_dir()?.join("go");
    let built = folder.join(format!("actionlint{}", std::env::consts::EXE_SUFFIX));
    if built.is_file() {
        return Ok(Some(built));
    }
    let mut go = Command::new("go");
    go.args(["install", ACTIONLINT]).env("GOBIN", &folder);
    Ok(go.output().is_ok_and(|done| done.status.success()).then_some(built))
}

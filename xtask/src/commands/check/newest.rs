//! `cargo xtask check --newest`: does everything compile with the newest dependencies that the manifests allow?
//!
//! Users of a library do not have our `Cargo.lock`. This asks the registry, so its answer changes from day to day: it is
//! no part of the other checks, and is run before a release and now and then.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run::{self, cargo, output_of, root, target_dir};

/// What is compiled: all that has a lock file of its own and is published.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "bindings-uniffi/Cargo.toml"];

pub(super) fn check() -> Result<()> {
    let copy = target_dir()?.join("newest");
    copy_sources(&copy)?;
    for manifest in MANIFESTS {
        let in_copy = |args: &[&str]| {
            let mut command = cargo(args);
            command.args(["--manifest-path", manifest]).current_dir(&copy);
            command
        };
        run::run(&mut in_copy(&["update"]))?;
        run::run(&mut in_copy(&["check", "--workspace", "--all-targets"]))?;
    }
    Ok(())
}

/// A copy of what is under version control, or could be; what was compiled there before stays and need not be again.
fn copy_sources(copy: &Path) -> Result<()> {
    let mut git = std::process::Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    for name in output_of(&mut git)?.lines() {
        let (from, to) = (root().join(name), copy.join(name));
        // A file that was deleted and not committed yet is still listed.
        if !from.is_file() {
            continue;
        }
        // Written anew only where it differs, or cargo would compile everything again.
        let content = fs::read(&from).with_context(|| name.to_string())?;
        if fs::read(&to).is_ok_and(|old| old == content) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).with_context(|| name.to_string())?;
        }
        fs::write(&to, content).with_context(|| name.to_string())?;
    }
    Ok(())
}

//! `cargo xtask check --newest`: does everything compile with the newest dependencies that the manifests allow?
//!
//! Users of a library do not have our `Cargo.lock`. This asks the registry, so its answer changes from day to day: it is
//! no part of the other checks, and is run before a release and now and then.

use anyhow::Result;

use crate::checkout::copy_sources;
use crate::run::{self, cargo, target_dir};

/// What is compiled: all that has a lock file of its own and is published.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "bindings-uniffi/Cargo.toml"];

pub(super) fn check() -> Result<()> {
    let copy = target_dir()?.join("newest");
    copy_sources(&copy, |_| true)?;
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

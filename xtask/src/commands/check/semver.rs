//! `cargo xtask check --semver`: would a Rust program that compiles against the last release compile against this tree?
//!
//! `cargo semver-checks` answers, from the documentation that rustdoc makes of both. It is a program of its own that takes
//! half an hour to build: who has it installed can ask, before a release at the latest. Both trees are built from the
//! repository, so that no registry is asked for a published version.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::run::{self, cargo, headline, root};

/// A crate, and the features that users build it with. `host` of the core is for our own bindings, which are of the same version.
const CRATES: [(&str, &[&str]); 2] = [
    ("wechatpay-core", &["--default-features"]),
    ("wechatpay", &["--default-features", "--features", "all"]),
];

/// Compares with `baseline`, a revision that git knows, or else with the newest release.
pub(super) fn check(baseline: Option<String>) -> Result<()> {
    if !is_installed() {
        println!("SKIPPED: cargo-semver-checks is not there (cargo install cargo-semver-checks --locked)");
        return Ok(());
    }
    let Some(baseline) = baseline.or_else(newest_release) else {
        println!("SKIPPED: no tag v… names a release to compare with; --baseline REV names another commit");
        return Ok(());
    };
    let mut failures = Vec::new();
    for (name, features) in CRATES {
        headline(&format!("{name} beside {baseline}"));
        let mut command = cargo(&["semver-checks", "--package", name, "--baseline-rev", &baseline]);
        // Whatever the version in the manifests says: what is added is fine, and nothing may be gone.
        command.args(["--release-type", "minor"]).args(features);
        failures.extend(run::run(&mut command).err());
    }
    run::all(failures)
}

fn is_installed() -> bool {
    let mut command = cargo(&["semver-checks", "--version"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn newest_release() -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["describe", "--tags", "--abbrev=0", "--match", "v*"]).stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

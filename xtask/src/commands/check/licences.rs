//! Licences, sources, bans and security advisories of the dependencies, by cargo-deny and `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::Checked;
use crate::run::{self, cargo, root};

/// Pinned, so that a new release of the tool cannot change the verdict on old code.
const CARGO_DENY: &str = "0.20.2";

pub(super) fn check() -> Result<Checked> {
    let deny = find_or_install()?;
    let deny = |args: &[&str]| {
        let mut command = Command::new(&deny);
        // cargo-deny asks `cargo` for the list of crates.
        command.args(args).current_dir(root());
        command
    };
    run::run(&mut deny(&["--all-features", "--locked", "check", "licenses", "bans", "sources"]))?;
    // The workspace of its own, by the same rules.
    let apart = ["--manifest-path", "bindings-uniffi/Cargo.toml", "--all-features", "--locked"];
    run::run(deny(&apart).args(["--config", "deny.toml", "check", "licenses", "bans", "sources"]))?;

    // Advisories come from a git repository that a closed network may not reach. Not having asked is not a
    // clean bill of health, so it is told apart from both verdicts.
    let fetch = deny(&["--locked", "fetch", "db"]).output().context("cargo deny fetch db")?;
    if !fetch.status.success() {
        let reason = String::from_utf8_lossy(&fetch.stderr);
        let what =
            format!("advisories NOT checked: the advisory database cannot be reached ({})", gist(&reason));
        println!("{what}");
        return Ok(Checked::Partly(what));
    }
    run::run(&mut deny(&["--all-features", "--locked", "check", "--disable-fetch", "advisories"]))?;
    Ok(Checked::Ok)
}

/// cargo-deny of the pinned version: on the search path, or in `target/tools`, where it is put when it is nowhere.
fn find_or_install() -> Result<PathBuf> {
    let tools = root().join("target").join("tools");
    let installed = tools.join("bin").join(if cfg!(windows) { "cargo-deny.exe" } else { "cargo-deny" });
    for candidate in [Path::new("cargo-deny"), &installed] {
        if let Ok(output) = Command::new(candidate).arg("--version").output()
            && String::from_utf8_lossy(&output.stdout).trim() == format!("cargo-deny {CARGO_DENY}")
        {
            return Ok(candidate.to_owned());
        }
    }
    println!(
        "cargo-deny {CARGO_DENY} is not here: installing it into target/tools (takes some minutes, once)"
    );
    // Unoptimised: it runs for seconds, and optimising it took two minutes.
    let version = ["install", "--debug", "--locked", "--quiet", "--version", CARGO_DENY, "--root"];
    run::run(cargo(&version).arg(&tools).arg("cargo-deny"))?;
    if installed.is_file() {
        Ok(installed)
    } else {
        Err(anyhow!("cargo install did not produce {}", installed.display()))
    }
}

/// The last line that says something, for a one-line reason.
fn gist(text: &str) -> &str {
    let said = |line: &&str| !line.is_empty();
    text.lines().map(str::trim).rfind(said).unwrap_or("no reason given")
}

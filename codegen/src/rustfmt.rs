//! Runs rustfmt over generated Rust, with the settings of the repository.

use std::io::{Error, Result, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Files;

/// Formats all `.rs` files with the settings of the repository at `root`.
pub fn format(root: &Path, files: &mut Files) -> Result<()> {
    for (name, content) in files.iter_mut().filter(|(name, _)| name.ends_with(".rs")) {
        *content = format_one(root, name, content)?;
    }
    Ok(())
}

fn format_one(root: &Path, name: &str, content: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::new(error.kind(), format!("rustfmt could not be started: {error}")))?;
    // rustfmt reads everything before it writes anything, so writing first cannot lock up.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(content.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(Error::other(format!("rustfmt refused {name}: {reason}\n{content}")));
    }
    String::from_utf8(output.stdout).map_err(|error| Error::other(format!("rustfmt on {name}: {error}")))
}

//! Running other programs, so that a reader of the output sees what was run and can run it again by hand.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

/// Root of the repository.
pub(crate) fn root() -> PathBuf {
    // `cargo run` sets the variable, which stays right when the folder has been moved since the build.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// `cargo` in the root of the repository, with `Cargo.lock` as it is committed.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    // Set by the `cargo run` that started us; the children must find their own.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Prints a headline, with the minutes and seconds since the first one: so a log shows what takes how long.
pub(crate) fn headline(title: &str) {
    static START: OnceLock<Instant> = OnceLock::new();
    let seconds = START.get_or_init(Instant::now).elapsed().as_secs();
    println!("\n==> [{:02}:{:02}] {title}", seconds / 60, seconds % 60);
    let _ = std::io::stdout().flush();
}

/// Prints and runs the command, whose output goes straight to ours.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().context(shown(command))?;
    if status.success() { Ok(()) } else { Err(anyhow!("`{}` failed ({status})", shown(command))) }
}

/// Like [`run`], and gives every line of standard output to `see` after printing it.
pub(crate) fn run_and_see(command: &mut Command, mut see: impl FnMut(&str)) -> Result<()> {
    announce(command);
    let mut child = command.stdout(Stdio::piped()).spawn().context(shown(command))?;
    let Some(output) = child.stdout.take() else {
        bail!("`{}` has no output", shown(command));
    };
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context(shown(command))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(&line);
    }
    let status = child.wait().context(shown(command))?;
    if status.success() { Ok(()) } else { Err(anyhow!("`{}` failed ({status})", shown(command))) }
}

/// Runs the command and returns its standard output; standard error goes to ours.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().context(shown(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    String::from_utf8(output.stdout).context(shown(command))
}

/// Prints the command.
pub(crate) fn announce(command: &Command) {
    println!("    $ {}", shown(command));
    let _ = std::io::stdout().flush();
}

/// One failure of all that went wrong, if anything did.
pub(crate) fn all(failures: Vec<anyhow::Error>) -> Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<_> = failures.iter().map(|failure| format!("{failure:#}")).collect();
    Err(anyhow!(failures.join("\n       ")))
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            text.push_str(&format!("{}={:?} ", name.to_string_lossy(), value.to_string_lossy()));
        }
    }
    text.push_str(&program.to_string_lossy());
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Where cargo builds: `target`, unless the environment or a configuration file says otherwise.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = output_of(&mut cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cargo metadata")?;
    match metadata["target_directory"].as_str() {
        Some(path) => Ok(PathBuf::from(path)),
        None => Err(anyhow!("cargo metadata names no target directory")),
    }
}

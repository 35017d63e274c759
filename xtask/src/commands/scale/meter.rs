//! What a program costs: the processor time of it and of everything it starts, and the largest of these processes.
//!
//! The system adds this up for the children of a process over its whole life. So each program is started by a process
//! of its own, `xtask meter`, which tells in a file what was added up.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::run;

/// What a program cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Seconds of processor time, of all processes.
    pub(super) cpu: f64,
    /// Memory of the largest process at its peak, in GB.
    pub(super) peak: f64,
}

/// Runs the command and measures it.
pub(super) fn measure(command: &Command) -> Result<Cost> {
    let file = run::target_dir()?.join("scale/cost.json");
    let mut metered = Command::new(std::env::current_exe().context("xtask itself")?);
    metered.arg("meter").arg(&file).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        metered.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => metered.env(name, value),
            None => metered.env_remove(name),
        };
    }
    run::run(&mut metered)?;
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let cost: Value = serde_json::from_str(&text).context("cost.json")?;
    match (cost["cpu"].as_f64(), cost["peak"].as_f64()) {
        (Some(cpu), Some(peak)) => Ok(Cost { cpu, peak }),
        _ => bail!("{} does not say what was measured", file.display()),
    }
}

/// `xtask meter FILE PROGRAM ARGS…`
pub(crate) fn run(args: pico_args::Arguments) -> Result<()> {
    let mut args = args.finish().into_iter();
    let (Some(file), Some(program)) = (args.next().map(PathBuf::from), args.next()) else {
        bail!("meter: which program?");
    };
    let status = Command::new(&program).args(args).status().context("the measured program")?;
    if !status.success() {
        bail!("{} failed ({status})", program.display());
    }
    let (cpu, peak) = of_children()?;
    std::fs::write(&file, json!({ "cpu": cpu, "peak": peak }).to_string())
        .with_context(|| file.display().to_string())
}

#[cfg(unix)]
fn of_children() -> Result<(f64, f64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 };
    Ok((microseconds as f64 / 1e6, usage.max_rss() as f64 * unit / 1e9))
}

#[cfg(not(unix))]
fn of_children() -> Result<(f64, f64)> {
    bail!("processor time of child processes is not measured on this system")
}

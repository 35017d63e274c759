//! The sandbox, a local WeChat Pay: built, and run for as long as somebody needs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::run::{self, cargo, headline};

/// What the sandbox prints, before a JSON object, when it listens and its credentials are written.
const READY: &str = "WECHATPAY_SANDBOX_READY ";

/// A sandbox of our own, ended when this value is dropped.
pub(crate) struct Sandbox {
    /// Folder with everything that a client needs.
    pub(crate) credentials: PathBuf,
    child: Child,
    // The sandbox ends when this pipe closes, so it does not outlive us even when we are killed.
    _alive: Option<ChildStdin>,
}

impl Sandbox {
    pub(crate) fn start() -> Result<Self> {
        Self::start_in(run::target_dir()?.join("demo"), &[])
    }

    /// With a folder for its files, and further options.
    pub(crate) fn start_in(credentials: PathBuf, options: &[&OsStr]) -> Result<Self> {
        headline("sandbox: a local WeChat Pay");
        Self::run(&mut Command::new(program()?), credentials, options)
    }

    /// As [`start_in`](Self::start_in), of a program that is there, or of what runs it.
    pub(crate) fn run(program: &mut Command, credentials: PathBuf, options: &[&OsStr]) -> Result<Self> {
        let shown = program.get_program().to_string_lossy().into_owned();
        let mut child = program
            .arg("--out")
            .arg(&credentials)
            .args(["--port", "0", "--exit-with-parent", "--quiet"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context(shown)?;
        let alive = child.stdin.take();
        let output = child.stdout.take();
        let sandbox = Self { credentials, child, _alive: alive };
        let Some(output) = output else {
            bail!("the sandbox has no output");
        };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref() {
            let line = line.context("output of the sandbox")?;
            if let Some(json) = line.strip_prefix(READY) {
                let ready: Value = serde_json::from_str(json).context("the sandbox's READY line")?;
                println!("    listens at {}", ready["base_url"].as_str().unwrap_or_default());
                println!("    wrote keys and credentials to {}", sandbox.credentials.display());
                // What it says later must go somewhere, or the pipe fills up and the sandbox stops.
                std::thread::spawn(move || {
                    for line in lines.map_while(|line| line.ok()) {
                        println!("[sandbox] {line}");
                    }
                });
                return Ok(sandbox);
            }
            println!("[sandbox] {line}");
        }
        Err(anyhow!("the sandbox ended before it was ready"))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sandbox, built.
pub(crate) fn program() -> Result<PathBuf> {
    build("bin", "wechatpay-sandbox")
}

/// Builds a program of the workspace and says where it is. With the features of the whole workspace, so that nothing is
/// compiled again that the tests have compiled.
pub(crate) fn build(kind: &str, name: &str) -> Result<PathBuf> {
    let args = ["build", "--locked", "--workspace", "--message-format", "json-render-diagnostics"];
    let messages = run::output_of(cargo(&args).args([format!("--{kind}"), name.to_owned()]))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name && message["target"]["kind"][0] == kind)
        .find_map(|message| message["executable"].as_str().map(|path| Path::new(path).to_owned()))
        .ok_or_else(|| anyhow!("cargo built no {kind} {name}"))
}

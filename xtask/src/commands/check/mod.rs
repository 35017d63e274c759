//! `cargo xtask check`: everything that is checked without running a test.

mod licences;
mod links;
mod newest;
mod promises;
mod semver;
mod tree;
mod versions;
mod workflows;

use anyhow::{Result, anyhow};
use pico_args::Arguments;

use crate::commands::{codegen, coverage};
use crate::python;
use crate::run::{self, cargo, headline};
use crate::usage;

/// How one check ended when it did not fail.
pub(crate) enum Checked {
    Ok,
    /// All that could be checked is fine; this could not be.
    Partly(String),
}

type Check = fn() -> Result<Checked>;

const CHECKS: &[(&str, Check)] = &[
    ("format", || done(run::run(&mut cargo(&["fmt", "--all", "--check"])))),
    ("file sizes and generated files", tree::check),
    ("versions", versions::check),
    ("links in Markdown files", links::check),
    ("tests that docs/security.md names", promises::check),
    ("generated code", || done(codegen::check())),
    ("the spec beside the collected facts", || done(coverage::check())),
    ("clippy: workspace", || clippy(&["--workspace"])),
    ("clippy: bindings-uniffi", || clippy(&["--workspace", "--manifest-path", "bindings-uniffi/Cargo.toml"])),
    ("clippy: core with both backends", || clippy(&["-p", "wechatpay-core", "--features", "rustcrypto"])),
    ("clippy: core alone, aws-lc", || clippy(&[CORE, &["--features", "aws-lc"]].concat())),
    ("clippy: core alone, rustcrypto", || clippy(&[CORE, &["--features", "rustcrypto"]].concat())),
    ("clippy: typed API, default families", || clippy(&["-p", "wechatpay"])),
    ("clippy: typed API, one family without the client", || {
        clippy(&["-p", "wechatpay", "--no-default-features", "--features", "aws-lc,refunds"])
    }),
    ("clippy: Python binding for the free-threaded CPython 3.14", || done(python::free_threaded())),
    ("documentation", documentation),
    ("licences and advisories", licences::check),
    ("workflows", workflows::check),
];

const CORE: &[&str] = &["-p", "wechatpay-core", "--no-default-features"];

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let newest = args.contains("--newest");
    if args.contains("--semver") {
        let baseline = args.opt_value_from_str("--baseline")?;
        usage::finish(args)?;
        return semver::check(baseline);
    }
    usage::finish(args)?;
    if newest {
        return newest::check();
    }
    let mut summary = Vec::new();
    let mut failed = 0;
    for (name, check) in CHECKS {
        headline(name);
        match check() {
            Ok(Checked::Ok) => summary.push(format!("  ok      {name}")),
            Ok(Checked::Partly(what)) => summary.push(format!("  PARTLY  {name}: {what}")),
            Err(failure) => {
                println!("{failure:#}");
                summary.push(format!("  FAILED  {name}"));
                failed += 1;
            }
        }
    }
    headline("summary of the checks");
    println!("{}", summary.join("\n"));
    if failed > 0 { Err(anyhow!("{failed} of {} checks failed", CHECKS.len())) } else { Ok(()) }
}

/// One version everywhere.
pub(crate) fn versions() -> Result<()> {
    versions::check().map(drop)
}

fn done(result: Result<()>) -> Result<Checked> {
    result.map(|()| Checked::Ok)
}

fn clippy(what: &[&str]) -> Result<Checked> {
    let mut command = cargo(&["clippy", "--locked", "--all-targets"]);
    done(run::run(command.args(what).args(["--", "-D", "warnings"])))
}

fn documentation() -> Result<Checked> {
    let mut command = cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
    done(run::run(command.env("RUSTDOCFLAGS", "-D warnings")))
}

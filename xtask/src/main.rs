//! `cargo xtask`: everything that is run by hand or by CI, one file per command.

mod args;
mod commands;
mod failure;
mod kotlin;
mod languages;
mod node;
mod python;
mod run;
mod swift;

use std::process::ExitCode;

use args::Args;
use failure::{Failure, Result};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  demo [--lang LANG]     start the sandbox and run the main job against it, step by step
  test [--lang LANG]     run every test; without --lang those of all languages
  check                  format, lints, generated code, docs, licences, advisories, links
  check --newest         whether everything compiles with the newest dependencies that the manifests allow
  codegen [--check]      write the generated code, or only say whether it is up to date
  coverage               operations of the spec against those of the seeds and of the collected facts
  bench [--lang LANG] [--quick]
                         benchmarks: rust beside `openssl speed`, other languages beside their other SDKs
  dist [LANG]            put the packages to publish into dist/

LANG is one of: rust (default of demo and bench), python, node, kotlin, swift.";

fn main() -> ExitCode {
    match dispatch(Args::new(std::env::args().skip(1))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            if matches!(failure, Failure::Usage(_)) {
                eprintln!("\n{USAGE}");
            }
            failure.exit_code()
        }
    }
}

fn dispatch(mut args: Args) -> Result<()> {
    let Some(command) = args.command() else {
        return Err(Failure::Usage("which command?".into()));
    };
    match command.as_str() {
        "bench" => commands::bench::run(args),
        "check" => commands::check::run(args),
        "codegen" => commands::codegen::run(args),
        "coverage" => commands::coverage::run(args),
        "demo" => commands::demo::run(args),
        "dist" => commands::dist::run(args),
        "test" => commands::test::run(args),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Failure::Usage(format!("there is no command `{other}`"))),
    }
}

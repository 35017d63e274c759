//! `cargo xtask`: everything that is run by hand or by CI, one file per command.

mod commands;
mod kotlin;
mod languages;
mod node;
mod python;
mod run;
mod rust;
mod sandbox;
mod swift;
mod tally;
mod usage;

use std::process::ExitCode;

use anyhow::Result;
use pico_args::Arguments;

use usage::Usage;

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
    let Err(failure) = dispatch(Arguments::from_env()) else { return ExitCode::SUCCESS };
    eprintln!("xtask: {failure:#}");
    if usage::is_usage(&failure) {
        eprintln!("\n{USAGE}");
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

fn dispatch(mut args: Arguments) -> Result<()> {
    if args.contains(["-h", "--help"]) {
        println!("{USAGE}");
        return Ok(());
    }
    let Some(command) = args.subcommand()? else {
        return Err(Usage("which command?".into()).into());
    };
    match command.as_str() {
        "bench" => commands::bench::run(args),
        "check" => commands::check::run(args),
        "codegen" => commands::codegen::run(args),
        "coverage" => commands::coverage::run(args),
        "demo" => commands::demo::run(args),
        "dist" => commands::dist::run(args),
        "test" => commands::test::run(args),
        "help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Usage(format!("there is no command `{other}`")).into()),
    }
}

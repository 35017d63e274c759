//! `cargo xtask`: everything that is run by hand or by CI, one file per command.

mod checkout;
mod commands;
mod facts;
mod kotlin;
mod languages;
mod machines;
mod node;
mod peers;
mod python;
mod run;
mod rust;
mod sandbox;
mod sandbox_packages;
mod swift;
mod tally;
mod usage;
mod venv;

use std::process::ExitCode;

use anyhow::Result;
use pico_args::Arguments;

use usage::Usage;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  demo [--lang LANG]     start the sandbox and run the main job against it, step by step
  test [--lang LANG] [--suite peers|packages|cli|sandbox]
                         run every test, or those of one language, of other people's SDKs against the sandbox, of
                         the sandbox's packages, of the command line, or of the sandbox
  check                  format, lints, generated code, docs, licences, advisories, links
  check --newest         whether everything compiles with the newest dependencies that the manifests allow
  check --semver [--baseline REV]
                         whether Rust programs that compiled with the last release still do: cargo semver-checks
  codegen [--check]      write the generated code, or only say whether it is up to date
  coverage [--family NAME] [--verbose]
                         operations and fields of the spec beside the collected facts, and why they differ
  facts --from DIR [--write]
                         what a copy of the documentation says that the facts do not; take it over
  bench [--lang LANG] [--quick]
                         benchmarks: rust beside `openssl speed`, other languages beside their other SDKs
  scale [PART…]          what the whole API costs, beside the budgets; a PART of it is one of: generator, rust,
                         library, jvm, swift, python, typescript, clone
  dist [LANG|sandbox|openapi]
                         put the packages to publish (on Linux: for every Linux), and the API as one OpenAPI
                         document, into dist/
  release --dry-run [PART…] [--tag TAG]
                         everything of a release that needs no credential: versions, packages, their sums and contents; a
                         PART of it is one of: rust, python, node, kotlin, swift, sandbox, openapi

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
        "facts" => commands::facts::run(args),
        "meter" => commands::scale::meter::run(args),
        "release" => commands::release::run(args),
        "scale" => commands::scale::run(args),
        "test" => commands::test::run(args),
        "help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Usage(format!("there is no command `{other}`")).into()),
    }
}

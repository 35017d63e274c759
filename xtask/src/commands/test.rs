//! `cargo xtask test`: every test.

use anyhow::{Result, bail};
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::run::all;
use crate::tally::Tally;
use crate::usage::{self, Usage};
use crate::{peers, rust, sandbox_packages};

type Test = fn(&mut Tally) -> Result<()>;

/// Tests that belong to no language: what `--suite` takes, and what runs it.
const SUITES: &[(&str, Test)] = &[("peers", peers::test), ("packages", sandbox_packages::test)];

/// Parts of the Rust tests that can be asked for alone.
const PARTS: &[(&str, Test)] = &[("cli", rust::test_cli), ("sandbox", rust::test_sandbox)];

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let language = languages::from_args(&mut args)?;
    let suite: Option<String> = args.opt_value_from_str("--suite")?;
    usage::finish(args)?;
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    match (language, suite) {
        (Some(_), Some(_)) => bail!(Usage("either --lang or --suite".to_owned())),
        (Some(language), None) => {
            let test = language.test.ok_or_else(|| language.not_built("test suite"))?;
            failures.extend(test(&mut tally).err());
        }
        (None, Some(suite)) => failures.extend(named(&suite)?(&mut tally).err()),
        (None, None) => {
            let languages = LANGUAGES.iter().filter_map(|language| language.test);
            for test in languages.chain(SUITES.iter().map(|(_, test)| *test)) {
                failures.extend(test(&mut tally).err());
            }
        }
    }
    println!("\n{tally}");
    all(failures)?;
    if !tally.is_success() {
        bail!("no test ran, or one failed");
    }
    Ok(())
}

fn named(suite: &str) -> Result<Test> {
    match SUITES.iter().chain(PARTS).find(|(name, _)| *name == suite) {
        Some((_, test)) => Ok(*test),
        None => {
            let known: Vec<_> = SUITES.iter().chain(PARTS).map(|(name, _)| *name).collect();
            Err(Usage(format!("there is no suite `{suite}`; there are {}", known.join(", "))).into())
        }
    }
}

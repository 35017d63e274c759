//! `cargo xtask test`: every test.

use anyhow::{Result, bail};
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::run::all;
use crate::tally::Tally;
use crate::usage;

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let language = languages::from_args(&mut args)?;
    usage::finish(args)?;
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    match language {
        Some(language) => {
            let test = language.test.ok_or_else(|| language.not_built("test suite"))?;
            failures.extend(test(&mut tally).err());
        }
        None => {
            for test in LANGUAGES.iter().filter_map(|language| language.test) {
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

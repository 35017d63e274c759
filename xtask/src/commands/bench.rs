//! `cargo xtask bench [--quick]`: what the SDK costs, beside what it is compared with.

use anyhow::Result;
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::usage;

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let quick = args.contains("--quick");
    let language = languages::from_args(&mut args)?.unwrap_or(&LANGUAGES[0]);
    usage::finish(args)?;
    language.bench.ok_or_else(|| language.not_built("benchmarks"))?(quick)
}

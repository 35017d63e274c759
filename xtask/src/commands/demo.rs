//! `cargo xtask demo`: the main job, run against the sandbox.

use anyhow::Result;
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::sandbox::Sandbox;
use crate::usage;

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let language = languages::from_args(&mut args)?.unwrap_or(&LANGUAGES[0]);
    usage::finish(args)?;
    let demo = language.demo.ok_or_else(|| language.not_built("demo"))?;
    demo(&Sandbox::start()?)
}

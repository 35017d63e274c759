//! `cargo xtask coverage`
use crate::args::Args;
use crate::failure::{Failure, Result};

pub(crate) fn run(args: Args) -> Result<()> {
    args.finish()?;
    Err(Failure::NotBuilt("coverage is not built yet".into()))
}

//! `cargo xtask bench`
use crate::args::Args;
use crate::failure::{Failure, Result};

pub(crate) fn run(mut args: Args) -> Result<()> {
    let _quick = args.flag("--quick");
    args.finish()?;
    Err(Failure::NotBuilt("bench is not built yet".into()))
}

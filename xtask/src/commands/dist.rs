//! `cargo xtask dist`: the packages as they would be published, in `dist/`.

use anyhow::Result;
use pico_args::Arguments;

use crate::languages::{self, LANGUAGES};
use crate::run::root;
use crate::usage;

/// `dist`, `dist node` or `dist --lang node`.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let mut language = languages::from_args(&mut args)?;
    if language.is_none() {
        let name: Option<String> = args.opt_free_from_str()?;
        language = name.map(|name| languages::named(&name)).transpose()?;
    }
    usage::finish(args)?;
    let out = root().join("dist");
    match language {
        Some(language) => language.dist.ok_or_else(|| language.not_built("package"))?(&out),
        None => LANGUAGES.iter().filter_map(|language| language.dist).try_for_each(|dist| dist(&out)),
    }
}

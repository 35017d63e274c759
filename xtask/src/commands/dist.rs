//! `cargo xtask dist`: the packages as they would be published, in `dist/`.

use std::path::Path;

use crate::args::Args;
use crate::failure::{Context, Failure, Result};
use crate::languages::{self, LANGUAGES};
use crate::run::{self, cargo, headline, root};

/// `dist`, `dist node` or `dist --lang node`.
pub(crate) fn run(mut args: Args) -> Result<()> {
    let mut language = languages::from_args(&mut args)?;
    if language.is_none() {
        language = args.command().map(|name| languages::named(&name)).transpose()?;
    }
    args.finish()?;
    let out = root().join("dist");
    match language {
        Some(language) => language.dist.ok_or_else(|| language.not_built("package"))?(&out),
        None => LANGUAGES.iter().filter_map(|language| language.dist).try_for_each(|dist| dist(&out)),
    }
}

/// The crate.
pub(crate) fn rust(dist: &Path) -> Result<()> {
    headline("crate wechatpay-core");
    run::run(&mut cargo(&["package", "--locked", "-p", "wechatpay-core"]))?;
    let packages = run::target_dir()?.join("package");
    std::fs::create_dir_all(dist).context(dist.display())?;
    let name = format!("wechatpay-core-{}.crate", env!("CARGO_PKG_VERSION"));
    let from = packages.join(&name);
    if !from.is_file() {
        return Err(Failure::Failed(format!("cargo package did not produce {}", from.display())));
    }
    std::fs::copy(&from, dist.join(&name)).context(&name)?;
    println!("dist/{name}");
    Ok(())
}

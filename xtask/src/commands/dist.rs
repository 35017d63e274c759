//! `cargo xtask dist`: the packages as they would be published, in `dist/`.

use crate::args::Args;
use crate::failure::{Context, Failure, Result};
use crate::run::{self, cargo, headline, root};

pub(crate) fn run(args: Args) -> Result<()> {
    args.finish()?;
    headline("crate wechatpay-core");
    run::run(&mut cargo(&["package", "--locked", "-p", "wechatpay-core"]))?;
    let packages = run::target_dir()?.join("package");
    let dist = root().join("dist");
    std::fs::create_dir_all(&dist).context(dist.display())?;
    let name = format!("wechatpay-core-{}.crate", env!("CARGO_PKG_VERSION"));
    let from = packages.join(&name);
    if !from.is_file() {
        return Err(Failure::Failed(format!("cargo package did not produce {}", from.display())));
    }
    std::fs::copy(&from, dist.join(&name)).context(&name)?;
    println!("dist/{name}");
    Ok(())
}

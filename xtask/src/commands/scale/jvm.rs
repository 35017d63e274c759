//! How large the classes of the JVM are.

use anyhow::{Context, Result};

use super::{Scale, Table, classes, files};
use crate::kotlin;
use crate::run::{self, target_dir};

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let target = target_dir()?.join("scale/kotlin");
    run::run(&mut kotlin::compile_of(&scale.whole.root, &target)?)?;
    let (mut bytes, mut methods, mut sources) = (0, 0, 0);
    for path in files(&target)? {
        if path.extension().is_some_and(|extension| extension == "class") {
            let class = std::fs::read(&path).with_context(|| path.display().to_string())?;
            bytes += class.len();
            methods += classes::methods(&class).with_context(|| path.display().to_string())?;
            sources += 1;
        }
    }
    table.told("classes of the JVM", f64::from(sources), "files");
    table.most("their size", bytes as f64 / 1e6, 10.0, "MB");
    table.most("their methods", methods as f64, 45_000.0, "");
    Ok(())
}

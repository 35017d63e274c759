//! What a program pays that uses the types of one product in Python: importing its module.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::{Scale, Table, files};
use crate::run::{output_of, root, target_dir};
use crate::venv;

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let folder = scale.whole.root.join("bindings-python/python/wechatpay_rs/generated/types");
    let mut largest = (0, PathBuf::new());
    for path in files(&folder)? {
        let size = path.metadata().with_context(|| path.display().to_string())?.len();
        if size > largest.0 && path.extension().is_some_and(|extension| extension == "py") {
            largest = (size, path);
        }
    }
    let mut import = Command::new(venv::interpreter()?);
    import.arg(root().join("xtask/data/import_types.py")).arg(&largest.1);
    // Where Python keeps what it compiled, so that the sources stay clean.
    import.env("PYTHONPYCACHEPREFIX", target_dir()?.join("scale/pycache")).env_remove("PYTHONPATH");
    let said = output_of(&mut import)?;
    let milliseconds = said.trim().parse().map_err(|_| anyhow!("import_types.py said {said:?}"))?;
    let name = largest.1.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    table.most(format!("Python: importing the largest module of types, {name}"), milliseconds, 6.0, "ms");
    Ok(())
}

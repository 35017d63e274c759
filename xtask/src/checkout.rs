//! Copies of the repository below `target/`, to build with other dependencies or another spec.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{output_of, root};

/// Copies what is under version control, or could be; what was compiled in the copy before stays and need not be again.
/// Names that `wanted` refuses are left as they are.
pub(crate) fn copy_sources(copy: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    for name in output_of(&mut git)?.lines().filter(|name| wanted(name)) {
        let from = root().join(name);
        // A file that was deleted and not committed yet is still listed.
        if !from.is_file() {
            continue;
        }
        let content = fs::read(&from).with_context(|| name.to_string())?;
        write(&copy.join(name), &content)?;
    }
    Ok(())
}

/// Writes a file only where it differs, or cargo would compile everything again.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(path, content).with_context(|| path.display().to_string())
}

//! Sizes of hand-written files, and the promises that generated files keep.

use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::Checked;
use crate::run::{output_of, root};

/// Above this a hand-written file wants splitting; a warning, for the author knows best.
const HAND_WRITTEN_LINES: usize = 700;
/// Above this a generated file makes editors and compilers slow.
const GENERATED_LINES: usize = 2_000;

const SOURCES: &[&str] = &["rs", "py", "js", "mjs", "cjs", "ts", "kt", "java", "swift", "yaml", "yml"];

pub(super) fn check() -> Result<Checked> {
    let mut wrong = Vec::new();
    let mut long = Vec::new();
    for name in tracked_files()? {
        if !SOURCES.iter().any(|extension| name.ends_with(&format!(".{extension}"))) {
            continue;
        }
        let path = root().join(&name);
        if !path.is_file() {
            continue; // removed in the work tree, not yet in the index
        }
        let text = std::fs::read_to_string(&path).with_context(|| name.to_string())?;
        let lines = text.lines().count();
        if name.split('/').any(|part| part == "generated") {
            if !text.lines().take(3).any(|line| line.contains("@generated")) {
                wrong
                    .push(format!("{name}: lies in a folder `generated` but does not start with @generated"));
            }
            if lines > GENERATED_LINES {
                wrong.push(format!("{name}: {lines} lines; split generated files at {GENERATED_LINES}"));
            }
        } else if lines > HAND_WRITTEN_LINES && !name.starts_with("spec/") && !name.contains("/golden/") {
            long.push(format!("{name}: {lines} lines; consider splitting it"));
        }
    }
    for line in &long {
        println!("warning: {line}");
    }
    if wrong.is_empty() { Ok(Checked::Ok) } else { Err(anyhow!(wrong.join("\n"))) }
}

/// Files that git knows, with `/` in their names.
pub(super) fn tracked_files() -> Result<Vec<String>> {
    let list = output_of(Command::new("git").args(["ls-files", "-z"]).current_dir(root()))?;
    Ok(list.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

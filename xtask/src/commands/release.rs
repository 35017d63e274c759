//! `cargo xtask release --dry-run`: everything of a release that needs no credential. Publishing is done by `.github/workflows/release-*.yml`, from
//! one tag.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use sha2::{Digest as _, Sha256};

use super::{check, dist};
use crate::run::{headline, output_of, root};
use crate::usage::{self, Usage};

/// What can be asked for alone.
const PARTS: &[&str] = &["rust", "python", "node", "kotlin", "swift", "sandbox", "openapi"];

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let dry = args.contains("--dry-run");
    let tag: Option<String> = args.opt_value_from_str("--tag")?;
    let mut parts = Vec::new();
    while let Some(part) = args.opt_free_from_str::<String>()? {
        if !PARTS.contains(&part.as_str()) {
            return Err(Usage(format!("`{part}` is no part of a release: {}", PARTS.join(", "))).into());
        }
        parts.push(part);
    }
    usage::finish(args)?;
    if !dry {
        return Err(
            Usage("a release is a tag: the workflows publish it. Here is only --dry-run".into()).into()
        );
    }
    let version = env!("CARGO_PKG_VERSION");
    headline("versions");
    check::versions()?;
    if let Some(tag) = tag
        && tag != format!("v{version}")
    {
        bail!("the tag is {tag}, the version {version}");
    }
    println!("version {version}, tag v{version}");
    let out = root().join("dist");
    let all: Vec<&str> =
        if parts.is_empty() { PARTS.to_vec() } else { parts.iter().map(String::as_str).collect() };
    for part in all {
        dist::part(part, &out)?;
    }
    headline("what would be published");
    sums(&out)
}

/// Each file with its size and its sum, which are in `SHA256SUMS` too, and what is in it.
fn sums(out: &Path) -> Result<()> {
    let mut files = Vec::new();
    walk(out, &mut files)?;
    files.retain(|file| file.file_name().is_some_and(|name| name != "SHA256SUMS"));
    files.sort();
    let mut lines = String::new();
    println!("| file | bytes | SHA-256 | files in it |\n|---|---|---|---|");
    for file in files {
        let content = fs::read(&file).with_context(|| file.display().to_string())?;
        let sum: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = file.strip_prefix(out).unwrap_or(&file).display().to_string();
        let held = entries(&file)?.map_or_else(String::new, |entries| entries.to_string());
        println!("| {name} | {} | {sum} | {held} |", content.len());
        lines.push_str(&format!("{sum}  {name}\n"));
    }
    let path = out.join("SHA256SUMS");
    fs::write(&path, lines).with_context(|| path.display().to_string())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// How many files an archive holds; nothing for what is none.
fn entries(file: &Path) -> Result<Option<usize>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut list = if name.ends_with(".crate") || name.ends_with(".tgz") || name.ends_with(".tar.gz") {
        let mut tar = Command::new("tar");
        tar.arg("-tzf");
        tar
    } else if name.ends_with(".whl") || name.ends_with(".jar") {
        let mut zip = Command::new("python3");
        zip.args(["-c", "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')"]);
        zip
    } else {
        return Ok(None);
    };
    let names = output_of(list.arg(file))?;
    Ok(Some(names.lines().filter(|name| !name.ends_with('/')).count()))
}

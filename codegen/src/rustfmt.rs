//! Runs rustfmt over generated Rust, with the settings of the repository.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Files;

/// Formats all `.rs` files with the settings of the repository at `root`.
///
/// They are written to a folder of their own and formatted by one process: to start one takes longer than to format a
/// file. rustfmt follows `mod` items, so it is only given the files that no other one declares.
pub fn format(root: &Path, files: &mut Files) -> Result<()> {
    let folder = Scratch::new()?;
    let names: Vec<String> = files.keys().filter(|name| name.ends_with(".rs")).cloned().collect();
    if names.is_empty() {
        return Ok(());
    }
    for name in &names {
        let path = folder.0.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, &files[name])?;
    }
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .args(names.iter().filter(|name| !is_declared(name, files)).map(|name| folder.0.join(name)))
        .output()
        .map_err(|error| Error::new(error.kind(), format!("rustfmt could not be started: {error}")))?;
    if !output.status.success() {
        return Err(Error::other(format!("rustfmt refused: {}", String::from_utf8_lossy(&output.stderr))));
    }
    for name in names {
        let text = std::fs::read_to_string(folder.0.join(&name))?;
        files.insert(name, text);
    }
    Ok(())
}

/// Whether another of the files holds the `mod` item of this one.
fn is_declared(name: &str, files: &Files) -> bool {
    let stem = name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix(".rs")).unwrap_or(name);
    let Some((folder, module)) = stem.rsplit_once('/') else { return false };
    [format!("{folder}/mod.rs"), format!("{folder}.rs")].iter().filter_map(|parent| files.get(parent)).any(
        |parent| {
            let declares = |line: &str| {
                let item = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
                item.strip_prefix("mod ")
                    .and_then(|rest| rest.strip_suffix(';'))
                    .is_some_and(|declared| declared.strip_prefix("r#").unwrap_or(declared) == module)
            };
            parent.lines().any(declares)
        },
    )
}

/// A folder that is gone when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wechatpay-codegen-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It stands in the folder for temporary files: what cannot be removed now is removed by the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_no_other_one_declares_are_handed_to_rustfmt() {
        let files = Files::from(
            [
                ("a/mod.rs", "pub mod b;\n#[cfg(x)]\npub(crate) mod r#type;\n"),
                ("a/b.rs", "mod c;"),
                ("a/b/c.rs", ""),
                ("a/type.rs", ""),
                ("a/alone.rs", ""),
            ]
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
        );
        let roots: Vec<&str> =
            files.keys().filter(|name| !is_declared(name, &files)).map(String::as_str).collect();
        assert_eq!(roots, ["a/alone.rs", "a/mod.rs"]);
    }

    #[test]
    fn every_file_is_formatted() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Files::from(
            [("a/mod.rs", "mod  b;"), ("a/b.rs", "fn  x ( ) { }"), ("a/note.txt", "a  b")]
                .map(|(name, text)| (name.to_owned(), text.to_owned())),
        );
        assert!(format(&root, &mut files).is_ok());
        let texts: Vec<&str> = files.values().map(String::as_str).collect();
        assert_eq!(texts, ["fn x() {}\n", "mod b;\n", "a  b"]);
    }
}

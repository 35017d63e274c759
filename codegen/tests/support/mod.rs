//! Reading test folders, and comparing or blessing what stands in them.
#![allow(dead_code, reason = "not every test uses everything")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Folders below `codegen/tests/NAME`, sorted.
pub(crate) fn folders(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// All files below a folder, by relative path with `/`.
pub(crate) fn read_folder(folder: &Path) -> BTreeMap<String, String> {
    read_tree(folder, "")
}

/// All files of a folder below `base`, by path relative to `base`, sorted.
pub(crate) fn read_tree(base: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(base.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            files.extend(read_tree(base, &name));
        } else {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

/// Fails on a difference; with `UPDATE_EXPECT=1` writes what was made instead.
pub(crate) fn compare(folder: &Path, found: &BTreeMap<String, String>, made: &BTreeMap<String, String>) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for name in found.keys().filter(|name| !made.contains_key(*name)) {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, text) in made {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        return;
    }
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let folder = folder.display();
    assert_eq!(names(found), names(made), "{folder}: files; UPDATE_EXPECT=1 accepts the change");
    for (name, text) in made {
        assert!(found[name] == *text, "{folder}/{name} is not what is generated now:\n{text}");
    }
}

//! A page of the guide in Chinese says what the English one does: the same snippets, which are run there, and the same sections.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

use std::path::{Path, PathBuf};

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide")
}

/// Snippets with their fences, and how many sections and rows of tables stand outside of them.
fn outline(page: &str) -> (Vec<String>, usize, usize) {
    let (mut snippets, mut sections, mut rows) = (Vec::new(), 0, 0);
    for (index, part) in page.split("\n```").enumerate() {
        if index % 2 == 1 {
            snippets.push(part.to_owned());
        } else {
            sections += part.lines().filter(|line| line.starts_with("## ")).count();
            rows += part.lines().filter(|line| line.starts_with('|')).count();
        }
    }
    (snippets, sections, rows)
}

#[test]
fn chinese_pages_have_the_snippets_and_sections_of_the_english_ones() {
    let mut pages = 0;
    for entry in std::fs::read_dir(guide()).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let english = std::fs::read_to_string(&path).unwrap();
        let chinese = std::fs::read_to_string(guide().join("zh-CN").join(&name)).unwrap_or_default();
        assert_eq!(outline(&chinese), outline(&english), "{name}");
        assert!(english.contains(&format!("(zh-CN/{name})")), "{name} does not lead to its Chinese twin");
        assert!(chinese.contains(&format!("[English](../{name})")), "{name} does not lead back");
        pages += 1;
    }
    assert!(pages >= 17, "{pages}");
}

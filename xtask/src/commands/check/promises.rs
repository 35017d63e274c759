//! The tests that `docs/security.md` names exist.

use anyhow::{Context, Result, bail};

use super::Checked;
use crate::run::root;

const PAGE: &str = "docs/security.md";
/// Stands in the page where a promise has no test yet.
const OPEN: &str = "| … |";

pub(super) fn check() -> Result<Checked> {
    let text = std::fs::read_to_string(root().join(PAGE)).context(PAGE)?;
    let mut missing = Vec::new();
    let tests = tests_named(&text);
    for (line, file, name) in &tests {
        let path = if file.contains('/') { file.clone() } else { format!("tests/scenarios/{file}") };
        let found = std::fs::read_to_string(root().join(&path)).is_ok_and(|text| has_word(&text, name));
        if !found {
            missing.push(format!("{PAGE}:{line}: there is no test `{name}` in {path}"));
        }
    }
    println!("{} tests", tests.len());
    let open = text.matches(OPEN).count();
    if !missing.is_empty() {
        bail!(missing.join("\n"));
    }
    Ok(if open == 0 { Checked::Ok } else { Checked::Partly(format!("{open} promises name no test yet")) })
}

/// Line number, file and name of every test between back-ticks: `file::name`. A name may have blanks.
fn tests_named(text: &str) -> Vec<(usize, String, String)> {
    let mut tests = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
        for code in line.split('`').skip(1).step_by(2) {
            if let Some((file, name)) = code.split_once("::") {
                tests.push((index + 1, file.to_owned(), name.to_owned()));
            }
        }
    }
    tests
}

/// Whether the name stands in the text, and not only as a part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::{has_word, tests_named};

    #[test]
    fn tests_are_found_in_tables_only() {
        let text = "`a.json::prose`\n| 1 | `no test` | `a.json::one`, `x/b.js::two words` |\n";
        let expected = [(2, "a.json", "one"), (2, "x/b.js", "two words")];
        assert_eq!(
            tests_named(text),
            expected.map(|(line, file, name)| (line, file.to_owned(), name.to_owned()))
        );
    }

    #[test]
    fn a_part_of_a_name_is_not_the_name() {
        assert!(has_word("fn one_test() {", "one_test"));
        assert!(!has_word("fn one_test_more() {", "one_test"));
        assert!(!has_word("fn no_one_test() {", "one_test"));
    }
}

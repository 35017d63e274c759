//! Links of Markdown files to other files of the repository.

use std::path::Path;

use anyhow::{Context, Result, anyhow};

use super::{Checked, tree};
use crate::run::root;

pub(super) fn check() -> Result<Checked> {
    let mut broken = Vec::new();
    let mut count = 0;
    for name in tree::tracked_files()?.iter().filter(|name| name.ends_with(".md")) {
        let path = root().join(name);
        if !path.is_file() {
            continue; // removed in the work tree, not yet in the index
        }
        let text = std::fs::read_to_string(&path).with_context(|| name.to_string())?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for (line, target) in local_links(&text) {
            count += 1;
            if !folder.join(&target).exists() {
                broken.push(format!("{name}:{line}: there is no `{target}`"));
            }
        }
    }
    println!("{count} links");
    if broken.is_empty() { Ok(Checked::Ok) } else { Err(anyhow!(broken.join("\n"))) }
}

/// Line number and target of every inline link to a file, outside code.
fn local_links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut fence = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        }
        if fence {
            continue;
        }
        // Every second part lies between back-ticks.
        for prose in line.split('`').step_by(2) {
            for rest in prose.split("](").skip(1) {
                let Some((target, _)) = rest.split_once(')') else { continue };
                let file = target.split(['#', ' ']).next().unwrap_or_default();
                if !file.is_empty() && !file.contains(':') {
                    links.push((index + 1, file.to_owned()));
                }
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::local_links;

    #[test]
    fn files_are_found_and_the_rest_is_not() {
        let text = "See [a](docs/a.md), [b](b.md#part \"title\").\n[web](https://example.com/x.md) [here](#here)\n\
                    ```\n[code](none.md)\n```\nand `[code](none.md)`, [c](c.md)";
        let expected = [(1, "docs/a.md"), (1, "b.md"), (6, "c.md")];
        assert_eq!(local_links(text), expected.map(|(line, target)| (line, target.to_owned())));
    }
}

//! `cargo xtask facts --from DIR`: a copy of the documentation beside the collected facts.

mod changes;
mod documented;
mod fields;
mod merge;
mod notices;
mod page;
mod times;
mod update;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pico_args::Arguments;

use crate::facts;
use crate::run::{headline, root};
use crate::usage;
use changes::Sort;
use page::Page;

/// The two halves of the documentation.
const HALVES: [&str; 2] = ["merchant", "partner"];

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let from: PathBuf = args.value_from_os_str("--from", |path| Ok::<_, String>(path.into()))?;
    let write = args.contains("--write");
    usage::finish(args)?;
    let pages = pages(&from)?;
    let mut facts = facts::read(&root())?;
    let documented = merge::merge(&pages, &facts);
    let notices = notices::find(&pages);
    let mut changes = changes::find(&facts, &documented);
    changes.extend(changes::find_in_notices(&facts, &notices));
    headline("what the documentation says now and the facts do not");
    let mut counts: BTreeMap<Sort, usize> = BTreeMap::new();
    for change in &changes {
        println!("{change}");
        *counts.entry(change.sort).or_default() += 1;
    }
    headline("totals");
    println!(
        "{} pages describe {} operations and {} notifications",
        pages.len(),
        documented.len(),
        notices.len()
    );
    for (sort, count) in counts {
        println!("{count:>5}  {}", sort.name());
    }
    if changes.is_empty() {
        println!("the facts say what the documentation says");
    } else if write {
        update::update(&mut facts, &documented);
        notices::update(&mut facts, &notices);
        facts::write(&root(), &facts)?;
        println!("written into {}: read the difference, then run `cargo xtask coverage`", facts::FOLDER);
    }
    Ok(())
}

/// All pages below `docs/{merchant,partner}/pages` that describe an operation or a notification, by number.
fn pages(from: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for half in HALVES {
        let folder = from.join("docs").join(half).join("pages");
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            paths.push(entry.with_context(|| folder.display().to_string())?.path());
        }
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            pages.extend(Page::parse(&format!("{half}/{name}"), &text));
        }
    }
    if pages.is_empty() {
        bail!("{}: no page below docs describes an operation or a notification", from.display());
    }
    Ok(pages)
}

#[cfg(test)]
mod tests;

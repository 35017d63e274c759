//! `cargo xtask scale [PART…]`: what the SDK costs with about a thousand operations, beside its budgets.
//!
//! What is measured is a copy of this repository below `target/scale`, and where only a difference tells something, a
//! second copy with fewer families (`subset`). See docs/adr/0027-scale.md.

mod classes;
mod clone;
mod generator;
mod jvm;
mod library;
pub(crate) mod meter;
mod python;
mod rust;
mod subset;
mod swift;
mod typescript;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use wechatpay_codegen::ir::{Spec, TypeId};
use wechatpay_codegen::parse::{self, Source};

use crate::checkout;
use crate::run::{headline, root, target_dir};
use crate::usage::Usage;

/// A part of the table, which can be measured alone.
struct Part {
    name: &'static str,
    measure: fn(&Scale, &mut Table) -> Result<()>,
}

const PARTS: &[Part] = &[
    Part { name: "generator", measure: generator::measure },
    Part { name: "rust", measure: rust::measure },
    Part { name: "library", measure: library::measure },
    Part { name: "jvm", measure: jvm::measure },
    Part { name: "swift", measure: swift::measure },
    Part { name: "python", measure: python::measure },
    Part { name: "typescript", measure: typescript::measure },
    Part { name: "clone", measure: clone::measure },
];

/// A copy of the repository, and how many operations its spec has.
pub(super) struct Repository {
    pub(super) root: PathBuf,
    pub(super) operations: usize,
}

/// What there is to measure.
pub(super) struct Scale {
    /// This repository.
    pub(super) whole: Repository,
    committed: Vec<Source>,
}

impl Scale {
    /// The second copy, with the families that cannot be left out.
    pub(super) fn with_few(&self) -> Result<Repository> {
        self.second(subset::few(&self.committed)?)
    }

    /// The second copy, with about half of all operations.
    pub(super) fn with_half(&self) -> Result<Repository> {
        self.second(subset::half(&self.committed)?)
    }

    /// Copies the repository with another spec, and generates from it.
    fn second(&self, (sources, spec): (Vec<Source>, Spec)) -> Result<Repository> {
        let copy = target_dir()?.join("scale/second");
        // Cargo compiles anew what was written anew: generated files are left to the generator, which writes what changed.
        let first = !copy.exists();
        let whole: BTreeSet<&str> = self.committed.iter().map(|source| source.name.as_str()).collect();
        checkout::copy_sources(&copy, |name| {
            (first || !name.contains("/generated/")) && !whole.contains(name)
        })?;
        let mut left_out = whole;
        for source in &sources {
            checkout::write(&copy.join(&source.name), source.text.as_bytes())?;
            left_out.remove(source.name.as_str());
        }
        for path in left_out.into_iter().map(|name| copy.join(name)).filter(|path| path.exists()) {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        let repository = Repository { root: copy, operations: spec.operations().count() };
        generator::generate(&repository)?;
        Ok(repository)
    }
}

/// What was measured.
#[derive(Default)]
pub(super) struct Table(Vec<Row>);

struct Row {
    what: String,
    measured: String,
    budget: String,
    kept: bool,
}

impl Table {
    /// A number that may not be larger than its budget.
    fn most(&mut self, what: impl Into<String>, measured: f64, budget: f64, unit: &str) {
        let row = Row {
            what: what.into(),
            measured: shown(measured, unit),
            budget: format!("≤ {} {unit}", trimmed(budget)),
            kept: measured <= budget,
        };
        println!("{}: {} (budget {})", row.what, row.measured, row.budget);
        self.0.push(row);
    }

    /// A number without a budget, to compare with.
    fn told(&mut self, what: impl Into<String>, measured: f64, unit: &str) {
        let row =
            Row { what: what.into(), measured: shown(measured, unit), budget: String::new(), kept: true };
        println!("{}: {}", row.what, row.measured);
        self.0.push(row);
    }

    fn print(&self) {
        println!("\n| | measured | budget | |\n|---|---|---|---|");
        for row in &self.0 {
            let verdict = match (row.budget.is_empty(), row.kept) {
                (true, _) => "",
                (false, true) => "ok",
                (false, false) => "OVER",
            };
            println!("| {} | {} | {} | {verdict} |", row.what, row.measured, row.budget);
        }
    }
}

fn shown(number: f64, unit: &str) -> String {
    if number.fract() == 0.0 { format!("{number} {unit}") } else { format!("{number:.2} {unit}") }
}

fn trimmed(number: f64) -> String {
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(crate) fn run(args: Arguments) -> Result<()> {
    let mut parts = Vec::new();
    for arg in args.finish() {
        let name = arg.to_string_lossy();
        match PARTS.iter().find(|part| part.name == name) {
            Some(part) => parts.push(part),
            None => {
                let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
                return Err(Usage(format!("`{name}` is no part of scale: {}", names.join(", "))).into());
            }
        }
    }
    if parts.is_empty() {
        parts.extend(PARTS);
    }
    let scale = prepare()?;
    let mut table = Table::default();
    for part in parts {
        headline(&format!("scale: {}", part.name));
        (part.measure)(&scale, &mut table)?;
    }
    table.print();
    let over: Vec<&str> = table.0.iter().filter(|row| !row.kept).map(|row| row.what.as_str()).collect();
    if over.is_empty() { Ok(()) } else { bail!("over budget: {}", over.join("; ")) }
}

/// Copies the repository as it is.
fn prepare() -> Result<Scale> {
    headline("scale: a copy of the repository");
    let (committed, _) = parse::read_sources(&root()).context("spec")?;
    let spec = match parse::parse(&committed) {
        Ok(spec) => spec,
        Err(wrong) => bail!("{}", wrong.first().map_or_else(String::new, ToString::to_string)),
    };
    let copy = target_dir()?.join("scale/whole");
    checkout::copy_sources(&copy, |_| true)?;
    let operations = spec.operations().count();
    let fields: usize = (0..spec.types.len()).map(|id| spec.fields(TypeId(id)).len()).sum();
    println!(
        "{operations} operations, {} notifications, {} types, {fields} fields, {} files",
        spec.notifications().count(),
        spec.types.len(),
        spec.modules.len()
    );
    Ok(Scale { whole: Repository { root: copy, operations }, committed })
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

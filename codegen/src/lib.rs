//! From `spec/**/*.yaml` to the committed code of every language. A developer's tool, never a build step.
//!
//! [`parse`] reads the spec strictly into the [`ir`]; each module of [`emit`] turns the IR into files; [`run`] writes
//! them, or says which ones are not what they should be.

pub mod diagnostics;
pub mod emit;
pub mod features;
pub mod ir;
pub mod names;
pub mod parse;
pub mod rustfmt;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::diagnostics::Diagnostic;

/// Files to be written: path relative to the repository, and content.
pub type Files = BTreeMap<String, String>;

/// What [`run`] did, or with `check` would have done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that are as they should be.
    pub unchanged: usize,
    /// Files with other content.
    pub changed: Vec<String>,
    /// Files that were not there.
    pub created: Vec<String>,
    /// Files that nothing generates any more.
    pub stale: Vec<String>,
}

impl Report {
    /// Whether everything on disk was as it should be.
    pub fn is_clean(&self) -> bool {
        self.changed.is_empty() && self.created.is_empty() && self.stale.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, files) in [("changed", &self.changed), ("new", &self.created), ("stale", &self.stale)] {
            for file in files {
                writeln!(f, "{what}: {file}")?;
            }
        }
        write!(f, "{} generated files unchanged", self.unchanged)
    }
}

/// Why there are no generated files.
#[derive(Debug)]
pub enum Error {
    /// The spec is wrong: everything that is, with file and line.
    Spec(Vec<Diagnostic>),
    /// With `check`: files on disk are not what the spec says.
    Drift(Report),
    /// An emitter wrote what it must not: outside of its folders, or too much into one file.
    Emitter(String),
    /// A file could not be read or written, or rustfmt could not be run.
    Io(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spec(diagnostics) => {
                for diagnostic in diagnostics {
                    writeln!(f, "{diagnostic}")?;
                }
                write!(f, "{} errors in the spec; nothing was written", diagnostics.len())
            }
            Self::Drift(report) => {
                write!(f, "generated files are not what the spec says; run `cargo xtask codegen`\n{report}")
            }
            Self::Emitter(message) => f.write_str(message),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Generates everything below `root` (the repository). With `check` nothing is written, and a difference is
/// [`Error::Drift`].
pub fn run(root: &Path, check: bool) -> Result<Report, Error> {
    let files = generate(root)?;
    let mut report = Report::default();
    for (name, content) in &files {
        match std::fs::read_to_string(root.join(name)) {
            Ok(found) if found == *content => report.unchanged += 1,
            Ok(_) => report.changed.push(name.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => report.created.push(name.clone()),
            Err(error) => return Err(error.into()),
        }
    }
    for folder in emit::EMITTERS.iter().flat_map(|emitter| emitter.folders) {
        find_stale(root, folder, &files, &mut report.stale)?;
    }
    if check {
        return if report.is_clean() { Ok(report) } else { Err(Error::Drift(report)) };
    }
    for name in report.changed.iter().chain(&report.created) {
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, &files[name])?;
    }
    for name in &report.stale {
        std::fs::remove_file(root.join(name))?;
    }
    Ok(report)
}

/// Everything that is generated from the spec below `root`, without writing it.
pub fn generate(root: &Path) -> Result<Files, Error> {
    let (sources, errors_source) = parse::read_sources(root)?;
    let mut wrong = Vec::new();
    let spec = parse::parse(&sources).map_err(|errors| wrong.extend(errors));
    let errors = parse::parse_errors(&errors_source).map_err(|errors| wrong.extend(errors));
    let options =
        parse::parse_options(&parse::read_options_source(root)?).map_err(|errors| wrong.extend(errors));
    let bills = parse::parse_bills(&parse::read_bills_source(root)?).map_err(|errors| wrong.extend(errors));
    let (Ok(spec), Ok(errors), Ok(options), Ok(bills)) = (spec, errors, options, bills) else {
        return Err(Error::Spec(wrong));
    };
    let api = emit::Api { spec: &spec, errors: &errors, options: &options, bills: &bills };
    let mut files = emit::all(api).map_err(Error::Emitter)?;
    rustfmt::format(root, &mut files)?;
    emit::lengths::check(&files).map_err(Error::Emitter)?;
    let manifest = std::fs::read_to_string(root.join(features::MANIFEST))?;
    files.insert(features::MANIFEST.to_owned(), features::write(&manifest, &spec).map_err(Error::Emitter)?);
    Ok(files)
}

fn find_stale(root: &Path, folder: &str, files: &Files, stale: &mut Vec<String>) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_name() == "__pycache__" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            find_stale(root, &name, files, stale)?;
        } else if !files.contains_key(&name) {
            stale.push(name);
        }
    }
    stale.sort();
    Ok(())
}

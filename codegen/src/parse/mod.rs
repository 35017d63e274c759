//! `spec/**/*.yaml` to the [IR](crate::ir), strictly.

mod bills_file;
mod errors_file;
mod example;
mod file;
mod glossary;
mod limits;
mod operation;
mod options_file;
mod parts;
mod pattern;
mod reader;
mod resolve;
mod retry;
mod types;

use std::path::Path;

use crate::diagnostics::{Diagnostic, Diagnostics, Pos};
use crate::ir::{BillSpec, ErrorSpec, OptionSpec, Spec};

use bills_file::read_bills;
use errors_file::read_errors;
use glossary::Glossary;
use options_file::read_options;

/// The file with the descriptions of fields that many types have.
pub const GLOSSARY: &str = "spec/glossary.yaml";

/// The file with the columns of bills.
const BILLS: &str = "spec/bill_columns.yaml";

/// The file with the options of a client.
const OPTIONS: &str = "spec/options.yaml";
const ERRORS: &str = "spec/errors.yaml";
/// What was collected of the API, beside which `cargo xtask coverage` holds the spec.
const FACTS: &str = "spec/facts/";

/// A file's path in the repository, with `/`, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// `spec/payments/jsapi.yaml`
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Reads `spec/` below `root`: the API's files with the glossary, and `errors.yaml`.
pub fn read_sources(root: &Path) -> std::io::Result<(Vec<Source>, Source)> {
    let mut names = Vec::new();
    walk(root, "spec", &mut names)?;
    names.sort();
    let errors = read(root, ERRORS)?;
    let is_of_the_api =
        |name: &&String| ![ERRORS, OPTIONS, BILLS].contains(&name.as_str()) && !name.starts_with(FACTS);
    let sources =
        names.iter().filter(is_of_the_api).map(|name| read(root, name)).collect::<Result<_, _>>()?;
    Ok((sources, errors))
}

/// Reads `spec/options.yaml` below `root`.
pub fn read_options_source(root: &Path) -> std::io::Result<Source> {
    read(root, OPTIONS)
}

/// Reads `spec/bill_columns.yaml` below `root`.
pub fn read_bills_source(root: &Path) -> std::io::Result<Source> {
    read(root, BILLS)
}

fn read(root: &Path, name: &str) -> std::io::Result<Source> {
    let text = std::fs::read_to_string(root.join(name))
        .map_err(|error| std::io::Error::new(error.kind(), format!("{name}: {error}")))?;
    Ok(Source { name: name.to_owned(), text })
}

fn walk(root: &Path, folder: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(root, &name, names)?;
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            names.push(name);
        }
    }
    Ok(())
}

/// Parses and checks all files of the API together, the glossary included.
pub fn parse(sources: &[Source]) -> Result<Spec, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let (mut files, mut glossary) = (Vec::new(), Glossary::default());
    for source in sources {
        if source.name == GLOSSARY {
            glossary.read(&source.text, &mut diagnostics);
            continue;
        }
        let Some(path) = source.name.strip_prefix("spec/").and_then(|name| name.strip_suffix(".yaml")) else {
            diagnostics.push(&source.name, Pos { line: 1, column: 1 }, "a spec file is named spec/….yaml");
            continue;
        };
        let path = path.split('/').map(str::to_owned).collect();
        files.extend(file::read(&source.name, path, &source.text, &mut diagnostics));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let spec = resolve::resolve(&files, glossary, &mut diagnostics);
    diagnostics.finish(spec)
}

/// A YAML file as JSON, for checks by other tools.
pub fn to_json(source: &Source) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let node = crate::yaml::load(&source.name, &source.text, &mut diagnostics);
    diagnostics.finish(node.map(|node| node.to_json()).unwrap_or_default())
}

/// Parses `spec/errors.yaml`.
pub fn parse_errors(source: &Source) -> Result<ErrorSpec, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let errors = read_errors(&source.name, &source.text, &mut diagnostics);
    diagnostics.finish(errors)
}

/// Parses `spec/options.yaml`.
pub fn parse_options(source: &Source) -> Result<OptionSpec, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let options = read_options(&source.name, &source.text, &mut diagnostics);
    diagnostics.finish(options)
}

/// Parses `spec/bill_columns.yaml`.
pub fn parse_bills(source: &Source) -> Result<BillSpec, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let bills = read_bills(&source.name, &source.text, &mut diagnostics);
    diagnostics.finish(bills)
}

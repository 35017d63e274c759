//! `spec/**/*.yaml` to the [IR](crate::ir), strictly.

mod errors_file;
mod example;
mod file;
mod limits;
mod pattern;
mod reader;
mod resolve;

use std::path::Path;

use crate::diagnostics::{Diagnostic, Diagnostics, Pos};
use crate::ir::{ErrorSpec, Spec};

use errors_file::read_errors;

/// A file's path in the repository, with `/`, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// `spec/payments/jsapi.yaml`
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Reads `spec/` below `root`: the API's files, and `errors.yaml`.
pub fn read_sources(root: &Path) -> std::io::Result<(Vec<Source>, Source)> {
    let mut names = Vec::new();
    walk(root, "spec", &mut names)?;
    names.sort();
    let read = |name: &String| {
        let text = std::fs::read_to_string(root.join(name))
            .map_err(|error| std::io::Error::new(error.kind(), format!("{name}: {error}")))?;
        Ok::<_, std::io::Error>(Source { name: name.clone(), text })
    };
    let errors = read(&"spec/errors.yaml".to_owned())?;
    let sources =
        names.iter().filter(|name| *name != "spec/errors.yaml").map(read).collect::<Result<_, _>>()?;
    Ok((sources, errors))
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

/// Parses and checks all files of the API together.
pub fn parse(sources: &[Source]) -> Result<Spec, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let mut files = Vec::new();
    for source in sources {
        let Some(path) = source.name.strip_prefix("spec/").and_then(|name| name.strip_suffix(".yaml")) else {
            diagnostics.push(&source.name, Pos { line: 1, column: 1 }, "a spec file is named spec/….yaml");
            continue;
        };
        let path = path.split('/').map(str::to_owned).collect();
        files.extend(file::read(&source.name, path, &source.text, &mut diagnostics));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let spec = resolve::resolve(&files, &mut diagnostics);
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

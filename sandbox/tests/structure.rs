//! Dependencies between the files of the sandbox go one way: what is remembered knows nothing of what is done with it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Which file uses which, by module path: `store::orders` → `clock`.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// All files in `src`, by module path. `main.rs` is another crate.
fn sources(folder: &Path, module: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inside = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        if path.is_dir() {
            sources(&path, &inside, found);
        } else if name != "main" && name != "tests" {
            let module = if name == "mod" || name == "lib" { module.to_owned() } else { inside };
            found.insert(module, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Without comments, and without the tests at the end of the file.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let end = lines.windows(2).position(|two| two[0] == "#[cfg(test)]" && two[1].contains("mod "));
    lines[..end.unwrap_or(lines.len())].join("\n")
}

/// The paths that begin with `crate::` or `super::`, with the lists in braces taken apart.
fn paths(code: &str, module: &str) -> Vec<String> {
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut found = Vec::new();
    for (prefix, base) in [("crate::", ""), ("super::", parent)] {
        for (index, _) in code.match_indices(prefix) {
            let rest = &code[index + prefix.len()..];
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let head = &rest[..rest.find(|c| !plain(c)).unwrap_or(rest.len())];
            let join = |tail: &str| match base {
                "" => tail.to_owned(),
                base => format!("{base}::{tail}"),
            };
            found.push(join(head.trim_end_matches(':')));
            // One level of braces is enough: the formatter nests no deeper here.
            if let Some(list) = rest[head.len()..].strip_prefix('{') {
                let names = list[..list.find('}').unwrap()].split(',');
                found.extend(names.map(|name| join(&format!("{head}{}", name.trim()))));
            }
        }
    }
    found
}

/// The file that a path leads into: the longest beginning that is a file.
fn file_of<'a>(path: &str, files: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let mut path = path;
    loop {
        if let Some((file, _)) = files.get_key_value(path) {
            return Some(file);
        }
        path = path.rsplit_once("::")?.0;
    }
}

fn graph(files: &BTreeMap<String, String>) -> Graph {
    let uses = |module: &str, text: &str| {
        let paths = paths(&code(text), module);
        let files = paths.iter().filter_map(|path| file_of(path, files));
        files.filter(|file| *file != module).map(str::to_owned).collect()
    };
    files.iter().map(|(module, text)| (module.clone(), uses(module, text))).collect()
}

/// The files that are left when all are taken away that use none of those left.
fn circle(mut graph: Graph) -> Graph {
    loop {
        let free: Vec<String> =
            graph.iter().filter(|(_, uses)| uses.is_empty()).map(|(module, _)| module.clone()).collect();
        if free.is_empty() {
            return graph;
        }
        for module in free {
            graph.remove(&module);
            for uses in graph.values_mut() {
                uses.remove(&module);
            }
        }
    }
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let mut files = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    let graph = graph(&files);
    assert!(
        graph["api"].contains("store") && graph["store::refunds"].contains("store::orders"),
        "{graph:#?}"
    );
    let left = circle(graph);
    assert!(left.is_empty(), "these files use each other, or lead to some that do: {left:#?}");
}

#[test]
fn what_is_remembered_and_what_is_answered_know_no_flow() {
    let mut files = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    let may_know_flows = ["handlers", "control"];
    for (module, uses) in graph(&files) {
        let flow = uses.iter().find(|used| used.starts_with("products"));
        let allowed = module.starts_with("products") || may_know_flows.contains(&module.as_str());
        assert!(flow.is_none() || allowed, "{module} uses {flow:?}");
    }
}

#[test]
fn a_circle_is_found() {
    let files: BTreeMap<String, String> = [
        ("a", "use crate::b::{self, C};\n"),
        ("b", "fn f() { crate::d::e::g() }\n"),
        ("d::e", "use super::h;\n"),
        ("d::h", "use crate::{a, i};\n"),
        ("i", "// use crate::a;\n#[cfg(test)]\nmod tests { use crate::a; }\n"),
    ]
    .into_iter()
    .map(|(module, text)| (module.to_owned(), text.to_owned()))
    .collect();
    let left = circle(graph(&files));
    assert_eq!(left.keys().collect::<Vec<_>>(), ["a", "b", "d::e", "d::h"]);
}

//! Dependencies between the files of a crate go one way, so that each can be read with what it stands on and without what
//! stands on it. Only a file and the parts that it is cut into, `bill.rs` and `bill/*.rs`, may know each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const CRATES: &[&str] = &[
    "cli",
    "core",
    "core/typed",
    "codegen",
    "sandbox",
    "bindings-node",
    "bindings-python",
    "bindings-uniffi",
    "tests",
    "xtask",
];

/// Which file uses which, by module path: `store::orders` → `clock`.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn is_test(name: &str) -> bool {
    name == "tests" || name == "obstacle_course" || name.ends_with("_tests")
}

/// All files in `src` but those of tests, by module path. `main.rs` is another crate.
fn sources(folder: &Path, module: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inside = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        if path.is_dir() && !is_test(&name) {
            sources(&path, &inside, found);
        } else if name != "main" && !is_test(&name) {
            let module = if name == "mod" || name == "lib" { module.to_owned() } else { inside };
            found.insert(module, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Without comments, and without the tests at the end of the file.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let end = lines.windows(2).position(|two| two[0] == "#[cfg(test)]" && two[1].starts_with("mod "));
    lines[..end.unwrap_or(lines.len())].join("\n")
}

/// The paths that begin with `crate::` or `super::`, with the lists in braces taken apart.
fn paths(code: &str, module: &str) -> Vec<String> {
    let above = |module: &str| module.rsplit_once("::").map_or("", |(above, _)| above).to_owned();
    let mut found = Vec::new();
    for (prefix, from) in [("crate::", String::new()), ("super::", above(module))] {
        for (index, _) in code.match_indices(prefix) {
            if code[..index].ends_with("::") {
                continue;
            }
            let (mut rest, mut from) = (&code[index + prefix.len()..], from.clone());
            while let Some(higher) = rest.strip_prefix("super::") {
                (rest, from) = (higher, above(&from));
            }
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let head = &rest[..rest.find(|c| !plain(c)).unwrap_or(rest.len())];
            let join = |tail: &str| if from.is_empty() { tail.to_owned() } else { format!("{from}::{tail}") };
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

fn files_of(folder: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src"), "", &mut files);
    files
}

#[test]
fn no_file_uses_one_that_uses_it() {
    for folder in CRATES {
        let graph = graph(&files_of(folder));
        assert!(graph.len() > 1, "there is nothing in {folder}");
        let left = circle(graph);
        assert!(left.is_empty(), "in {folder} these use each other, or lead to some that do: {left:#?}");
    }
}

#[test]
fn uses_are_found() {
    let (core, sandbox) = (graph(&files_of("core")), graph(&files_of("sandbox")));
    assert!(
        core["finish"].contains("certificates") && core["bill::row"].contains("bill::columns"),
        "{core:#?}"
    );
    assert!(sandbox["store::refunds"].contains("store::orders"), "{sandbox:#?}");
}

/// What the sandbox remembers, and what it answers with, knows nothing of what is done with it.
#[test]
fn only_handlers_and_controls_of_the_sandbox_know_its_flows() {
    let may_know_flows = ["handlers", "control"];
    for (module, uses) in graph(&files_of("sandbox")) {
        let flow = uses.iter().find(|used| used.starts_with("products"));
        let allowed = module.starts_with("products") || may_know_flows.contains(&module.as_str());
        assert!(flow.is_none() || allowed, "{module} uses {flow:?}");
    }
}

/// A code that is written out may be misspelt, and one that nothing gives misleads those who read the list of them.
#[test]
fn the_core_names_codes_of_errors_by_their_constants_and_gives_each_of_them() {
    let files = files_of("core");
    let constant =
        |line: &str| Some(line.trim().strip_prefix("pub const ")?.split_once(": &str")?.0.to_owned());
    let codes: Vec<String> = files["generated::error_kind"].lines().filter_map(constant).collect();
    assert!(codes.len() > 70, "{codes:?}");
    let written = |module: &str| !module.starts_with("generated");
    let texts: Vec<(&str, String)> = files
        .iter()
        .filter(|(module, _)| written(module))
        .map(|(module, text)| (&**module, code(text)))
        .collect();
    for code in &codes {
        let spelt_out = texts.iter().find(|(_, text)| text.contains(&format!("{code:?}")));
        assert!(spelt_out.is_none(), "{} writes {code:?} out", spelt_out.unwrap().0);
        let named = format!("codes::{code}");
        let follows =
            |text: &str, end: usize| text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let given =
            |text: &String| text.match_indices(&named).any(|(at, _)| !follows(text, at + named.len()));
        assert!(texts.iter().any(|(_, text)| given(text)), "nothing gives {code}");
    }
}

#[test]
fn a_circle_is_found() {
    let files: BTreeMap<String, String> = [
        ("a", "use crate::b::{self, C};\n"),
        ("b", "fn f() { crate::d::e::g() }\n"),
        ("d::e", "use super::h;\n"),
        ("d::h", "use crate::{a, i};\n"),
        ("d::h::j", "use super::super::{h, i};\n"),
        ("i", "// use crate::a;\n#[cfg(test)]\nmod tests { use crate::a; }\n"),
    ]
    .into_iter()
    .map(|(module, text)| (module.to_owned(), text.to_owned()))
    .collect();
    let left = circle(graph(&files));
    assert_eq!(left.keys().collect::<Vec<_>>(), ["a", "b", "d::e", "d::h", "d::h::j"]);
}

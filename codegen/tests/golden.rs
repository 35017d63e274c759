//! One folder per feature of the format: a spec, and what every emitter makes of it.
//!
//! `golden/NAME/input.yaml` (or a whole `golden/NAME/spec/`) is the spec; the files beside it are the output. After a
//! change that is meant to change them: `UPDATE_EXPECT=1 cargo test -p wechatpay-codegen`, and read the diff.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::{compare, folders, read_folder, read_tree, root};
use wechatpay_codegen::emit::{
    self, RustTarget, examples, kotlin, openapi, python, rust_api, rust_table, swift, typescript,
};
use wechatpay_codegen::ir::ErrorSpec;
use wechatpay_codegen::parse::{self, Source};
use wechatpay_codegen::{Files, rustfmt};

fn sources(folder: &Path) -> Vec<Source> {
    if folder.join("spec").is_dir() {
        return read_tree(folder, "spec").into_iter().map(|(name, text)| Source { name, text }).collect();
    }
    let text = std::fs::read_to_string(folder.join("input.yaml")).unwrap();
    vec![Source { name: "spec/golden.yaml".to_owned(), text }]
}

/// Output of the emitters, in a folder per language.
fn outputs(name: &str, sources: &[Source]) -> Files {
    let spec = parse::parse(sources).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{name} is wrong:\n{}", errors.join("\n"))
    });
    // Compiled as test modules: see core/src/obstacle_course.rs and core/typed/src/obstacle_course.rs.
    let target = RustTarget { folder: "rust".to_owned(), features: false };
    let mut files = rust_table::emit(&spec, &target);
    files.extend(rust_api::emit(&spec, &target));
    for (name, text) in openapi::emit(&spec) {
        files.insert(name.strip_prefix("spec/generated/").unwrap().to_owned(), text);
    }
    let errors = ErrorSpec {
        kinds: Vec::new(),
        codes: Vec::new(),
        statuses: BTreeMap::from([("NO_AUTH".to_owned(), 403)]),
    };
    for (name, text) in examples::emit(&spec, &errors) {
        files.insert(name.strip_prefix("tests/vectors/").unwrap().to_owned(), text);
    }
    // As a package of its own: see bindings-python/tests/test_obstacle_course.py.
    for (name, text) in python::emit_api(&spec) {
        let (_, name) = name.split_once("/wechatpay_rs/").unwrap();
        files.insert(format!("python/{name}"), text);
    }
    // Compiled and loaded by `cargo xtask test --lang node`.
    for (name, text) in typescript::emit_api(&spec) {
        let (_, name) = name.split_once("/generated/").unwrap();
        files.insert(format!("typescript/{name}"), text);
    }
    for (folders, short, made) in [
        (kotlin::FOLDERS, "kotlin", kotlin::emit(&spec, &errors)),
        (swift::FOLDERS, "swift", swift::emit(&spec, &errors)),
    ] {
        for (name, text) in made {
            let rest = folders.iter().find_map(|folder| name.strip_prefix(folder)).unwrap();
            let rest = rest.replace("/io/github/wechatpayrs", "");
            // They come from errors.yaml alone.
            if !rest.ends_with("/Exceptions.kt") && !rest.ends_with("/WeChatPayError.swift") {
                files.insert(format!("{short}{rest}"), text);
            }
        }
    }
    rustfmt::format(&root(), &mut files).unwrap();
    files
}

#[test]
fn every_feature_gives_the_golden_output() {
    for folder in folders("golden") {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let sources = sources(&folder);
        let made = outputs(&name, &sources);
        assert!(made == outputs(&name, &sources), "{name}: the second run gives other bytes");
        let mut found: BTreeMap<String, String> = read_folder(&folder);
        found.retain(|name, _| name != "input.yaml" && !name.starts_with("spec/"));
        compare(&folder, &found, &made);
    }
}

#[test]
fn the_real_spec_gives_the_same_bytes_twice_and_nothing_drifted() {
    let files = wechatpay_codegen::generate(&root()).unwrap();
    assert!(files == wechatpay_codegen::generate(&root()).unwrap());
    for (name, text) in &files {
        let on_disk = std::fs::read_to_string(root().join(name)).unwrap_or_default();
        assert!(on_disk == *text, "{name} is not what the spec says: run `cargo xtask codegen`");
    }
}

#[test]
fn no_two_emitters_share_a_folder() {
    let folders: Vec<&str> = emit::EMITTERS.iter().flat_map(|emitter| emitter.folders).copied().collect();
    for (index, folder) in folders.iter().enumerate() {
        let within = |other: &&str| format!("{folder}/").starts_with(&format!("{other}/"));
        assert!(!folders[..index].iter().any(within), "{folder}");
    }
}

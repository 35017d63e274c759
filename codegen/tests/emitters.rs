//! What an output must be like, whatever the spec: shown with small specs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use support::root;
use wechatpay_codegen::emit::{self, python};
use wechatpay_codegen::parse::{self, Source};

fn source(name: &str, text: &str) -> Source {
    Source { name: name.to_owned(), text: text.to_owned() }
}

#[test]
fn python_imports_what_is_referred_to_and_not_what_a_name_ends_with() {
    let named = |title: &str| {
        format!(
            "title: {title}\noperations:\n  get: {{ http: GET /{title}, title: Any, idempotent: true, response: Coupon }}\ntypes:\n  Coupon:\n    id: {{ type: string, doc: 'Any text.' }}\n"
        )
    };
    let codes = "title: Codes\noperations:\n  get: { http: GET /codes, title: 'See favor_types.Coupon', idempotent: true, response: Coupon }\ntypes: {}\n";
    let sources = [
        source("spec/busifavor.yaml", &named("Busifavor")),
        source("spec/busifavor/codes.yaml", codes),
        source("spec/favor.yaml", &named("Favor")),
    ];
    let spec = parse::parse(&sources).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let files = python::emit_api(&spec);
    let text = &files["bindings-python/python/wechatpay_rs/generated/client/busifavor_codes.py"];
    assert!(text.contains("from ..types import busifavor as busifavor_types\n"), "{text}");
    assert!(!text.contains("import favor "), "{text}");
    assert!(!text.contains("import Any"), "{text}");
}

/// A repository of its own below `target`, with the spec of this one.
fn copy_of_the_spec(name: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if copy.exists() {
        std::fs::remove_dir_all(&copy).unwrap();
    }
    for (name, text) in support::read_tree(&root(), "spec") {
        if name.ends_with(".yaml") {
            write(&copy, &name, &text);
        }
    }
    for name in ["core/typed/Cargo.toml", "rustfmt.toml"] {
        write(&copy, name, &std::fs::read_to_string(root().join(name)).unwrap());
    }
    copy
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn editing_one_file_of_the_spec_writes_only_what_is_made_from_it() {
    let copy = copy_of_the_spec("edit");
    let first = wechatpay_codegen::run(&copy, false).unwrap();
    // The list of features stands in a file that is written by hand for the rest.
    assert!(first.changed.is_empty() && first.unchanged <= 1, "{first}");
    let again = wechatpay_codegen::run(&copy, false).unwrap();
    assert!(again.is_clean(), "{again}");

    let file = "spec/payments/h5.yaml";
    let text = std::fs::read_to_string(copy.join(file)).unwrap();
    let edited = text.replace("What is being sold", "What the payer buys");
    assert!(edited != text);
    write(&copy, file, &edited);

    let report = wechatpay_codegen::run(&copy, false).unwrap();
    assert!(report.created.is_empty() && report.stale.is_empty(), "{report}");
    for name in &report.changed {
        assert!(name.to_lowercase().contains("h5"), "{report}");
    }
    let printed = report.to_string();
    assert_eq!(printed.lines().count(), report.changed.len() + 1, "{printed}");
    // Every kind of output tells what the field means, but these.
    let silent =
        ["tests/src/generated", "tests/vectors/examples", "sandbox/src/generated", "cli/src/generated"];
    for emitter in emit::EMITTERS.iter().filter(|emitter| !silent.contains(&emitter.folders[0])) {
        let is_of = |name: &String| emitter.folders.iter().any(|folder| name.starts_with(folder));
        assert!(report.changed.iter().any(is_of), "nothing of {:?} in\n{report}", emitter.folders);
    }
}

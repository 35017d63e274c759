//! The spec against its JSON Schema, and the OpenAPI document against itself. Whether it is OpenAPI 3.1 is checked with a
//! published validator by the Python tests (`bindings-python/tests/test_openapi.py`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::{folders, read_folder, root};
use wechatpay_codegen::parse::{self, Source};

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

fn spec_schema() -> jsonschema::Validator {
    jsonschema::validator_for(&json("spec/schema.json")).unwrap()
}

#[test]
fn every_spec_file_fits_the_json_schema() {
    let schema = spec_schema();
    let (mut sources, _) = parse::read_sources(&root()).unwrap();
    for folder in folders("golden") {
        for (name, text) in read_folder(&folder).into_iter().filter(|(name, _)| name.ends_with(".yaml")) {
            sources.push(Source { name: format!("{}/{name}", folder.display()), text });
        }
    }
    for source in sources {
        let value = parse::to_json(&source).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}:\n{}", source.name, errors.join("\n"));
    }
}

#[test]
fn the_json_schema_refuses_what_the_parser_refuses() {
    let schema = spec_schema();
    let good = "title: T\noperations:\n  get: { http: GET /x, title: T, response: none }\ntypes: {}\n";
    let value = |text: &str| {
        parse::to_json(&Source { name: "spec/x.yaml".to_owned(), text: text.to_owned() }).unwrap()
    };
    assert!(schema.is_valid(&value(good)));
    for (from, to) in [
        ("title: T\nop", "op"),
        ("http: GET /x", "http: FETCH /x"),
        ("response: none", "responce: none"),
        (", response: none", ""),
        ("  get:", "  Get:"),
        ("types: {}", "types: { lower: {} }"),
        ("types: {}", "types: { T: { f: { type: text } } }"),
        ("types: {}", "types: { T: { f: { type: string, encrypt: false } } }"),
        ("types: {}", "types: { T: { open_enum: {} } }"),
    ] {
        assert!(good.contains(from));
        assert!(!schema.is_valid(&value(&good.replacen(from, to, 1))), "{to} passes");
    }
}

#[test]
fn every_schema_of_the_openapi_document_is_a_json_schema() {
    for document in openapi_documents() {
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(jsonschema::meta::is_valid(schema), "{name}");
        }
    }
}

fn openapi_documents() -> Vec<Value> {
    let golden = folders("golden").into_iter().map(|folder| {
        serde_json::from_str(&std::fs::read_to_string(folder.join("openapi.json")).unwrap()).unwrap()
    });
    golden.chain([json("spec/generated/openapi.json")]).collect()
}

#[test]
fn the_openapi_document_is_consistent() {
    for document in openapi_documents() {
        let mut references = Vec::new();
        collect_references(&document, &mut references);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} stands there twice");
                let declared: BTreeSet<&str> = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                let in_path: BTreeSet<&str> =
                    path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
                assert_eq!(declared, in_path, "{id}");
            }
        }
    }
}

fn collect_references(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(reference) if key == "$ref" => out.push(reference.clone()),
                    _ => collect_references(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, out)),
        _ => {}
    }
}

//! The spec against its JSON Schema, and the OpenAPI document against itself. Whether it is OpenAPI 3.1 is checked with a
//! published validator by the Python tests (`bindings-python/tests/test_openapi.py`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::{folders, read_folder, root};
use wechatpay_codegen::emit::{examples, lengths, openapi};
use wechatpay_codegen::ir::ErrorSpec;
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
    let mut glossary_schema = json("spec/schema.json");
    glossary_schema["$ref"] = "#/$defs/glossary".into();
    for key in ["type", "required", "properties", "additionalProperties"] {
        glossary_schema.as_object_mut().unwrap().remove(key);
    }
    let glossary_schema = jsonschema::validator_for(&glossary_schema).unwrap();
    let (mut sources, _) = parse::read_sources(&root()).unwrap();
    for folder in folders("golden") {
        for (name, text) in read_folder(&folder).into_iter().filter(|(name, _)| name.ends_with(".yaml")) {
            sources.push(Source { name: format!("{}/{name}", folder.display()), text });
        }
    }
    for source in sources {
        let value = parse::to_json(&source).unwrap();
        let schema = if source.name.ends_with("/glossary.yaml") { &glossary_schema } else { &schema };
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
        ("types: {}", "types: { T: { one_of: [[a]] } }"),
        ("response: none", "response: { file: false }"),
        ("response: none", "host: us, response: none"),
        ("response: none", "rate_limit: { calls: 1 }, response: none"),
    ] {
        assert!(good.contains(from));
        assert!(!schema.is_valid(&value(&good.replacen(from, to, 1))), "{to} passes");
    }
}

#[test]
fn every_schema_of_the_openapi_documents_is_a_json_schema() {
    for (file, document) in openapi_documents().into_iter().flatten() {
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(jsonschema::meta::is_valid(schema), "{name} in {file}");
        }
    }
}

/// A file of the spec with more operations than one generated file may hold.
fn long_source() -> Source {
    let mut text = "title: Long\noperations:\n".to_owned();
    for number in 0..60 {
        text.push_str(&format!(
            "  get{number}: {{ http: 'GET /long/{number}', title: T, idempotent: true, response: Answer, example: {{ response: {{ texts: [{}] }} }} }}\n",
            vec!["a text that is not short at all"; 30].join(", ")
        ));
    }
    text.push_str("types:\n  Answer:\n    texts: { type: '[string]', doc: Texts. }\n");
    Source { name: "spec/long.yaml".to_owned(), text }
}

#[test]
fn what_is_too_long_for_one_file_is_cut() {
    let spec = parse::parse(&[long_source()]).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let errors = ErrorSpec { kinds: Vec::new(), codes: Vec::new(), statuses: BTreeMap::new() };
    for (files, name, key) in [
        (openapi::emit(&spec), "spec/generated/openapi/long", "paths"),
        (examples::emit(&spec, &errors), "tests/vectors/examples/long", "operations"),
    ] {
        lengths::check(&files).unwrap();
        let parts: Vec<&String> = files.keys().filter(|file| file.starts_with(name)).collect();
        assert!(parts.len() > 1, "{name} is not cut");
        let count = |file: &&String| {
            let document: Value = serde_json::from_str(&files[*file]).unwrap();
            let value = &document[key];
            value.as_object().map_or_else(|| value.as_array().unwrap().len(), |paths| paths.len())
        };
        assert_eq!(parts.iter().map(count).sum::<usize>(), 60, "{name}");
    }
}

/// Documents by name, in sets that refer to each other.
fn openapi_documents() -> Vec<BTreeMap<String, Value>> {
    let parsed = |files: BTreeMap<String, String>| {
        files.into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
    };
    let mut sets: Vec<BTreeMap<String, Value>> =
        folders("golden").into_iter().map(|folder| parsed(read_folder(&folder.join("openapi")))).collect();
    sets.push(parsed(read_folder(&root().join("spec/generated/openapi"))));
    let long = openapi::emit(&parse::parse(&[long_source()]).unwrap());
    let of_folder = |(name, text): (String, String)| {
        (name.strip_prefix("spec/generated/openapi/").unwrap().to_owned(), text)
    };
    sets.push(parsed(long.into_iter().map(of_folder).collect()));
    let (sources, _) = parse::read_sources(&root()).unwrap();
    let bundle = openapi::bundle(&parse::parse(&sources).unwrap());
    sets.push(parsed(BTreeMap::from([("openapi.json".to_owned(), bundle)])));
    sets
}

#[test]
fn the_bundle_holds_what_the_documents_hold() {
    let sets = openapi_documents();
    let [.., documents, _, bundle] = sets.as_slice() else { panic!("no documents") };
    for key in ["/paths", "/webhooks", "/components/schemas"] {
        let names = |document: &Value| {
            document.pointer(key).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let apart: BTreeSet<String> = documents.values().flat_map(names).collect();
        let together: BTreeSet<String> = names(&bundle["openapi.json"]).into_iter().collect();
        assert_eq!(apart, together, "{key}");
    }
}

#[test]
fn the_openapi_documents_are_consistent() {
    for documents in openapi_documents() {
        let mut ids = BTreeSet::new();
        for (file, document) in &documents {
            let mut references = Vec::new();
            collect_references(document, &mut references);
            for reference in references {
                let (path, pointer) = reference.split_once('#').unwrap();
                let found = match path {
                    "" => document.pointer(pointer),
                    path => documents.get(&relative(file, path)).and_then(|other| other.pointer(pointer)),
                };
                assert!(found.is_some(), "{reference} in {file} leads nowhere");
            }
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
}

/// The file that `path` leads to from `file`.
fn relative(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
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

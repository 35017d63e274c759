//! What is wrong in a spec is said with file, line and column, all at once.
//!
//! `rejected/NAME/*.yaml` are the files of a spec (`errors.yaml`, `options.yaml` and `bill_columns.yaml` apart), `rejected/NAME/errors.txt` what is said of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::{compare, folders, read_folder};
use wechatpay_codegen::parse::{self, Source};

#[test]
fn every_mistake_is_reported_where_it_is() {
    for folder in folders("rejected") {
        let found = read_folder(&folder);
        let (mut sources, mut errors_yaml, mut options_yaml, mut bills_yaml) = (Vec::new(), None, None, None);
        for (name, text) in found.iter().filter(|(name, _)| name.ends_with(".yaml")) {
            let source = Source { name: format!("spec/{name}"), text: text.clone() };
            match name.as_str() {
                "errors.yaml" => errors_yaml = Some(source),
                "options.yaml" => options_yaml = Some(source),
                "bill_columns.yaml" => bills_yaml = Some(source),
                _ => sources.push(source),
            }
        }
        let mut said = Vec::new();
        if let Err(errors) = parse::parse(&sources) {
            said.extend(errors);
        }
        if let Some(Err(errors)) = errors_yaml.as_ref().map(parse::parse_errors) {
            said.extend(errors);
        }
        if let Some(Err(errors)) = options_yaml.as_ref().map(parse::parse_options) {
            said.extend(errors);
        }
        if let Some(Err(errors)) = bills_yaml.as_ref().map(parse::parse_bills) {
            said.extend(errors);
        }
        assert!(!said.is_empty(), "{}: nothing was found wrong", folder.display());
        let said: String = said.iter().map(|error| format!("{error}\n")).collect();
        let mut expected = found;
        expected.retain(|name, _| name == "errors.txt");
        compare(&folder, &expected, &BTreeMap::from([("errors.txt".to_owned(), said)]));
    }
}

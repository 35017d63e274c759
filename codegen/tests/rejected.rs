//! What is wrong in a spec is said with file, line and column, all at once.
//!
//! `rejected/NAME/*.yaml` are the files of a spec (`errors.yaml` apart), `rejected/NAME/errors.txt` what is said of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::{compare, folders, read_folder};
use wechatpay_codegen::parse::{self, Source};

#[test]
fn every_mistake_is_reported_where_it_is() {
    for folder in folders("rejected") {
        let found = read_folder(&folder);
        let (mut sources, mut errors_yaml) = (Vec::new(), None);
        for (name, text) in found.iter().filter(|(name, _)| name.ends_with(".yaml")) {
            let source = Source { name: format!("spec/{name}"), text: text.clone() };
            if name == "errors.yaml" { errors_yaml = Some(source) } else { sources.push(source) }
        }
        let mut said = Vec::new();
        if let Err(errors) = parse::parse(&sources) {
            said.extend(errors);
        }
        if let Some(Err(errors)) = errors_yaml.as_ref().map(parse::parse_errors) {
            said.extend(errors);
        }
        assert!(!said.is_empty(), "{}: nothing was found wrong", folder.display());
        let said: String = said.iter().map(|error| format!("{error}\n")).collect();
        let mut expected = found;
        expected.retain(|name, _| name == "errors.txt");
        compare(&folder, &expected, &BTreeMap::from([("errors.txt".to_owned(), said)]));
    }
}

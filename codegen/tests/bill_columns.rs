//! `spec/bill_columns.yaml` beside the rest of the spec.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use support::root;
use wechatpay_codegen::ir::{BillSpec, Shape, Spec};
use wechatpay_codegen::parse::{self, Source};

fn bills(source: &Source) -> BillSpec {
    parse::parse_bills(source).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn spec() -> Spec {
    let (sources, _) = parse::read_sources(&root()).unwrap();
    parse::parse(&sources).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn operations_and_types_of_bills_are_those_of_the_api() {
    let (spec, bills) = (spec(), bills(&parse::read_bills_source(&root()).unwrap()));
    let operations: BTreeSet<&str> = spec.operations().map(|(_, operation)| operation.id.as_str()).collect();
    let bill_type = spec.types.iter().find(|definition| definition.name == "BillType").unwrap();
    let Shape::OpenEnum(values) = &bill_type.shape else { panic!("BillType is no enum") };
    let types: BTreeSet<&str> = values.iter().map(|value| value.value.as_str()).collect();
    for kind in &bills.kinds {
        for operation in &kind.operations {
            assert!(operations.contains(operation.as_str()), "{}: {operation}", kind.name);
        }
        for name in kind.columns.iter().flat_map(|column| &column.only) {
            assert!(types.contains(name.as_str()), "{}: {name}", kind.name);
        }
    }
}

//! Names of classes and methods in JavaScript.

use std::collections::BTreeMap;

use crate::ir::Tree;
use crate::names::{Unique, camel_case, pascal_case};

/// Name of the JavaScript class of a place in the tree: `PaymentsJsapi`.
pub(super) fn class(node: &Tree<'_>) -> String {
    pascal_case(&node.path.join("_"))
}

/// Names of the methods, by the name of the operation, beside those of the children.
pub(super) fn methods<'a>(node: &Tree<'a>) -> BTreeMap<&'a str, String> {
    let children: Vec<String> = node.children.iter().map(|child| camel_case(child.name())).collect();
    let taken = children.iter().map(String::as_str).chain(["constructor", "then"]);
    let mut unique = Unique::new(taken);
    node.operations()
        .iter()
        .map(|operation| (operation.name.as_str(), unique.take(camel_case(&operation.name), "")))
        .collect()
}

//! The tree of modules, with a node for every folder even where no file of the spec describes it.

use std::collections::BTreeMap;

use crate::ir::{Module, Spec};
use crate::names::{Unique, pascal_case};

use super::camel_case;

/// One place in `client.payments.jsapi`.
pub(super) struct Node<'a> {
    /// `["payments", "jsapi"]`
    pub(super) path: Vec<String>,
    /// The file of the spec, when there is one.
    pub(super) module: Option<&'a Module>,
    /// Index of that file in the spec.
    pub(super) index: Option<usize>,
    /// Last parts of the paths below.
    pub(super) children: Vec<String>,
}

impl Node<'_> {
    /// Name of the JavaScript class: `PaymentsJsapi`.
    pub(super) fn class(&self) -> String {
        pascal_case(&self.path.join("_"))
    }

    /// Names of the methods, by the name of the operation, beside those of the children.
    pub(super) fn method_names(&self) -> BTreeMap<&str, String> {
        let children: Vec<String> = self.children.iter().map(|child| camel_case(child)).collect();
        let taken = children.iter().map(String::as_str).chain(["constructor", "then"]);
        let mut unique = Unique::new(taken);
        let operations = self.module.map_or(&[][..], |module| &module.operations);
        operations
            .iter()
            .map(|operation| (operation.name.as_str(), unique.take(camel_case(&operation.name), "")))
            .collect()
    }
}

pub(super) struct Tree<'a> {
    nodes: BTreeMap<Vec<String>, Node<'a>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        let mut nodes: BTreeMap<Vec<String>, Node<'a>> = BTreeMap::new();
        for (index, module) in spec.modules.iter().enumerate() {
            for depth in 1..=module.path.len() {
                let path = module.path[..depth].to_vec();
                nodes.entry(path.clone()).or_insert(Node {
                    path,
                    module: None,
                    index: None,
                    children: Vec::new(),
                });
            }
            if let Some(node) = nodes.get_mut(&module.path) {
                node.module = Some(module);
                node.index = Some(index);
            }
        }
        let paths: Vec<Vec<String>> = nodes.keys().cloned().collect();
        for path in paths {
            if let Some((last, parent)) = path.split_last()
                && let Some(node) = nodes.get_mut(parent)
            {
                node.children.push(last.clone());
            }
        }
        Self { nodes }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.values()
    }

    /// The product families.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes().filter(|node| node.path.len() == 1)
    }
}

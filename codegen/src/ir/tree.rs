//! The files of the spec as a tree, with a node for every folder.

use super::{Module, Spec};
use crate::names::pascal_case;

/// One place in `client.payments.jsapi`; a folder need not have a file of its own.
#[derive(Debug)]
pub struct Tree<'a> {
    /// Parts of the name: `["payments", "jsapi"]`.
    pub path: Vec<String>,
    /// The file of this name, if there is one, with its index in [`Spec::modules`].
    pub module: Option<(usize, &'a Module)>,
    /// Files and folders below, sorted by name.
    pub children: Vec<Self>,
}

impl<'a> Tree<'a> {
    /// All modules below a nameless root, whose children are the product families.
    pub fn new(spec: &'a Spec) -> Self {
        let mut root = Self { path: Vec::new(), module: None, children: Vec::new() };
        for (index, module) in spec.modules.iter().enumerate() {
            root.insert(&module.path, index, module);
        }
        root
    }

    fn insert(&mut self, rest: &[String], index: usize, module: &'a Module) {
        let Some((first, rest)) = rest.split_first() else {
            self.module = Some((index, module));
            return;
        };
        // Modules are sorted by path, so the right child is the last one.
        if self.children.last().is_none_or(|child| child.name() != first) {
            let path = self.path.iter().chain([first]).cloned().collect();
            self.children.push(Self { path, module: None, children: Vec::new() });
        }
        if let Some(child) = self.children.last_mut() {
            child.insert(rest, index, module);
        }
    }

    /// Last part of the name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Title of the file, or the name of a folder without one.
    pub fn title(&self) -> String {
        self.module.map_or_else(|| pascal_case(self.name()), |(_, module)| module.title.clone())
    }

    /// Where the generated files come from, for their first line.
    pub fn source(&self) -> String {
        match self.module {
            Some((_, module)) => module.file.clone(),
            None => format!("spec/{}/*.yaml", self.path.join("/")),
        }
    }

    /// The operations that stand at this place.
    pub fn operations(&self) -> &'a [super::Operation] {
        self.module.map_or(&[], |(_, module)| &module.operations)
    }

    /// This node and all below, parents first.
    pub fn walk(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(node.children.iter().rev());
        }
        found
    }
}

//! What the docstrings of types, fields and operations say, in Markdown; shared by languages whose docstrings are
//! Markdown and have no rules of their own.

use std::fmt::Write;

use crate::emit::limits;
use crate::emit::text::{markdown, page_url, sentence};
use crate::ir::{Field, Fill, Module, Notification, Operation, Request, Role, Spec, Standing, TypeId};

/// What the type is there for.
pub fn type_doc(spec: &Spec, id: TypeId) -> String {
    let list = |ids: Vec<&str>| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let operations = |found: &dyn Fn(&Operation) -> bool| {
        spec.operations().filter(|(_, o)| found(o)).map(|(_, o)| o.id.as_str()).collect::<Vec<_>>()
    };
    let notifications: Vec<&str> =
        spec.notifications().filter(|(_, n)| n.resource == id).map(|(_, n)| n.id.as_str()).collect();
    let mut sentences = Vec::new();
    for (what, ids) in [
        ("Request of", operations(&|operation| operation.request_type() == Some(id))),
        ("Answer of", operations(&|operation| operation.response_type() == Some(id))),
        ("What the notification tells:", notifications),
    ] {
        if !ids.is_empty() {
            sentences.push(format!("{what} {}.", list(ids)));
        }
    }
    if !sentences.is_empty() {
        return sentences.join(" ");
    }
    let mut owners: Vec<String> = Vec::new();
    for (index, owner) in spec.types.iter().enumerate() {
        for field in spec.fields(TypeId(index)).iter().filter(|field| field.ty.named() == Some(id)) {
            owners.push(format!("`{}.{}`", owner.name, field.name));
        }
    }
    format!("Value of {}.", owners.join(", "))
}

/// Meaning, limits and what happens to the value on the way.
pub fn field_doc(field: &Field) -> String {
    let mut text = match &field.doc {
        Some(text) => sentence(&markdown(text)),
        None => format!("`{}`.", field.name),
    };
    for limit in limits::sentences(field) {
        let _ = write!(text, " {limit}");
    }
    if field.encrypt {
        text.push_str(" Plain text here, encrypted on the wire.");
    }
    match field.fill {
        Some(Fill::Mchid) => {
            text.push_str(" The client fills in its own merchant number when this is left out.")
        }
        None => {}
    }
    text
}

/// Title and description of a file of the spec.
pub fn module_doc(module: &Module) -> String {
    let mut text = sentence(&markdown(&module.title));
    for more in [&module.title_zh, &module.description].into_iter().flatten() {
        let _ = write!(text, "\n\n{}", markdown(more));
    }
    text
}

/// Title, description, page, errors.
pub fn operation_doc(operation: &Operation) -> String {
    let mut text = sentence(&markdown(&operation.title));
    if let Some(title) = &operation.title_zh {
        let _ = write!(text, "\n\n{}", markdown(title));
    }
    if let Some(description) = &operation.description {
        let _ = write!(text, "\n\n{}", sentence(&markdown(description)));
    }
    text.push_str(match operation.standing {
        Standing::Documented => "",
        Standing::Retired => "\n\nNo longer in the official documentation.",
        Standing::Community => "\n\nNot in the official documentation: known from other sources.",
    });
    text.push_str(match operation.role {
        Role::Merchant => "",
        Role::Partner => "\n\nFor service providers.",
        Role::Both => "\n\nFor merchants and service providers.",
    });
    if let Request::Upload { max_bytes, extensions } = &operation.request {
        let _ =
            write!(text, "\n\nAt most {max_bytes} bytes; file name extensions: {}.", extensions.join(", "));
    }
    let _ = write!(text, "\n\n`{} {}`", operation.method, operation.path);
    if let Some(since) = &operation.since {
        let _ = write!(text, ", since {since}");
    }
    if let Some(page) = &operation.doc {
        let _ = write!(text, ": [official page]({})", page_url(page));
    }
    if !operation.errors.is_empty() {
        let codes: Vec<String> = operation.errors.iter().map(|code| format!("`{code}`")).collect();
        let _ = write!(text, "\n\nWeChat Pay's error codes for this call: {}.", codes.join(", "));
    }
    if let Some(confirm) = &operation.confirm {
        let _ = write!(text, "\n\nWhen the outcome is unknown, ask `{confirm}`.");
    }
    text
}

/// The members that a resource must have to be of this notification's type: `a`, `b`.
pub fn members(notification: &Notification) -> Option<String> {
    let members: Vec<String> = notification.has.iter().map(|name| format!("`{name}`")).collect();
    (!members.is_empty()).then(|| members.join(", "))
}

/// Title, events and page of a notification.
pub fn notification_doc(notification: &Notification) -> String {
    let events: Vec<String> = notification.events.iter().map(|event| format!("`{event}`")).collect();
    let mut text = format!("{} {}", sentence(&markdown(&notification.title)), events.join(", "));
    if !notification.original_types.is_empty() {
        let types: Vec<String> = notification.original_types.iter().map(|t| format!("`{t}`")).collect();
        let _ = write!(text, " with original type {}", types.join(", "));
    }
    if let Some(members) = members(notification) {
        let _ = write!(text, ", when the resource has {members}");
    }
    if let Some(page) = &notification.doc {
        let _ = write!(text, ": [official page]({})", page_url(page));
    }
    text.push('.');
    text
}

/// The modules as a tree; a folder need not have a file of its own.
#[derive(Debug)]
pub struct Tree<'a> {
    /// Parts of the name.
    pub path: Vec<String>,
    /// The file of this name, if there is one.
    pub module: Option<(usize, &'a Module)>,
    /// Files and folders below.
    pub children: Vec<Self>,
}

impl<'a> Tree<'a> {
    /// All modules below a nameless root.
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
        let mut path = self.path.clone();
        path.push(first.clone());
        let position = self.children.iter().position(|child| child.path == path).unwrap_or_else(|| {
            self.children.push(Self { path, module: None, children: Vec::new() });
            self.children.len() - 1
        });
        self.children[position].insert(rest, index, module);
    }

    /// Last part of the name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Where the files come from.
    pub fn source(&self) -> String {
        match self.module {
            Some((_, module)) => module.file.clone(),
            None => format!("spec/{}/*.yaml", self.path.join("/")),
        }
    }

    /// What the docstring of the service says.
    pub fn doc(&self) -> String {
        match self.module {
            Some((_, module)) => module_doc(module),
            None => format!("Everything under `{}`.", self.path.join(".")),
        }
    }

    /// This node and all below, parents first.
    pub fn walk(&self) -> Vec<&Self> {
        let mut found = vec![self];
        for child in &self.children {
            found.extend(child.walk());
        }
        found
    }
}

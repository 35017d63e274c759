//! What the docstrings of types, fields and operations say, in Markdown; shared by languages whose docstrings are
//! Markdown and have no rules of their own.

use std::fmt::Write;

use crate::emit::limits;
use crate::emit::text::{markdown, page_url, sentence};
pub use crate::ir::Tree;
use crate::ir::{Field, Fill, Module, Notification, Operation, Request, Role, Spec, Standing, TypeId};

/// What the type is there for. `owner` tells what a type is called here that has fields of it.
pub fn type_doc<'n>(spec: &'n Spec, id: TypeId, owner: impl Fn(TypeId) -> &'n str) -> String {
    let uses = spec.uses(id);
    let quoted = |ids: &[String]| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let mut sentences = Vec::new();
    for (what, ids) in [
        ("Request of", &uses.requests),
        ("Answer of", &uses.answers),
        ("What the notification tells:", &uses.notifications),
    ] {
        if !ids.is_empty() {
            sentences.push(format!("{what} {}.", quoted(ids)));
        }
    }
    if sentences.is_empty() {
        let fields: Vec<String> = uses
            .fields
            .iter()
            .map(|(id, index)| format!("`{}.{}`", owner(*id), spec.fields(*id)[*index].name))
            .collect();
        sentences.push(format!("Value of {}.", fields.join(", ")));
    }
    sentences.join(" ")
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

impl Tree<'_> {
    /// What the docstring of the service says.
    pub fn doc(&self) -> String {
        match self.module {
            Some((_, module)) => module_doc(module),
            None => format!("Everything under `{}`.", self.path.join(".")),
        }
    }
}

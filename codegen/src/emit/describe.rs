//! What docstrings say about types, fields and operations: once for all languages, in parts that each prints with its own
//! markup. `markdown` puts the parts together for the languages whose docstrings are Markdown.

use std::fmt::Write;

use crate::emit::limits;
use crate::emit::text::{markdown, page_url, sentence};
pub use crate::ir::Tree;
use crate::ir::{Field, Fill, Module, Notification, Operation, Request, Retry, Role, Spec, Standing, TypeId};

/// What the type is there for. `owner` tells what a type is called here that has fields of it.
pub fn type_doc<'n>(spec: &'n Spec, id: TypeId, owner: impl Fn(TypeId) -> &'n str) -> String {
    let uses = spec.uses(id);
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
    sentences.extend(retry_of(spec, &uses.notifications));
    if sentences.is_empty() {
        let fields: Vec<String> = uses
            .fields
            .iter()
            .map(|(id, index)| format!("{}.{}", owner(*id), spec.fields(*id)[*index].name))
            .collect();
        sentences.push(format!("Value of {}.", quoted(&fields)));
    }
    sentences.join(" ")
}

/// When these notifications are sent again; none when they differ.
fn retry_of(spec: &Spec, ids: &[String]) -> Option<String> {
    let mut said =
        spec.notifications().filter(|(_, notification)| ids.contains(&notification.id)).map(retry_note);
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)?
}

fn retry_note((_, notification): (&Module, &Notification)) -> Option<String> {
    notification.retry.as_ref().map(Retry::sentence)
}

/// What the docstring of a field says.
#[derive(Debug)]
pub struct FieldDoc<'a> {
    /// Name on the wire, for a field without a description.
    pub name: &'a str,
    /// Meaning and unit, as the spec has it.
    pub meaning: Option<String>,
    /// Limits, and what happens to the value on the way: sentences in Markdown.
    pub notes: Vec<String>,
}

impl<'a> FieldDoc<'a> {
    /// The parts for a field.
    pub fn of(field: &'a Field) -> Self {
        let mut notes = limits::sentences(field);
        if field.encrypt {
            notes.push("Plain text here, encrypted on the wire.".to_owned());
        }
        match field.fill {
            Some(Fill::Mchid) => {
                let note = "The client fills in its own merchant number when this is left out.";
                notes.push(note.to_owned());
            }
            Some(Fill::SubMchid) => {
                let note = "A client made for a sub-merchant fills it in when this is left out.";
                notes.push(note.to_owned());
            }
            None => {}
        }
        Self { name: &field.name, meaning: field.description(), notes }
    }

    /// One paragraph.
    pub fn markdown(&self) -> String {
        let meaning = match &self.meaning {
            Some(text) => sentence(&markdown(text)),
            None => format!("`{}`.", self.name),
        };
        [meaning].iter().chain(&self.notes).map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Meaning, limits and what happens to the value on the way.
pub fn field_doc(field: &Field) -> String {
    FieldDoc::of(field).markdown()
}

/// Title and description of a file of the spec.
pub fn module_doc(module: &Module) -> String {
    let mut text = sentence(&markdown(&module.title));
    for more in [&module.title_zh, &module.description].into_iter().flatten() {
        let _ = write!(text, "\n\n{}", markdown(more));
    }
    text
}

/// What the docstring of an operation says.
#[derive(Debug)]
pub struct OperationDoc<'a> {
    /// One line.
    pub title: &'a str,
    /// Name of the official page.
    pub title_zh: Option<&'a str>,
    /// What a caller must know besides.
    pub description: Option<&'a str>,
    /// How sure we are that it is current, who may call it, how large a file may be: sentences without markup.
    pub notes: Vec<String>,
    /// `POST /v3/pay/transactions/jsapi`
    pub http: String,
    /// When it appeared.
    pub since: Option<&'a str>,
    /// Address of the official page.
    pub page: Option<String>,
    /// WeChat Pay's own codes that are worth naming.
    pub codes: &'a [String],
    /// The operation to ask when the outcome is unknown.
    pub confirm: Option<&'a str>,
}

impl<'a> OperationDoc<'a> {
    /// The parts for an operation.
    pub fn of(operation: &'a Operation) -> Self {
        let standing = match operation.standing {
            Standing::Documented => None,
            Standing::Retired => Some("No longer in the official documentation."),
            Standing::Community => Some("Not in the official documentation: known from other sources."),
        };
        let role = match operation.role {
            Role::Merchant => None,
            Role::Partner => Some("For service providers."),
            Role::Both => Some("For merchants and service providers."),
            Role::Acquirer => Some("For acquiring institutions."),
        };
        let mut notes: Vec<String> = [standing, role].into_iter().flatten().map(str::to_owned).collect();
        notes.extend(operation.notes());
        if let Request::Upload { max_bytes, extensions, .. } = &operation.request {
            notes
                .push(format!("At most {max_bytes} bytes; file name extensions: {}.", extensions.join(", ")));
        }
        Self {
            title: &operation.title,
            title_zh: operation.title_zh.as_deref(),
            description: operation.description.as_deref(),
            notes,
            http: format!("{} {}", operation.method, operation.path),
            since: operation.since.as_deref(),
            page: operation.doc.as_deref().map(page_url),
            codes: &operation.errors,
            confirm: operation.confirm.as_deref(),
        }
    }

    /// Everything but how a call can fail, which each language says in its own way.
    pub fn markdown(&self) -> String {
        let mut paragraphs = vec![sentence(&markdown(self.title))];
        paragraphs.extend(self.title_zh.map(markdown));
        paragraphs.extend(self.description.map(|text| sentence(&markdown(text))));
        paragraphs.extend(self.notes.iter().cloned());
        let mut line = format!("`{}`", self.http);
        if let Some(since) = self.since {
            let _ = write!(line, ", since {since}");
        }
        if let Some(page) = &self.page {
            let _ = write!(line, ": [official page]({page})");
        }
        paragraphs.push(line);
        paragraphs.join("\n\n")
    }

    /// The codes, each between back-ticks; none when there are none.
    pub fn quoted_codes(&self) -> Option<String> {
        (!self.codes.is_empty()).then(|| quoted(self.codes))
    }
}

/// Title, description, page, errors.
pub fn operation_doc(operation: &Operation) -> String {
    let doc = OperationDoc::of(operation);
    let mut text = doc.markdown();
    if let Some(codes) = doc.quoted_codes() {
        let _ = write!(text, "\n\nWeChat Pay's error codes for this call: {codes}.");
    }
    if let Some(confirm) = doc.confirm {
        let _ = write!(text, "\n\nWhen the outcome is unknown, ask `{confirm}`.");
    }
    text
}

/// The members that a resource must have to be of this notification's type: `a`, `b`.
pub fn members(notification: &Notification) -> Option<String> {
    (!notification.has.is_empty()).then(|| quoted(&notification.has))
}

/// Which events are this notification: `A`, `B` with original type `c`, when the resource has `d`.
pub fn notification_events(notification: &Notification) -> String {
    let mut text = quoted(&notification.events);
    if !notification.original_types.is_empty() {
        let _ = write!(text, " with original type {}", quoted(&notification.original_types));
    }
    if let Some(members) = members(notification) {
        let _ = write!(text, ", when the resource has {members}");
    }
    text
}

/// What a receiver must know besides, and when it is sent again; in Markdown. Empty when there is nothing to say.
pub fn notification_notes(notification: &Notification) -> Vec<String> {
    let description = notification.description.as_deref().map(|text| sentence(&markdown(text)));
    description.into_iter().chain(notification.retry.as_ref().map(Retry::sentence)).collect()
}

/// Title, events and page of a notification, and what there is to know besides.
pub fn notification_doc(notification: &Notification) -> String {
    let mut text =
        format!("{} {}", sentence(&markdown(&notification.title)), notification_events(notification));
    if let Some(page) = &notification.doc {
        let _ = write!(text, ": [official page]({})", page_url(page));
    }
    text.push('.');
    for note in notification_notes(notification) {
        let _ = write!(text, "\n\n{note}");
    }
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

/// Names between back-ticks, with commas.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

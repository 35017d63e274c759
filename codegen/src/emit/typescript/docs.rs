//! JSDoc.

use std::fmt::Write;

use crate::emit::limits;
use crate::emit::text::{doc, markdown, page_url, sentence};
use crate::ir::{Field, Fill, Operation, Request, Role, Standing, Type};

/// A JSDoc comment. Nothing in `text` can end it.
pub(super) fn comment(indent: &str, text: &str) -> String {
    let text = text.trim().replace("*/", "*\u{200b}/");
    if !text.contains('\n') && text.chars().count() + indent.len() < 90 {
        return format!("{indent}/** {text} */\n");
    }
    format!("{indent}/**\n{}{indent} */\n", doc(indent, " *", &text))
}

pub(super) fn operation(operation: &Operation) -> String {
    let mut text = sentence(&markdown(&operation.title));
    if let Some(title) = &operation.title_zh {
        let _ = write!(text, "\n\n{}", markdown(title));
    }
    if let Some(description) = &operation.description {
        let _ = write!(text, "\n\n{}", sentence(&markdown(description)));
    }
    match operation.standing {
        Standing::Documented => {}
        Standing::Retired => text.push_str("\n\nNo longer in the official documentation."),
        Standing::Community => {
            text.push_str("\n\nNot in the official documentation: known from other sources.");
        }
    }
    match operation.role {
        Role::Merchant => {}
        Role::Partner => text.push_str("\n\nFor service providers."),
        Role::Both => text.push_str("\n\nFor merchants and service providers."),
    }
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
    text.push_str("\n\n@throws {WeChatPayError}");
    if !operation.errors.is_empty() {
        let codes: Vec<String> = operation.errors.iter().map(|code| format!("`{code}`")).collect();
        let _ = write!(text, " WeChat Pay's codes for this call: {}.", codes.join(", "));
    }
    if let Some(confirm) = &operation.confirm {
        let _ = write!(text, " When `outcomeUnknown`, ask `{confirm}`.");
    }
    text
}

pub(super) fn field(field: &Field) -> String {
    let mut text = match &field.doc {
        Some(text) => sentence(&markdown(text)),
        None => format!("`{}`", field.name),
    };
    if matches!(field.ty, Type::Timestamp) {
        text.push_str(" RFC 3339 with the offset: `2018-06-08T10:34:56+08:00`.");
    }
    for limit in limits::sentences(field) {
        let _ = write!(text, " {limit}");
    }
    if field.encrypt {
        text.push_str(" Plain text here, encrypted on the wire.");
    }
    if field.fill == Some(Fill::Mchid) {
        text.push_str(" The client fills in its own merchant number when this is left out.");
    }
    text
}

//! JSDoc.

use std::fmt::Write;

use crate::emit::describe::{FieldDoc, OperationDoc};
use crate::emit::text::doc as wrapped;
use crate::ir::{Field, Operation, Type};

/// A JSDoc comment. Nothing in `text` can end it.
pub(super) fn comment(indent: &str, text: &str) -> String {
    let text = text.trim().replace("*/", "*\u{200b}/");
    if !text.contains('\n') && text.chars().count() + indent.len() < 90 {
        return format!("{indent}/** {text} */\n");
    }
    format!("{indent}/**\n{}{indent} */\n", wrapped(indent, " *", &text))
}

pub(super) fn operation(operation: &Operation) -> String {
    let doc = OperationDoc::of(operation);
    let mut text = doc.markdown();
    text.push_str("\n\n@throws {WeChatPayError}");
    if let Some(codes) = doc.quoted_codes() {
        let _ = write!(text, " WeChat Pay's codes for this call: {codes}.");
    }
    if let Some(confirm) = doc.confirm {
        let _ = write!(text, " When `outcomeUnknown`, ask `{confirm}`.");
    }
    text
}

pub(super) fn field(field: &Field) -> String {
    let mut doc = FieldDoc::of(field);
    if matches!(field.ty, Type::Timestamp) {
        doc.notes.insert(0, "RFC 3339 with the offset: `2018-06-08T10:34:56+08:00`.".to_owned());
    }
    doc.markdown()
}

//! What an adapter for a web framework needs besides parsing: how much to read, and what to answer.

use serde_json::json;

pub use crate::notification::NOTIFICATION_MAX_BYTES;

use crate::error::Error;
use crate::notification;
use crate::notification_reply::NotificationReply;
use crate::operation;

/// `{"max_bytes", "accepted": {"status", "body", …}, "handler_failed": {…}, "asking": […]}` as JSON: the largest body to read, the
/// answers to a notification that was stored and to one that was not, and the types that ask for an answer of their own: a
/// handler that gives none for these has failed. What to answer when parsing failed is in the error, as `notification_reply`.
pub fn notification_rules() -> String {
    let asking: Vec<&str> = operation::notification_types()
        .filter(|kind| kind.answer().is_some())
        .map(|kind| kind.id())
        .collect();
    json!({
        "asking": asking,
        "max_bytes": NOTIFICATION_MAX_BYTES,
        "accepted": NotificationReply::accepted(),
        "handler_failed": NotificationReply::handler_failed(),
    })
    .to_string()
}

/// The error of an adapter that stopped reading at [`NOTIFICATION_MAX_BYTES`], announced length or not: the same as
/// parsing the whole body would give.
pub fn notification_too_large() -> Error {
    notification::too_large()
}

/// A reply as JSON: `{status, body, authorization}`.
pub fn reply_json(reply: &NotificationReply) -> String {
    json!(reply).to_string()
}

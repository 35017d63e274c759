//! What an adapter for a web framework needs besides parsing: how much to read, and what to answer.

use serde_json::json;

pub use crate::notification::NOTIFICATION_MAX_BYTES;

use crate::error::Error;
use crate::notification;
use crate::notification_reply::NotificationReply;

/// `{"max_bytes", "accepted": {"status", "body"}, "handler_failed": {"status", "body"}}` as JSON: the largest body to
/// read, and the answers to a notification that was stored, and to one that was not. What to answer when parsing failed
/// is in the error, as `notification_reply`.
pub fn notification_rules() -> String {
    json!({
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

//! How much of a notification to read, and what WeChat Pay is answered: decided by the core.

use wechatpay_core::NotificationReply;
use wechatpay_core::host::{NOTIFICATION_MAX_BYTES, error_json};

/// An HTTP answer to a notification.
#[derive(uniffi::Record)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Empty, or JSON.
    pub body: String,
    /// Value of the header `Authorization` of a signed answer; empty for all others.
    pub authorization: String,
}

impl From<NotificationReply> for Reply {
    fn from(reply: NotificationReply) -> Self {
        Self { status: reply.status, body: reply.body, authorization: reply.authorization }
    }
}

/// What an endpoint for notifications has to know.
#[derive(uniffi::Record)]
pub struct NotificationRules {
    /// Largest body, in bytes.
    pub max_bytes: u32,
    /// For a notification that was stored.
    pub accepted: Reply,
    /// For one that was not stored, or is not understood.
    pub handler_failed: Reply,
}

/// The rules. What is answered when parsing failed is in the error.
#[uniffi::export]
pub fn notification_rules() -> NotificationRules {
    NotificationRules {
        max_bytes: u32::try_from(NOTIFICATION_MAX_BYTES).unwrap_or(u32::MAX),
        accepted: NotificationReply::accepted().into(),
        handler_failed: NotificationReply::handler_failed().into(),
    }
}

/// The error, as JSON, of an endpoint that stopped reading where the rules say.
#[uniffi::export]
pub fn notification_too_large() -> String {
    error_json(&wechatpay_core::host::notification_too_large())
}

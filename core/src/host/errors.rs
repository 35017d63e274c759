//! Errors as JSON: every language builds its exceptions from the same text.

use std::any::Any;

use serde_json::json;

use crate::error::{Error, ErrorKind, codes};

/// The fields of an error as a JSON object; `text` is what `Display` gives.
pub fn error_json(error: &Error) -> String {
    let causes: Vec<String> = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    json!({
        "kind": error.kind().as_str(),
        "code": error.code(),
        "message": error.message(),
        "detail": error.detail(),
        "status": error.status(),
        "request_id": error.request_id(),
        "operation": error.operation(),
        "body": error.body().map(String::from_utf8_lossy),
        "retryable": error.retryable(),
        "outcome_unknown": error.outcome_unknown(),
        "authenticated": error.authenticated(),
        "attempts": error.attempts(),
        "notification_reply": error.notification_reply(),
        "causes": causes,
        "text": error.to_string(),
    })
    .to_string()
}

/// The error to report when a binding caught a panic: a bug in this library, and never a reason to bring the host
/// process down.
pub fn panic_error(panic: &(dyn Any + Send)) -> Error {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::new(
        ErrorKind::Internal,
        codes::PANIC,
        format!("a bug in wechatpay-rs made this call fail ({what}); please report it. The call may have taken effect."),
    )
    .with_outcome_unknown(true)
}

//! What WeChat Pay is answered to a notification. Decided here once, for every language and every web framework.

use std::fmt;

use serde::Serialize;
use serde_json::json;

use crate::error::{Error, ErrorKind, codes};

/// The HTTP answer to a notification: what your endpoint sends back to WeChat Pay, within five seconds.
///
/// | | status |
/// |---|---|
/// | [`accepted`](Self::accepted): stored, or known already | 204 |
/// | a signature, serial or clock check failed ([`ErrorKind::Verification`]), probes included | 401 |
/// | not built as the protocol says ([`ErrorKind::Malformed`]) | 400 |
/// | larger than [`NOTIFICATION_MAX_BYTES`](crate::NOTIFICATION_MAX_BYTES) | 413 |
/// | anything else: wrong APIv3 key or none, a failed download of certificates, a client that was closed | 500 |
/// | [`handler_failed`](Self::handler_failed): not understood, or not stored | 500 |
///
/// WeChat Pay sends a notification again after any answer but 200 and 204, for hours and ever more rarely.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotificationReply {
    /// HTTP status.
    pub status: u16,
    /// Body, empty or JSON (`Content-Type: application/json`). It says no more than an error code: anybody may post
    /// to a notification address, and strangers learn nothing.
    pub body: String,
    /// Value of the header `Authorization`: the merchant's signature of an [answer](crate::Kernel::answer_notification). Empty for
    /// all others, which nobody signs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization: String,
}

/// Shows what a log may hold: neither a signature nor what is told.
impl fmt::Debug for NotificationReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationReply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl NotificationReply {
    /// The notification is understood and stored; WeChat Pay does not send it again. Not for one that asks for an answer of
    /// its own: see [`Kernel::answer_notification`](crate::Kernel::answer_notification).
    pub fn accepted() -> Self {
        Self { status: 204, body: String::new(), authorization: String::new() }
    }

    /// Signed JSON.
    pub(crate) fn answer(body: String, authorization: String) -> Self {
        Self { status: 200, body, authorization }
    }

    /// The notification is good but was not stored, or is not understood: its type is unknown, or it is about an order
    /// that you do not know. WeChat Pay sends it again, so that nothing is lost until somebody has looked.
    pub fn handler_failed() -> Self {
        Self::failed(500, "HANDLER_FAILED")
    }

    /// The body is larger than [`NOTIFICATION_MAX_BYTES`](crate::NOTIFICATION_MAX_BYTES): stop reading there.
    pub fn too_large() -> Self {
        Self::failed(413, codes::BODY_TOO_LARGE)
    }

    fn failed(status: u16, code: &str) -> Self {
        let body = json!({ "code": "FAIL", "message": code }).to_string();
        Self { status, body, authorization: String::new() }
    }
}

impl Error {
    /// What WeChat Pay is to be answered when `parse_notification` failed with this error.
    pub fn notification_reply(&self) -> NotificationReply {
        match self.kind() {
            ErrorKind::Verification => NotificationReply::failed(401, self.code()),
            ErrorKind::Malformed if self.code() == codes::BODY_TOO_LARGE => NotificationReply::too_large(),
            ErrorKind::Malformed => NotificationReply::failed(400, self.code()),
            // This side's fault. A code of WeChat Pay's own, from a download of certificates, is nobody else's business.
            ErrorKind::Api => NotificationReply::failed(500, "API"),
            ErrorKind::Config
            | ErrorKind::InvalidRequest
            | ErrorKind::Signing
            | ErrorKind::Connection
            | ErrorKind::Timeout
            | ErrorKind::Network
            | ErrorKind::Decryption
            | ErrorKind::Integrity
            | ErrorKind::Io
            | ErrorKind::Closed
            | ErrorKind::Internal => NotificationReply::failed(500, self.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_its_status() {
        for (kind, code, status) in [
            (ErrorKind::Verification, "SIGNATURE_MISMATCH", 401),
            (ErrorKind::Verification, "SIGNTEST_PROBE", 401),
            (ErrorKind::Decryption, "WRONG_API_V3_KEY", 500),
            (ErrorKind::Config, "CONFIG", 500),
            (ErrorKind::Malformed, "BAD_NOTIFICATION", 400),
            (ErrorKind::Malformed, "BODY_TOO_LARGE", 413),
            (ErrorKind::Io, "IO", 500),
            (ErrorKind::Closed, "CLOSED", 500),
            (ErrorKind::Internal, "PANIC", 500),
        ] {
            let reply = Error::new(kind, code, "a text with 张三 in it").notification_reply();
            let body = format!(r#"{{"code":"FAIL","message":"{code}"}}"#);
            assert_eq!((reply.status, reply.body), (status, body), "{kind:?}");
        }
    }

    #[test]
    fn nothing_of_somebody_elses_goes_out() {
        let reply = Error::new(ErrorKind::Api, "<script>", "").notification_reply();
        assert_eq!((reply.status, reply.body.as_str()), (500, r#"{"code":"FAIL","message":"API"}"#));
    }

    #[test]
    fn only_what_is_stored_is_acknowledged() {
        let accepted = NotificationReply::accepted();
        assert_eq!((accepted.status, accepted.body.as_str()), (204, ""));
        assert_eq!(NotificationReply::handler_failed().status, 500);
        assert_eq!(NotificationReply::too_large().status, 413);
    }
}

//! `POST /v3/security/echo`: sends a message back, and a notification when asked for one.

use serde_json::json;

use crate::call::{Call, Reply};
use crate::refusal::Result;
use crate::store::State;
use crate::store::notifications::Event;

pub(crate) fn echo(state: &mut State, call: &Call) -> Result<Reply> {
    let message = call.need("echo_message")?;
    let mut reply = json!({ "echo_message": message });
    let mut resource = json!({ "echo_message": message });
    if let Some(encrypted) = call.get("encrypted_echo_message") {
        reply["encrypted_echo_message"] = encrypted.clone();
        // Without "ed", as the documentation spells it in the notification.
        resource["encrypt_echo_message"] = encrypted.clone();
    }
    let url = call.text("notify_url");
    if !url.is_empty() {
        state.notifications.queue(Event {
            event_type: "SECURITY_ECHO.SUCCESS",
            original_type: "security",
            summary: "测试回调",
            resource,
            url: url.to_owned(),
        });
    }
    Ok(reply.into())
}

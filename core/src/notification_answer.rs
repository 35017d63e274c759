//! The answer to a notification that asks for more than a status: JSON that the merchant signs.

use serde_json::Value;

use crate::error::{Error, Result, codes};
use crate::kernel::Kernel;
use crate::notification_reply::NotificationReply;
use crate::operation::NotificationType;
use crate::protocol::answer_message;
use crate::validate;

impl Kernel {
    /// What WeChat Pay is answered to a notification that asks for something, for example what a parking costs at the moment
    /// ([`NotificationType::answer`]). Status, body and the header `Authorization` go out together, the body byte for byte,
    /// within the time that the notification's page gives (three seconds for the parking fee).
    ///
    /// The answer is checked like a request. It is signed as WeChat Pay signs its own: over timestamp, nonce and body.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) with `NO_ANSWER_ASKED` for a notification that is answered
    /// with a status, or with what is wrong with the answer; [`ErrorKind::Signing`](crate::ErrorKind::Signing) when the
    /// merchant's signer failed.
    pub fn answer_notification(
        &self,
        notification: Option<NotificationType>,
        answer: &Value,
    ) -> Result<NotificationReply> {
        let asked = notification.and_then(|kind| Some((kind.id(), kind.answer()?)));
        let Some((id, model)) = asked else {
            let id = notification.map_or("of an unknown type", NotificationType::id);
            return Err(Error::invalid_request(
                codes::NO_ANSWER_ASKED,
                format!("the notification {id} asks for no answer: acknowledge it with a status."),
            ));
        };
        validate::check_object(model, answer)
            .map_err(|error| error.with_hint(format!("In the answer to {id}.")))?;
        let body = answer.to_string();
        let authorization = self.authorization(|timestamp, nonce| {
            answer_message(&timestamp.to_string(), nonce, body.as_bytes())
        })?;
        Ok(NotificationReply::answer(body, authorization))
    }
}

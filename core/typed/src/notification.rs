//! Which type of the generated list a notification is of.

use serde_json::Value;
use wechatpay_core::Notification;
use wechatpay_core::operation::{NotificationType, notification_type};

use crate::fit::fit;

/// Id of the notification's type, and its resource as the getters want it.
pub(crate) fn of(notification: &Notification) -> (&'static str, Value) {
    with_type(notification.kind, notification.resource.clone())
}

/// The same for a resource that somebody else decrypted.
pub(crate) fn among_all(event_type: &str, original_type: &str, resource: Value) -> (&'static str, Value) {
    with_type(notification_type(event_type, original_type, &resource), resource)
}

/// What is no object has no type, whatever the event says.
fn with_type(kind: Option<NotificationType>, mut resource: Value) -> (&'static str, Value) {
    match kind.filter(|_| resource.is_object()) {
        Some(kind) => {
            fit(kind.resource(), &mut resource);
            (kind.id(), resource)
        }
        None => ("", resource),
    }
}

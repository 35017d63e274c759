//! The operation table: what every operation, parameter and notification of WeChat Pay is.
//!
//! `spec/**/*.yaml` describes them; `cargo xtask codegen` turns the description into tables
//! (`core/src/generated/table`). The kernel, the bindings and the sandbox read the same tables: one checks a request
//! before it is sent, the other checks it as the platform would.
//!
//! What is read here are small handles, passed by value: an [`Operation`] has [`Field`]s, a field has a [`Kind`], and so
//! on down. Two handles are equal when they are of the same entry.

mod entries;
mod notification_type;
mod rule;

use crate::error::{Error, Result, codes};
use crate::generated::table::TABLES;
use crate::nearest::nearest;

pub use crate::table::{Digest, Fill, Host, Standing};
pub use entries::{
    Body, Choice, Field, Fields, Item, Kind, Model, NotificationType, Operation, Reply, Texts, Upload, Values,
};
pub(crate) use notification_type::{Members, type_among};
pub use rule::{Characters, Rule, Suspected};

/// Every operation of the spec: file by file, in the order of the spec.
pub fn all() -> impl Iterator<Item = Operation> + Clone {
    TABLES.operations().map(Operation)
}

/// The operation with this id, for example `payments.jsapi.prepay`.
pub fn find(id: &str) -> Option<Operation> {
    TABLES.find(id).map(Operation)
}

/// The operation with this id, or the error that names the one that was probably meant.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) with code `UNKNOWN_OPERATION`.
pub fn named(id: &str) -> Result<Operation> {
    find(id).ok_or_else(|| {
        let near = nearest(id, all().map(Operation::id));
        let hint = match near {
            Some(near) => format!("Did you mean {near:?}?"),
            None => "An endpoint that is not typed here can be called with `request`.".to_owned(),
        };
        Error::invalid_request(codes::UNKNOWN_OPERATION, format!("there is no operation {id:?}. {hint}"))
    })
}

/// The type of notification of this id, for example `payments.transaction`.
pub fn notification_named(id: &str) -> Option<NotificationType> {
    notification_types().find(|kind| kind.id() == id)
}

/// Every notification of the spec. [`notification_type`](fn@notification_type) picks the right one.
pub fn notification_types() -> impl Iterator<Item = NotificationType> + Clone {
    TABLES.notifications().map(NotificationType)
}

/// The type of a notification. `None` when none fits, also when two fit alike: what it is must be certain.
pub fn notification_type(
    event_type: &str,
    original_type: &str,
    resource: &serde_json::Value,
) -> Option<NotificationType> {
    type_among(notification_types(), event_type, original_type, &Members::of(resource))
}

#[cfg(test)]
mod tests;

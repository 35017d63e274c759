//! The examples of the spec, which stand in this program's binary: what the sandbox answers where it plays no flow, what it
//! sends where nothing happened, and which errors are documented.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

#[path = "generated/examples.rs"]
mod files;

/// A file of examples.
#[derive(Debug, Default, Deserialize)]
struct File {
    operations: Vec<OperationExample>,
    notifications: Vec<NotificationExample>,
}

/// What the spec shows of an operation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OperationExample {
    id: String,
    /// None when nothing is answered, or a file.
    pub(crate) response: Option<Value>,
    /// Id of the operation whose flow it shares.
    pub(crate) flow: Option<String>,
    /// The documented errors.
    pub(crate) errors: Vec<DocumentedError>,
}

/// An error that the documentation of an operation lists.
#[derive(Debug, Deserialize)]
pub(crate) struct DocumentedError {
    pub(crate) code: String,
    /// None when no page gives it.
    pub(crate) status: Option<u16>,
}

/// What the spec shows of a notification.
#[derive(Debug, Deserialize)]
pub(crate) struct NotificationExample {
    id: String,
    pub(crate) event_types: Vec<String>,
    pub(crate) original_type: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) resource: Value,
}

struct Examples {
    operations: HashMap<String, OperationExample>,
    notifications: HashMap<String, NotificationExample>,
}

/// Read when first needed: most runs of the sandbox need none.
fn examples() -> &'static Examples {
    static EXAMPLES: OnceLock<Examples> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let mut examples = Examples { operations: HashMap::new(), notifications: HashMap::new() };
        for text in files::FILES {
            // They were generated, and a test reads them all: none is skipped.
            let file: File = serde_json::from_str(text).unwrap_or_default();
            examples.operations.extend(file.operations.into_iter().map(|one| (one.id.clone(), one)));
            examples.notifications.extend(file.notifications.into_iter().map(|one| (one.id.clone(), one)));
        }
        examples
    })
}

/// What the spec shows of the operation of this id.
pub(crate) fn of_operation(id: &str) -> Option<&'static OperationExample> {
    examples().operations.get(id)
}

/// What the spec shows of the notification of this id, `payments.transaction`.
pub(crate) fn of_notification(id: &str) -> Option<&'static NotificationExample> {
    examples().notifications.get(id)
}

/// The documented error of this code; says which there are when it is none.
pub(crate) fn documented(operation: &str, code: &str) -> Result<&'static DocumentedError, String> {
    let Some(example) = of_operation(operation) else {
        return Err(format!("there is no operation {operation}"));
    };
    example.errors.iter().find(|error| error.code == code).ok_or_else(|| {
        let known: Vec<&str> = example.errors.iter().map(|error| error.code.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        format!("{code} is no documented error of {operation}: {known}. `status` and `code` make any other")
    })
}

#[cfg(test)]
mod tests {
    use wechatpay_core::operation;

    use super::*;

    #[test]
    fn every_operation_and_every_notification_of_the_table_is_there() {
        for text in files::FILES {
            serde_json::from_str::<File>(text).unwrap();
        }
        let missing: Vec<&str> =
            operation::all().map(|one| one.id()).filter(|id| of_operation(id).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        for kind in operation::notification_types() {
            let example = of_notification(kind.id()).unwrap_or_else(|| panic!("no example of {}", kind.id()));
            assert!(kind.events().all(|event| example.event_types.iter().any(|known| known == event)));
        }
    }
}

//! Permissions to charge a user without asking for each order: UNBINDUSER → AVAILABLE → UNAVAILABLE.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// A permission.
#[derive(Debug)]
pub(crate) struct Permission {
    pub(crate) terms: Map<String, Value>,
    pub(crate) openid: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) opened: Option<String>,
    pub(crate) closed: Option<String>,
}

/// All permissions, by `authorization_code`.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    pub(crate) by_code: HashMap<String, Permission>,
}

impl Permissions {
    /// Whether the user lets the service charge.
    pub(crate) fn in_force(&self, service_id: &str, openid: &str) -> bool {
        self.by_code.values().any(|permission| {
            permission.state == "AVAILABLE"
                && permission.terms.get("service_id").is_some_and(|id| id == service_id)
                && permission.openid.as_deref() == Some(openid)
        })
    }
}

//! Subsidies: one merchant pays another for a coupon that was used, and may take it back.

use serde_json::Value;

/// Payments and their returns, as answers show them.
#[derive(Debug, Default)]
pub(crate) struct Subsidies {
    pub(crate) payments: Vec<Value>,
    pub(crate) returns: Vec<Value>,
}

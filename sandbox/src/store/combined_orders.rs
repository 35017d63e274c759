//! Combined orders: which orders are paid at once, and as what they were asked for. The orders themselves are among the others.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::ids;

/// A combined order.
#[derive(Debug, Clone)]
pub(crate) struct CombinedOrder {
    pub(crate) number: String,
    pub(crate) trade_type: &'static str,
    pub(crate) prepay_id: String,
    /// The body of the request that made it.
    pub(crate) request: Map<String, Value>,
    /// Numbers of its orders.
    pub(crate) orders: Vec<String>,
    /// WeChat Pay's number for all of them, once they are paid.
    pub(crate) transaction_id: Option<String>,
}

impl CombinedOrder {
    pub(crate) fn new(
        number: &str,
        trade_type: &'static str,
        request: Map<String, Value>,
        orders: Vec<String>,
        now: OffsetDateTime,
    ) -> Self {
        let number = number.to_owned();
        Self { number, trade_type, prepay_id: ids::prepay_id(now), request, orders, transaction_id: None }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.request.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The parts that it does not share with its orders.
    pub(crate) fn to_json(&self) -> Value {
        let mut shown = json!({
            "combine_appid": self.text("combine_appid"), "combine_mchid": self.text("combine_mchid"), "combine_out_trade_no": self.number,
        });
        if let Some(device_id) = self.request.get("scene_info").and_then(|scene| scene.get("device_id")) {
            shown["scene_info"] = json!({ "device_id": device_id });
        }
        if let Some(transaction_id) = &self.transaction_id {
            shown["combine_transaction_id"] = json!(transaction_id);
        }
        shown
    }
}

/// All of them, by number.
#[derive(Debug, Default)]
pub(crate) struct CombinedOrders(HashMap<String, CombinedOrder>);

impl CombinedOrders {
    pub(crate) fn add(&mut self, order: CombinedOrder) {
        self.0.insert(order.number.clone(), order);
    }

    pub(crate) fn get(&self, number: &str) -> Option<&CombinedOrder> {
        self.0.get(number)
    }

    pub(crate) fn get_mut(&mut self, number: &str) -> Option<&mut CombinedOrder> {
        self.0.get_mut(number)
    }

    /// By its number, its `prepay_id`, or the number of one of its orders: the payer pays all at once.
    pub(crate) fn named(&self, name: &str) -> Option<&CombinedOrder> {
        self.0.get(name).or_else(|| {
            self.0
                .values()
                .find(|order| order.prepay_id == name || order.orders.iter().any(|one| one == name))
        })
    }
}

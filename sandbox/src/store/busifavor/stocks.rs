//! A stock (批次): what coupons there are, and how many may be handed out.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::codes::Code;

/// A stock.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) id: String,
    /// The body of the request that made it, as changed since.
    pub(crate) terms: Map<String, Value>,
    pub(crate) codes: Vec<Code>,
    pub(crate) sent: i64,
    pub(crate) sent_by_day: HashMap<String, i64>,
}

impl Stock {
    pub(crate) fn code_mode(&self) -> &str {
        self.terms.get("coupon_code_mode").and_then(Value::as_str).unwrap_or_default()
    }

    /// A number of `stock_send_rule`.
    pub(crate) fn limit(&self, name: &str) -> Option<i64> {
        self.terms.get("stock_send_rule")?.get(name)?.as_i64()
    }

    /// What one coupon costs the budget, in fen.
    pub(crate) fn value(&self) -> i64 {
        self.terms
            .get("coupon_use_rule")
            .and_then(|rule| rule["fixed_normal_coupon"]["discount_amount"].as_i64())
            .unwrap_or_default()
    }

    pub(crate) fn available_time(&self, name: &str) -> Option<&Value> {
        self.terms.get("coupon_use_rule")?.get("coupon_available_time")?.get(name)
    }

    /// Fields that coupons show too.
    pub(crate) fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let names = [
            "belong_merchant",
            "stock_name",
            "comment",
            "goods_name",
            "stock_type",
            "display_pattern_info",
            "coupon_use_rule",
            "custom_entrance",
        ];
        for name in names {
            if let Some(value) = self.terms.get(name) {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        for name in ["transferable", "shareable"] {
            if let Some(value) = self.terms.get("stock_send_rule").and_then(|rule| rule.get(name)) {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        shown
    }

    pub(crate) fn to_json(&self, today: &str) -> Value {
        let mut stock = self.terms.clone();
        stock.remove("out_request_no");
        stock.insert("stock_id".to_owned(), json!(self.id));
        stock.insert("stock_state".to_owned(), json!("RUNNING"));
        if self.code_mode() == "MERCHANT_UPLOAD" {
            let available = self.codes.iter().filter(|code| code.is_available()).count();
            stock.insert(
                "coupon_code_count".to_owned(),
                json!({ "total_count": self.codes.len(), "available_count": available }),
            );
        }
        let today = self.sent_by_day.get(today).copied().unwrap_or_default();
        stock.insert(
            "send_count_information".to_owned(),
            json!({
                "total_send_num": self.sent,
                "total_send_amount": self.sent.saturating_mul(self.value()),
                "today_send_num": today,
                "today_send_amount": today.saturating_mul(self.value()),
            }),
        );
        Value::Object(stock)
    }
}

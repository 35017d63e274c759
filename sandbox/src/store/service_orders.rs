//! Service orders of WeChat Pay score: CREATED → DOING (confirmed) → DOING (completed, being paid) → DONE; REVOKED when
//! cancelled, EXPIRED when never confirmed.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::refusal::Refusal;

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Created,
    Confirmed,
    Completed,
    Done,
    Revoked,
    Expired,
}

impl Stage {
    pub(crate) const fn state(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Confirmed | Self::Completed => "DOING",
            Self::Done => "DONE",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
        }
    }

    pub(crate) const fn description(self) -> Option<&'static str> {
        match self {
            Self::Confirmed => Some("USER_CONFIRM"),
            Self::Completed => Some("MCH_COMPLETE"),
            _ => None,
        }
    }
}

/// A service order.
#[derive(Debug, Clone)]
pub(crate) struct ServiceOrder {
    pub(crate) order_id: String,
    pub(crate) query_id: String,
    pub(crate) package: String,
    pub(crate) mchid: String,
    /// The request that made it, to recognise a repeat.
    pub(crate) asked: Map<String, Value>,
    /// Its fields as they are now.
    pub(crate) terms: Map<String, Value>,
    pub(crate) stage: Stage,
    pub(crate) openid: String,
    pub(crate) total: Option<i64>,
    /// The completing request, to recognise a repeat.
    pub(crate) completed_by: Option<Map<String, Value>>,
    /// How it was paid.
    pub(crate) payment: Option<Value>,
    /// `out_trade_no` that the deduction was registered under.
    pub(crate) deduction: Option<String>,
}

impl ServiceOrder {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.terms.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut order = self.terms.clone();
        for name in ["need_user_confirm", "device", "shopping_info"] {
            order.remove(name);
        }
        order.insert("mchid".to_owned(), json!(self.mchid));
        order.insert("order_id".to_owned(), json!(self.order_id));
        order.insert("state".to_owned(), json!(self.stage.state()));
        if let Some(description) = self.stage.description() {
            order.insert("state_description".to_owned(), json!(description));
        }
        if self.stage != Stage::Created {
            order.insert("openid".to_owned(), json!(self.openid));
        }
        if let Some(total) = self.total {
            order.insert("total_amount".to_owned(), json!(total));
            order.insert("need_collection".to_owned(), json!(total > 0));
            if total > 0 {
                order.insert("collection".to_owned(), self.collection(total));
            }
        }
        Value::Object(order)
    }

    fn collection(&self, total: i64) -> Value {
        let (state, paying, paid) =
            if self.payment.is_some() { ("USER_PAID", 0, total) } else { ("USER_PAYING", total, 0) };
        json!({
            "state": state,
            "total_amount": total,
            "paying_amount": paying,
            "paid_amount": paid,
            "details": self.payment.iter().collect::<Vec<_>>(),
        })
    }

    /// Refuses what is only possible in another stage.
    pub(crate) fn refuse(&self, wanted: &str) -> Refusal {
        match self.stage {
            Stage::Revoked => Refusal::new(400, "ORDER_CANCELED", "订单已取消"),
            Stage::Done => Refusal::new(400, "ORDER_DONE", "订单已完成"),
            stage => Refusal::new(
                400,
                "INVALID_ORDER_STATE",
                format!(
                    "订单状态为{}{}，{wanted}",
                    stage.state(),
                    stage.description().map(|text| format!("（{text}）")).unwrap_or_default()
                ),
            ),
        }
    }
}

/// All service orders, by `out_order_no`.
#[derive(Debug, Default)]
pub(crate) struct ServiceOrders {
    pub(crate) by_number: HashMap<String, ServiceOrder>,
}

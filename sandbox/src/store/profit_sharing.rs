//! Profit sharing: who may receive, what of a payment was shared, and what was taken back.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::clock;
use crate::ids;

/// What became of one receiver's share.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    /// Type, account, amount and description, as they were asked for.
    asked: Value,
    detail_id: String,
    /// Set when it did not arrive.
    pub(crate) fail_reason: Option<String>,
    /// Fen that were taken back.
    pub(crate) returned: i64,
}

impl Share {
    fn new(asked: &Value) -> Self {
        let mut known = json!({});
        for name in ["amount", "description", "type", "account"] {
            known[name] = asked[name].clone();
        }
        Self { asked: known, detail_id: format!("3601{}", ids::digits(19)), fail_reason: None, returned: 0 }
    }

    pub(crate) fn amount(&self) -> i64 {
        self.asked["amount"].as_i64().unwrap_or_default()
    }

    pub(crate) fn account(&self) -> &str {
        self.asked["account"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_merchant(&self) -> bool {
        self.asked["type"] == "MERCHANT_ID"
    }

    /// Fen that are with the receiver.
    pub(crate) fn kept(&self) -> i64 {
        if self.fail_reason.is_some() { 0 } else { self.amount() - self.returned }
    }

    /// As a notification has it.
    pub(crate) fn receiver(&self) -> Value {
        self.asked.clone()
    }
}

/// One sharing of a payment, or the unfreezing of its rest.
#[derive(Debug, Clone)]
pub(crate) struct Sharing {
    pub(crate) out_order_no: String,
    pub(crate) order_id: String,
    pub(crate) transaction_id: String,
    /// The request that made it, to recognise a repeat.
    pub(crate) request: Map<String, Value>,
    pub(crate) shares: Vec<Share>,
    /// Whether it was carried out.
    pub(crate) finished: bool,
    made: OffsetDateTime,
}

impl Sharing {
    pub(crate) fn new(request: Map<String, Value>, receivers: &[Value], now: OffsetDateTime) -> Self {
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            out_order_no: text("out_order_no"),
            order_id: format!("3008{}", ids::digits(24)),
            transaction_id: text("transaction_id"),
            shares: receivers.iter().map(Share::new).collect(),
            request,
            finished: false,
            made: now,
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.request.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Fen that left the payment by it.
    pub(crate) fn taken(&self) -> i64 {
        self.shares.iter().filter(|share| share.fail_reason.is_none()).map(Share::amount).sum()
    }

    pub(crate) fn to_json(&self) -> Value {
        let at = clock::rfc3339(self.made);
        let receivers: Vec<Value> = self
            .shares
            .iter()
            .map(|share| {
                let mut shown = share.asked.clone();
                shown["result"] = json!(match &share.fail_reason {
                    _ if !self.finished => "PENDING",
                    None => "SUCCESS",
                    Some(_) => "CLOSED",
                });
                if self.finished && share.fail_reason.is_some() {
                    shown["fail_reason"] = json!(share.fail_reason);
                }
                for (name, value) in
                    [("create_time", &at), ("finish_time", &at), ("detail_id", &share.detail_id)]
                {
                    shown[name] = json!(value);
                }
                shown
            })
            .collect();
        let mut shown = json!({
            "transaction_id": self.transaction_id,
            "out_order_no": self.out_order_no,
            "order_id": self.order_id,
            "state": if self.finished { "FINISHED" } else { "PROCESSING" },
            "receivers": receivers,
        });
        if !self.text("sub_mchid").is_empty() {
            shown["sub_mchid"] = json!(self.text("sub_mchid"));
        }
        shown
    }
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct ProfitSharing {
    /// Whose payments (a sub-merchant, or nobody by name), type, account.
    pub(crate) receivers: BTreeSet<(String, String, String)>,
    pub(crate) sharings: HashMap<String, Sharing>,
    /// Requests and answers, by `out_return_no`.
    pub(crate) returns: HashMap<String, (Map<String, Value>, Value)>,
    /// Payments whose rest went to the merchant.
    pub(crate) unfrozen: BTreeSet<String>,
}

impl ProfitSharing {
    /// Fen that left a payment.
    pub(crate) fn taken(&self, transaction_id: &str) -> i64 {
        self.sharings.values().filter(|one| one.transaction_id == transaction_id).map(Sharing::taken).sum()
    }

    pub(crate) fn by_order_id(&mut self, order_id: &str) -> Option<&mut Sharing> {
        self.sharings.values_mut().find(|sharing| sharing.order_id == order_id)
    }
}

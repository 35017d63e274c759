//! Refunds and what they become: PROCESSING → SUCCESS, CLOSED or ABNORMAL.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::orders::Order;

/// A refund.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) refund_id: String,
    pub(crate) out_refund_no: String,
    pub(crate) transaction_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) request: Map<String, Value>,
    pub(crate) status: &'static str,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) succeeded_at: Option<OffsetDateTime>,
    /// Fen to refund.
    pub(crate) refund: i64,
    total: i64,
    payer_total: i64,
    /// Fen of the refund that go to the payer; the rest was a coupon's.
    payer_refund: i64,
    account: String,
}

impl Refund {
    /// A refund of so many fen of a paid order, which this request asks for.
    pub(crate) fn new(
        order: &Order,
        transaction_id: String,
        out_refund_no: &str,
        refund: i64,
        request: Map<String, Value>,
        now: OffsetDateTime,
    ) -> Self {
        // The payer's own money and the coupon's come back in proportion; the last refund takes what rounding left over.
        // Amounts are of the merchant's choice: two of them multiplied need not fit into 64 bits.
        let payer_share = |amount: i64| {
            let share = i128::from(amount) * i128::from(order.payer_total()) / i128::from(order.total());
            i64::try_from(share).unwrap_or(i64::MAX)
        };
        Self {
            refund_id: ids::refund_id(now),
            out_refund_no: out_refund_no.to_owned(),
            transaction_id,
            out_trade_no: order.out_trade_no.clone(),
            request,
            status: "PROCESSING",
            created_at: now,
            succeeded_at: None,
            refund,
            total: order.total(),
            payer_total: order.payer_total(),
            payer_refund: payer_share(order.refunded + refund) - payer_share(order.refunded),
            account: "支付用户零钱".to_owned(),
        }
    }

    /// The merchant for whom a partner refunds; empty when a merchant does so himself.
    pub(crate) fn sub_mchid(&self) -> &str {
        self.request.get("sub_mchid").and_then(Value::as_str).unwrap_or_default()
    }

    /// An abnormal refund is sent on to another account.
    pub(crate) fn send_on(&mut self, account: String) {
        self.account = account;
        self.status = "PROCESSING";
    }

    /// The refund comes to an end.
    pub(crate) fn finish(&mut self, status: &'static str, now: OffsetDateTime) -> Result<()> {
        if self.status != "PROCESSING" {
            return Err(Refusal::new(
                409,
                "WRONG_STATE",
                format!(
                    "refund {} is {}; only one that is PROCESSING can be finished",
                    self.out_refund_no, self.status
                ),
            ));
        }
        self.status = status;
        self.succeeded_at = (status == "SUCCESS").then_some(now);
        Ok(())
    }

    fn amount(&self) -> Value {
        let mut amount = json!({
            "total": self.total,
            "refund": self.refund,
            "payer_total": self.payer_total,
            "payer_refund": self.payer_refund,
            "settlement_refund": self.refund,
            "settlement_total": self.total,
            "discount_refund": self.refund - self.payer_refund,
            "currency": "CNY",
        });
        if let Some(from) = self.request.get("amount").and_then(|amount| amount.get("from")) {
            amount["from"] = from.clone();
        }
        amount
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut refund = json!({
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.transaction_id,
            "out_trade_no": self.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": self.account,
            "create_time": clock::rfc3339(self.created_at),
            "status": self.status,
            "funds_account": self.request.get("funds_account").and_then(Value::as_str).unwrap_or("UNSETTLED"),
            "amount": self.amount(),
        });
        if let Some(moment) = self.succeeded_at {
            refund["success_time"] = json!(clock::rfc3339(moment));
        }
        refund
    }

    /// The same, as the notification shows it: `refund_status` instead of `status`.
    pub(crate) fn to_notification(&self, mchid: &str) -> Value {
        let mut resource = match self.sub_mchid() {
            "" => json!({ "mchid": mchid }),
            sub_mchid => json!({ "sp_mchid": mchid, "sub_mchid": sub_mchid }),
        };
        let of_all = json!({
            "out_trade_no": self.out_trade_no,
            "transaction_id": self.transaction_id,
            "out_refund_no": self.out_refund_no,
            "refund_id": self.refund_id,
            "refund_status": self.status,
            "user_received_account": self.account,
            "amount": {
                "total": self.total,
                "refund": self.refund,
                "payer_total": self.payer_total,
                "payer_refund": self.payer_refund,
            },
        });
        if let (Value::Object(resource), Value::Object(of_all)) = (&mut resource, of_all) {
            resource.extend(of_all);
        }
        if let Some(moment) = self.succeeded_at {
            resource["success_time"] = json!(clock::rfc3339(moment));
        }
        resource
    }
}

/// All refunds, by `out_refund_no`.
#[derive(Debug, Default)]
pub(crate) struct Refunds {
    by_out_refund_no: HashMap<String, Refund>,
}

impl Refunds {
    pub(crate) fn add(&mut self, refund: Refund) {
        self.by_out_refund_no.insert(refund.out_refund_no.clone(), refund);
    }

    pub(crate) fn get(&self, out_refund_no: &str) -> Option<&Refund> {
        self.by_out_refund_no.get(out_refund_no)
    }

    pub(crate) fn get_mut(&mut self, out_refund_no: &str) -> Option<&mut Refund> {
        self.by_out_refund_no.get_mut(out_refund_no)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Refund> {
        self.by_out_refund_no.values()
    }
}

//! Transfers to users: WAIT_USER_CONFIRM → SUCCESS, FAIL or CANCELLED; one that its user has agreed to beforehand is SUCCESS at
//! once.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};

/// What nobody confirms goes back after so long.
const LIFE: Duration = Duration::hours(24);

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    WaitUserConfirm,
    /// The merchant took it back; the money is on its way.
    Cancelling,
    Success,
    Fail,
    Cancelled,
}

impl Stage {
    pub(crate) const fn state(self) -> &'static str {
        match self {
            Self::WaitUserConfirm => "WAIT_USER_CONFIRM",
            Self::Cancelling => "CANCELING",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A transfer.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) out_bill_no: String,
    pub(crate) transfer_bill_no: String,
    /// The request that made it, to recognise a repeat.
    pub(crate) request: Map<String, Value>,
    /// The user; of a transfer that was agreed to, the agreement names him.
    openid: String,
    pub(crate) stage: Stage,
    pub(crate) package_info: String,
    fail_reason: Option<String>,
    created: OffsetDateTime,
    updated: OffsetDateTime,
}

impl Transfer {
    pub(crate) fn new(request: Map<String, Value>, openid: &str, stage: Stage, now: OffsetDateTime) -> Self {
        let out_bill_no = request.get("out_bill_no").and_then(Value::as_str).unwrap_or_default();
        Self {
            out_bill_no: out_bill_no.to_owned(),
            transfer_bill_no: format!("13300000{}", ids::digits(32)),
            request,
            openid: openid.to_owned(),
            stage,
            package_info: format!("{}==", ids::alphanumeric(62)),
            fail_reason: None,
            created: now,
            updated: now,
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.request.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn amount(&self) -> Value {
        self.request.get("transfer_amount").cloned().unwrap_or_default()
    }

    /// Whether it waited for its user for too long.
    pub(crate) fn is_overdue(&self, now: OffsetDateTime) -> bool {
        self.stage == Stage::WaitUserConfirm && now >= self.created + LIFE
    }

    /// It goes on. Only what waits can be confirmed, fail or be taken back; only what is being taken back is ever cancelled.
    pub(crate) fn advance(&mut self, to: Stage, reason: Option<&str>, now: OffsetDateTime) -> Result<()> {
        let from = if to == Stage::Cancelled { Stage::Cancelling } else { Stage::WaitUserConfirm };
        if self.stage != from {
            return Err(Refusal::new(
                409,
                "WRONG_STATE",
                format!("transfer {} is {}, not {}", self.out_bill_no, self.stage.state(), from.state()),
            ));
        }
        self.stage = to;
        self.fail_reason = reason.map(str::to_owned);
        self.updated = now;
        Ok(())
    }

    /// What creating answers.
    pub(crate) fn made(&self) -> Value {
        let mut made = json!({
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "create_time": clock::rfc3339(self.created),
            "state": self.stage.state(),
        });
        self.tell(&mut made);
        made
    }

    /// What is said only in some states.
    fn tell(&self, of: &mut Value) {
        if self.stage == Stage::WaitUserConfirm {
            of["package_info"] = json!(self.package_info);
        }
        if let Some(reason) = &self.fail_reason {
            of["fail_reason"] = json!(reason);
        }
    }

    /// What the query answers.
    pub(crate) fn to_json(&self, mchid: &str) -> Value {
        let mut transfer = json!({
            "mch_id": mchid,
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "appid": self.text("appid"),
            "state": self.stage.state(),
            "transfer_amount": self.amount(),
            "transfer_remark": self.text("transfer_remark"),
            "openid": self.openid,
            "create_time": clock::rfc3339(self.created),
            "update_time": self.updated(),
        });
        if !self.text("user_name").is_empty() {
            transfer["user_name"] = json!(self.text("user_name"));
        }
        self.tell(&mut transfer);
        transfer
    }

    pub(crate) fn updated(&self) -> String {
        clock::rfc3339(self.updated)
    }

    /// What the notification says.
    pub(crate) fn to_notification(&self, mchid: &str) -> Value {
        let mut resource = json!({
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "state": self.stage.state(),
            "mch_id": mchid,
            "transfer_amount": self.amount(),
            "openid": self.openid,
            "create_time": clock::rfc3339(self.created),
            "update_time": self.updated(),
        });
        self.tell(&mut resource);
        resource
    }
}

/// All transfers, by `out_bill_no`.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    by_number: HashMap<String, Transfer>,
}

impl Transfers {
    pub(crate) fn add(&mut self, transfer: Transfer) {
        self.by_number.insert(transfer.out_bill_no.clone(), transfer);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Transfer> {
        self.by_number.values()
    }

    pub(crate) fn get_mut(&mut self, out_bill_no: &str) -> Option<&mut Transfer> {
        self.by_number.get_mut(out_bill_no)
    }

    pub(crate) fn by_transfer_bill_no(&mut self, number: &str) -> Option<&mut Transfer> {
        self.by_number.values_mut().find(|transfer| transfer.transfer_bill_no == number)
    }

    /// The one that waits and is opened with this package.
    pub(crate) fn waiting_with(&self, package_info: &str) -> Option<&Transfer> {
        let waiting = |transfer: &&Transfer| transfer.stage == Stage::WaitUserConfirm;
        self.by_number.values().filter(waiting).find(|transfer| transfer.package_info == package_info)
    }

    /// Numbers of those that waited too long.
    pub(crate) fn overdue(&self, now: OffsetDateTime) -> Vec<String> {
        let overdue = self.by_number.values().filter(|transfer| transfer.is_overdue(now));
        overdue.map(|transfer| transfer.out_bill_no.clone()).collect()
    }
}

//! A user's coupon: SENDED → USED → SENDED again (returned), or SENDED → DEACTIVATED or EXPIRED.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::stocks::Stock;
use crate::clock::{self, rfc3339};

/// A coupon that a user has.
#[derive(Debug)]
pub(crate) struct Coupon {
    pub(crate) code: String,
    pub(crate) stock_id: String,
    pub(crate) openid: String,
    pub(crate) sender: String,
    pub(crate) state: CouponState,
    pub(crate) starts: OffsetDateTime,
    pub(crate) expires: OffsetDateTime,
    /// Request numbers, times and reasons, as answers show them.
    pub(crate) facts: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CouponState {
    Sended,
    Used,
    Deactivated,
}

impl Coupon {
    pub(crate) fn state_at(&self, now: OffsetDateTime) -> &'static str {
        match self.state {
            CouponState::Sended if now > self.expires => "EXPIRED",
            CouponState::Sended => "SENDED",
            CouponState::Used => "USED",
            CouponState::Deactivated => "DEACTIVATED",
        }
    }

    pub(crate) fn to_json(&self, stock: &Stock, now: OffsetDateTime) -> Value {
        let mut coupon = stock.shown();
        coupon.insert("coupon_state".to_owned(), json!(self.state_at(now)));
        coupon.insert("coupon_code".to_owned(), json!(self.code));
        coupon.insert("stock_id".to_owned(), json!(self.stock_id));
        coupon.insert("available_start_time".to_owned(), json!(rfc3339(self.starts)));
        coupon.insert("expire_time".to_owned(), json!(rfc3339(self.expires)));
        coupon.extend(self.facts.clone());
        Value::Object(coupon)
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.facts.insert(name.to_owned(), json!(value));
    }
}

/// When a coupon received now starts and ends.
pub(crate) fn life(stock: &Stock, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    let moment = |name: &str| stock.available_time(name).and_then(Value::as_str).and_then(clock::parse);
    let days = |name: &str| stock.available_time(name).and_then(Value::as_i64);
    let midnight =
        |moment: OffsetDateTime| clock::at(moment.unix_timestamp()).replace_time(time::Time::MIDNIGHT);
    let begin = moment("available_begin_time").unwrap_or(now);
    let end = moment("available_end_time").unwrap_or(now);
    let mut starts = now.max(begin);
    if let Some(wait) = days("wait_days_after_receive").filter(|wait| *wait > 0) {
        starts = midnight(now + Duration::days(wait)).max(begin);
    }
    let expires = days("available_day_after_receive")
        .map_or(end, |days| (midnight(starts) + Duration::days(days) - Duration::seconds(1)).min(end));
    (starts, expires)
}

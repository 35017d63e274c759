//! Codes that the merchant uploaded for a stock.

use serde_json::{Value, json};

/// An uploaded code.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) code: String,
    pub(crate) upload_time: String,
    /// When it was handed out, and to whom.
    pub(crate) dispatched: Option<(String, String)>,
}

impl Code {
    pub(crate) const fn is_available(&self) -> bool {
        self.dispatched.is_none()
    }

    pub(crate) fn dispatch(&mut self, now: String, openid: &str) {
        self.dispatched = Some((now, openid.to_owned()));
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut code = json!({
            "code": self.code,
            "code_status": if self.is_available() { "AVAILABLE" } else { "DISPATCHED" },
            "upload_time": self.upload_time,
        });
        if let Some((time, openid)) = &self.dispatched {
            code["dispatched_time"] = json!(time);
            code["openid"] = json!(openid);
            code["coupon_code"] = json!(self.code);
        }
        code
    }
}

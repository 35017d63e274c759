//! What comes of a call that went well.

use std::fmt;

use serde_json::Value;

use crate::http::HttpResponse;
use crate::protocol::header;

/// A verified answer.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The answer's JSON, sensitive fields decrypted, with every field WeChat Pay sent; `null` when there was none. Numbers that
    /// neither 64 bits nor an `f64` hold exactly are text.
    pub value: Value,
    /// HTTP status: 200 to 299.
    pub status: u16,
    /// What WeChat Pay's support asks for.
    pub request_id: Option<String>,
    /// Serial or id of the key that signed the answer.
    pub serial: String,
    /// How many requests went out for the call: 1 without retries, 0 when another HTTP client sent it.
    pub attempts: u32,
}

impl Answer {
    pub(crate) fn new(value: Value, response: &HttpResponse, serial: String) -> Self {
        let request_id = response.headers.get(header::REQUEST_ID).map(str::to_owned);
        Self { value, status: response.status, request_id, serial, attempts: 0 }
    }
}

/// Shows what a log may hold: not the content, which has names and amounts in it, and what was encrypted on its way.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

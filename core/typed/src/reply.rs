//! A verified answer: the typed value, and what came with it.

use std::fmt;
use std::ops::Deref;

use serde_json::Value;

use crate::Model;
use wechatpay_core::Answer;

/// A verified answer of WeChat Pay. The getters of its type can be called on it; none of them is called as the methods here.
///
/// What is absent from the answer, or of another type than documented, is `None`. Nothing is lost:
/// [`json`](Self::json) is the whole answer.
#[derive(Clone)]
pub struct Reply<T> {
    value: T,
    status: u16,
    request_id: Option<String>,
    serial: String,
    attempts: u32,
}

impl<T: Model> Reply<T> {
    pub(crate) fn new(answer: Answer) -> Self {
        let Answer { value, status, request_id, serial, attempts, .. } = answer;
        Self { value: T::from(value), status, request_id, serial, attempts }
    }

    /// The answer as WeChat Pay sent it, fields unknown to this library included; sensitive fields are decrypted. Numbers that
    /// neither 64 bits nor an `f64` hold exactly are text, and so are numbers where the documentation has text.
    pub fn json(&self) -> &Value {
        self.value.json()
    }
}

impl Reply<Value> {
    /// An answer that nobody documented.
    pub(crate) fn untyped(answer: Answer) -> Self {
        let Answer { value, status, request_id, serial, attempts, .. } = answer;
        Self { value, status, request_id, serial, attempts }
    }

    /// The answer as WeChat Pay sent it; null when there was none.
    pub fn json(&self) -> &Value {
        &self.value
    }
}

impl<T> Reply<T> {
    /// HTTP status, 200 for example.
    pub fn http_status(&self) -> u16 {
        self.status
    }

    /// `Request-ID` of the answer: what WeChat Pay's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Serial or id of WeChat Pay's key that the answer was verified with.
    pub fn signed_by(&self) -> &str {
        &self.serial
    }

    /// How many requests went out for the call: 1 without retries.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The typed value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Shows what a log may hold, and nothing of the content. The typed value alone, `{:?}` of `*reply`, shows its fields except
/// those that were encrypted.
impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

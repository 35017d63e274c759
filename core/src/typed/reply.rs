//! A verified answer: the typed value, and everything that came.

use std::fmt;
use std::ops::Deref;

use serde_json::Value;

use crate::finish::Answer;

/// A verified answer of WeChat Pay. Dereferences to the typed value.
///
/// The fields of the value are `Option`s: what is absent from the answer, or of another type than documented, is
/// `None`. Nothing is lost: [`json`](Self::json) is the whole answer.
#[derive(Clone)]
pub struct Reply<T> {
    value: T,
    json: Value,
    status: u16,
    request_id: Option<String>,
    serial: String,
}

impl<T> Reply<T> {
    #[cfg_attr(not(feature = "transport"), allow(dead_code))]
    pub(crate) fn new(value: T, answer: Answer) -> Self {
        let Answer { value: json, status, request_id, serial } = answer;
        Self { value, json, status, request_id, serial }
    }

    /// The answer as WeChat Pay sent it, fields unknown to this library included; sensitive fields are decrypted. Numbers that
    /// neither 64 bits nor an `f64` hold exactly are text.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// HTTP status, 200 for example.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// `Request-ID` of the answer: what WeChat Pay's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Serial or id of WeChat Pay's key that the answer was verified with.
    pub fn serial(&self) -> &str {
        &self.serial
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

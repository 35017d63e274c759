//! What some calls do otherwise than the client that makes them.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::HttpRequest;
use crate::operation::{Fill, Operation};
use crate::validate;

const SET_BY_CLIENT: [&str; 4] =
    ["wechatpay-serial", "wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce"];

/// What some calls do otherwise than their client; for [`Client::with_options`](crate::Client::with_options).
///
/// ```no_run
/// # use std::time::Duration;
/// # use wechatpay_core::{CallOptions, Client, Result};
/// # fn example(client: &Client) -> Result<()> {
/// let patient = client.with_options(&CallOptions::new().timeout(Duration::from_secs(60)).retries(0));
/// let shop = client.for_sub_merchant("1900000109");
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retries: Option<u32>,
    headers: Vec<(String, String)>,
    sub_mchid: Option<String>,
}

impl CallOptions {
    /// Nothing otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// Longest time for a whole call, with everything that is sent again and the pauses between; for downloads too.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often a failed call is sent again where that is safe.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// In which language WeChat Pay words its errors: `en`, `zh-CN`.
    ///
    /// # Errors
    /// As for [`header`](Self::header).
    pub fn accept_language(self, language: impl Into<String>) -> Result<Self> {
        self.header("Accept-Language", language)
    }

    /// A header besides those that every request has.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is neither `Accept-Language` nor one of WeChat Pay's (`Wechatpay-…`), when the client sets it itself, or
    /// when its value has other characters than those of ASCII that can be seen.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Result<Self> {
        let (name, value) = (name.into(), value.into());
        let lower = name.to_ascii_lowercase();
        let plain = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let why = if !plain || !(lower == "accept-language" || lower.starts_with("wechatpay-")) {
            "is none that a call may add: Accept-Language and Wechatpay-… are"
        } else if SET_BY_CLIENT.contains(&&*lower) {
            "is set by the client"
        } else if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            "has a value with characters that a header cannot carry"
        } else {
            return Ok(self.set(name, value));
        };
        Err(Error::new(ErrorKind::Config, codes::CONFIG, format!("the header {name:?} {why}.")))
    }

    /// The sub-merchant whose number is filled in as `sub_mchid` where an operation has it and the call does not say it.
    pub fn sub_mchid(mut self, mchid: impl Into<String>) -> Self {
        self.sub_mchid = Some(mchid.into());
        self
    }

    fn set(mut self, name: String, value: String) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        self.headers.push((name, value));
        self
    }

    /// These, and of `others` what these do not say.
    pub(crate) fn over(&self, others: &Self) -> Self {
        let mut all = others.clone();
        all.timeout = self.timeout.or(all.timeout);
        all.retries = self.retries.or(all.retries);
        all.sub_mchid = self.sub_mchid.clone().or(all.sub_mchid);
        self.headers.iter().fold(all, |all, (name, value)| all.set(name.clone(), value.clone()))
    }

    /// Fills in the sub-merchant.
    pub(crate) fn fill(&self, operation: Operation, params: &mut Map<String, Value>) {
        if let Some(mchid) = &self.sub_mchid {
            validate::fill(operation, params, Fill::SubMchid, mchid);
        }
    }

    /// As [`fill`](Self::fill), where the parameters may still be anything.
    pub(crate) fn filled(&self, operation: Operation, mut params: Value) -> Value {
        if params.is_null() && self.sub_mchid.is_some() {
            params = Value::Object(Map::new());
        }
        if let Value::Object(params) = &mut params {
            self.fill(operation, params);
        }
        params
    }

    /// The request with these headers. The signature covers none.
    pub(crate) fn with_headers(&self, mut request: HttpRequest) -> HttpRequest {
        for (name, value) in &self.headers {
            request.headers.set(name, value);
        }
        request
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("sub_mchid", &self.sub_mchid)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_last_goes_before_what_was_said_first() {
        let first = CallOptions::new().retries(3).sub_mchid("1900000109").accept_language("en").unwrap();
        let last = CallOptions::new().timeout(Duration::from_secs(1)).accept_language("zh-CN").unwrap();
        let all = last.over(&first);
        assert_eq!((all.retries, all.timeout), (Some(3), Some(Duration::from_secs(1))));
        assert_eq!(all.headers, [("Accept-Language".to_owned(), "zh-CN".to_owned())]);
        assert_eq!(all.sub_mchid.as_deref(), Some("1900000109"));
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        for (name, value) in [
            ("Authorization", "x"),
            ("Host", "x"),
            ("wechatpay-SERIAL", "x"),
            ("Wechatpay-Signature", "x"),
            ("Wechatpay-Trial", ""),
            ("Wechatpay-Trial", "a\r\nHost: b"),
            ("Wechatpay-Trial: a\r\nHost", "b"),
            ("Wechatpay-\u{6d4b}", "b"),
            ("Accept-Language", "\n"),
        ] {
            let refused = CallOptions::new().header(name, value).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Config, "{name:?}: {value:?}");
        }
        assert!(CallOptions::new().header("Wechatpay-Trial", "1").is_ok());
    }

    #[test]
    fn a_value_is_not_shown() {
        let options = CallOptions::new().header("Wechatpay-Trial", "secret").unwrap();
        assert!(!format!("{options:?}").contains("secret"));
    }
}

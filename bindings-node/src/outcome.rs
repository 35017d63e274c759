//! What comes back to JavaScript.

use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::bindgen_prelude::{Buffer, Either5};
use napi_derive::napi;
use wechatpay_core::error::Result;
use wechatpay_core::host::{HostAnswer, error_json, panic_error};
use wechatpay_core::http::HttpRequest;

/// One message to JavaScript: how a call ended, or how far it has come.
pub(crate) type Outcome = Either5<Failure, Answer, Prepared, Progress, Text>;

/// A call failed.
#[napi(object)]
pub struct Failure {
    /// The error as JSON; see `wechatpay_core::host::error_json`.
    pub error: String,
}

/// A verified answer.
#[napi(object)]
pub struct Answer {
    /// The answer as JSON.
    pub json: String,
    /// HTTP status.
    pub status: u16,
    /// What WeChat Pay's support asks for.
    pub request_id: Option<String>,
    /// Serial or id of the key that signed.
    pub serial: String,
}

/// A signed request.
#[napi(object)]
pub struct Prepared {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Names and values in turn.
    pub headers: Vec<String>,
    /// Exactly the bytes that were signed.
    pub body: Buffer,
}

/// How far a download has come; more messages follow.
#[napi(object)]
pub struct Progress {
    /// Bytes received.
    pub received: f64,
    /// Bytes to receive, when known.
    pub total: Option<f64>,
}

/// JSON text.
#[napi(object)]
pub struct Text {
    /// The text.
    pub text: String,
}

impl From<HostAnswer> for Answer {
    fn from(answer: HostAnswer) -> Self {
        Self {
            json: answer.json,
            status: answer.status,
            request_id: answer.request_id,
            serial: answer.serial,
        }
    }
}

impl From<HttpRequest> for Prepared {
    fn from(request: HttpRequest) -> Self {
        let headers =
            request.headers.iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]).collect();
        Self {
            method: request.method.as_str().to_owned(),
            url: request.url,
            headers,
            body: request.body.into(),
        }
    }
}

/// Runs `job` so that neither its error nor its panic is lost.
pub(crate) fn guarded<T>(job: impl FnOnce() -> Result<T>) -> std::result::Result<T, Failure> {
    let result = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|panic| Err(panic_error(&*panic)));
    result.map_err(|error| Failure { error: error_json(&error) })
}

/// An error thrown at once: JavaScript makes the right class of it.
pub(crate) fn thrown(failure: Failure) -> napi::Error {
    napi::Error::from_reason(failure.error)
}

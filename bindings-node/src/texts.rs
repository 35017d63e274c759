//! What comes back to JavaScript: texts only, since building one object takes longer than several texts.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use napi_derive::napi;
use wechatpay_core::error::Result;
use wechatpay_core::host::{HostAnswer, error_json, json_for_javascript, panic_error};
use wechatpay_core::http::HttpRequest;

/// What a message says; `lib/calls.js` has the same numbers.
#[derive(Clone, Copy)]
pub(crate) enum What {
    /// The call failed: `text` is the error as JSON, see `wechatpay_core::host::error_json`.
    Failed = 0,
    /// The call is done.
    Done = 1,
    /// How far a download has come; more messages follow.
    Progress = 2,
    /// The signer of the caller's own is to sign `text`, base64. The id is that of the question.
    Sign = 3,
    /// It is to decrypt `text`.
    Decrypt = 4,
}

/// The result of a call.
#[napi(object)]
#[derive(Default)]
pub struct Texts {
    /// The result, in most cases as JSON.
    pub text: String,
    /// What belongs to it: of an answer status, serial and request id, a line each; of a request its body.
    pub about: String,
}

impl From<String> for Texts {
    fn from(text: String) -> Self {
        Self { text, about: String::new() }
    }
}

impl From<HostAnswer> for Texts {
    fn from(answer: HostAnswer) -> Self {
        let request_id = answer.request_id.unwrap_or_default();
        Self {
            text: exact(answer.json),
            about: format!("{}\n{}\n{}\n{request_id}", answer.status, answer.serial, answer.attempts),
        }
    }
}

impl Texts {
    /// A signed request: a line for method, URL, and each name and value of a header.
    ///
    /// # Errors
    /// The body is not text. All bodies but those of uploads are, and uploads are not prepared.
    pub(crate) fn prepared(request: HttpRequest) -> Result<Self> {
        let mut text = format!("{}\n{}", request.method, request.url);
        for (name, value) in request.headers.iter() {
            for part in ["\n", name, "\n", value] {
                text.push_str(part);
            }
        }
        let about = String::from_utf8(request.body)
            .map_err(|_| panic_error(&"the body of a prepared request is not text"))?;
        Ok(Self { text, about })
    }
}

/// JSON in which no number is one that JavaScript would change.
pub(crate) fn exact(json: String) -> String {
    match json_for_javascript(&json) {
        Cow::Borrowed(_) => json,
        Cow::Owned(exact) => exact,
    }
}

/// Runs `job` so that neither its error nor its panic is lost; what is lost otherwise is here as JSON.
pub(crate) fn guarded<T>(job: impl FnOnce() -> Result<T>) -> std::result::Result<T, String> {
    let result = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|panic| Err(panic_error(&*panic)));
    result.map_err(|error| exact(error_json(&error)))
}

/// An error thrown at once: JavaScript makes the right class of it.
pub(crate) fn thrown(error: String) -> napi::Error {
    napi::Error::from_reason(error)
}

/// Panics when a test asks for it.
#[cfg(feature = "provoke-panic")]
#[expect(clippy::panic, reason = "this is what it is for")]
pub(crate) fn provoke_panic(operation: &str) {
    if operation == "test.panic" {
        panic!("provoked by a test");
    }
}

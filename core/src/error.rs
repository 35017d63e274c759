//! The one error type.

use std::error::Error as StdError;
use std::fmt;

pub use crate::generated::error_kind::{ErrorKind, advice, codes};

/// Result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, with everything a caller or WeChat Pay's support needs to know.
///
/// `Display` gives the request id first, then what happened and what to do. No key, no `Authorization` header and no
/// plain text of a sensitive field is ever in it.
#[derive(Debug)]
pub struct Error(Box<Fields>);

#[derive(Debug)]
struct Fields {
    kind: ErrorKind,
    code: String,
    message: String,
    detail: Option<serde_json::Value>,
    status: Option<u16>,
    request_id: Option<String>,
    operation: Option<&'static str>,
    body: Option<Body>,
    retryable: bool,
    outcome_unknown: bool,
    authenticated: bool,
    attempts: u32,
    source: Option<Source>,
}

/// Body of an answer; not shown by `Debug`.
struct Body(Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

impl Error {
    /// An error of this kind. `code` is WeChat Pay's own for [`ErrorKind::Api`], one of `spec/errors.yaml` otherwise.
    pub(crate) fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Fields {
            kind,
            code: code.into(),
            message: message.into(),
            detail: None,
            status: None,
            request_id: None,
            operation: None,
            body: None,
            retryable: false,
            outcome_unknown: false,
            authenticated: false,
            attempts: 0,
            source: None,
        }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, codes::CONFIG, message)
    }

    pub(crate) fn invalid_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, code, message)
    }

    pub(crate) fn malformed(code: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Malformed, code, message)
    }

    pub(crate) fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, codes::IO, message).with_source(source)
    }

    #[cfg(feature = "transport")]
    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_detail(mut self, detail: serde_json::Value) -> Self {
        self.0.detail = Some(detail);
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Adds what is known of the answer: status, request id and body.
    pub(crate) fn with_response(mut self, response: &crate::http::HttpResponse) -> Self {
        self.0.status = Some(response.status);
        self.0.request_id = response.headers.get("Request-ID").map(str::to_owned);
        self.0.body = Some(Body(response.body.clone()));
        self
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    pub(crate) fn with_outcome_unknown(mut self, outcome_unknown: bool) -> Self {
        self.0.outcome_unknown = outcome_unknown;
        self
    }

    pub(crate) fn with_authenticated(mut self, authenticated: bool) -> Self {
        self.0.authenticated = authenticated;
        self
    }

    /// Appends a sentence to the message.
    pub(crate) fn with_hint(mut self, hint: impl AsRef<str>) -> Self {
        self.0.message.push(' ');
        self.0.message.push_str(hint.as_ref());
        self
    }

    /// Puts the name of what is wrong before the message.
    #[cfg(feature = "host")]
    pub(crate) fn with_place(mut self, place: &str) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// Puts a sentence that says more in the place of one that was appended before.
    pub(crate) fn with_hint_instead(mut self, before: &str, hint: &str) -> Self {
        self.0.message = self.0.message.replace(before, hint);
        self
    }

    /// Which kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// WeChat Pay's error code (`PARAM_ERROR`, `ORDER_CLOSED`, …) or, for errors found here, the exact reason
    /// (`SIGNATURE_MISMATCH`, `CLOCK_OFF`, …). Never empty. An open set: new codes appear without notice.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What happened and what to do. WeChat Pay's own text is quoted as it came.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// WeChat Pay's `detail` object (which field, which value, what is wrong with it), or the same made here.
    pub fn detail(&self) -> Option<&serde_json::Value> {
        self.0.detail.as_ref()
    }

    /// HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// `Request-ID` of the answer: what WeChat Pay's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The operation that was called, for example `payments.jsapi.prepay`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Body of the answer, unverified unless [`authenticated`](Self::authenticated) says otherwise.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_ref().map(|body| body.0.as_slice())
    }

    /// Whether the same request may be sent again without harm and with hope.
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the request may have taken effect although this error was returned. Query before doing anything else.
    pub fn outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// How often the call was tried: 1 without retries, also when no connection could be made; 0 when it failed before. Downloads of certificates do not
    /// count.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the answer behind this error carried a valid signature of WeChat Pay. Error answers usually carry
    /// none: do not cancel an order on an unauthenticated 404.
    pub fn authenticated(&self) -> bool {
        self.0.authenticated
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(request_id) = &self.0.request_id {
            write!(f, "[{request_id}] ")?;
        }
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(status) = self.0.status {
            write!(f, "HTTP {status} ")?;
        }
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

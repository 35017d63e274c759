//! An error answer of the platform.

use serde_json::{Value, json};

/// An error answer: status, code, message and, for parameters, which one and why.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// `None` for the statuses that the platform answers without a body (404 unknown path, 405).
    pub(crate) body: Option<Value>,
}

/// What the platform may refuse to do.
pub(crate) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, body: Some(json!({ "code": code, "message": message.into() })) }
    }

    /// A status without a body.
    pub(crate) const fn empty(status: u16) -> Self {
        Self { status, body: None }
    }

    pub(crate) fn with_detail(mut self, detail: Value) -> Self {
        if let Some(Value::Object(body)) = &mut self.body {
            body.insert("detail".to_owned(), detail);
        }
        self
    }

    /// 401 `SIGN_ERROR`.
    pub(crate) fn sign_error(message: impl Into<String>) -> Self {
        Self::new(401, "SIGN_ERROR", message)
    }

    /// 400 `INVALID_REQUEST`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_REQUEST", message)
    }

    /// 400 `PARAM_ERROR` about one field. `field` is a JSON pointer for the body, a name otherwise.
    pub(crate) fn param(location: &str, field: &str, value: &Value, issue: impl Into<String>) -> Self {
        let issue = issue.into();
        let message = format!("参数错误: {issue}");
        Self::new(400, "PARAM_ERROR", message)
            .with_detail(json!({ "location": location, "field": field, "value": value, "issue": issue }))
    }

    /// 400 `PARAM_ERROR` of a rule that every request is held against, in the platform's own words and shape: `detail` has
    /// `location` and `value`, and which parameter it is stands in the message.
    pub(crate) fn rule(location: &str, value: Value, message: String) -> Self {
        Self::new(400, "PARAM_ERROR", message).with_detail(json!({ "location": location, "value": value }))
    }

    /// 400 `PARAM_ERROR` for parameters that the API does not have: all of them, as JSON pointers.
    pub(crate) fn unknown(pointers: &[String]) -> Self {
        Self::new(400, "PARAM_ERROR", "请求中含有未在API文档中定义的参数")
            .with_detail(json!({ "location": null, "value": pointers }))
    }

    /// 404 with a code.
    pub(crate) fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(404, code, message)
    }

    /// The sandbox is held to the table as the merchant is. What it answers instead is in English, so that nobody takes it
    /// for an answer that WeChat Pay would give.
    pub(crate) fn bug(operation: &str, why: &Value) -> Self {
        let message =
            format!("a bug of the sandbox: its answer to {operation} is not what the spec says: {why}");
        log!("{message}");
        Self::new(500, "SYSTEM_ERROR", message)
    }

    /// The error code, empty when there is no body.
    pub(crate) fn code(&self) -> &str {
        self.body.as_ref().and_then(|body| body["code"].as_str()).unwrap_or_default()
    }
}

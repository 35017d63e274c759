//! One request of the merchant, as the products see it: an operation and its parameters.

use serde_json::{Map, Value};

use crate::file::File;
use crate::refusal::{Refusal, Result};
use crate::store::media::Uploaded;

/// A verified request with its parameters in plain text.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) path: Map<String, Value>,
    /// Parameters that are headers, by the names of their fields.
    pub(crate) headers: Map<String, Value>,
    pub(crate) query: Map<String, Value>,
    pub(crate) body: Map<String, Value>,
    pub(crate) upload: Option<Uploaded>,
    /// `scheme://authority` under which this server was reached, for the addresses in its answers.
    pub(crate) base_url: String,
}

impl Call {
    /// A parameter, wherever it stands.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        [&self.path, &self.headers, &self.query, &self.body].into_iter().find_map(|values| values.get(name))
    }

    /// A text parameter; empty when it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text parameter without which the request makes no sense.
    pub(crate) fn need(&self, name: &str) -> Result<&str> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.bad(name, format!("缺少必填参数 {name}")))
    }

    /// A whole number, in the body or in the query.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        let value = self.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// A whole number without which the request makes no sense.
    pub(crate) fn need_int(&self, name: &str) -> Result<i64> {
        self.int(name).ok_or_else(|| self.bad(name, format!("缺少必填参数 {name}，或不是整数")))
    }

    /// Parameters of path and body: what makes a request the same as an earlier one.
    pub(crate) fn content(&self) -> Map<String, Value> {
        let mut content = self.path.clone();
        content.extend(self.body.clone());
        content
    }

    /// `PARAM_ERROR` about one parameter, with the place where it stands.
    pub(crate) fn bad(&self, name: &str, issue: impl Into<String>) -> Refusal {
        let value = self.get(name).cloned().unwrap_or(Value::Null);
        if self.path.contains_key(name) {
            Refusal::param("url", name, &value, issue)
        } else if self.query.contains_key(name) || self.body.is_empty() {
            Refusal::param("query", name, &value, issue)
        } else {
            Refusal::param("body", &format!("/{name}"), &value, issue)
        }
    }
}

/// What the platform answers when it does not refuse.
#[derive(Debug)]
pub(crate) enum Reply {
    /// 200 with a JSON object.
    Json(Value),
    /// 204, signed over an empty body.
    NoContent,
    /// 200 with a file, of which the platform signs at most the digest.
    File(File),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

//! Plain HTTP for the runner itself: the sandbox's control plane, and requests that the client prepared.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// Plain HTTP to loopback.
#[derive(Debug, Clone)]
pub struct Control {
    agent: ureq::Agent,
    base_url: String,
}

impl Control {
    /// For the sandbox at this address.
    pub fn new(base_url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Self { agent, base_url: base_url.to_owned() }
    }

    /// `POST /sandbox/pay/x` with a body; the answer must be 200 and JSON.
    ///
    /// # Errors
    /// It is neither.
    pub fn ask(&self, method_and_path: &str, body: Option<&Value>) -> Result<Value, String> {
        let (method, path) = method_and_path.split_once(' ').ok_or("`METHOD /path` is wanted")?;
        let answer = self.exchange(
            method,
            &format!("{}{path}", self.base_url),
            &Map::new(),
            body.map(Value::to_string).unwrap_or_default().as_bytes(),
        )?;
        let text = answer["body"].as_str().unwrap_or_default();
        if answer["status"] != 200 {
            return Err(format!("{method_and_path}: {} {text}", answer["status"]));
        }
        serde_json::from_str(text).map_err(|error| format!("{method_and_path}: {error}: {text}"))
    }

    /// Sends `{method, url, headers, body}` and gives `{status, headers, body}`.
    ///
    /// # Errors
    /// There was no answer.
    pub fn send(&self, request: &Value) -> Result<Value, String> {
        let text = |name: &str| request[name].as_str().ok_or_else(|| format!("a request has a {name}"));
        let headers = request["headers"].as_object().ok_or("a request has headers")?;
        self.exchange(text("method")?, text("url")?, headers, text("body")?.as_bytes())
    }

    fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: &Map<String, Value>,
        body: &[u8],
    ) -> Result<Value, String> {
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let outcome = match body {
            [] if method == "GET" || method == "DELETE" => {
                self.agent.run(request.body(()).map_err(|error| error.to_string())?)
            }
            body => self.agent.run(request.body(body.to_vec()).map_err(|error| error.to_string())?),
        };
        let mut response = outcome.map_err(|error| format!("{method} {url}: {error}"))?;
        let headers: Map<String, Value> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            })
            .collect();
        let body =
            response.body_mut().read_to_string().map_err(|error| format!("{method} {url}: {error}"))?;
        Ok(json!({ "status": response.status().as_u16(), "headers": headers, "body": body }))
    }
}

//! Nothing that a client prints may hold what must stay secret.

use serde_json::Value;
use wechatpay_core::Error;

/// Everything a client printed during a scenario: errors in every form, and itself.
#[derive(Debug, Default)]
pub struct Printed(Vec<String>);

impl Printed {
    /// Keeps what somebody would see who logs this error.
    pub fn error(&mut self, error: &Error) {
        self.0.push(error.to_string());
        self.0.push(format!("{error:?} {error:#?}"));
        self.0.push(format!("{:?}", error.detail()));
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            self.0.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }

    /// Keeps anything else that was printed.
    pub fn text(&mut self, text: String) {
        self.0.push(text);
    }

    /// How many texts were kept.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The first secret found in what was printed, and where.
    pub fn leak(&self, secrets: &[String]) -> Option<String> {
        self.0.iter().find_map(|text| {
            let secret = secrets.iter().find(|secret| text.contains(secret.as_str()))?;
            Some(format!("{secret:?} was printed: {text}"))
        })
    }
}

/// What must never be printed: the APIv3 key, the merchant's private key (any line of it), signatures and the
/// `Authorization` header they are in.
pub fn secrets(credentials: &Value, requests: &Value) -> Vec<String> {
    let key = |name: &str| credentials[name].as_str().unwrap().to_owned();
    let mut secrets = vec![key("api_v2_key"), key("api_v3_key")];
    let pem = credentials["merchant_private_key"].as_str().unwrap();
    secrets
        .extend(pem.lines().filter(|line| !line.starts_with("-----") && line.len() >= 16).map(str::to_owned));
    secrets.push("mchid=\"".to_owned());
    for request in requests["requests"].as_array().into_iter().flatten() {
        for header in request["headers"].as_array().into_iter().flatten() {
            let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
            if name.eq_ignore_ascii_case("authorization")
                && let Some((_, signature)) = value.split_once("signature=\"")
            {
                secrets.push(signature.trim_end_matches('"').to_owned());
            }
        }
    }
    secrets
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaks_are_found() {
        let key = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCm2mb6q8gMKH";
        let credentials = json!({
            "api_v2_key": "vutsrqponmlkjihgfedcba9876543210",
            "api_v3_key": "0123456789abcdefghijklmnopqrstuv",
            "merchant_private_key": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        });
        let requests =
            json!({ "requests": [{ "headers": [["authorization", "X mchid=\"1\",signature=\"c2ln\""]] }] });
        let secrets = secrets(&credentials, &requests);
        for leak in ["key 0123456789abcdefghijklmnopqrstuv", key, "sent c2ln"] {
            let mut printed = Printed::default();
            printed.text("nothing here".to_owned());
            assert!(printed.leak(&secrets).is_none());
            printed.text(format!("bad: {leak}"));
            assert!(printed.leak(&secrets).is_some(), "{leak}");
        }
    }
}

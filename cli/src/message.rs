//! A message of HTTP that was kept: as text, in a HAR file, or as a curl command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wechatpay_core::http::Headers;

use crate::failure::{Failure, Result};

/// What is known of it.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// Of a request.
    pub(crate) method: String,
    /// Path and query of a request.
    pub(crate) target: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// Reads what WeChat Pay or a merchant signed; in a HAR file the first message that is signed.
pub(crate) fn read(content: &[u8]) -> Result<Message> {
    let trimmed = content.trim_ascii_start();
    if trimmed.starts_with(b"{")
        && let Ok(har) = serde_json::from_slice::<Value>(trimmed)
        && har.get("log").is_some()
    {
        return of_har(&har);
    }
    if trimmed.starts_with(b"curl ") || trimmed.starts_with(b"curl\t") {
        return of_curl(&String::from_utf8_lossy(trimmed));
    }
    of_text(content)
}

fn nothing() -> Failure {
    Failure::new(
        "there is no signed message: neither Authorization: WECHATPAY2-… nor Wechatpay-Signature is among the headers",
        "没有找到带签名的报文：HTTP 头中既没有 Authorization: WECHATPAY2-…，也没有 Wechatpay-Signature",
    )
}

fn is_signed(headers: &Headers) -> bool {
    headers.get("Authorization").is_some() || headers.get("Wechatpay-Signature").is_some()
}

/// Headers, an empty line, the body. Every byte of the body counts; a line end that an editor put behind JSON is taken off.
fn of_text(content: &[u8]) -> Result<Message> {
    let end = |mark: &[u8]| {
        content.windows(mark.len()).position(|window| window == mark).map(|at| (at, at + mark.len()))
    };
    let (head, body) = match [end(b"\r\n\r\n"), end(b"\n\n")].into_iter().flatten().min() {
        Some((head, body)) => (&content[..head], &content[body..]),
        None => (content, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut message = Message::default();
    for (index, line) in head.lines().enumerate() {
        let line = line.trim_end();
        if index == 0 && !line.starts_with("HTTP/") && line.split(' ').count() >= 2 && !line.contains(": ") {
            let mut words = line.split(' ');
            message.method = words.next().unwrap_or_default().to_owned();
            message.target = words.next().unwrap_or_default().to_owned();
        } else if let Some((name, value)) = line.split_once(':') {
            message.headers.push(name.trim(), value.trim());
        }
    }
    let json_end = body.trim_ascii_end();
    message.body = if json_end.ends_with(b"}") { json_end } else { body }.to_vec();
    if is_signed(&message.headers) { Ok(message) } else { Err(nothing()) }
}

fn of_har(har: &Value) -> Result<Message> {
    let entries = har["log"]["entries"].as_array().into_iter().flatten();
    for entry in entries {
        for (part, content) in
            [("request", &entry["request"]["postData"]), ("response", &entry["response"]["content"])]
        {
            let side = &entry[part];
            let mut message = Message::default();
            for header in side["headers"].as_array().into_iter().flatten() {
                if let (Some(name), Some(value)) = (header["name"].as_str(), header["value"].as_str()) {
                    message.headers.push(name, value);
                }
            }
            if !is_signed(&message.headers) {
                continue;
            }
            if part == "request" {
                message.method = side["method"].as_str().unwrap_or_default().to_owned();
                message.target = side["url"].as_str().unwrap_or_default().to_owned();
            }
            let text = content["text"].as_str().unwrap_or_default();
            message.body = match content["encoding"].as_str() {
                Some("base64") => STANDARD.decode(text).map_err(|error| {
                    Failure::new(
                        format!("the HAR file's body is no base64: {error}"),
                        format!("HAR 文件中的报文主体不是 base64：{error}"),
                    )
                })?,
                _ => text.as_bytes().to_vec(),
            };
            return Ok(message);
        }
    }
    Err(nothing())
}

fn of_curl(command: &str) -> Result<Message> {
    let joined = command.replace("\\\r\n", " ").replace("\\\n", " ");
    let words = shlex::split(&joined)
        .ok_or_else(|| Failure::new("the curl command has an open quote", "curl 命令的引号没有配对"))?;
    let mut message = Message::default();
    let mut words = words.into_iter().skip(1);
    while let Some(word) = words.next() {
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        let mut value = || inline.clone().or_else(|| words.next()).unwrap_or_default();
        match option.as_str() {
            "-H" | "--header" => {
                let header = value();
                if let Some((name, text)) = header.split_once(':') {
                    message.headers.push(name.trim(), text.trim());
                }
            }
            "-X" | "--request" => message.method = value(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" => {
                message.body = value().into_bytes()
            }
            "--url" => message.target = value(),
            _ if word.starts_with("http://") || word.starts_with("https://") => message.target = word,
            _ => {}
        }
    }
    if message.method.is_empty() {
        message.method = if message.body.is_empty() { "GET" } else { "POST" }.to_owned();
    }
    if is_signed(&message.headers) { Ok(message) } else { Err(nothing()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORIZATION: &str = "WECHATPAY2-SHA256-RSA2048 mchid=\"1\"";

    fn check(message: &Message) {
        assert_eq!(
            (message.method.as_str(), message.headers.get("authorization")),
            ("POST", Some(AUTHORIZATION))
        );
        assert!(message.target.ends_with("/v3/pay/transactions/native?a=b"), "{}", message.target);
        assert_eq!(message.body, br#"{"a": "b c"}"#);
    }

    #[test]
    fn the_same_request_is_read_from_text_curl_and_har() {
        for line_end in ["\n", "\r\n"] {
            let text = [
                "POST /v3/pay/transactions/native?a=b HTTP/1.1",
                &format!("Authorization: {AUTHORIZATION}"),
                "",
                "{\"a\": \"b c\"}",
                "",
            ];
            check(&read(text.join(line_end).as_bytes()).unwrap());
        }
        let curl = format!(
            "curl -sS -X POST 'https://api.mch.weixin.qq.com/v3/pay/transactions/native?a=b' \\\n  -H 'Authorization: {AUTHORIZATION}' --data-raw='{{\"a\": \"b c\"}}'\n"
        );
        check(&read(curl.as_bytes()).unwrap());
        let har = serde_json::json!({ "log": { "entries": [
            { "request": { "headers": [{ "name": "Accept", "value": "*/*" }] } },
            { "request": {
                "method": "POST", "url": "https://api.mch.weixin.qq.com/v3/pay/transactions/native?a=b",
                "headers": [{ "name": "authorization", "value": AUTHORIZATION }], "postData": { "text": "{\"a\": \"b c\"}" },
            } },
        ] } });
        check(&read(har.to_string().as_bytes()).unwrap());
    }

    #[test]
    fn what_is_not_signed_or_broken_is_an_error_and_never_a_panic() {
        for content in [
            "",
            "\n\n",
            "{}",
            "{\"log\":1}",
            "curl",
            "curl 'open",
            "curl https://a.example",
            "GET / HTTP/1.1\n\n",
            "Wechatpay-Signature",
            "\u{feff}",
            ":::\n:\n\n",
            "{\"log\":{\"entries\":[{\"request\":{\"headers\":3}}]}}",
        ] {
            assert!(read(content.as_bytes()).is_err(), "{content:?}");
        }
        assert!(read(&[0xff, 0xfe, b'\n', b'\n']).is_err());
    }
}

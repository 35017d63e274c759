//! `call`, `request` and `certs`.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use wechatpay_core::host::{self, HostClient};
use wechatpay_core::http::HttpRequest;

use crate::failure::{Failure, Result};
use crate::output::Output;

pub(crate) fn call(
    client: &HostClient,
    id: &str,
    params: &str,
    dry_run: bool,
    output: &Output,
) -> Result<ExitCode> {
    let params = given(params)?;
    if dry_run {
        output.value(&shown(&client.prepare(id, &params)?));
        return Ok(ExitCode::SUCCESS);
    }
    print(&client.call(id, &params)?.json, output);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn request(
    client: &HostClient,
    method: &str,
    path: &str,
    body: Option<&str>,
    output: &Output,
) -> Result<ExitCode> {
    let body = body.map(given).transpose()?;
    host::method_named(method)?;
    print(&client.request(method, path, body.as_deref())?.json, output);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn certificates(client: &HostClient, output: &Output) -> Result<ExitCode> {
    print(&client.call("certificates.list", "{}")?.json, output);
    Ok(ExitCode::SUCCESS)
}

/// A request without its signature, which opens doors for five minutes.
fn shown(request: &HttpRequest) -> Value {
    let headers: Vec<Value> = request
        .headers
        .iter()
        .map(|(name, value)| {
            let secret = name.eq_ignore_ascii_case("Authorization");
            json!([name, if secret { "WECHATPAY2-SHA256-RSA2048 …" } else { value }])
        })
        .collect();
    json!({
        "method": request.method.as_str(), "url": request.url, "headers": headers,
        "body": String::from_utf8_lossy(&request.body),
    })
}

fn print(json: &str, output: &Output) {
    match serde_json::from_str::<Value>(json) {
        Ok(value) => output.value(&value),
        Err(_) => output.line(json),
    }
}

/// JSON as it stands, or from where it says.
fn given(text: &str) -> Result<String> {
    match text.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|error| Failure::file(Path::new(path), &error)),
        None if text == "-" => {
            let mut read = String::new();
            std::io::stdin()
                .read_to_string(&mut read)
                .map_err(|error| Failure::file(Path::new("-"), &error))?;
            Ok(read)
        }
        None => Ok(text.to_owned()),
    }
}

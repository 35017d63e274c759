//! Options of the client: what is typed goes before the file, and the file before the environment.

use std::path::Path;

use serde_json::{Map, Value, json};
use wechatpay_core::host::{HostClient, options_from_env};

use crate::arguments::Arguments;
use crate::failure::{Failure, Result};

/// What the sandbox's credentials.json calls them.
const OF_SANDBOX: &[(&str, &str)] = &[
    ("base_url", "base_url"),
    ("mchid", "mchid"),
    ("private_key", "merchant_private_key"),
    ("merchant_serial", "merchant_serial_no"),
    ("merchant_certificate", "merchant_certificate"),
    ("api_v2_key", "api_v2_key"),
    ("api_v3_key", "api_v3_key"),
    ("wechatpay_public_key_id", "wechatpay_public_key_id"),
    ("wechatpay_public_key", "wechatpay_public_key"),
    ("hk_public_key_id", "hk_public_key_id"),
    ("hk_public_key", "hk_public_key"),
];

/// All of them, as the core reads them.
pub(crate) fn gather(arguments: &Arguments) -> Result<Map<String, Value>> {
    let mut typed = Map::new();
    for option in &arguments.options {
        let (name, value) = option.split_once('=').ok_or_else(|| {
            Failure::new(
                format!("-o takes NAME=VALUE, not {option:?}"),
                format!("-o 的格式是 NAME=VALUE，收到 {option:?}"),
            )
        })?;
        typed.insert(name.to_owned(), value_of(name, value));
    }
    let mut found = match &arguments.config {
        Some(path) => file(path)?,
        None => Map::new(),
    };
    let mut given: Vec<String> = typed.keys().chain(found.keys()).cloned().collect();
    let variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    // Without a merchant number there is still something to explain, and for doctor something to say.
    if variables.iter().all(|(name, _)| name != "WECHATPAY_MCHID") {
        given.push("mchid".to_owned());
    }
    let environment = options_from_env(&variables, &given)?;
    if let Ok(Value::Object(environment)) = serde_json::from_str(&environment) {
        for (name, value) in environment {
            found.entry(name).or_insert(value);
        }
    }
    for (name, value) in typed {
        // A key that is typed takes the place of one that is in the file in another form.
        for form in ["", "_path", "_p12_path", "_p12_base64"] {
            let stem =
                name.trim_end_matches("_path").trim_end_matches("_p12_base64").trim_end_matches("_p12");
            if stem.ends_with("_key") || stem.ends_with("_certificate") {
                found.remove(&format!("{stem}{form}"));
            }
        }
        found.insert(name, value);
    }
    found.retain(|_, value| !value.is_null());
    Ok(found)
}

/// A client with these options that sends each request once: a person is there to decide.
pub(crate) fn client(options: &Map<String, Value>) -> Result<HostClient> {
    let mut options = options.clone();
    options.entry("retries").or_insert(json!(0));
    options.insert("language".to_owned(), json!("Cli/1"));
    Ok(HostClient::from_value(Value::Object(options))?)
}

/// Numbers and flags as what they are; everything else is text, also a merchant number. An empty text takes an option away.
fn value_of(name: &str, value: &str) -> Value {
    const NUMBERS: &[&str] =
        &["retries", "connect_timeout", "read_timeout", "timeout", "threads", "max_body", "linger"];
    match value {
        "" => Value::Null,
        "true" | "false" => json!(value == "true"),
        _ if NUMBERS.contains(&name) => serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
        _ => json!(value),
    }
}

fn file(path: &Path) -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let shown = path.display();
    let Ok(Value::Object(read)) = serde_json::from_str::<Value>(&text) else {
        return Err(Failure::new(
            format!("{shown} is no JSON object with options of a client"),
            format!("{shown} 不是由客户端配置项组成的 JSON 对象"),
        ));
    };
    if !read.contains_key("merchant_private_key") {
        return Ok(relative_to(path, read));
    }
    let mut options = Map::new();
    for (option, credential) in OF_SANDBOX {
        options.extend(read.get(*credential).map(|value| ((*option).to_owned(), value.clone())));
    }
    Ok(options)
}

/// Files that are named in a file lie beside it, whatever the working directory is.
fn relative_to(path: &Path, mut options: Map<String, Value>) -> Map<String, Value> {
    let folder = path.parent().unwrap_or(Path::new(""));
    for (name, value) in &mut options {
        if let (true, Some(file)) = (name.ends_with("_path"), value.as_str()) {
            *value = json!(folder.join(file).to_string_lossy());
        }
    }
    options
}

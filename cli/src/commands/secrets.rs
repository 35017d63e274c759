//! `encrypt` and `decrypt`: from standard input, for arguments stand in the shell's history and in `ps`.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use wechatpay_core::host::HostClient;

use crate::failure::{Failure, Result};
use crate::output::Output;

/// What is longer is no field of WeChat Pay's.
const MOST_BYTES: u64 = 1 << 20;

pub(crate) fn encrypt(client: &HostClient, output: &Output) -> Result<ExitCode> {
    let (ciphertext, serial) = client.encrypt_field(&read()?)?;
    if output.json {
        output.value(&json!({ "ciphertext": ciphertext, "serial": serial }));
    } else {
        output.line(format!("{ciphertext}\nWechatpay-Serial: {serial}"));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn decrypt(client: &HostClient, output: &Output) -> Result<ExitCode> {
    let text = client.decrypt_field(&read()?)?;
    if output.json {
        output.value(&json!({ "text": text }));
    } else {
        output.line(text);
    }
    Ok(ExitCode::SUCCESS)
}

/// Without the line end that a terminal and `echo` put behind it.
fn read() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Failure::file(Path::new("-"), &error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

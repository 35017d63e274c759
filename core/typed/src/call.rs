//! What the generated typed calls come down to: the client's calls by name.

use std::io::Write;
use std::path::Path;

use serde_json::Value;
use wechatpay_core::download::{Download, Downloaded};
use wechatpay_core::media::File;
use wechatpay_core::operation::{self, Operation};
use wechatpay_core::{Answer, Client, Result};

use crate::fit::fit;
use crate::{Model, Reply};

/// A call with a typed answer.
pub(crate) fn send<T: Model>(client: &Client, operation: &str, request: &Value) -> Result<Reply<T>> {
    send_json(client, operation, request).map(Reply::new)
}

/// A call that answers nothing.
pub(crate) fn send_only(client: &Client, operation: &str, request: &Value) -> Result<()> {
    send_json(client, operation, request).map(drop)
}

/// A call with an answer that nobody documented.
pub(crate) fn send_untyped(client: &Client, operation: &str, request: &Value) -> Result<Reply<Value>> {
    send_json(client, operation, request).map(Reply::untyped)
}

/// An upload with a typed answer.
pub(crate) fn upload<T: Model>(
    client: &Client,
    operation: &str,
    request: &Value,
    file: &File,
) -> Result<Reply<T>> {
    upload_json(client, operation, request, file).map(Reply::new)
}

#[allow(dead_code, reason = "no such operation may be known")]
/// An upload that answers nothing.
pub(crate) fn upload_only(client: &Client, operation: &str, request: &Value, file: &File) -> Result<()> {
    upload_json(client, operation, request, file).map(drop)
}

#[allow(dead_code, reason = "no such operation may be known")]
/// An upload with an answer that nobody documented.
pub(crate) fn upload_untyped(
    client: &Client,
    operation: &str,
    request: &Value,
    file: &File,
) -> Result<Reply<Value>> {
    upload_json(client, operation, request, file).map(Reply::untyped)
}

/// A call that answers with a file.
pub(crate) fn download<W: Write + ?Sized>(
    client: &Client,
    operation: &str,
    request: &Value,
    out: &mut W,
) -> Result<Downloaded> {
    client.download(&Download::answered(operation::named(operation)?, request.clone())?, out)
}

/// The same to a path.
pub(crate) fn download_to_path(
    client: &Client,
    operation: &str,
    request: &Value,
    path: &Path,
) -> Result<Downloaded> {
    client.download_to_path(&Download::answered(operation::named(operation)?, request.clone())?, path)
}

fn upload_json(client: &Client, operation: &str, request: &Value, file: &File) -> Result<Answer> {
    let operation = operation::named(operation)?;
    let answer = match request.as_object() {
        Some(request) => client.execute_upload(operation, &file.clone().with(request.clone())),
        None => client.execute_upload(operation, file),
    };
    answer.map(|answer| fitted(operation, answer))
}

fn send_json(client: &Client, operation: &str, request: &Value) -> Result<Answer> {
    let operation = operation::named(operation)?;
    client.execute(operation, request.clone()).map(|answer| fitted(operation, answer))
}

fn fitted(operation: Operation, mut answer: Answer) -> Answer {
    if let operation::Reply::Json(model) = operation.reply() {
        fit(model, &mut answer.value);
    }
    answer
}

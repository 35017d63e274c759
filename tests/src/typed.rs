//! Typed calls as functions from JSON to JSON, for the generated list of all of them.

use serde_json::Value;
use wechatpay::download::Downloaded;
use wechatpay::media::File;
use wechatpay::{Client, Model, Reply, Result};

/// What is in every file that is uploaded.
pub const UPLOADED: &[u8] = b"content";

/// A typed call: the request as JSON, and the answer as the typed API has it.
pub type Call = fn(&Client, Value) -> Result<Value>;

/// The request as its type.
pub fn with<R: Model>(json: Value, call: impl FnOnce(&R) -> Result<Value>) -> Result<Value> {
    call(&R::from(json))
}

/// The typed answer as JSON again.
pub fn reply<T: Model>(answer: Result<Reply<T>>) -> Result<Value> {
    answer.map(|reply| reply.into_inner().into_json())
}

/// The answer that nobody documented.
pub fn untyped(answer: Result<Reply<Value>>) -> Result<Value> {
    answer.map(Reply::into_inner)
}

/// A file, of which only the size is told.
pub fn fetched(answer: Result<Downloaded>) -> Result<Value> {
    answer.map(|file| file.bytes.into())
}

/// A file of this kind to upload.
pub fn to_upload(extension: &str) -> File {
    File::from_bytes(format!("a.{extension}"), UPLOADED)
}

/// No answer.
pub fn none(answer: Result<()>) -> Result<Value> {
    answer.map(|()| Value::Null)
}

//! Typed calls as functions from JSON to JSON, for the generated list of all of them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wechatpay_core::typed::Reply;
use wechatpay_core::{Client, Result};

/// A typed call: the request as JSON, and the answer as the typed API has it.
pub type Call = fn(&Client, Value) -> Result<Value>;

/// Reads the request into its type, which must hold all of it.
pub fn with<R: Serialize + DeserializeOwned>(
    json: Value,
    call: impl FnOnce(&R) -> Result<Value>,
) -> Result<Value> {
    let request: R = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        json,
        "the type of the request does not hold all of it"
    );
    call(&request)
}

/// The typed answer as JSON again.
pub fn reply<T: Serialize>(answer: Result<Reply<T>>) -> Result<Value> {
    answer.map(|reply| serde_json::to_value(&*reply).unwrap())
}

/// No answer.
pub fn none(answer: Result<()>) -> Result<Value> {
    answer.map(|()| Value::Null)
}

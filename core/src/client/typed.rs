//! What the generated typed API calls.
#![allow(dead_code, reason = "a build without any product family has no typed API")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Client;
use crate::error::{Error, Result};
use crate::finish::Answer;
use crate::http::{Headers, HttpResponse};
use crate::media::File;
use crate::operation::{self, Operation};
use crate::typed::Reply;

impl Client {
    /// Carries out an operation with a typed request and a typed reply.
    pub(crate) fn send<Q: Serialize + ?Sized, R: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        request: &Q,
    ) -> Result<Reply<R>> {
        let params = serde_json::to_value(request).map_err(|error| {
            Error::invalid_request("WRONG_TYPE", format!("the request cannot be written as JSON: {error}."))
                .with_operation(operation.id)
                .with_source(error)
        })?;
        reply(operation, self.execute(operation, params)?)
    }

    /// Uploads a file and gives the typed reply.
    pub(crate) fn send_file<R: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        file: &File,
    ) -> Result<Reply<R>> {
        reply(operation, self.execute_upload(operation, file)?)
    }
}

fn reply<R: DeserializeOwned>(operation: &'static Operation, answer: Answer) -> Result<Reply<R>> {
    // What an operation without a reply answers is kept, and is nothing.
    let typed = match operation.reply {
        // A success without a body is a reply without fields, not a failure.
        operation::Reply::Json(_) if answer.value.is_null() => R::deserialize(&json!({})),
        operation::Reply::Json(_) => R::deserialize(&answer.value),
        _ => R::deserialize(&Value::Null),
    };
    let value = typed.map_err(|error| {
        // Not "outcome unknown": the answer is verified, and `body` has it.
        let body = answer.value.to_string().into_bytes();
        let mut headers = Headers::new();
        headers.push("Request-ID", answer.request_id.clone().unwrap_or_default());
        Error::malformed(
            "NOT_JSON",
            format!("the verified answer does not have the form of a reply: {error}."),
        )
        .with_response(&HttpResponse::new(answer.status, headers, body))
        .with_operation(operation.id)
        .with_authenticated(true)
        .with_source(error)
    })?;
    Ok(Reply::new(value, answer))
}

#[cfg(all(test, feature = "payments"))]
mod tests {
    use super::*;
    use crate::api::payments::jsapi::PrepayResponse;

    #[test]
    fn a_success_without_a_body_is_a_reply_without_fields() {
        let operation = operation::find("payments.jsapi.prepay").unwrap();
        let answer = Answer { value: Value::Null, status: 200, request_id: None, serial: "1".to_owned() };
        let reply: Reply<PrepayResponse> = reply(operation, answer).unwrap();
        assert_eq!((reply.prepay_id.as_deref(), reply.json()), (None, &Value::Null));
    }
}

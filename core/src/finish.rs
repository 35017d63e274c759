//! The second half of a call: an answer is verified, decoded and decrypted, or turned into an error that says what to do.

use std::fmt;

use serde_json::Value;

use crate::certificates;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpResponse, Method};
use crate::json;
use crate::kernel::{Kernel, answers_json};
use crate::operation::{Operation, Reply};
use crate::outcome::{self, Safety};
use crate::protocol::header;
use crate::sensitive;
use crate::sign_error;
use crate::verify;

/// So many fields of an error answer are named in its text; all are in `detail`.
const MOST_FIELDS: usize = 10;

/// A verified answer.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The answer's JSON, sensitive fields decrypted, with every field WeChat Pay sent; `null` when there was none. Numbers that
    /// neither 64 bits nor an `f64` hold exactly are text.
    pub value: Value,
    /// HTTP status: 200 to 299.
    pub status: u16,
    /// What WeChat Pay's support asks for.
    pub request_id: Option<String>,
    /// Serial or id of the key that signed the answer.
    pub serial: String,
}

/// Shows what a log may hold: not the content, which has names and amounts in it, and what was encrypted on its way.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

/// What is needed to judge an answer: the same for typed and untyped requests.
#[derive(Clone, Copy)]
struct Call {
    id: Option<&'static str>,
    wants_json: bool,
}

impl Call {
    const fn of(operation: &'static Operation) -> Self {
        Self { id: Some(operation.id), wants_json: answers_json(operation) }
    }

    const UNTYPED: Self = Self { id: None, wants_json: true };

    /// Adds to an error about an answer what the answer and the operation tell.
    fn error(self, error: Error, response: &HttpResponse) -> Error {
        let error = error.with_response(response);
        match self.id {
            Some(id) => error.with_operation(id),
            None => error,
        }
    }
}

impl Kernel {
    /// Verifies, decodes and decrypts the answer to a request made by [`prepare`](Self::prepare).
    ///
    /// An answer signed with an unknown certificate gives code `UNKNOWN_SERIAL`: download the certificates (operation
    /// `certificates.list`, whose `finish` installs them) and call `finish` again **with the same answer**.
    ///
    /// # Errors
    /// [`ErrorKind::Api`] for an error answer, [`ErrorKind::Verification`] when the answer cannot be trusted,
    /// [`ErrorKind::Malformed`] when it is not what the protocol says, [`ErrorKind::Decryption`] when a sensitive field
    /// cannot be opened. [`Error::outcome_unknown`] tells whether the request may have taken effect all the same.
    pub fn finish(&self, operation: &'static Operation, response: &HttpResponse) -> Result<Answer> {
        self.open_answer(operation, response)
            .map_err(|error| outcome::settle(error, Safety::of(operation), false))
    }

    /// As [`finish`](Self::finish), with errors that do not say yet what they mean for the call as a whole.
    pub(crate) fn open_answer(
        &self,
        operation: &'static Operation,
        response: &HttpResponse,
    ) -> Result<Answer> {
        if operation.id == certificates::OPERATION && response.status == 200 {
            return certificates::install(self, response)
                .map_err(|error| error.with_response(response).with_operation(operation.id));
        }
        let call = Call::of(operation);
        if let Reply::File = operation.reply {
            let error =
                Error::invalid_request("WRONG_TYPE", "this operation answers with a file: use download.");
            return Err(call.error(error, response));
        }
        let mut answer = self.open_call(call, response)?;
        if let Reply::Json(model) = operation.reply {
            sensitive::decrypt(model, &mut answer.value, &*self.config().key)
                .map_err(|error| call.error(error, response).with_authenticated(true))?;
        }
        Ok(answer)
    }

    /// Verifies and decodes the answer to a request made by [`prepare_request`](Self::prepare_request).
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn finish_request(&self, method: Method, response: &HttpResponse) -> Result<Answer> {
        self.open_untyped_answer(response)
            .map_err(|error| outcome::settle(error, Safety::of_method(method), false))
    }

    /// As [`finish_request`](Self::finish_request), with errors that do not say yet what they mean for the call as a whole.
    pub(crate) fn open_untyped_answer(&self, response: &HttpResponse) -> Result<Answer> {
        self.open_call(Call::UNTYPED, response)
    }

    /// The error that an answer to a download stands for: files come unsigned, error answers as JSON.
    #[cfg(feature = "transport")]
    pub(crate) fn download_error(&self, response: &HttpResponse) -> Error {
        match self.open_call(Call::UNTYPED, response) {
            Err(error) => error,
            Ok(_) => {
                Call::UNTYPED.error(Error::malformed("NOT_A_FILE", "the answer is not a file."), response)
            }
        }
    }

    fn open_call(&self, call: Call, response: &HttpResponse) -> Result<Answer> {
        match response.status {
            200..=299 => self.success(call, response),
            300..=399 => Err(call.error(
                Error::malformed(
                    "REDIRECT",
                    "the answer is a redirect, which WeChat Pay never sends and this client never follows: a proxy or captive \
                     portal answered in its place.",
                ),
                response,
            )),
            _ => Err(self.failure(call, response)),
        }
    }

    fn success(&self, call: Call, response: &HttpResponse) -> Result<Answer> {
        let key = verify::verify(self.ring(), self.now(), &response.headers, &response.body)
            .map_err(|error| call.error(error, response))?;
        let signed = |error: Error| call.error(error, response).with_authenticated(true);
        let value = if response.body.is_empty() {
            Value::Null
        } else {
            json::parse(&response.body).map_err(|source| {
                let what = "the answer is signed by WeChat Pay but is not JSON.";
                signed(Error::malformed("NOT_JSON", what).with_source(source))
            })?
        };
        if response.status == 202 && value.get("code").is_some_and(Value::is_string) {
            // Accepted but not decided yet (USERPAYING): an error to the caller, who must ask again.
            return Err(signed(api_error(&value, response)));
        }
        if call.wants_json && !value.is_null() && !value.is_object() {
            let what = "the answer is signed by WeChat Pay but is not a JSON object.";
            return Err(signed(Error::malformed("NOT_JSON", what)));
        }
        Ok(Answer {
            value,
            status: response.status,
            request_id: response.headers.get(header::REQUEST_ID).map(str::to_owned),
            serial: key.serial.clone(),
        })
    }

    /// Error answers usually carry no signature. One that does is verified, and refused when the signature is wrong.
    fn failure(&self, call: Call, response: &HttpResponse) -> Error {
        let mut authenticated = false;
        if verify::is_signed(&response.headers) {
            match verify::verify(self.ring(), self.now(), &response.headers, &response.body) {
                Ok(_) => authenticated = true,
                Err(error) => {
                    let error = error.with_hint(format!(
                        "The answer had status {} and claimed: {}",
                        response.status,
                        String::from_utf8_lossy(
                            response.body.get(..response.body.len().min(500)).unwrap_or_default()
                        )
                    ));
                    return call.error(error, response);
                }
            }
        }
        let error = match json::parse(&response.body) {
            Ok(body) if body.get("code").is_some_and(Value::is_string) => api_error(&body, response),
            _ => bare_error(response),
        };
        call.error(error, response).with_authenticated(authenticated)
    }
}

/// WeChat Pay's `code`, `message` and `detail`, quoted as they came.
fn api_error(body: &Value, response: &HttpResponse) -> Error {
    let code = body.get("code").and_then(Value::as_str).unwrap_or_default();
    let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
    let error = Error::new(ErrorKind::Api, if code.is_empty() { "NO_CODE" } else { code }, message);
    let error = match body.get("detail") {
        Some(detail) if !detail.is_null() => {
            let place = place_of(detail);
            let error = error.with_detail(detail.clone());
            if place.is_empty() { error } else { error.with_hint(format!("({place})")) }
        }
        _ => error,
    };
    match (response.status, code) {
        (401, "SIGN_ERROR") => error.with_hint(sign_error::USUAL_CAUSES),
        (404, "RESOURCE_NOT_EXISTS") if message.contains("平台证书") => error.with_hint(
            "This merchant has no platform certificate, like every merchant since late 2024: configure the WeChat Pay public \
             key and its id (PUB_KEY_ID_…) instead.",
        ),
        _ => error,
    }
}

/// Which fields WeChat Pay does not like, and why. Their values are not told: they may be what must not be shown.
fn place_of(detail: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let field = text(detail, "field").filter(|field| !field.is_empty());
    // Some answers have the issue one level deeper.
    let issue = text(detail, "issue").or_else(|| text(detail.get("detail")?, "issue"));
    // Fields that the API does not have come as a list of JSON pointers in the place of a value.
    let pointers = match detail.get("value") {
        Some(Value::Array(values)) => values
            .iter()
            .filter_map(Value::as_str)
            .filter(|pointer| pointer.starts_with('/'))
            .take(MOST_FIELDS)
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    };
    let fields =
        field.into_iter().chain((!pointers.is_empty()).then_some(pointers)).collect::<Vec<_>>().join(", ");
    match issue {
        Some(issue) if !fields.is_empty() => format!("{fields}: {issue}"),
        _ => fields,
    }
}

/// An error answer without WeChat Pay's JSON.
fn bare_error(response: &HttpResponse) -> Error {
    let status = response.status;
    let what =
        if response.body.is_empty() { "an empty body" } else { "a body that is not WeChat Pay's JSON" };
    let hint = match status {
        404 => "Usually the path does not exist, or the merchant has no access to it.",
        405 => "Usually the method is not allowed for the path.",
        502..=504 => "A gateway answered; try again later with the same parameters.",
        _ => "A proxy between you and WeChat Pay may have answered.",
    };
    Error::new(
        ErrorKind::Api,
        format!("HTTP_{status}"),
        format!("the answer has status {status} and {what}. {hint}"),
    )
}

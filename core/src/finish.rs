//! The second half of a call: an answer is verified, decoded and decrypted, or turned into an error that says what to do.

use std::sync::Arc;

use serde_json::Value;

use crate::answer::Answer;
use crate::certificates;
use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::{HttpResponse, Method};
use crate::json;
use crate::kernel::Kernel;
use crate::key_ring::PlatformKey;
use crate::operation::{Host, Operation, Reply};
use crate::outcome::{self, Safety};
use crate::sensitive;
use crate::sign_error;
use crate::verify;
#[cfg(feature = "transport")]
use crate::{http::Headers, protocol::header};
#[cfg(feature = "host")]
use {crate::json::Outline, std::borrow::Cow};

/// So many fields of an error answer are named in its text; all are in `detail`.
const MOST_FIELDS: usize = 10;

/// What is needed to judge an answer: the same for typed and untyped requests.
#[derive(Clone, Copy)]
struct Call {
    id: Option<&'static str>,
    host: Host,
    wants_json: bool,
}

impl Call {
    fn of(operation: Operation) -> Self {
        Self { id: Some(operation.id()), host: operation.host(), wants_json: operation.answers_json() }
    }

    const UNTYPED: Self = Self { id: None, host: Host::Main, wants_json: true };

    /// Adds to an error about an answer what the answer and the operation tell.
    fn error(self, error: Error, response: &HttpResponse) -> Error {
        let error = error.with_response(response);
        match self.id {
            Some(id) => error.with_operation(id),
            None => error,
        }
    }

    /// The same where WeChat Pay's signature vouches for the answer.
    fn signed_error(self, error: Error, response: &HttpResponse) -> Error {
        self.error(error, response).with_authenticated(true)
    }

    fn not_json(self, source: serde_json::Error, response: &HttpResponse) -> Error {
        let what = "the answer is signed by WeChat Pay but is not JSON.";
        self.signed_error(Error::malformed(codes::NOT_JSON, what).with_source(source), response)
    }

    fn not_an_object(self, response: &HttpResponse) -> Error {
        let what = "the answer is signed by WeChat Pay but is not a JSON object.";
        self.signed_error(Error::malformed(codes::NOT_JSON, what), response)
    }
}

/// A verified answer, its JSON not built up.
#[cfg(feature = "host")]
pub(crate) struct TextAnswer<'r> {
    pub(crate) json: Cow<'r, str>,
    pub(crate) key: Arc<PlatformKey>,
}

/// Whether nothing but its JSON is to be judged: 202 may be no success, and no content is an answer too.
#[cfg(feature = "host")]
fn has_ordinary_content(response: &HttpResponse) -> bool {
    response.status == 200 && !response.body.is_empty()
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
    pub fn finish(&self, operation: Operation, response: &HttpResponse) -> Result<Answer> {
        self.open_answer(operation, response)
            .map_err(|error| outcome::settle(error, Safety::of(operation), false))
    }

    /// As [`finish`](Self::finish), with errors that do not say yet what they mean for the call as a whole.
    pub(crate) fn open_answer(&self, operation: Operation, response: &HttpResponse) -> Result<Answer> {
        if certificates::fills_ring(operation) && response.status == 200 {
            return certificates::install(self, operation.host(), response)
                .map_err(|error| error.with_response(response).with_operation(operation.id()));
        }
        let call = Call::of(operation);
        if let Reply::File = operation.reply() {
            let error = Error::invalid_request(
                codes::WRONG_TYPE,
                "this operation answers with a file: use download.",
            );
            return Err(call.error(error, response));
        }
        let mut answer = self.open_call(call, response)?;
        if let Reply::Json(model) = operation.reply() {
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
    pub(crate) fn download_error(&self, host: Host, response: &HttpResponse) -> Error {
        match self.open_call(Call { host, ..Call::UNTYPED }, response) {
            Err(error) => error,
            Ok(_) => Call::UNTYPED
                .error(Error::malformed(codes::NOT_A_FILE, "the answer is not a file."), response),
        }
    }

    /// The SHA-1 that WeChat Pay signed for the file that it answers: the signature covers it in place of the body.
    #[cfg(feature = "transport")]
    pub(crate) fn signed_digest(&self, host: Host, headers: &Headers) -> Result<String> {
        let is_sha1 = |text: &&str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(sha1) = headers.get(header::STATEMENT_SHA1).filter(is_sha1) else {
            return Err(Error::malformed(
                codes::FILE_ANNOUNCEMENT,
                format!(
                    "the answer has no SHA-1 in {}: nothing vouches for the file, and nothing of it was handed on.",
                    header::STATEMENT_SHA1
                ),
            ));
        };
        let signed = format!("{{\"sha1\":\"{sha1}\"}}");
        self.rings().verify(host, self.now(), headers, signed.as_bytes())?;
        Ok(sha1.to_owned())
    }

    fn open_call(&self, call: Call, response: &HttpResponse) -> Result<Answer> {
        match response.status {
            200..=299 => self.success(call, response),
            300..=399 => Err(call.error(
                Error::malformed(
                    codes::REDIRECT,
                    "the answer is a redirect, which WeChat Pay never sends and this client never follows: a proxy or captive \
                     portal answered in its place.",
                ),
                response,
            )),
            _ => Err(self.failure(call, response)),
        }
    }

    fn success(&self, call: Call, response: &HttpResponse) -> Result<Answer> {
        let key = self.signer(call, response)?;
        let value = if response.body.is_empty() {
            Value::Null
        } else {
            json::parse(&response.body).map_err(|source| call.not_json(source, response))?
        };
        if response.status == 202 && value.get("code").is_some_and(Value::is_string) {
            // Accepted but not decided yet (USERPAYING): an error to the caller, who must ask again.
            return Err(call.signed_error(api_error(&value, response), response));
        }
        if call.wants_json && !value.is_null() && !value.is_object() {
            return Err(call.not_an_object(response));
        }
        Ok(Answer::new(value, response, key.serial.clone()))
    }

    fn signer(&self, call: Call, response: &HttpResponse) -> Result<Arc<PlatformKey>> {
        self.rings()
            .verify(call.host, self.now(), &response.headers, &response.body)
            .map_err(|error| call.error(error, response))
    }

    /// As [`finish`](Self::finish), for hosts that hand text on: JSON is checked and stays the text that it came as, instead
    /// of being built up here only to be taken apart again. Nothing where there is more to do with an answer than that.
    #[cfg(feature = "host")]
    pub(crate) fn finish_text<'r>(
        &self,
        operation: Operation,
        response: &'r HttpResponse,
    ) -> Result<Option<TextAnswer<'r>>> {
        let more = certificates::fills_ring(operation)
            || operation.reply() == Reply::File
            || operation.answer_is_encrypted();
        if more || !has_ordinary_content(response) {
            return Ok(None);
        }
        self.text(Call::of(operation), response)
            .map(Some)
            .map_err(|error| outcome::settle(error, Safety::of(operation), false))
    }

    /// As [`finish_request`](Self::finish_request), in the way of [`finish_text`](Self::finish_text).
    #[cfg(feature = "host")]
    pub(crate) fn finish_request_text<'r>(
        &self,
        method: Method,
        response: &'r HttpResponse,
    ) -> Result<Option<TextAnswer<'r>>> {
        if !has_ordinary_content(response) {
            return Ok(None);
        }
        self.text(Call::UNTYPED, response)
            .map(Some)
            .map_err(|error| outcome::settle(error, Safety::of_method(method), false))
    }

    #[cfg(feature = "host")]
    fn text<'r>(&self, call: Call, response: &'r HttpResponse) -> Result<TextAnswer<'r>> {
        let key = self.signer(call, response)?;
        let (json, outline) =
            json::check(&response.body).map_err(|source| call.not_json(source, response))?;
        if call.wants_json && outline == Outline::Other {
            return Err(call.not_an_object(response));
        }
        Ok(TextAnswer { json, key })
    }

    /// Error answers usually carry no signature. One that does is verified, and refused when the signature is wrong.
    fn failure(&self, call: Call, response: &HttpResponse) -> Error {
        let mut authenticated = false;
        if verify::is_signed(&response.headers) {
            match self.rings().verify(call.host, self.now(), &response.headers, &response.body) {
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
    let error = Error::new(ErrorKind::Api, if code.is_empty() { codes::NO_CODE } else { code }, message);
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

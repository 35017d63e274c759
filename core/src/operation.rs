//! What the operation table is made of.
//!
//! `spec/**/*.yaml` describes every operation of WeChat Pay; `cargo xtask codegen` turns the description into
//! `static` values of these types (`core/src/generated/table`). The kernel, the bindings and the sandbox read the
//! same table: one checks a request before it is sent, the other checks it as the platform would.

use crate::http::Method;
use crate::sensitive;

pub use crate::generated::table::{all, find, notification_types};
pub use crate::notification_type::{NotificationType, notification_type};

/// One operation of the API: a method, a path and what goes in and comes out.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The name used by `call`, for example `payments.jsapi.prepay`.
    pub id: &'static str,
    /// One line that says what the operation does.
    pub title: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with its parameters in braces: `/v3/pay/transactions/id/{transaction_id}`.
    pub path: &'static str,
    /// Parameters that stand in the path, in the order of the path.
    pub path_params: &'static [Field],
    /// Parameters that stand in the query string.
    pub query: &'static [Field],
    /// What the request carries.
    pub body: Body,
    /// What a successful answer carries.
    pub reply: Reply,
    /// Whether the same request may be sent twice without harm, and so be retried when its outcome is unknown.
    pub idempotent: bool,
    /// Operation that tells what became of a request whose outcome is unknown.
    pub confirm: Option<&'static str>,
    /// Page of the official documentation, for example `merchant/4012791856`; empty when there is none.
    pub doc: &'static str,
    /// How sure we are that the endpoint is current.
    pub standing: Standing,
}

impl Operation {
    /// Whether fields of the answer are encrypted, so that reading it takes the merchant's private key: a fraction of a
    /// millisecond for each, where verifying takes microseconds.
    pub fn answer_is_encrypted(&self) -> bool {
        matches!(self.reply, Reply::Json(model) if sensitive::has_encrypted(model.fields))
    }
}

/// What a request carries besides path and query.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Body {
    /// Nothing: the fifth line of the signed message is empty.
    None,
    /// A JSON object with these fields.
    Json(&'static [Field]),
    /// A file as `multipart/form-data`; the signature covers the `meta` part only.
    Upload(&'static Upload),
}

/// What a successful answer carries.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Reply {
    /// Nothing (204, or 200 with an empty body).
    None,
    /// A signed JSON object.
    Json(&'static Model),
    /// A file; WeChat Pay does not sign it.
    File,
}

/// Limits of an upload.
#[derive(Debug)]
#[non_exhaustive]
pub struct Upload {
    /// Largest file accepted, in bytes.
    pub max_bytes: u64,
    /// File name extensions accepted, lower case, without the dot.
    pub extensions: &'static [&'static str],
}

/// A JSON object: its name and its fields.
#[derive(Debug)]
#[non_exhaustive]
pub struct Model {
    /// Name of the type in the spec, for example `PrepayRequest`.
    pub name: &'static str,
    /// Fields in the order of the spec.
    pub fields: &'static [Field],
}

/// A field of an object, or a parameter of a path or query.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// Name on the wire.
    pub name: &'static str,
    /// Type of the value.
    pub kind: Kind,
    /// Whether a request without it is refused. Replies are tolerant: there this is only documentation.
    pub required: bool,
    /// Longest value accepted: characters of a string, or elements of a list.
    pub max: Option<u32>,
    /// What else a value must be. Replies are tolerant here too.
    pub rules: &'static [Rule],
    /// Whether the value is RSA-OAEP encrypted on the wire.
    pub encrypt: bool,
    /// Filled in from the client's configuration when the caller leaves it out.
    pub fill: Option<Fill>,
}

/// What the generated table is written with.
impl Field {
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true, max: None, rules: &[], encrypt: false, fill: None }
    }

    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, max: None, rules: &[], encrypt: false, fill: None }
    }

    pub(crate) const fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    pub(crate) const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    pub(crate) const fn encrypted(mut self) -> Self {
        self.encrypt = true;
        self
    }

    pub(crate) const fn filled(mut self, fill: Fill) -> Self {
        self.fill = Some(fill);
        self
    }
}

/// A rule for a value besides its type and its longest length. Client and sandbox read the same rules and check them
/// each by itself.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Rule {
    /// Fewest characters of a text, or elements of a list.
    Min(u32),
    /// Most characters of a text, or elements of a list. Only within [`Rule::Suspected`]; otherwise it is the field's `max`.
    Max(u32),
    /// Fewest bytes of a text in UTF-8.
    MinBytes(u32),
    /// Most bytes of a text in UTF-8.
    MaxBytes(u32),
    /// The only characters that may stand in a text.
    Characters {
        /// The set in words: `digits, letters and _-|*`.
        words: &'static str,
        /// From, to; both included.
        ranges: &'static [(char, char)],
    },
    /// Least number.
    Minimum(i64),
    /// Largest number.
    Maximum(i64),
    /// A URL that WeChat Pay would send notifications to: http or https, a host, and neither query nor fragment nor
    /// blanks.
    NotifyUrl,
    /// Not certain: the sandbox warns of it, and the client lets the value pass.
    Suspected(&'static Self),
}

/// Type of a value.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    String,
    /// A 64-bit integer; amounts are in fen.
    Int,
    /// `true` or `false`.
    Bool,
    /// A number that may have a fraction; never money.
    Number,
    /// A moment as RFC 3339 text: `2018-06-08T10:34:56+08:00`.
    Timestamp,
    /// Any JSON value.
    Json,
    /// Text with known values; others are let through, for WeChat Pay adds new ones.
    OpenEnum(&'static [&'static str]),
    /// An object.
    Object(&'static Model),
    /// A list.
    List(&'static Self),
    /// An object whose keys are free.
    Map(&'static Self),
}

/// A value that the client knows and the caller may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fill {
    /// The merchant number of the client.
    Mchid,
}

/// How sure we are that an endpoint is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// In the official documentation.
    Documented,
    /// Typed by an official SDK or an older document, gone from today's documentation.
    Retired,
    /// Known from community tables only.
    Community,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_id() {
        assert!(all().len() > 0);
        for operation in all() {
            let found = find(operation.id).unwrap();
            assert!(std::ptr::eq(found, operation), "{}", operation.id);
        }
        assert!(find("payments.jsapi.pre").is_none());
        assert!(find("").is_none());
    }
}

//! WeChat Pay APIv3 for merchants: the kernel that signs, verifies, encrypts and sends, and that every language stands on.
//!
//! Rust programs depend on the crate `wechatpay`, which is this one and typed calls on top. Here operations are called by their
//! names, with JSON: `client.call("payments.jsapi.prepay", json!({ … }))`.
//!
//! | what | where |
//! |---|---|
//! | call an operation, retries and time-outs included | [`Client`] |
//! | the same without a socket, for an HTTP client of your own | [`Kernel`] |
//! | what is known of each of the 996 operations | [`operation`] |
//! | verify and decrypt a notification | [`Client::parse_notification`], [`Kernel::parse_notification`] |
//! | why something failed, and whether it happened all the same | [`Error`] |
//! | files: bills, uploads | [`download`], [`bill`], [`media`] |
//! | keys, and a signer of your own | [`crypto`] |
//! | the protocol's texts and names of headers | [`protocol`] |
//! | what the language packages stand on | `host` (a feature) |
//!
//! # Without a socket
//!
//! A call has two halves. The kernel makes the first, any HTTP client sends it byte for byte, and the kernel makes of what comes an answer
//! that can be trusted, or an error that says why not.
//!
//! ```
//! use serde_json::json;
//! use wechatpay_core::crypto::{PrivateKey, PublicKey};
//! use wechatpay_core::http::{Headers, HttpResponse};
//! use wechatpay_core::{Config, ErrorKind, Kernel, operation};
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/keys.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (private_pem, public_pem) = keys()?;
//! let config = Config::new("1900000001", PrivateKey::from_pem(&private_pem)?)
//!     .merchant_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
//!     .wechatpay_public_key("PUB_KEY_ID_0119000000012026000000000000000001", PublicKey::from_pem(&public_pem)?);
//! let kernel = Kernel::new(config)?;
//!
//! let query = operation::find("payments.query_by_out_trade_no").ok_or("it is in the table")?;
//! let request = kernel.prepare(query, json!({ "out_trade_no": "20260808-0001" }))?;
//! assert_eq!(
//!     request.url,
//!     "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/20260808-0001?mchid=1900000001"
//! );
//! assert!(request.headers.get("Authorization").is_some_and(|it| it.starts_with("WECHATPAY2-SHA256-RSA2048 ")));
//!
//! // An answer that nobody signed is nobody's answer, whatever its status.
//! let forged = HttpResponse::new(200, Headers::new(), br#"{"trade_state":"SUCCESS"}"#.to_vec());
//! let error = kernel.finish(query, &forged).unwrap_err();
//! assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "MISSING_HEADER"));
//! # Ok(()) }
//! ```
//!
//! # What is known of an operation
//!
//! The table is made from the repository's `spec/`, and is what requests are checked against before they are signed.
//!
//! ```
//! use wechatpay_core::operation;
//!
//! let refund = operation::find("refunds.create").unwrap();
//! assert_eq!((refund.method().as_str(), refund.path()), ("POST", "/v3/refund/domestic/refunds"));
//! assert!(refund.is_idempotent()); // the same request again does no harm
//! assert_eq!(refund.confirm(), Some("refunds.query")); // what to ask when the outcome is unknown
//! assert!(refund.body_fields().any(|field| field.name() == "out_refund_no" && field.is_required()));
//! assert_eq!(operation::all().count(), 996);
//! ```
//!
//! # Amounts
//!
//! Fen, as whole numbers, everywhere. Bills have yuan with two digits; they become fen without a floating-point number in between.
//!
//! ```
//! use wechatpay_core::bill::fen;
//!
//! assert_eq!(fen("12.30")?, 1230);
//! assert!(fen("12.345").is_err()); // not a whole number of fen
//! # Ok::<(), wechatpay_core::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `aws-lc` | yes | Cryptography by AWS-LC. |
//! | `rustcrypto` | | Cryptography in Rust, without a C compiler. When both are on, AWS-LC is used. |
//! | `transport` | yes | [`Client`], over `ureq` and `rustls`. Without it this crate opens no socket. |
//! | `pkcs12` | yes | Private keys from PKCS #12 files. |
//! | `host` | | What the packages of other languages stand on. It may change with any version. |
//!
//! # Words
//!
//! What comes back has one word for each thing that it may be, in names of types and in texts, in every package:
//!
//! | | |
//! |---|---|
//! | response | What came over the wire. Nothing of it is verified: [`http::HttpResponse`]. |
//! | answer | A verified response that is no error: [`Answer`]. |
//! | reply | What an answer carries: as the spec says it ([`operation::Reply`]), or as a typed value (`Reply<T>` of the typed packages). |
//! | notification reply | What a merchant's endpoint says to a notification: [`NotificationReply`]. |
//! | outcome | Whether a request took effect. It is no type: [`Error::outcome_unknown`] is the question. |
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!(
    "wechatpay-core needs a cryptography backend: enable the feature `aws-lc` (default) or `rustcrypto`"
);

mod answer;
pub mod bill;
#[cfg(feature = "transport")]
mod call_control;
#[cfg(feature = "transport")]
mod call_options;
mod certificates;
#[cfg(feature = "transport")]
mod client;
mod clock;
mod config;
pub mod crypto;
#[cfg(feature = "transport")]
pub mod download;
mod encode;
pub mod error;
mod finish;
mod front_end;
mod generated;
#[cfg(feature = "host")]
pub mod host;
mod hosts;
pub mod http;
mod json;
mod kernel;
mod key_ring;
mod key_rings;
pub mod media;
mod nearest;
mod notification;
mod notification_answer;
mod notification_reply;
pub mod operation;
mod outcome;
#[cfg(feature = "host")]
mod pool;
pub mod protocol;
mod public_key_id;
#[cfg(feature = "transport")]
pub mod retry;
mod rules;
mod sensitive;
mod serial;
mod sign_error;
mod table;
#[cfg(feature = "transport")]
pub mod transport;
pub mod validate;
mod verify;

#[cfg(all(test, feature = "transport"))]
mod test_server;

// Generated from a spec full of reserved and clashing names: whether it compiles is the test.
#[cfg(test)]
mod obstacle_course;

pub use answer::Answer;
#[cfg(feature = "transport")]
pub use call_control::{CallControl, GivenUp};
#[cfg(feature = "transport")]
pub use call_options::CallOptions;
#[cfg(feature = "transport")]
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, NonceSource, SystemClock, SystemRandom};
pub use config::{BACKUP_BASE_URL, Config, HK_BASE_URL, MAIN_BASE_URL};
pub use error::{Error, ErrorKind, Result};
pub use front_end::{
    AppPayment, BusinessView, CouponPlugin, FrontEnd, JsapiPayment, MiniProgram, PluginCoupon,
    TransferConfirmation, native_qr_code,
};
pub use kernel::Kernel;
pub use notification::{NOTIFICATION_MAX_BYTES, Notification};
pub use notification_reply::NotificationReply;

//! WeChat Pay APIv3 for merchants: the kernel that signs, verifies, encrypts and sends, and that every language stands on.
//!
//! Rust programs depend on the crate `wechatpay`, which is this one and typed calls on top. Here operations are called by their
//! names, with JSON: `client.call("payments.jsapi.prepay", json!({ … }))`.
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

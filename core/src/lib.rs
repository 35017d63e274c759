//! WeChat Pay APIv3 for merchants.
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!(
    "wechatpay-core needs a cryptography backend: enable the feature `aws-lc` (default) or `rustcrypto`"
);

pub mod bill;
mod bridge;
#[cfg(feature = "transport")]
mod call_control;
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
mod generated;
#[cfg(feature = "host")]
pub mod host;
mod hosts;
pub mod http;
mod json;
mod kernel;
mod key_ring;
pub mod media;
mod notification;
mod notification_reply;
mod notification_type;
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
#[cfg(feature = "transport")]
pub mod transport;
pub mod typed;
pub mod validate;
mod verify;

#[cfg(all(test, feature = "transport"))]
mod test_server;

// Generated from a spec full of reserved and clashing names: whether it compiles is the test.
#[cfg(test)]
#[path = "../../codegen/tests/golden/obstacle_course/rust/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "generated for a public module, of which the test uses a part")]
mod obstacle_course;

pub use bridge::{AppPayment, JsapiPayment};
#[cfg(feature = "transport")]
pub use call_control::{CallControl, GivenUp};
#[cfg(feature = "transport")]
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, NonceSource, SystemClock, SystemRandom};
pub use config::{BACKUP_BASE_URL, Config, MAIN_BASE_URL};
pub use error::{Error, ErrorKind, Result};
pub use finish::Answer;
pub use generated::api;
pub use kernel::Kernel;
pub use notification::{NOTIFICATION_MAX_BYTES, Notification};
pub use notification_reply::NotificationReply;

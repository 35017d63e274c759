//! WeChat Pay APIv3 for merchants.
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!(
    "wechatpay-core needs a cryptography backend: enable the feature `aws-lc` (default) or `rustcrypto`"
);

pub mod bill;
mod clock;
pub mod crypto;
mod encode;
pub mod error;
pub mod http;
pub mod operation;
pub mod protocol;
#[cfg(feature = "transport")]
pub mod retry;
#[cfg(feature = "transport")]
pub mod transport;
pub mod validate;

#[cfg(all(test, feature = "transport"))]
mod test_server;

mod generated;

pub use clock::{Clock, NonceSource, SystemClock, SystemRandom};
pub use error::{Error, ErrorKind, Result};

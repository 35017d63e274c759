//! WeChat Pay APIv3 for merchants.
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!(
    "wechatpay-core needs a cryptography backend: enable the feature `aws-lc` (default) or `rustcrypto`"
);

pub mod bill;
pub mod crypto;
pub mod error;
pub mod http;
pub mod operation;
pub mod protocol;

mod generated;

pub use error::{Error, ErrorKind, Result};

//! Why a sandbox could not start.

use std::fmt;

/// Result of starting a sandbox.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a sandbox could not start, in a sentence.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<wechatpay_core::Error> for Error {
    fn from(error: wechatpay_core::Error) -> Self {
        Self::new(error.to_string())
    }
}

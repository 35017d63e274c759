//! The one error that crosses the border.

use wechatpay_core::host::error_json;

/// The fields of an error as JSON; the packages build their typed exceptions from it.
#[derive(Debug, uniffi::Error)]
pub enum NativeError {
    /// What `wechatpay_core::host::error_json` says.
    Failed {
        /// A JSON object.
        json: String,
    },
}

impl std::fmt::Display for NativeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Failed { json } = self;
        f.write_str(json)
    }
}

impl std::error::Error for NativeError {}

impl From<wechatpay_core::Error> for NativeError {
    fn from(error: wechatpay_core::Error) -> Self {
        Self::Failed { json: error_json(&error) }
    }
}

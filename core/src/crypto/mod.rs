//! Cryptography: RSA signatures and OAEP, AES-256-GCM, and the keys and certificates they use.
//!
//! RSA comes from one of two interchangeable backends, `aws_lc` (default) or `rustcrypto`; both pass the same tests.
//! The rest is common. Nothing here decides what to trust: that is the key ring's and the verifier's work.

mod aead;
mod api_v2_key;
mod certificate;
#[cfg(feature = "transport")]
mod gcm;
mod key_format;
mod key_text;
mod keys;
mod of_process;
mod wrap;
mod wrong_key;

#[cfg(feature = "aws-lc")]
pub mod aws_lc;
#[cfg(feature = "rustcrypto")]
pub mod rustcrypto;

#[cfg(feature = "aws-lc")]
use aws_lc as backend;
#[cfg(not(feature = "aws-lc"))]
use rustcrypto as backend;

pub use aead::ApiV3Key;
pub use api_v2_key::ApiV2Key;
pub use certificate::Certificate;
#[cfg(feature = "transport")]
pub(crate) use gcm::{BLOCK, GcmOpener, TAG};
#[cfg(feature = "host")]
pub(crate) use keys::read_file;
pub use keys::{MerchantKey, PrivateKey, PublicKey};
#[cfg(feature = "host")]
pub(crate) use wrong_key::Names;

/// Why an RSA primitive failed. It says nothing more on purpose: details of a failed decryption help an attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaError;

impl std::fmt::Display for RsaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RSA operation failed")
    }
}

impl std::error::Error for RsaError {}

#[cfg(test)]
mod tests;

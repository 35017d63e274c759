//! A signer of Swift's own, in front of a KMS or an HSM.

use std::fmt;

use sha2::{Digest as _, Sha256};
use wechatpay_core::crypto::MerchantKey;
use zeroize::Zeroizing;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Signs in place of a private key.
#[uniffi::export(callback_interface)]
pub trait NativeSigner: Send + Sync {
    /// The signature of a message, or of a digest where digests are asked for.
    fn sign(&self, input: Vec<u8>) -> Result<Vec<u8>, SignerFailure>;

    /// What a sensitive field of an answer says.
    fn decrypt(&self, ciphertext: Vec<u8>) -> Result<Vec<u8>, SignerFailure>;
}

/// Why a signer gave no answer, in its own words.
#[derive(Debug, uniffi::Error)]
pub enum SignerFailure {
    /// It threw.
    Failed {
        /// What it says of itself.
        why: String,
    },
}

impl fmt::Display for SignerFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed { why } = self;
        f.write_str(why)
    }
}

impl std::error::Error for SignerFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for SignerFailure {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { why: error.reason }
    }
}

/// As the core takes it.
pub(crate) struct Signer {
    pub(crate) native: Box<dyn NativeSigner>,
    /// Whether it wants the SHA-256 of a message instead of the message.
    pub(crate) digests: bool,
}

impl MerchantKey for Signer {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        let input = if self.digests { Sha256::digest(message).to_vec() } else { message.to_vec() };
        Ok(self.native.sign(input)?)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        Ok(Zeroizing::new(self.native.decrypt(ciphertext.to_vec())?))
    }
}

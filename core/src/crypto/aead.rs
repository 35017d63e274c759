//! AEAD_AES_256_GCM under the merchant's APIv3 key: notifications, platform certificates, some bills.

use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result, codes};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// The APIv3 key: 32 bytes set by the merchant on the merchant platform.
///
/// Zeroized when dropped; never shown by `Debug`.
#[derive(Clone)]
pub struct ApiV3Key(Zeroizing<[u8; KEY_BYTES]>);

impl ApiV3Key {
    /// Takes the key as it stands on the merchant platform.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is not exactly 32 bytes long.
    pub fn new(key: impl AsRef<[u8]>) -> Result<Self> {
        let key = key.as_ref();
        let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(key) else {
            let blanks = key.trim_ascii().len() != key.len();
            let hint = match (key.is_empty(), blanks) {
                (true, _) => " It is empty: is the setting or environment variable missing?",
                (false, true) => " It starts or ends with a blank or line break: remove it.",
                (false, false) => "",
            };
            return Err(Error::config(format!(
                "the APIv3 key is {} bytes long; it must be exactly {KEY_BYTES}, as set under API security on the merchant \
                 platform.{hint} (It is neither the old APIv2 key nor a file.)",
                key.len()
            )));
        };
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Whether it can be a merchant's: the merchant platform takes no control characters.
    pub(crate) fn has_control_characters(&self) -> bool {
        self.0.iter().any(u8::is_ascii_control)
    }

    /// Opens `ciphertext` (with its 16-byte tag at the end).
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when the nonce is not 12 bytes long, [`ErrorKind::Decryption`] when the tag does not
    /// fit: the key is another one, or the content was altered.
    pub fn decrypt(&self, nonce: &[u8], associated_data: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
        let nonce = nonce_of(nonce)?;
        self.cipher().decrypt(&nonce, Payload { msg: ciphertext, aad: associated_data }).map_err(|_| {
            Error::new(ErrorKind::Decryption, codes::WRONG_API_V3_KEY, "AES-256-GCM authentication failed.")
        })
    }

    /// Seals `plaintext`; the 16-byte tag is appended. WeChat Pay does this, merchants do not: for tests and sandboxes.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when the nonce is not 12 bytes long.
    pub fn encrypt(&self, nonce: &[u8], associated_data: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        let nonce = nonce_of(nonce)?;
        self.cipher().encrypt(&nonce, Payload { msg: plaintext, aad: associated_data }).map_err(|_| {
            Error::new(ErrorKind::Decryption, codes::ENCRYPTION_FAILED, "AES-256-GCM could not encrypt.")
        })
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.0).into())
    }
}

fn nonce_of(nonce: &[u8]) -> Result<Nonce<aes_gcm::aead::consts::U12>> {
    <[u8; NONCE_BYTES]>::try_from(nonce).map(Into::into).map_err(|_| {
        Error::malformed(
            codes::BAD_NONCE,
            format!("the AES-256-GCM nonce is {} bytes long; it must be {NONCE_BYTES}.", nonce.len()),
        )
    })
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV3Key(***)")
    }
}

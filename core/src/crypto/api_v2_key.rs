//! The APIv2 key: what WeChat's own pages and plugins still check signatures with, where no certificate is at hand.

use std::fmt;

use data_encoding::HEXUPPER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

const KEY_BYTES: usize = 32;

/// The merchant's APIv2 key: 32 letters and digits. Zeroized when dropped, never shown.
#[derive(Clone)]
pub struct ApiV2Key(Zeroizing<[u8; KEY_BYTES]>);

impl ApiV2Key {
    /// Takes the key as it stands on the merchant platform.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when it is not exactly 32 letters and digits.
    pub fn new(key: impl AsRef<[u8]>) -> Result<Self> {
        let key = key.as_ref();
        match <[u8; KEY_BYTES]>::try_from(key) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_alphanumeric) => Ok(Self(Zeroizing::new(bytes))),
            Ok(_) => Err(Error::config(
                "the APIv2 key holds something else than letters and digits; the merchant platform takes no such key. Is there a \
                 blank or a line break in the setting?",
            )),
            Err(_) => Err(Error::config(format!(
                "the APIv2 key is {} bytes long; it must be exactly {KEY_BYTES}, as set under API security on the merchant \
                 platform. (It is not the APIv3 key, which is set beside it.)",
                key.len()
            ))),
        }
    }

    /// Signs by the rules of APIv2 with HMAC-SHA256: parameters by name, those without a value left out, the key at the end.
    /// Upper-case hexadecimal.
    #[must_use]
    pub fn sign(&self, parameters: &[(&str, &str)]) -> String {
        let mut parameters: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
        parameters.sort_unstable();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else {
            // HMAC takes keys of every length.
            return String::new();
        };
        for (name, value) in parameters {
            for part in [name, "=", value, "&"] {
                mac.update(part.as_bytes());
            }
        }
        mac.update(b"key=");
        mac.update(&*self.0);
        HEXUPPER.encode(&mac.finalize().into_bytes())
    }
}

/// Shows that there is one, and nothing of it.
impl fmt::Debug for ApiV2Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV2Key(***)")
    }
}

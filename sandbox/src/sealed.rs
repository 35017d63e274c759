//! Files that are encrypted before they are downloaded, each with a key of its own, which is encrypted to the merchant.

use std::io::{self, Write};

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wechatpay_core::crypto::PublicKey;

use crate::file::{Content, File};
use crate::ids;
use crate::refusal::{Refusal, Result};

/// A sealed file, and what must be known to open it.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) file: File,
    /// The key, encrypted to the merchant, as base64.
    pub(crate) encrypt_key: String,
    /// As WeChat Pay has it: 16 characters, not the usual 12.
    pub(crate) nonce: String,
}

/// Bytes that are served as they are.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl Content for Bytes {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.0)
    }
}

/// Seals the file, compressed where it is to be.
pub(crate) fn seal(file: &File, merchant: &PublicKey) -> Result<Sealed> {
    let failed = |what: &str| Refusal::new(500, "SYSTEM_ERROR", format!("the file could not be {what}"));
    let mut plain = Vec::new();
    file.write_to(&mut plain).map_err(|_| failed("written"))?;
    let (key, nonce) = (ids::random_bytes::<32>(), ids::hex(16));
    let of_16 = Nonce::<U16>::try_from(nonce.as_bytes()).map_err(|_| failed("encrypted"))?;
    let sealed = AesGcm::<Aes256, U16>::new(&key.into())
        .encrypt(&of_16, plain.as_slice())
        .map_err(|_| failed("encrypted"))?;
    let encrypt_key = merchant.encrypt_oaep(&key).map_err(|_| failed("encrypted"))?;
    let file = File::new(Bytes(sealed), false).map_err(|_| failed("written"))?;
    Ok(Sealed { file, encrypt_key: STANDARD.encode(encrypt_key), nonce })
}

//! RSA by aws-lc-rs: the default backend.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

use super::RsaError;

/// An RSA private key of 2048 to 8192 bits.
pub struct RsaPrivateKey {
    signing: KeyPair,
    /// Made when something is first decrypted: the library wants the key a second time, checks it a second time, and most clients
    /// only sign.
    decrypting: OnceLock<OaepPrivateDecryptingKey>,
}

impl RsaPrivateKey {
    /// Reads a PKCS#8 key.
    ///
    /// # Errors
    /// The bytes are not an RSA key of at least 2048 bits, or the key is not consistent.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, RsaError> {
        let signing = KeyPair::from_pkcs8(der).map_err(|_| RsaError)?;
        Ok(Self { signing, decrypting: OnceLock::new() })
    }

    fn decrypting(&self) -> Result<&OaepPrivateDecryptingKey, RsaError> {
        if let Some(key) = self.decrypting.get() {
            return Ok(key);
        }
        let der: Pkcs8V1Der<'_> = self.signing.as_der().map_err(|_| RsaError)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| RsaError)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| RsaError)?;
        // Another thread may have been faster; its key is as good.
        Ok(self.decrypting.get_or_init(|| key))
    }

    /// The public key as PKCS#1 `RSAPublicKey` DER.
    ///
    /// # Errors
    /// None with this backend.
    pub fn public_key_pkcs1(&self) -> Result<Vec<u8>, RsaError> {
        Ok(self.signing.public_key().as_ref().to_vec())
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// # Errors
    /// The library refused to sign.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, RsaError> {
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| RsaError)?;
        Ok(signature)
    }

    /// RSAES-OAEP with SHA-1 and MGF1-SHA-1.
    ///
    /// # Errors
    /// The ciphertext was not made for this key.
    pub fn decrypt_oaep_sha1(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, RsaError> {
        let decrypting = self.decrypting()?;
        let mut plaintext = Zeroizing::new(vec![0; decrypting.min_output_size()]);
        let length = decrypting
            .decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut plaintext, None)
            .map_err(|_| RsaError)?
            .len();
        plaintext.truncate(length);
        Ok(plaintext)
    }
}

/// An RSA public key of 2048 to 8192 bits.
pub struct RsaPublicKey {
    verifying: ParsedPublicKey,
    encrypting: OaepPublicEncryptingKey,
}

impl RsaPublicKey {
    /// Reads an X.509 `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// The bytes are not an RSA key of at least 2048 bits.
    pub fn from_spki(der: &[u8]) -> Result<Self, RsaError> {
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| RsaError)?;
        let encrypting = PublicEncryptingKey::from_der(der).map_err(|_| RsaError)?;
        let encrypting = OaepPublicEncryptingKey::new(encrypting).map_err(|_| RsaError)?;
        Ok(Self { verifying, encrypting })
    }

    /// Checks an RSASSA-PKCS1-v1_5 signature with SHA-256.
    ///
    /// # Errors
    /// The signature does not fit.
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> Result<(), RsaError> {
        self.verifying.verify_sig(message, signature).map_err(|_| RsaError)
    }

    /// RSAES-OAEP with SHA-1 and MGF1-SHA-1.
    ///
    /// # Errors
    /// The plain text is longer than [`max_plaintext`](Self::max_plaintext).
    pub fn encrypt_oaep_sha1(&self, plaintext: &[u8]) -> Result<Vec<u8>, RsaError> {
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        self.encrypting
            .encrypt(&OAEP_SHA1_MGF1SHA1, plaintext, &mut ciphertext, None)
            .map_err(|_| RsaError)?;
        Ok(ciphertext)
    }

    /// Longest plain text that can be encrypted, in bytes: 214 for a 2048-bit key.
    pub fn max_plaintext(&self) -> usize {
        self.encrypting.max_plaintext_size(&OAEP_SHA1_MGF1SHA1)
    }
}

//! RSA by the pure-Rust `rsa` crate, for targets that aws-lc does not reach.
//!
//! `rsa` is listed under RUSTSEC-2023-0071 (timing of private-key operations). Its `getrandom` feature, which this
//! crate turns on, blinds every private-key operation; the arithmetic is still slower than aws-lc's and less
//! scrutinised. Prefer the default backend where it builds.

use rsa::oaep::{DecryptingKey, EncryptingKey};
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::traits::{Decryptor as _, PublicKeyParts as _, RandomizedEncryptor as _};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::RsaError;

const MIN_MODULUS_BYTES: usize = 256;
/// Two SHA-1 digests and two bytes.
const OAEP_OVERHEAD: usize = 42;

/// An RSA private key of at least 2048 bits.
pub struct RsaPrivateKey {
    signing: SigningKey<Sha256>,
    decrypting: DecryptingKey<Sha1>,
}

impl RsaPrivateKey {
    /// Reads a PKCS#8 key.
    ///
    /// # Errors
    /// The bytes are not an RSA key of at least 2048 bits, or the key is not consistent.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, RsaError> {
        let key = rsa::RsaPrivateKey::from_pkcs8_der(der).map_err(|_| RsaError)?;
        key.validate().map_err(|_| RsaError)?;
        if key.size() < MIN_MODULUS_BYTES {
            return Err(RsaError);
        }
        Ok(Self { signing: SigningKey::new(key.clone()), decrypting: DecryptingKey::new(key) })
    }

    /// The public key as PKCS#1 `RSAPublicKey` DER.
    ///
    /// # Errors
    /// The key cannot be encoded, which does not happen with a key that could be read.
    pub fn public_key_pkcs1(&self) -> Result<Vec<u8>, RsaError> {
        let key: &rsa::RsaPrivateKey = self.signing.as_ref();
        Ok(key.to_public_key().to_pkcs1_der().map_err(|_| RsaError)?.into_vec())
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// # Errors
    /// The library refused to sign.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, RsaError> {
        Ok(self.signing.try_sign(message).map_err(|_| RsaError)?.to_vec())
    }

    /// RSAES-OAEP with SHA-1 and MGF1-SHA-1.
    ///
    /// # Errors
    /// The ciphertext was not made for this key.
    pub fn decrypt_oaep_sha1(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, RsaError> {
        self.decrypting.decrypt(ciphertext).map(Zeroizing::new).map_err(|_| RsaError)
    }
}

/// An RSA public key of at least 2048 bits.
pub struct RsaPublicKey {
    verifying: VerifyingKey<Sha256>,
    encrypting: EncryptingKey<Sha1>,
    size: usize,
}

impl RsaPublicKey {
    /// Reads an X.509 `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// The bytes are not an RSA key of at least 2048 bits.
    pub fn from_spki(der: &[u8]) -> Result<Self, RsaError> {
        let key = rsa::RsaPublicKey::from_public_key_der(der).map_err(|_| RsaError)?;
        let size = key.size();
        if size < MIN_MODULUS_BYTES {
            return Err(RsaError);
        }
        Ok(Self { verifying: VerifyingKey::new(key.clone()), encrypting: EncryptingKey::new(key), size })
    }

    /// Checks an RSASSA-PKCS1-v1_5 signature with SHA-256.
    ///
    /// # Errors
    /// The signature does not fit.
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> Result<(), RsaError> {
        let signature = Signature::try_from(signature).map_err(|_| RsaError)?;
        self.verifying.verify(message, &signature).map_err(|_| RsaError)
    }

    /// RSAES-OAEP with SHA-1 and MGF1-SHA-1.
    ///
    /// # Errors
    /// The plain text is longer than [`max_plaintext`](Self::max_plaintext).
    pub fn encrypt_oaep_sha1(&self, plaintext: &[u8]) -> Result<Vec<u8>, RsaError> {
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        self.encrypting.encrypt_with_rng(&mut random, plaintext).map_err(|_| RsaError)
    }

    /// Longest plain text that can be encrypted, in bytes: 214 for a 2048-bit key.
    pub fn max_plaintext(&self) -> usize {
        self.size - OAEP_OVERHEAD
    }
}

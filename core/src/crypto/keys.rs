//! The merchant's private key and WeChat Pay's public key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::RsaError;
use super::backend;
use super::key_format::{Format, Material, Wanted};
use super::of_process::OfProcess;
use super::wrap::{pkcs1_to_pkcs8, pkcs1_to_spki};
use super::wrong_key::{self, Names};
use crate::error::{Error, ErrorKind, Result, codes};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Whoever holds the merchant's private key: [`PrivateKey`], or your own type in front of a KMS or HSM.
pub trait MerchantKey: Send + Sync {
    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256. `message` is the message, not its digest.
    ///
    /// # Errors
    /// Whatever keeps the key from signing; the caller sees it as the source of an [`ErrorKind::Signing`] error.
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError>;

    /// Opens a sensitive field of an answer: RSAES-OAEP with SHA-1.
    ///
    /// # Errors
    /// The ciphertext is not for this key, or, unless overridden, always.
    fn decrypt_oaep(&self, _ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        Err("this signer cannot decrypt sensitive fields".into())
    }

    /// The public half, where it is at hand: lets the client notice a certificate or serial of another key.
    fn public_key(&self) -> Option<PublicKey> {
        None
    }
}

impl<K: MerchantKey + ?Sized> MerchantKey for Arc<K> {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        (**self).sign_sha256(message)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        (**self).decrypt_oaep(ciphertext)
    }

    fn public_key(&self) -> Option<PublicKey> {
        (**self).public_key()
    }
}

/// The merchant's RSA private key (`apiclient_key.pem`), held in this process.
///
/// Loads from PEM, base64 without the PEM lines or of the whole text, DER, PKCS#1, PKCS#8 and, with the feature `pkcs12`,
/// from PKCS#12; of a text with certificate and key, the key. What editors and settings files do to a text is undone
/// (escaped or lost line ends, typographic dashes, UTF-16); where that cannot be, the error says what happened to it.
/// Zeroized when dropped; never shown by `Debug`. Good in a forked child too.
#[derive(Clone)]
pub struct PrivateKey {
    rsa: Arc<OfProcess<backend::RsaPrivateKey>>,
    pkcs8: Arc<Zeroizing<Vec<u8>>>,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads the key from a file in any of the formats (for PKCS#12 see [`from_pkcs12`](Self::from_pkcs12)).
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Config`] when it is not a usable key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_bytes(&read_file(path.as_ref(), "private key")?)
    }

    /// Reads the key from PEM text or from base64 without the PEM lines.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// Reads the key from DER bytes, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Self::from_bytes(der)
    }

    /// Reads the key from text or DER, whichever it is.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes, &Names::rust())
    }

    pub(crate) fn read(bytes: &[u8], names: &Names) -> Result<Self> {
        let material = Material::read(bytes, Wanted::PrivateKey);
        match material.format {
            Format::Pkcs8 => Self::from_pkcs8(&material.der),
            Format::Pkcs1Private => Self::from_pkcs8(&pkcs1_to_pkcs8(&material.der)),
            _ => Err(wrong_key::refused(Wanted::PrivateKey, &material, names)),
        }
    }

    /// Reads the key from a PKCS#12 file's bytes (`apiclient_cert.p12`; its password is usually the merchant number).
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the bytes are not PKCS#12, the password is wrong, or there is no key inside.
    #[cfg(feature = "pkcs12")]
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self> {
        Self::read_pkcs12(bytes, password, &Names::rust())
    }

    #[cfg(feature = "pkcs12")]
    pub(crate) fn read_pkcs12(bytes: &[u8], password: &str, names: &Names) -> Result<Self> {
        use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};

        let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed)
            .map_err(|error| wrong_key::pkcs12_refused(bytes, names).with_source(error.to_string()))?;
        let key = store.entries().find_map(|(_, entry)| match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => Some(Zeroizing::new(chain.key().as_der().to_vec())),
            _ => None,
        });
        Self::from_der(&key.ok_or_else(|| Error::config("the PKCS#12 file holds no private key."))?)
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let refused = || {
            Error::config(
                "the private key was read but cannot be used: WeChat Pay needs an RSA key of at least 2048 bits, and \
                 its numbers must fit together. Download it anew or make a new one on the merchant platform.",
            )
        };
        let rsa = OfProcess::new(backend::RsaPrivateKey::from_pkcs8, der)
            .map_err(|error| refused().with_source(error))?;
        let public = rsa
            .get(der)
            .and_then(|rsa| rsa.public_key_pkcs1())
            .map_err(|error| refused().with_source(error))?;
        let public = PublicKey::from_spki(pkcs1_to_spki(&public))?;
        Ok(Self { rsa: Arc::new(rsa), pkcs8: Arc::new(Zeroizing::new(der.to_vec())), public })
    }

    fn rsa(&self) -> Result<Arc<backend::RsaPrivateKey>, RsaError> {
        self.rsa.get(&self.pkcs8)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over `message`.
    ///
    /// # Errors
    /// [`ErrorKind::Signing`] when the library fails, which it does not with a key that could be loaded.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.rsa().and_then(|rsa| rsa.sign_sha256(message)).map_err(|error| {
            Error::new(ErrorKind::Signing, codes::SIGNING_FAILED, "RSA signing failed.").with_source(error)
        })
    }

    /// RSAES-OAEP with SHA-1: opens what was encrypted to this merchant.
    ///
    /// # Errors
    /// [`ErrorKind::Decryption`] when it was encrypted to another key.
    pub fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.rsa().and_then(|rsa| rsa.decrypt_oaep_sha1(ciphertext)).map_err(|error| {
            Error::new(
                ErrorKind::Decryption,
                codes::SENSITIVE_FIELD,
                "RSA decryption failed: encrypted to another key.",
            )
            .with_source(error)
        })
    }

    /// The public half of the key.
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }
}

impl MerchantKey for PrivateKey {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(self.rsa().and_then(|rsa| rsa.sign_sha256(message))?)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        Ok(self.rsa().and_then(|rsa| rsa.decrypt_oaep_sha1(ciphertext))?)
    }

    fn public_key(&self) -> Option<PublicKey> {
        Some(self.public.clone())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

/// An RSA public key: WeChat Pay's, or the public half of the merchant's.
#[derive(Clone)]
pub struct PublicKey {
    rsa: Arc<OfProcess<backend::RsaPublicKey>>,
    spki: Arc<[u8]>,
}

impl PublicKey {
    /// Reads the key from a file in any of the formats.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Config`] when it is not a usable key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_bytes(&read_file(path.as_ref(), "public key")?)
    }

    /// Reads the key from PEM text or from base64 without the PEM lines.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// Reads the key from DER bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Self::from_bytes(der)
    }

    /// Reads the key from text or DER, whichever it is.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]; the message says what was given instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes, &Names::rust())
    }

    pub(crate) fn read(bytes: &[u8], names: &Names) -> Result<Self> {
        let material = Material::read(bytes, Wanted::PublicKey);
        match material.format {
            Format::Spki => Self::from_spki(material.der.to_vec()),
            Format::Pkcs1Public => Self::from_spki(pkcs1_to_spki(&material.der)),
            _ => Err(wrong_key::refused(Wanted::PublicKey, &material, names)),
        }
    }

    pub(crate) fn from_spki(spki: Vec<u8>) -> Result<Self> {
        let rsa = OfProcess::new(backend::RsaPublicKey::from_spki, &spki).map_err(|error| {
            Error::config(
                "the public key was read but cannot be used: an RSA key of at least 2048 bits is needed.",
            )
            .with_source(error)
        })?;
        Ok(Self { rsa: Arc::new(rsa), spki: spki.into() })
    }

    /// Whether `signature` is a valid RSASSA-PKCS1-v1_5 signature with SHA-256 of `message` under this key.
    #[must_use]
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.rsa().is_ok_and(|rsa| rsa.verify_sha256(message, signature).is_ok())
    }

    /// RSAES-OAEP with SHA-1.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when `plaintext` is too long: a 2048-bit key takes 214 bytes.
    pub fn encrypt_oaep(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let failed = |error: RsaError, most: usize| {
            Error::invalid_request(
                codes::TOO_LONG,
                format!(
                    "a sensitive field of {} bytes cannot be encrypted: at most {most} bytes of UTF-8.",
                    plaintext.len()
                ),
            )
            .with_source(error)
        };
        let rsa = self.rsa().map_err(|error| failed(error, 0))?;
        rsa.encrypt_oaep_sha1(plaintext).map_err(|error| failed(error, rsa.max_plaintext()))
    }

    fn rsa(&self) -> Result<Arc<backend::RsaPublicKey>, RsaError> {
        self.rsa.get(&self.spki)
    }

    /// The key as X.509 `SubjectPublicKeyInfo` DER.
    pub fn to_der(&self) -> &[u8] {
        &self.spki
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

pub(crate) fn read_file(path: &Path, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    std::fs::read(path).map(Zeroizing::new).map_err(|error| {
        Error::io(format!("the {what} file {} cannot be read: {error}.", path.display()), error)
    })
}

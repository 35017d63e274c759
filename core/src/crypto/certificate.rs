//! X.509 certificates: the merchant's own and WeChat Pay's platform certificates.

use std::fmt;
use std::path::Path;

use data_encoding::HEXUPPER;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::key_format::{Format, Material, Wanted};
use super::keys::{PublicKey, read_file};
use super::wrong_key::{self, Names};
use crate::error::{Error, Result};

/// A parsed certificate. Parsing says nothing about trust.
#[derive(Clone)]
pub struct Certificate {
    serial: String,
    issuer: String,
    issuer_common_name: Option<String>,
    subject_common_name: Option<String>,
    not_before: i64,
    not_after: i64,
    public_key: PublicKey,
    signed_part: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate file, PEM or DER.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read, [`ErrorKind::Config`](crate::ErrorKind::Config)
    /// when it is not an RSA certificate.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_bytes(&read_file(path.as_ref(), "certificate")?)
    }

    /// Reads a certificate from PEM text.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config); the message says what was given instead.
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// Reads a certificate from PEM text or DER bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config); the message says what was given instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes, &Names::rust())
    }

    pub(crate) fn read(bytes: &[u8], names: &Names) -> Result<Self> {
        let material = Material::read(bytes, Wanted::Certificate);
        if material.format != Format::Certificate {
            return Err(wrong_key::refused(Wanted::Certificate, &material, names));
        }
        let (_, x509) = X509Certificate::from_der(&material.der).map_err(|error| {
            Error::config("the certificate cannot be parsed.").with_source(error.to_string())
        })?;
        let serial = x509.raw_serial();
        let padding = serial.iter().take_while(|byte| **byte == 0).count();
        Ok(Self {
            serial: HEXUPPER.encode(&serial[padding..]),
            issuer: x509.issuer().to_string(),
            issuer_common_name: x509
                .issuer()
                .iter_common_name()
                .next()
                .and_then(|name| name.as_str().ok())
                .map(str::to_owned),
            subject_common_name: x509
                .subject()
                .iter_common_name()
                .next()
                .and_then(|name| name.as_str().ok())
                .map(str::to_owned),
            not_before: x509.validity().not_before.timestamp(),
            not_after: x509.validity().not_after.timestamp(),
            public_key: PublicKey::from_spki(x509.public_key().raw.to_vec())?,
            signed_part: x509.tbs_certificate.as_ref().to_vec(),
            signature: x509.signature_value.data.to_vec(),
        })
    }

    /// Serial number in upper-case hexadecimal, as WeChat Pay writes it.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Name of the issuer, as in `C=CN, O=Tenpay.com, OU=Tenpay.com CA Center, CN=Tenpay.com Root CA`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn common_name_of_issuer(&self) -> Option<&str> {
        self.issuer_common_name.as_deref()
    }

    /// Common name of the subject: the merchant number on a merchant's certificate.
    pub fn subject_common_name(&self) -> Option<&str> {
        self.subject_common_name.as_deref()
    }

    /// Start of validity, in Unix seconds.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// End of validity, in Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether `now` (Unix seconds) lies within the validity.
    pub fn is_valid_at(&self, now: i64) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// Whether this certificate was signed (RSA, SHA-256) with the key of `issuer`. Says nothing about validity.
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        issuer.public_key.verify_sha256(&self.signed_part, &self.signature)
    }

    /// The key certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("serial", &self.serial)
            .field("issuer", &self.issuer)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

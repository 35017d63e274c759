//! PKCS#12 files, for programs that read no PEM.

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};

use crate::error::{Error, Result};

/// A private key with its certificate.
pub(crate) fn key_store(alias: &str, key: &str, certificate: &str, password: &str) -> Result<Vec<u8>> {
    let key = PrivateKey::from_der(pem::parse(key)?.contents())?;
    let certificate = Certificate::from_der(pem::parse(certificate)?.contents())?;
    let mut store = KeyStore::new();
    store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(vec![1], key, [certificate])));
    Ok(store.writer(password).write()?)
}

/// Certificates to trust, each marked as Java demands of them.
pub(crate) fn trust_store<'a>(
    certificates: impl Iterator<Item = (String, &'a [u8])>,
    password: &str,
) -> Result<Vec<u8>> {
    let mut store = KeyStore::new();
    for (alias, der) in certificates {
        // Old roots with something odd in them are of no use to Java either.
        if let Ok(certificate) = Certificate::from_der(der) {
            store.add_entry(&alias, KeyStoreEntry::Certificate(certificate));
        }
    }
    Ok(store.writer(password).write()?)
}

impl From<p12_keystore::error::Error> for Error {
    fn from(error: p12_keystore::error::Error) -> Self {
        Self::new(format!("a PKCS#12 file could not be made: {error}"))
    }
}

impl From<pem::PemError> for Error {
    fn from(error: pem::PemError) -> Self {
        Self::new(format!("a PEM text of the sandbox could not be read: {error}"))
    }
}

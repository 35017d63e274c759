//! How a program reaches the sandbox under WeChat Pay's own names.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a program needs to take the sandbox for WeChat Pay.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TransparentAccess {
    /// HTTP proxy that leads to WeChat Pay's names, and nowhere else: `http://127.0.0.1:8444`.
    pub proxy_url: String,
    /// Where TLS is spoken under these names without a proxy: `127.0.0.1:8445`.
    pub tls_address: String,
    /// Certificate of the authority, PEM.
    pub ca_file: PathBuf,
    /// The same with the certificates that this system trusts, PEM.
    pub ca_bundle: PathBuf,
    /// The same as the bundle as a PKCS#12 trust store for Java.
    pub trust_store: PathBuf,
    /// Its password.
    pub trust_store_password: String,
}

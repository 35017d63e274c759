//! What programs read to trust the authority: with what the system trusts, so that they still reach everybody else.

use std::fs;
use std::path::PathBuf;

use crate::error::Result;
use crate::{pkcs12, private_file};

use super::authority::{Authority, cannot};

/// The password that every Java program tries.
pub(super) const PASSWORD: &str = "changeit";

/// The files.
pub(super) struct Trusted {
    pub(super) bundle: PathBuf,
    pub(super) store: PathBuf,
}

/// Writes the files where they are missing or the system trusts others than when they were written.
pub(super) fn write(authority: &Authority) -> Result<Trusted> {
    let bundle = authority.folder().join("ca_bundle.pem");
    let store = authority.folder().join("trust_store.p12");
    let system = rustls_native_certs::load_native_certs();
    if system.certs.is_empty() {
        let why = system.errors.first().map(ToString::to_string).unwrap_or_default();
        log!(
            "no certificates that this system trusts were found; {} has none but its own {why}",
            bundle.display()
        );
    }
    let mut text = authority.pem.clone();
    for certificate in &system.certs {
        text.push_str(&pem::encode(&pem::Pem::new("CERTIFICATE", certificate.to_vec())));
    }
    let text = text.replace("\r\n", "\n");
    if store.exists() && fs::read(&bundle).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(Trusted { bundle, store });
    }
    let own = std::iter::once(("wechatpay-sandbox".to_owned(), authority.der.as_slice()));
    let others = system.certs.iter().enumerate();
    let others = others.map(|(number, certificate)| (format!("system-{number}"), certificate.as_ref()));
    let archive = pkcs12::trust_store(own.chain(others), PASSWORD)?;
    // The bundle last: that it is there says that both are.
    for (path, content) in [(&store, archive.as_slice()), (&bundle, text.as_bytes())] {
        private_file::replace(path, content).map_err(|error| cannot("write", path, &error))?;
    }
    Ok(Trusted { bundle, store })
}

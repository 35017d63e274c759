//! The errors for key material that is something else than what is needed.

use super::key_format::{Format, Material, Wanted};
use crate::error::Error;

/// What the ways to give a key are called where the caller stands: functions in Rust, options in other languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    /// What takes the content of a key: `from_bytes`.
    pub(crate) content: String,
    /// What reads a key from a file: `from_file`.
    pub(crate) file: String,
    /// What takes PKCS#12: `from_pkcs12`.
    pub(crate) pkcs12: String,
    /// What takes the password of PKCS#12, where it is an option.
    pub(crate) password: Option<String>,
}

impl Names {
    /// Functions of this crate.
    pub(crate) fn rust() -> Self {
        Self {
            content: "from_bytes".to_owned(),
            file: "from_file".to_owned(),
            pkcs12: "from_pkcs12".to_owned(),
            password: None,
        }
    }
}

/// Says what was given instead of what is wanted, and what to do.
pub(super) fn refused(wanted: Wanted, material: &Material, names: &Names) -> Error {
    let given = material.format;
    let needed = match wanted {
        Wanted::PrivateKey => {
            "the merchant private key is needed (the content of apiclient_key.pem, PKCS#8 or PKCS#1)"
        }
        Wanted::PublicKey => "the WeChat Pay public key is needed (pub_key.pem from the merchant platform)",
        Wanted::Certificate => "a certificate is needed",
    };
    let mut message = format!("{needed}, but what was given is {given}.");
    if let Some(advice) = advice(wanted, given, names) {
        message.push(' ');
        message.push_str(&advice);
    }
    Error::config(message)
}

fn advice(wanted: Wanted, given: Format, names: &Names) -> Option<String> {
    let text = match (wanted, given) {
        (_, Format::Path) => format!("To read a file use {}.", names.file),
        (Wanted::PrivateKey, Format::Pkcs12) => {
            format!("Load it with {}; the password is usually the merchant number.", names.pkcs12)
        }
        (Wanted::PrivateKey, Format::Certificate) => {
            "apiclient_cert.pem is the certificate; the key is in apiclient_key.pem beside it.".to_owned()
        }
        (Wanted::PrivateKey, Format::Spki | Format::Pkcs1Public) => "A public key cannot sign.".to_owned(),
        (Wanted::PrivateKey, Format::EncryptedPkcs8) => {
            "Decrypt it first: openssl pkcs8 -in encrypted.pem -out apiclient_key.pem.".to_owned()
        }
        (Wanted::PrivateKey, Format::EcPrivate) => "WeChat Pay uses RSA.".to_owned(),
        (Wanted::PublicKey, Format::Certificate) => {
            "A platform certificate is configured as such; your own apiclient_cert.pem does not belong here."
                .to_owned()
        }
        (Wanted::PublicKey, Format::Pkcs8 | Format::Pkcs1Private) => {
            "A private key must not be given here.".to_owned()
        }
        (Wanted::Certificate, Format::Spki) => {
            "A WeChat Pay public key is configured as such, together with its id (PUB_KEY_ID_…).".to_owned()
        }
        (_, Format::Damaged(_)) => "Copy it again from the file, as it is.".to_owned(),
        _ => return None,
    };
    Some(text)
}

/// PKCS#12 that cannot be opened: something else, or a wrong password.
#[cfg(feature = "pkcs12")]
pub(super) fn pkcs12_refused(bytes: &[u8], names: &Names) -> Error {
    let hint = match (Material::read(bytes, Wanted::PrivateKey).format, &names.password) {
        (Format::Pkcs12, None) => "Is the password right? It is usually the merchant number.".to_owned(),
        (Format::Pkcs12, Some(password)) => {
            format!("Is the password right? It is the merchant number, unless {password} says otherwise.")
        }
        (other @ (Format::Pkcs8 | Format::Pkcs1Private), _) => {
            format!("What was given is {other}. Give it as {}.", names.content)
        }
        (other, _) => format!("What was given is {other}."),
    };
    Error::config(format!("the PKCS#12 file cannot be opened. {hint}"))
}

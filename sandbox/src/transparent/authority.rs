//! The certificate authority of this machine: made once, kept in a folder, and good for WeChat Pay's names alone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData as _,
};
use time::Duration;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use crate::clock::Clock;
use crate::door::WECHATPAY;
use crate::error::{Error, Result};
use crate::{ids, keys, private_file};

/// Marks the authorities that a sandbox made.
const OWNER: &str = "wechatpay-sandbox";
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca_key.pem";
/// The authority lives for ten years.
const LIFE: Duration = Duration::days(3652);
/// Some systems trust no certificate of a server that lives longer.
const SERVER_LIFE: Duration = Duration::days(397);

/// The authority, open.
pub(super) struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
    pub(super) der: Vec<u8>,
}

/// A certificate for all of WeChat Pay's names, and its key.
pub(super) struct Server {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

impl Authority {
    /// Opens the authority of a folder, which is made where there is none. What is there is never written over.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder)
            .map_err(|error| Error::new(format!("the folder {} is not known: {error}", folder.display())))?;
        make_folder(&folder).map_err(|error| cannot("make the folder", &folder, &error))?;
        // Two sandboxes that start at once shall have one authority. Where a folder cannot be locked they must not.
        let _locked = File::open(&folder).and_then(|file| file.lock().map(|()| file));
        let (key_file, certificate_file) = (folder.join(KEY), folder.join(CERTIFICATE));
        let (key, certificate) = (read(&key_file)?, read(&certificate_file)?);
        let unusable = |why: String| {
            Error::new(format!(
                "the certificate authority in {} cannot be used: {why}. Nothing there was changed. Remove {KEY} and \
                 {CERTIFICATE} to have a new one made, which programs must be told to trust anew, or choose another \
                 folder with --ca",
                folder.display()
            ))
        };
        match (key, certificate) {
            (Some(key), Some(pem)) => Self::load(folder.clone(), &key, pem).map_err(unusable),
            (None, None) => Self::make(folder),
            (Some(_), None) => Err(unusable(format!("{CERTIFICATE} is missing"))),
            (None, Some(_)) => Err(unusable(format!("{KEY} is missing"))),
        }
    }

    fn load(folder: PathBuf, key: &str, pem: String) -> Result<Self, String> {
        let key = KeyPair::from_pem(key).map_err(|error| format!("{KEY} is no private key: {error}"))?;
        let der = pem::parse(&pem)
            .map_err(|error| format!("{CERTIFICATE} is no certificate: {error}"))?
            .into_contents();
        let (_, certificate) = X509Certificate::from_der(&der)
            .map_err(|error| format!("{CERTIFICATE} is no certificate: {error}"))?;
        let made_here = certificate
            .subject()
            .iter_organization()
            .any(|organization| organization.as_str().is_ok_and(|name| name == OWNER));
        if !made_here || !certificate.is_ca() {
            return Err(format!("{CERTIFICATE} is not of an authority that a sandbox made"));
        }
        if certificate.public_key().raw != key.subject_public_key_info() {
            return Err(format!("{KEY} is not the key of {CERTIFICATE}"));
        }
        let now = Clock::default().timestamp();
        let validity = certificate.validity();
        if now < validity.not_before.timestamp()
            || now + SERVER_LIFE.whole_seconds() > validity.not_after.timestamp()
        {
            return Err(format!(
                "{CERTIFICATE} is valid from {} until {}, too little for a certificate made now",
                validity.not_before, validity.not_after
            ));
        }
        let issuer = Issuer::from_ca_cert_der(&der.as_slice().into(), key)
            .map_err(|error| format!("{CERTIFICATE} cannot issue certificates: {error}"))?;
        Ok(Self { folder, issuer, pem, der })
    }

    fn make(folder: PathBuf) -> Result<Self> {
        let key = KeyPair::generate()?;
        let now = Clock::default().now();
        let mut params = keys::params(&keys::new_serial().0, now - Duration::days(1), now + LIFE);
        params.distinguished_name = keys::name(&[
            (DnType::OrganizationName, OWNER),
            // Two of them in one trust store must not be taken for each other.
            (DnType::CommonName, &format!("WeChat Pay sandbox of this machine {}", ids::hex(8))),
        ]);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Whoever gets hold of the key can play WeChat Pay to those who trust it, and nobody else.
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: WECHATPAY
                .iter()
                .map(|name| GeneralSubtree::DnsName((*name).to_owned()))
                .collect(),
            excluded_subtrees: Vec::new(),
        });
        let certificate = params.self_signed(&key)?;
        for (name, text) in [(KEY, key.serialize_pem()), (CERTIFICATE, certificate.pem())] {
            let path = folder.join(name);
            if let Err(error) = private_file::replace(&path, text.as_bytes()) {
                // Half an authority would be in the way of the next start.
                let _ = fs::remove_file(folder.join(KEY));
                return Err(cannot("write", &path, &error));
            }
        }
        let (pem, der) = (certificate.pem(), certificate.der().to_vec());
        Ok(Self { folder, issuer: Issuer::new(params, key), pem, der })
    }

    /// Folder with its files.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn certificate_file(&self) -> PathBuf {
        self.folder.join(CERTIFICATE)
    }

    /// A new certificate for WeChat Pay's names.
    pub(super) fn server(&self) -> Result<Server> {
        let key = KeyPair::generate()?;
        let now = Clock::default().now();
        let (serial, _) = keys::new_serial();
        let mut params = CertificateParams::new(WECHATPAY.map(str::to_owned))?;
        let base = keys::params(&serial, now - Duration::hours(1), now - Duration::hours(1) + SERVER_LIFE);
        (params.serial_number, params.not_before, params.not_after) =
            (base.serial_number, base.not_before, base.not_after);
        params.distinguished_name =
            keys::name(&[(DnType::OrganizationName, OWNER), (DnType::CommonName, WECHATPAY[0])]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Server { certificate: certificate.der().to_vec(), key: key.serialize_der() })
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The text of a file; none when there is no such file.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        // What is no text is found out where it is read as a key or a certificate.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", path, &error)),
    }
}

pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot {what} {}: {error}", path.display()))
}

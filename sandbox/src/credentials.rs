//! What a client needs to talk to the sandbox, in memory and as files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::keys::Keys;

/// Everything that a merchant gets from WeChat Pay and the merchant platform, made up for this sandbox.
///
/// All keys are for tests only and are worth nothing elsewhere.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Where the sandbox listens, `http://127.0.0.1:54321`.
    pub base_url: String,
    /// Merchant number.
    pub mchid: String,
    /// App id bound to the merchant.
    pub appid: String,
    /// A payer under the app id.
    pub openid: String,
    /// Serial number of the merchant's certificate: 40 hexadecimal digits.
    pub merchant_serial_no: String,
    /// The merchant's private key, PKCS#8 PEM.
    pub merchant_private_key: String,
    /// The merchant's certificate, PEM.
    pub merchant_certificate: String,
    /// APIv3 key: 32 characters.
    pub api_v3_key: String,
    /// Id of the WeChat Pay public key, `PUB_KEY_ID_…`.
    pub wechatpay_public_key_id: String,
    /// The WeChat Pay public key, PEM.
    pub wechatpay_public_key: String,
    /// Serial number of the platform certificate.
    pub platform_serial_no: String,
    /// The platform certificate, PEM.
    pub platform_certificate: String,
    /// The certificate that issued it; stands for "Tenpay.com Root CA".
    pub root_certificate: String,
    /// Folder with the files, when they were asked for; an absolute path.
    pub folder: Option<PathBuf>,
}

/// Shows no private key and no APIv3 key: habits should be the same with test keys as with real ones.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("base_url", &self.base_url)
            .field("mchid", &self.mchid)
            .field("merchant_serial_no", &self.merchant_serial_no)
            .field("wechatpay_public_key_id", &self.wechatpay_public_key_id)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    pub(crate) fn new(keys: &Keys, base_url: &str, out: Option<&Path>) -> Result<Self> {
        let absolute = |folder| {
            std::path::absolute(folder)
                .map_err(|error| Error::new(format!("the folder for the files is not known: {error}")))
        };
        let credentials = Self {
            base_url: base_url.to_owned(),
            mchid: keys.mchid.clone(),
            appid: keys.appid.clone(),
            openid: keys.openid.clone(),
            merchant_serial_no: keys.merchant_serial.clone(),
            merchant_private_key: keys.merchant_key_pem.clone(),
            merchant_certificate: keys.merchant_certificate_pem.clone(),
            api_v3_key: keys.api_v3_key_text.clone(),
            wechatpay_public_key_id: keys.public_key.serial.clone(),
            wechatpay_public_key: keys.public_key_pem.clone(),
            platform_serial_no: keys.platform.key.serial.clone(),
            platform_certificate: keys.platform.pem.clone(),
            root_certificate: keys.root_pem.clone(),
            folder: out.map(absolute).transpose()?,
        };
        if let Some(folder) = &credentials.folder {
            credentials.write(folder)?;
        }
        Ok(credentials)
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let failed = |what: &Path, error: std::io::Error| {
            Error::new(format!("cannot write {}: {error}", what.display()))
        };
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(format!("the credentials could not be written as JSON: {error}")))?;
        for (name, text) in [
            ("apiclient_key.pem", &self.merchant_private_key),
            ("apiclient_cert.pem", &self.merchant_certificate),
            ("wechatpay_public_key.pem", &self.wechatpay_public_key),
            ("platform_certificate.pem", &self.platform_certificate),
            ("root_certificate.pem", &self.root_certificate),
            ("credentials.json", &json),
        ] {
            let path = folder.join(name);
            write_private(&path, text).map_err(|error| failed(&path, error))?;
        }
        Ok(())
    }
}

/// Writes a file that only its owner can read, also where an older one with other rights stands.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

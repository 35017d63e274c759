//! What a client needs to talk to the sandbox, in memory and as files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::transparent::access::TransparentAccess;
use crate::{pkcs12, private_file};

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
    /// APIv2 key: 32 characters. What pages and plugins check is signed with it.
    pub api_v2_key: String,
    /// APIv3 key: 32 characters.
    pub api_v3_key: String,
    /// Id of the WeChat Pay public key, `PUB_KEY_ID_…`.
    pub wechatpay_public_key_id: String,
    /// The WeChat Pay public key, PEM.
    pub wechatpay_public_key: String,
    /// Id of the public key of the host in Hong Kong.
    pub hk_public_key_id: String,
    /// The public key of the host in Hong Kong, PEM.
    pub hk_public_key: String,
    /// Serial number of the platform certificate.
    pub platform_serial_no: String,
    /// The platform certificate, PEM.
    pub platform_certificate: String,
    /// The certificate that issued it; stands for "Tenpay.com Root CA".
    pub root_certificate: String,
    /// Folder with the files, when they were asked for; an absolute path.
    pub folder: Option<PathBuf>,
    /// How it is reached under WeChat Pay's own names, when that was asked for.
    #[serde(flatten)]
    pub transparent: Option<TransparentAccess>,
}

/// Shows no private key and none of the APIv2 and APIv3 keys: habits should be the same with test keys as with real ones.
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
    pub(crate) fn new(
        keys: &Keys,
        base_url: &str,
        transparent: Option<TransparentAccess>,
        out: Option<&Path>,
    ) -> Result<Self> {
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
            api_v2_key: keys.api_v2_key_text.clone(),
            api_v3_key: keys.api_v3_key_text.clone(),
            wechatpay_public_key_id: keys.public_key.serial.clone(),
            wechatpay_public_key: keys.public_key_pem.clone(),
            hk_public_key_id: keys.hk_public_key.serial.clone(),
            hk_public_key: keys.hk_public_key_pem.clone(),
            platform_serial_no: keys.platform.key.serial.clone(),
            platform_certificate: keys.platform.pem.clone(),
            root_certificate: keys.root_pem.clone(),
            folder: out.map(absolute).transpose()?,
            transparent,
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
        // As the merchant platform gives it out: the password is the merchant number.
        let archive = pkcs12::key_store(
            "Tenpay Certificate",
            &self.merchant_private_key,
            &self.merchant_certificate,
            &self.mchid,
        )?;
        for (name, content) in [
            ("apiclient_key.pem", self.merchant_private_key.as_bytes()),
            ("apiclient_cert.pem", self.merchant_certificate.as_bytes()),
            ("apiclient_cert.p12", &archive),
            ("wechatpay_public_key.pem", self.wechatpay_public_key.as_bytes()),
            ("hk_public_key.pem", self.hk_public_key.as_bytes()),
            ("platform_certificate.pem", self.platform_certificate.as_bytes()),
            ("root_certificate.pem", self.root_certificate.as_bytes()),
            ("credentials.json", json.as_bytes()),
        ] {
            let path = folder.join(name);
            private_file::write(&path, content).map_err(|error| failed(&path, error))?;
        }
        Ok(())
    }
}

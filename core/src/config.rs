//! Who the merchant is and which keys are known. Checked as a whole before a kernel or client is made.

use std::fmt;
use std::sync::Arc;

use crate::clock::{Clock, NonceSource, SystemClock, SystemRandom};
use crate::crypto::{ApiV2Key, ApiV3Key, Certificate, MerchantKey, PublicKey};
use crate::error::{Error, Result};
use crate::key_ring::{PlatformKey, same_serial};
use crate::operation::Host;
use crate::public_key_id::public_key_id;
use crate::serial::merchant_serial;

/// Main domain of the API.
pub const MAIN_BASE_URL: &str = "https://api.mch.weixin.qq.com";
/// Second domain, in another city, for when the main one cannot be reached.
pub const BACKUP_BASE_URL: &str = "https://api2.mch.weixin.qq.com";

/// Domain of the operations for merchants outside of mainland China ([`Host::Hk`](crate::operation::Host::Hk)).
pub const HK_BASE_URL: &str = "https://apihk.mch.weixin.qq.com";

/// Merchant, keys and options of a [`Kernel`](crate::Kernel).
///
/// Mandatory: merchant number, private key, and the serial number of the merchant's API certificate (or the
/// certificate itself). For notifications: the APIv3 key. To verify answers: the WeChat Pay public key, or the APIv3
/// key with which platform certificates are downloaded; both may be given. The operations of the host in Hong Kong have
/// keys of their own: its public key, or certificates that are downloaded from there.
#[derive(Clone)]
pub struct Config {
    pub(crate) mchid: String,
    pub(crate) key: Arc<dyn MerchantKey>,
    pub(crate) serial: Option<String>,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) api_v2_key: Option<ApiV2Key>,
    pub(crate) api_v3_key: Option<ApiV3Key>,
    pub(crate) public_keys: Vec<(String, PublicKey)>,
    pub(crate) hk_public_keys: Vec<(String, PublicKey)>,
    pub(crate) platform_certificates: Vec<Certificate>,
    pub(crate) platform_root: Option<Certificate>,
    pub(crate) base_url: String,
    /// Of the client around the kernel: calls go there too.
    pub(crate) failover_base_url: Option<String>,
    pub(crate) download_hosts: Vec<String>,
    pub(crate) accept_language: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Arc<dyn NonceSource>,
}

impl Config {
    /// Starts with the merchant number and the holder of the merchant's private key.
    pub fn new(mchid: impl Into<String>, key: impl MerchantKey + 'static) -> Self {
        Self {
            mchid: mchid.into(),
            key: Arc::new(key),
            serial: None,
            certificate: None,
            api_v2_key: None,
            api_v3_key: None,
            public_keys: Vec::new(),
            hk_public_keys: Vec::new(),
            platform_certificates: Vec::new(),
            platform_root: None,
            base_url: MAIN_BASE_URL.to_owned(),
            failover_base_url: None,
            download_hosts: Vec::new(),
            accept_language: None,
            user_agent: None,
            clock: Arc::new(SystemClock),
            nonces: Arc::new(SystemRandom),
        }
    }

    /// Serial number of the merchant's API certificate, 40 hexadecimal digits, as shown on the merchant platform or as
    /// openssl prints it.
    #[must_use]
    pub fn merchant_serial(mut self, serial: impl Into<String>) -> Self {
        self.serial = Some(serial.into());
        self
    }

    /// The merchant's API certificate (`apiclient_cert.pem`): gives the serial number, and lets the client notice
    /// that the private key is another one.
    #[must_use]
    pub fn merchant_certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// The APIv2 key; needed for what WeChat's own pages and plugins check: [`FrontEnd`](crate::FrontEnd).
    #[must_use]
    pub fn api_v2_key(mut self, key: ApiV2Key) -> Self {
        self.api_v2_key = Some(key);
        self
    }

    /// The APIv3 key, which decrypts notifications and platform certificates.
    #[must_use]
    pub fn api_v3_key(mut self, key: ApiV3Key) -> Self {
        self.api_v3_key = Some(key);
        self
    }

    /// A WeChat Pay public key and its id (`PUB_KEY_ID_…`). It is preferred over certificates from then on.
    #[must_use]
    pub fn wechatpay_public_key(mut self, id: impl Into<String>, key: PublicKey) -> Self {
        self.public_keys.push((id.into(), key));
        self
    }

    /// A public key of the host in Hong Kong ([`Host::Hk`]) and its id: for operations that go there, and for
    /// notifications that come from there. No answer of the main host is verified with it, nor one of Hong Kong with the main
    /// host's keys. Without it the certificates of that host are downloaded, with the APIv3 key.
    #[must_use]
    pub fn hk_public_key(mut self, id: impl Into<String>, key: PublicKey) -> Self {
        self.hk_public_keys.push((id.into(), key));
        self
    }

    /// A platform certificate held locally, beside or instead of downloaded ones.
    #[must_use]
    pub fn platform_certificate(mut self, certificate: Certificate) -> Self {
        self.platform_certificates.push(certificate);
        self
    }

    /// The root that must have signed downloaded platform certificates. Without it only the issuer's name is checked,
    /// and trust rests on the APIv3 key.
    #[must_use]
    pub fn platform_root(mut self, root: Certificate) -> Self {
        self.platform_root = Some(root);
        self
    }

    /// Scheme and host of the API; default [`MAIN_BASE_URL`].
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Another host that files may be fetched from, such as `files.example.com` or `files.example.com:8443`. A download is
    /// signed, and the signature does not say for which host: without this it goes only to WeChat Pay's own hosts (all
    /// under `mch.weixin.qq.com` and `wechatpay.cn`) and to the base URL's.
    #[must_use]
    pub fn download_host(mut self, host: impl Into<String>) -> Self {
        self.download_hosts.push(host.into());
        self
    }

    /// Language of WeChat Pay's error messages: `en`, `zh-CN` (its default), `zh-HK` or `zh-TW`.
    #[must_use]
    pub fn accept_language(mut self, language: impl Into<String>) -> Self {
        self.accept_language = Some(language.into());
        self
    }

    /// Name of the application, put at the end of the `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// Another clock than the operating system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of nonces than the operating system's.
    #[must_use]
    pub fn nonce_source(mut self, nonces: impl NonceSource + 'static) -> Self {
        self.nonces = Arc::new(nonces);
        self
    }

    /// Checks that everything belongs together, and returns the merchant's serial.
    pub(crate) fn check(&self) -> Result<String> {
        if self.mchid.is_empty() || !self.mchid.bytes().all(|b| b.is_ascii_digit()) || self.mchid.len() > 32 {
            return Err(Error::config(format!(
                "the merchant number (mchid) must be digits only, such as 1900000001, not {:?}.",
                self.mchid
            )));
        }
        let serial = self.merchant_serial_checked()?;
        self.check_certificate(&serial)?;
        self.check_platform_keys(&serial)?;
        let public_keys = self.public_keys.is_empty() && self.hk_public_keys.is_empty();
        if public_keys && self.platform_certificates.is_empty() && self.api_v3_key.is_none() {
            return Err(Error::config(
                "there is nothing to verify WeChat Pay's answers with: configure the WeChat Pay public key and its id (new \
                 merchants have no platform certificate), or the APIv3 key so that platform certificates can be downloaded.",
            ));
        }
        if self.api_v3_key.as_ref().is_some_and(ApiV3Key::has_control_characters) {
            return Err(Error::config(
                "the APIv3 key holds a line break or another control character, so it is not as it was set on the merchant \
                 platform: a character was lost, or a line break was taken along.",
            ));
        }
        for (what, value) in [("accept_language", &self.accept_language), ("user_agent", &self.user_agent)] {
            if value.as_deref().is_some_and(|value| !value.bytes().all(|b| (0x20..0x7f).contains(&b))) {
                return Err(Error::config(format!(
                    "{what} must be printable ASCII: it becomes an HTTP header."
                )));
            }
        }
        Ok(serial)
    }

    fn merchant_serial_checked(&self) -> Result<String> {
        let certificate = self.certificate.as_ref().map(Certificate::serial);
        let given = self.serial.as_deref().map(|given| merchant_serial(given, certificate)).transpose()?;
        match (given, &self.certificate) {
            (None, None) => Err(Error::config(
                "the serial number of the merchant's API certificate is missing: give it, or the certificate \
                 (apiclient_cert.pem). `openssl x509 -in apiclient_cert.pem -noout -serial` shows it.",
            )),
            (Some(serial), Some(certificate)) if !same_serial(&serial, certificate.serial()) => {
                Err(Error::config(format!(
                    "the serial number {serial} and the merchant certificate do not belong together: the certificate's is \
                     {}. Use that one, or the other certificate.",
                    certificate.serial()
                )))
            }
            (_, Some(certificate)) => Ok(certificate.serial().to_owned()),
            (Some(serial), None) => Ok(serial),
        }
    }

    fn check_certificate(&self, serial: &str) -> Result<()> {
        let Some(certificate) = &self.certificate else { return Ok(()) };
        if self.key.public_key().is_some_and(|key| key != *certificate.public_key()) {
            return Err(Error::config(format!(
                "the private key and the merchant certificate {serial} do not belong together: apiclient_key.pem and \
                 apiclient_cert.pem must come from the same download."
            )));
        }
        if certificate.subject_common_name().is_some_and(|name| {
            name.len() >= 8 && name.bytes().all(|b| b.is_ascii_digit()) && name != self.mchid
        }) {
            return Err(Error::config(format!(
                "the merchant certificate {serial} belongs to merchant {}, not to {}.",
                certificate.subject_common_name().unwrap_or_default(),
                self.mchid
            )));
        }
        Ok(())
    }

    fn check_platform_keys(&self, serial: &str) -> Result<()> {
        let own = self.key.public_key().or_else(|| self.certificate.as_ref().map(|c| c.public_key().clone()));
        for keys in [&self.public_keys, &self.hk_public_keys] {
            check_public_keys(keys, serial, own.as_ref())?;
        }
        for certificate in &self.platform_certificates {
            if same_serial(certificate.serial(), serial) || own.as_ref() == Some(certificate.public_key()) {
                return Err(Error::config(
                    "what was given as platform certificate is the merchant's own certificate (apiclient_cert.pem). A \
                     platform certificate is WeChat Pay's; let it be downloaded, or use the WeChat Pay public key.",
                ));
            }
        }
        Ok(())
    }

    /// The configured keys of a host.
    pub(crate) fn platform_keys(&self, host: Host) -> Result<Vec<PlatformKey>> {
        let (public, certificates) = match host {
            Host::Main => (&self.public_keys, self.platform_certificates.as_slice()),
            Host::Hk => (&self.hk_public_keys, &[][..]),
        };
        let public = public
            .iter()
            .map(|(id, key)| Ok(PlatformKey::from_public_key(public_key_id(id)?.to_owned(), key.clone())));
        let certificates = certificates
            .iter()
            .map(|certificate| Ok(PlatformKey::from_certificate(certificate.clone(), None)));
        public.chain(certificates).collect()
    }
}

/// Public keys of one host: WeChat Pay's, with proper ids.
fn check_public_keys(keys: &[(String, PublicKey)], serial: &str, own: Option<&PublicKey>) -> Result<()> {
    for (id, key) in keys {
        if same_serial(id, serial) || own == Some(key) {
            return Err(Error::config(
                "what was given as WeChat Pay's public key is the merchant's own key. Download WeChat Pay's public key \
                     (pub_key.pem, id PUB_KEY_ID_…) under API security on the merchant platform.",
            ));
        }
        let id = public_key_id(id)?;
        if keys.iter().any(|(other, of)| of != key && public_key_id(other).is_ok_and(|other| other == id)) {
            return Err(Error::config(format!("there are two different public keys of the id {id}.")));
        }
    }
    Ok(())
}

/// Shows which keys are there, and none of them.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("mchid", &self.mchid)
            .field("merchant_serial", &self.serial)
            .field("api_v2_key", &self.api_v2_key)
            .field("api_v3_key", &self.api_v3_key)
            .field("wechatpay_public_keys", &self.public_keys.iter().map(|(id, _)| id).collect::<Vec<_>>())
            .field("hk_public_keys", &self.hk_public_keys.iter().map(|(id, _)| id).collect::<Vec<_>>())
            .field("platform_certificates", &self.platform_certificates)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

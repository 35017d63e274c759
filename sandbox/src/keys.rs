//! Keys and certificates: the merchant's and the platform's.

use std::sync::{Arc, OnceLock};

use data_encoding::HEXUPPER;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use wechatpay_core::crypto::{ApiV2Key, ApiV3Key, PrivateKey, PublicKey};

use crate::error::{Error, Result};
use crate::ids;

/// Platform certificates live for five years.
const CERTIFICATE_LIFE: Duration = Duration::days(5 * 365);

/// One side's key pair, and how it is named on the wire.
#[derive(Clone)]
pub(crate) struct NamedKey {
    /// Serial number of the certificate (40 upper-case hex digits), or `PUB_KEY_ID_…`.
    pub(crate) serial: String,
    pub(crate) private: Arc<PrivateKey>,
}

/// A platform certificate and the key that belongs to it.
#[derive(Clone)]
pub(crate) struct PlatformCertificate {
    pub(crate) key: NamedKey,
    pub(crate) pem: String,
    pub(crate) effective: OffsetDateTime,
    pub(crate) expire: OffsetDateTime,
}

/// Everything that WeChat Pay and the merchant platform would have given out.
pub(crate) struct Keys {
    pub(crate) mchid: String,
    pub(crate) appid: String,
    pub(crate) openid: String,
    pub(crate) api_v2_key_text: String,
    pub(crate) api_v2_key: ApiV2Key,
    pub(crate) api_v3_key_text: String,
    pub(crate) api_v3_key: ApiV3Key,
    pub(crate) merchant_serial: String,
    pub(crate) merchant_key_pem: String,
    pub(crate) merchant_certificate_pem: String,
    pub(crate) merchant_public: PublicKey,
    /// The pair of the WeChat Pay public key.
    pub(crate) public_key: NamedKey,
    pub(crate) public_key_pem: String,
    /// The certificate of the first day; more come by rotation.
    pub(crate) platform: PlatformCertificate,
    /// The host in Hong Kong has keys of its own: its certificate, and the public key of the same pair.
    pub(crate) hk_platform: PlatformCertificate,
    pub(crate) hk_public_key: NamedKey,
    pub(crate) hk_public_key_pem: String,
    root: Issuer<'static, KeyPair>,
    pub(crate) root_pem: String,
}

impl Keys {
    /// New keys.
    pub(crate) fn generate() -> Result<Self> {
        // Certificates know whole seconds only.
        let now = crate::clock::Clock::default().now();
        let (root, root_pem) = issuer("Tenpay.com Root CA", now)?;
        let (from, until) = (now - Duration::days(1), now + CERTIFICATE_LIFE);
        let platform = certificate_by(&root, &rsa_key()?, from, until)?;
        let hk_pair = rsa_key()?;
        let hk_platform = certificate_by(&root, &hk_pair, from, until)?;

        let mchid = format!("19{}", ids::digits(8));
        let merchant_pair = rsa_key()?;
        let merchant_serial = new_serial();
        let mut params = params(&merchant_serial.0, from, until);
        params.distinguished_name = name(&[
            (DnType::CommonName, &mchid),
            (DnType::OrganizationName, "WeChat Pay sandbox merchant"),
            (DnType::CountryName, "CN"),
        ]);
        let merchant_certificate = params.signed_by(&merchant_pair, &root)?;
        let merchant_private = PrivateKey::from_der(merchant_pair.serialized_der())?;

        let public_pair = rsa_key()?;
        let public_key_id = || format!("PUB_KEY_ID_0{mchid}{}", ids::digits(23));
        let api_v2_key_text = ids::alphanumeric(32);
        let api_v3_key_text = ids::alphanumeric(32);
        Ok(Self {
            appid: format!("wx{}", ids::hex(16)),
            openid: format!("o{}", ids::alphanumeric(27)),
            api_v2_key: ApiV2Key::new(&api_v2_key_text)?,
            api_v2_key_text,
            api_v3_key: ApiV3Key::new(&api_v3_key_text)?,
            api_v3_key_text,
            merchant_serial: merchant_serial.1,
            merchant_key_pem: merchant_pair.serialize_pem(),
            merchant_certificate_pem: merchant_certificate.pem(),
            merchant_public: merchant_private.public_key(),
            public_key: NamedKey {
                serial: public_key_id(),
                private: Arc::new(PrivateKey::from_der(public_pair.serialized_der())?),
            },
            public_key_pem: public_pair.public_key_pem(),
            hk_public_key: NamedKey {
                serial: public_key_id(),
                private: Arc::clone(&hk_platform.key.private),
            },
            hk_public_key_pem: hk_pair.public_key_pem(),
            mchid,
            platform,
            hk_platform,
            root,
            root_pem,
        })
    }

    /// Keys made once per process: key generation is the slow part of a start.
    pub(crate) fn shared() -> Result<Arc<Self>> {
        static SHARED: OnceLock<Arc<Keys>> = OnceLock::new();
        if let Some(keys) = SHARED.get() {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(Self::generate()?);
        Ok(Arc::clone(SHARED.get_or_init(|| keys)))
    }

    /// A new platform certificate, issued by the sandbox's root and valid between these moments.
    pub(crate) fn issue(
        &self,
        effective: OffsetDateTime,
        expire: OffsetDateTime,
    ) -> Result<PlatformCertificate> {
        certificate_by(&self.root, &rsa_key()?, effective, expire)
    }

    /// A new platform certificate with the usual life.
    pub(crate) fn issue_now(&self, now: OffsetDateTime) -> Result<PlatformCertificate> {
        self.issue(now - Duration::days(1), now + CERTIFICATE_LIFE)
    }
}

/// A certificate of somebody who is not Tenpay, and a key that nobody knows.
pub(crate) fn stranger(now: OffsetDateTime) -> Result<PlatformCertificate> {
    let (root, _) = issuer("Stranger Root CA", now)?;
    certificate_by(&root, &rsa_key()?, now - Duration::days(1), now + CERTIFICATE_LIFE)
}

fn issuer(common_name: &str, now: OffsetDateTime) -> Result<(Issuer<'static, KeyPair>, String)> {
    let owner = if common_name.starts_with("Tenpay") { "Tenpay.com" } else { "Stranger" };
    let unit = format!("{owner} CA Center");
    let key = rsa_key()?;
    let mut params = params(&new_serial().0, now - Duration::days(1), now + CERTIFICATE_LIFE * 2);
    params.distinguished_name = name(&[
        (DnType::CountryName, "CN"),
        (DnType::OrganizationName, owner),
        (DnType::OrganizationalUnitName, &unit),
        (DnType::CommonName, common_name),
    ]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

fn certificate_by(
    root: &Issuer<'static, KeyPair>,
    key: &KeyPair,
    effective: OffsetDateTime,
    expire: OffsetDateTime,
) -> Result<PlatformCertificate> {
    let (serial, serial_text) = new_serial();
    let mut params = params(&serial, effective, expire);
    params.distinguished_name = name(&[
        (DnType::CountryName, "CN"),
        (DnType::StateOrProvinceName, "Guangdong"),
        (DnType::LocalityName, "Shenzhen"),
        (DnType::OrganizationName, "Tenpay.com"),
        (DnType::OrganizationalUnitName, "Tenpay.com CA Center"),
        (DnType::CommonName, "Tenpay.com sign"),
    ]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    let pem = params.signed_by(key, root)?.pem();
    let private = Arc::new(PrivateKey::from_der(key.serialized_der())?);
    Ok(PlatformCertificate { key: NamedKey { serial: serial_text, private }, pem, effective, expire })
}

fn rsa_key() -> Result<KeyPair> {
    Ok(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
}

/// A serial number of 20 bytes, and the same as 40 upper-case hex digits.
pub(crate) fn new_serial() -> (Vec<u8>, String) {
    let mut bytes = ids::random_bytes::<20>();
    // A serial number is a positive DER integer: the first bit is 0, and the first byte is not, or it would be cut.
    bytes[0] = 0x40 | (bytes[0] & 0x3f);
    let text = HEXUPPER.encode(&bytes);
    (bytes.to_vec(), text)
}

pub(crate) fn params(serial: &[u8], effective: OffsetDateTime, expire: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.not_before = effective;
    params.not_after = expire;
    params
}

pub(crate) fn name(parts: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, value) in parts {
        name.push(kind.clone(), *value);
    }
    name
}

impl From<rcgen::Error> for Error {
    fn from(error: rcgen::Error) -> Self {
        Self::new(format!("a key or certificate of the sandbox could not be made: {error}"))
    }
}

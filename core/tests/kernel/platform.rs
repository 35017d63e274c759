//! WeChat Pay's side for these tests: keys made on the spot, answers and notifications signed as the platform does.
//!
//! Signing uses rcgen's key pairs (aws-lc), not this crate, so that both ends are not the same code.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    PublicKeyData as _, RsaKeySize, SerialNumber, SigningKey as _,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use wechatpay_core::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};
use wechatpay_core::http::{Headers, HttpResponse};
use wechatpay_core::{Config, Kernel};

/// 2026-01-01T00:00:00Z: the clock of these tests.
pub const NOW: u64 = 1_767_225_600;
pub const DAY: u64 = 86_400;
pub const MCHID: &str = "1900000001";
pub const API_V3_KEY: &str = "0123456789abcdefghijklmnopqrstuv";
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000000012026010100000000000000";
const NONCE: &str = "c5ac7061fccab6bf3e254dcf98995b8c";

/// A key pair of the platform or of somebody else, with a certificate.
pub struct Party {
    pub key: KeyPair,
    pub pem: String,
    pub certificate: Certificate,
}

impl Party {
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_der(&self.key.subject_public_key_info()).unwrap()
    }

    pub fn private_key(&self) -> PrivateKey {
        PrivateKey::from_pem(&self.key.serialize_pem()).unwrap()
    }

    pub fn serial(&self) -> &str {
        self.certificate.serial()
    }

    /// Headers of something this party signed.
    pub fn sign(&self, serial: &str, timestamp: u64, body: &[u8]) -> Headers {
        let mut message = format!("{timestamp}\n{NONCE}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        [
            ("Wechatpay-Serial", serial.to_owned()),
            ("Wechatpay-Timestamp", timestamp.to_string()),
            ("Wechatpay-Nonce", NONCE.to_owned()),
            ("Wechatpay-Signature", STANDARD.encode(self.key.sign(&message).unwrap())),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
            ("Request-ID", "08F78BB5AF0610D302".to_owned()),
        ]
        .into_iter()
        .collect()
    }
}

/// Everybody in the play.
pub struct Cast {
    pub root: Party,
    pub merchant: Party,
    /// Behind the WeChat Pay public key.
    pub wechatpay: Party,
    /// Platform certificates: in use, the next one, one that is expired.
    pub first: Party,
    pub second: Party,
    pub expired: Party,
    /// Has the serial number of `first`, and another key.
    pub twin: Party,
    /// Has a certificate that names Tenpay as issuer, but Tenpay's root did not sign it.
    pub stranger: Party,
    pub other_issuer: Party,
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "Tenpay.com");
    name.push(DnType::CommonName, common_name);
    name
}

fn party(common_name: &str, serial: u8, days: (u64, u64), issuer: Option<(&Party, &str)>) -> Party {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let at = |time: u64| OffsetDateTime::from_unix_timestamp(i64::try_from(time).unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = name(common_name);
    params.serial_number = Some(SerialNumber::from_slice(&[0x50 + serial; 20]));
    (params.not_before, params.not_after) = (at(days.0), at(days.1));
    let certificate = match issuer {
        Some((issuer, issuer_name)) => {
            let mut issuer_params = CertificateParams::default();
            issuer_params.distinguished_name = name(issuer_name);
            params.signed_by(&key, &Issuer::from_params(&issuer_params, &issuer.key)).unwrap()
        }
        None => {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.self_signed(&key).unwrap()
        }
    };
    let pem = certificate.pem();
    Party { key, certificate: Certificate::from_pem(&pem).unwrap(), pem }
}

pub fn cast() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| {
        const ROOT: &str = "Tenpay.com Root CA";
        let valid = (NOW - 100 * DAY, NOW + 300 * DAY);
        let root = party(ROOT, 0, valid, None);
        let stranger_root = party(ROOT, 1, valid, None);
        let by_root = Some((&root, ROOT));
        Cast {
            merchant: party(MCHID, 2, valid, by_root),
            wechatpay: party("unused", 3, valid, by_root),
            first: party("Tenpay.com sign", 4, valid, by_root),
            second: party("Tenpay.com sign", 5, (NOW - DAY, NOW + 900 * DAY), by_root),
            expired: party("Tenpay.com sign", 6, (NOW - 900 * DAY, NOW - DAY), by_root),
            twin: party("Tenpay.com sign", 4, valid, by_root),
            stranger: party("Tenpay.com sign", 7, valid, Some((&stranger_root, ROOT))),
            other_issuer: party("Tenpay.com sign", 8, valid, Some((&root, "Let's Decrypt"))),
            root,
        }
    })
}

/// A clock that tests set.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW)))
    }

    pub fn set(&self, now: u64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

/// The merchant's configuration without any key of WeChat Pay.
pub fn merchant(clock: &TestClock) -> Config {
    let clock = clock.clone();
    Config::new(MCHID, cast().merchant.private_key())
        .merchant_certificate(cast().merchant.certificate.clone())
        .api_v3_key(ApiV3Key::new(API_V3_KEY).unwrap())
        .clock(move || clock.0.load(Ordering::SeqCst))
}

/// A kernel in public-key mode.
pub fn kernel() -> Kernel {
    Kernel::new(
        merchant(&TestClock::new()).wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key()),
    )
    .unwrap()
}

/// An answer signed by the WeChat Pay public key's pair.
pub fn signed_answer(status: u16, body: &Value) -> HttpResponse {
    let body = body.to_string().into_bytes();
    HttpResponse::new(status, cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, &body), body)
}

/// Text sealed under the APIv3 key, as `{algorithm, ciphertext, nonce, associated_data, original_type}`.
pub fn seal(key: &str, associated_data: &str, original_type: &str, plaintext: &[u8]) -> Value {
    let ciphertext =
        ApiV3Key::new(key).unwrap().encrypt(b"fdasflkja484", associated_data.as_bytes(), plaintext).unwrap();
    json!({
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": STANDARD.encode(ciphertext),
        "nonce": "fdasflkja484",
        "associated_data": associated_data,
        "original_type": original_type,
    })
}

/// The body of an answer to `GET /v3/certificates`.
pub fn certificate_list(certificates: &[&Party]) -> Vec<u8> {
    let data: Vec<Value> = certificates
        .iter()
        .map(|party| {
            let mut sealed = seal(API_V3_KEY, "certificate", "", party.pem.as_bytes());
            sealed.as_object_mut().unwrap().remove("original_type");
            let effective = OffsetDateTime::from_unix_timestamp(party.certificate.not_before()).unwrap();
            json!({
                "serial_no": party.serial(),
                "effective_time": effective.format(&time::format_description::well_known::Rfc3339).unwrap(),
                "encrypt_certificate": sealed,
            })
        })
        .collect();
    json!({ "data": data }).to_string().into_bytes()
}

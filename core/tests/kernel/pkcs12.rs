//! Private keys from PKCS#12 files, made with OpenSSL: see `core/tests/keys`.

use wechatpay_core::ErrorKind;
use wechatpay_core::crypto::{Certificate, PrivateKey};

const LEGACY: &[u8] = include_bytes!("../keys/merchant-legacy.p12");
const MODERN: &[u8] = include_bytes!("../keys/merchant-modern.p12");
const CERTIFICATE: &str = include_str!("../keys/merchant-cert.pem");

#[test]
fn both_generations_of_encryption_load() {
    let certificate = Certificate::from_pem(CERTIFICATE).unwrap();
    for file in [LEGACY, MODERN] {
        let key = PrivateKey::from_pkcs12(file, "1900000001").unwrap();
        assert_eq!(key.public_key(), *certificate.public_key());
    }
}

#[test]
fn a_wrong_password_and_a_wrong_file_are_told_apart() {
    let error = PrivateKey::from_pkcs12(LEGACY, "1900000002").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("password"), "{error}");
    let error = PrivateKey::from_pkcs12(CERTIFICATE.as_bytes(), "1900000001").unwrap_err();
    assert!(error.message().contains("a certificate"), "{error}");
    let error = PrivateKey::from_bytes(LEGACY).unwrap_err();
    assert!(error.message().contains("from_pkcs12"), "{error}");
    for cut in [0, 1, 10, LEGACY.len() / 2, LEGACY.len() - 1] {
        assert!(PrivateKey::from_pkcs12(&LEGACY[..cut], "1900000001").is_err());
    }
}

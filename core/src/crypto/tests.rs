//! The same tests for both backends, then those of key loading and AES-GCM.

use serde_json::Value;

use super::key_format::{Format, Material, Wanted};
use super::wrap::{pkcs1_to_pkcs8, pkcs1_to_spki};
use super::*;
use crate::error::ErrorKind;

fn published() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/published.json")).unwrap()
}

fn merchant_pem() -> String {
    published()["keys"]["doc.merchant"]["private_key_pem"].as_str().unwrap().to_owned()
}

fn wechatpay_pem(name: &str) -> String {
    published()["keys"][name]["public_key_pem"].as_str().unwrap().to_owned()
}

fn base64(text: &str) -> Vec<u8> {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

macro_rules! backend_tests {
    ($module:ident, $backend:ident) => {
        mod $module {
            use super::super::$backend::{RsaPrivateKey, RsaPublicKey};
            use super::*;

            fn private_key() -> RsaPrivateKey {
                RsaPrivateKey::from_pkcs8(&Material::read(merchant_pem().as_bytes(), Wanted::PrivateKey).der)
                    .unwrap()
            }

            fn public_key(pem: &str) -> RsaPublicKey {
                RsaPublicKey::from_spki(&Material::read(pem.as_bytes(), Wanted::PublicKey).der).unwrap()
            }

            #[test]
            fn reproduces_every_published_signature() {
                let published = published();
                let mut reproduced = 0;
                for vector in published["vectors"].as_array().unwrap() {
                    if vector["key"] != "doc.merchant" {
                        continue;
                    }
                    let expected = vector.get("computed_signature").unwrap_or(&vector["signature"]);
                    let signature =
                        private_key().sign_sha256(vector["message"].as_str().unwrap().as_bytes()).unwrap();
                    assert_eq!(signature, base64(expected.as_str().unwrap()), "{}", vector["id"]);
                    reproduced += 1;
                }
                assert_eq!(reproduced, 9);
            }

            #[test]
            fn verifies_the_published_answer_and_refuses_the_wrong_key() {
                let published = published();
                let vector = |id: &str| {
                    published["vectors"].as_array().unwrap().iter().find(|v| v["id"] == id).unwrap().clone()
                };
                for (id, key, valid) in [
                    ("doc.verify_response", "doc.wechatpay", true),
                    ("doc.verify_response_pubkey_page", "doc.wechatpay_pubkey_page", false),
                ] {
                    let vector = vector(id);
                    let message = vector["message"].as_str().unwrap().as_bytes();
                    let signature = base64(vector["signature"].as_str().unwrap());
                    let key = public_key(&wechatpay_pem(key));
                    assert_eq!(key.verify_sha256(message, &signature).is_ok(), valid, "{id}");
                    let mut altered = message.to_vec();
                    altered[20] ^= 1;
                    assert!(key.verify_sha256(&altered, &signature).is_err());
                    assert!(key.verify_sha256(message, &signature[1..]).is_err());
                    assert!(key.verify_sha256(message, &[]).is_err());
                }
            }

            #[test]
            fn oaep_goes_both_ways_up_to_its_limit() {
                let private = private_key();
                let spki = pkcs1_to_spki(&private.public_key_pkcs1().unwrap());
                let public = RsaPublicKey::from_spki(&spki).unwrap();
                assert_eq!(public.max_plaintext(), 214);
                for plaintext in [&b""[..], "张三".as_bytes(), &[7; 214]] {
                    let ciphertext = public.encrypt_oaep_sha1(plaintext).unwrap();
                    assert_eq!(ciphertext.len(), 256);
                    assert_eq!(private.decrypt_oaep_sha1(&ciphertext).unwrap().as_slice(), plaintext);
                    let mut altered = ciphertext;
                    altered[100] ^= 1;
                    assert!(private.decrypt_oaep_sha1(&altered).is_err());
                }
                assert!(public.encrypt_oaep_sha1(&[7; 215]).is_err());
                assert!(private.decrypt_oaep_sha1(b"short").is_err());
            }

            #[test]
            fn refuses_what_is_not_a_key() {
                assert!(RsaPrivateKey::from_pkcs8(b"").is_err());
                assert!(RsaPrivateKey::from_pkcs8(&[0x30, 0x03, 0x02, 0x01, 0x00]).is_err());
                assert!(RsaPublicKey::from_spki(b"no").is_err());
            }
        }
    };
}

#[cfg(feature = "aws-lc")]
backend_tests!(with_aws_lc, aws_lc);
#[cfg(feature = "rustcrypto")]
backend_tests!(with_rustcrypto, rustcrypto);

#[cfg(all(feature = "aws-lc", feature = "rustcrypto"))]
#[test]
fn backends_read_each_other() {
    let der = Material::read(merchant_pem().as_bytes(), Wanted::PrivateKey).der;
    let (a, b) = (
        aws_lc::RsaPrivateKey::from_pkcs8(&der).unwrap(),
        rustcrypto::RsaPrivateKey::from_pkcs8(&der).unwrap(),
    );
    let spki = pkcs1_to_spki(&a.public_key_pkcs1().unwrap());
    assert_eq!(a.public_key_pkcs1().unwrap(), b.public_key_pkcs1().unwrap());
    let by_a = aws_lc::RsaPublicKey::from_spki(&spki).unwrap().encrypt_oaep_sha1(b"from a").unwrap();
    let by_b = rustcrypto::RsaPublicKey::from_spki(&spki).unwrap().encrypt_oaep_sha1(b"from b").unwrap();
    assert_eq!(b.decrypt_oaep_sha1(&by_a).unwrap().as_slice(), b"from a");
    assert_eq!(a.decrypt_oaep_sha1(&by_b).unwrap().as_slice(), b"from b");
}

#[test]
fn private_key_loads_from_every_format() {
    let pem = merchant_pem();
    let pkcs8 = Material::read(pem.as_bytes(), Wanted::PrivateKey).der;
    // The PKCS#1 key is the octet string at the end of the PKCS#8 one.
    let pkcs1 = &pkcs8[26..];
    assert_eq!(Material::read(pkcs1, Wanted::PrivateKey).format, Format::Pkcs1Private);
    assert_eq!(pkcs1_to_pkcs8(pkcs1).as_slice(), pkcs8.as_slice());
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let expected = PrivateKey::from_pem(&pem).unwrap().public_key();
    let one_line = pem.replace('\n', "\\n");
    let crlf = pem.replace('\n', "\r\n");
    let with_bom = format!("\u{feff}  {pem}");
    let noise = format!("Bag Attributes\n    friendlyName: x\n{pem}");
    for form in [
        bare.as_bytes(),
        one_line.as_bytes(),
        crlf.as_bytes(),
        with_bom.as_bytes(),
        noise.as_bytes(),
        &pkcs8,
        pkcs1,
    ] {
        assert_eq!(PrivateKey::from_bytes(form).unwrap().public_key(), expected);
    }
}

#[test]
fn a_wrong_key_is_called_by_its_name() {
    let public = wechatpay_pem("doc.wechatpay");
    let cases = [
        (public.as_str(), "a public key"),
        ("", "empty"),
        ("  \n", "empty"),
        ("abcdefghijklmnopqrstuvwxyz012345", "APIv3 key"),
        ("/etc/wechatpay/apiclient_key.pem", "use from_file"),
        ("hello", "not in any key format"),
        ("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----", "it holds '!', which is not base64"),
        ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "nothing where the key should be"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----",
            "an OpenSSH key",
        ),
        ("./keys/wechatpay", "use from_file"),
        ("C:\\keys\\new\\wechatpay", "use from_file"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----",
            "encrypted with a password",
        ),
    ];
    for (given, named) in cases {
        let error = PrivateKey::from_pem(given).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(named), "{given}: {error}");
        assert!(!error.to_string().contains("MII"), "{error}");
    }
    let error = PublicKey::from_pem(&merchant_pem()).unwrap_err().to_string();
    assert!(error.contains("A private key must not be given here"), "{error}");
    let error = Certificate::from_pem(&public).unwrap_err().to_string();
    assert!(error.contains("PUB_KEY_ID_"), "{error}");
    let error = PrivateKey::from_file("/nonexistent/apiclient_key.pem").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("/nonexistent/apiclient_key.pem"));
}

#[test]
fn api_v3_key_must_have_32_bytes() {
    for (length, key) in [(31, "a".repeat(31)), (33, "a".repeat(33)), (0, String::new())] {
        let error = ApiV3Key::new(&key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains(&format!("{length} bytes long; it must be exactly 32")),
            "{error}"
        );
    }
    assert!(ApiV3Key::new(format!("{}\n", "a".repeat(32))).unwrap_err().to_string().contains("line break"));
    assert_eq!(format!("{:?}", ApiV3Key::new("a".repeat(32)).unwrap()), "ApiV3Key(***)");
}

/// Test case 16 of the GCM specification (McGrew and Viega): AES-256 with associated data.
#[test]
fn aes_256_gcm_published_vector() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    };
    let key = ApiV3Key::new(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")).unwrap();
    let nonce = hex("cafebabefacedbaddecaf888");
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let sealed = hex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    );
    assert_eq!(key.encrypt(&nonce, &aad, &plaintext).unwrap(), sealed);
    assert_eq!(key.decrypt(&nonce, &aad, &sealed).unwrap(), plaintext);
    for i in [0, sealed.len() - 1] {
        let mut altered = sealed.clone();
        altered[i] ^= 1;
        assert_eq!(key.decrypt(&nonce, &aad, &altered).unwrap_err().code(), "WRONG_API_V3_KEY");
    }
    assert_eq!(key.decrypt(&nonce, b"other", &sealed).unwrap_err().kind(), ErrorKind::Decryption);
    assert_eq!(key.decrypt(&nonce[1..], &aad, &sealed).unwrap_err().code(), "BAD_NONCE");
    assert_eq!(key.decrypt(&nonce, &aad, b"short").unwrap_err().kind(), ErrorKind::Decryption);
}

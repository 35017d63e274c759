//! Certificate mode: first download, rotation, and everything that must not get onto the key ring.

use serde_json::json;
use wechatpay_core::http::{Headers, HttpResponse};
use wechatpay_core::operation::{Operation, find};
use wechatpay_core::{ErrorKind, Kernel, Result};

use crate::platform::{DAY, NOW, Party, TestClock, cast, certificate_list, merchant, seal};

fn list() -> &'static Operation {
    find("certificates.list").unwrap()
}

fn answer(signer: &Party, now: u64, certificates: &[&Party]) -> HttpResponse {
    let body = certificate_list(certificates);
    HttpResponse::new(200, signer.sign(signer.serial(), now, &body), body)
}

fn install(kernel: &Kernel, response: &HttpResponse) -> Result<()> {
    kernel.finish(list(), response).map(drop)
}

fn signed_by(signer: &Party, now: u64) -> HttpResponse {
    let body = b"{}".to_vec();
    HttpResponse::new(200, signer.sign(signer.serial(), now, &body), body)
}

fn fresh() -> (Kernel, TestClock) {
    let clock = TestClock::new();
    (Kernel::new(merchant(&clock)).unwrap(), clock)
}

fn prepay() -> &'static Operation {
    find("payments.jsapi.prepay").unwrap()
}

#[test]
fn the_first_list_vouches_for_itself_through_the_api_v3_key() {
    let (kernel, _) = fresh();
    assert!(kernel.certificates_due());
    let before = kernel.finish(prepay(), &signed_by(&cast().first, NOW)).unwrap_err();
    assert_eq!(before.code(), "UNKNOWN_SERIAL");
    assert!(kernel.wants_certificates(&before));
    install(&kernel, &answer(&cast().first, NOW, &[&cast().first])).unwrap();
    assert!(!kernel.certificates_due());
    assert!(kernel.finish(prepay(), &signed_by(&cast().first, NOW)).is_ok(), "the same answer finishes now");
    let request = kernel.prepare_request(wechatpay_core::http::Method::Get, "/v3/x", None).unwrap();
    assert_eq!(request.headers.get("Wechatpay-Serial"), Some(cast().first.serial()));
}

#[test]
fn the_certificate_download_needs_no_key_to_begin_with() {
    let (kernel, _) = fresh();
    let request = kernel.prepare(list(), json!({})).unwrap();
    assert_eq!(request.headers.get("Wechatpay-Serial"), None);
    let error = kernel.prepare(
        find("security.echo").unwrap(),
        json!({ "echo_message": "a", "encrypted_echo_message": "b" }),
    );
    assert_eq!(error.unwrap_err().code(), "NO_PLATFORM_KEY", "nothing to encrypt with yet");
}

#[test]
fn rotation_keeps_the_old_and_prefers_the_new() {
    let (kernel, clock) = fresh();
    let cast = cast();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first])).unwrap();
    clock.set(NOW + DAY / 2);
    assert!(kernel.certificates_due());
    install(&kernel, &answer(&cast.first, NOW + DAY / 2, &[&cast.first, &cast.second])).unwrap();
    for signer in [&cast.first, &cast.second] {
        assert!(kernel.finish(prepay(), &signed_by(signer, NOW + DAY / 2)).is_ok());
    }
    let request = kernel.prepare_request(wechatpay_core::http::Method::Get, "/v3/x", None).unwrap();
    assert_eq!(request.headers.get("Wechatpay-Serial"), Some(cast.second.serial()));
}

#[test]
fn a_new_list_must_be_vouched_for_by_what_is_held() {
    let (kernel, clock) = fresh();
    let cast = cast();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first])).unwrap();
    // Signed by the certificate it brings: good enough on the first start only.
    let error = install(&kernel, &answer(&cast.second, NOW, &[&cast.second])).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "CERTIFICATE_UNTRUSTED"));
    assert!(error.message().contains("nobody known here"), "{error}");
    assert!(kernel.finish(prepay(), &signed_by(&cast.first, NOW)).is_ok(), "the old ones stay");
    assert!(kernel.finish(prepay(), &signed_by(&cast.second, NOW)).is_err());
    // A client that slept through the rotation starts over as it did first, rather than being stuck for ever.
    let later = NOW + 2 * DAY;
    clock.set(later);
    install(&kernel, &answer(&cast.second, later, &[&cast.second])).unwrap();
    assert!(kernel.finish(prepay(), &signed_by(&cast.second, later)).is_ok());
}

#[test]
fn lists_with_something_wrong_are_refused() {
    let cast = cast();
    let signed =
        |body: Vec<u8>| HttpResponse::new(200, cast.first.sign(cast.first.serial(), NOW, &body), body);
    let list_of = |entry: serde_json::Value| signed(json!({ "data": [entry] }).to_string().into_bytes());
    let sealed = seal(crate::platform::API_V3_KEY, "certificate", "", cast.first.pem.as_bytes());
    let wrong_key = seal("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "certificate", "", cast.first.pem.as_bytes());
    let garbled =
        seal(crate::platform::API_V3_KEY, "certificate", "", b"-----BEGIN CERTIFICATE-----\nMIIB\n");
    let mut tampered = answer(&cast.first, NOW, &[&cast.first]);
    tampered.body.push(b'\n');
    let cases = [
        ("empty list", signed(b"{\"data\":[]}".to_vec()), "EMPTY_CERTIFICATE_LIST"),
        ("no list", signed(b"{}".to_vec()), "NOT_JSON"),
        ("not JSON", signed(b"<html>".to_vec()), "NOT_JSON"),
        (
            "wrong APIv3 key",
            list_of(json!({ "serial_no": "1", "encrypt_certificate": wrong_key })),
            "WRONG_API_V3_KEY",
        ),
        (
            "garbled",
            list_of(json!({ "serial_no": "1", "encrypt_certificate": garbled })),
            "CERTIFICATE_UNTRUSTED",
        ),
        (
            "other serial",
            list_of(json!({ "serial_no": "1", "encrypt_certificate": sealed })),
            "CERTIFICATE_UNTRUSTED",
        ),
        ("expired", answer(&cast.expired, NOW, &[&cast.expired]), "CERTIFICATE_UNTRUSTED"),
        ("other issuer", answer(&cast.other_issuer, NOW, &[&cast.other_issuer]), "CERTIFICATE_UNTRUSTED"),
        ("signed by a stranger", answer(&cast.stranger, NOW, &[&cast.first]), "CERTIFICATE_UNTRUSTED"),
        ("old", answer(&cast.first, NOW - 301, &[&cast.first]), "CLOCK_OFF"),
        ("altered", tampered, "SIGNATURE_MISMATCH"),
        (
            "unsigned",
            HttpResponse::new(200, Headers::new(), certificate_list(&[&cast.first])),
            "MISSING_HEADER",
        ),
    ];
    for (what, response, code) in cases {
        let (kernel, _) = fresh();
        let error = install(&kernel, &response).unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error}");
        assert_eq!(kernel.platform_serials(), Vec::<String>::new(), "{what}: nothing is installed");
        assert!(error.body().is_some(), "{what}");
    }
}

#[test]
fn the_root_is_checked_when_it_is_given() {
    let clock = TestClock::new();
    let cast = cast();
    let kernel = Kernel::new(merchant(&clock).platform_root(cast.root.certificate.clone())).unwrap();
    // The stranger's certificate names the right issuer and comes under the right APIv3 key.
    let error = install(&kernel, &answer(&cast.stranger, NOW, &[&cast.stranger])).unwrap_err();
    assert!(error.message().contains("platform root"), "{error}");
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first])).unwrap();
}

#[test]
fn an_expired_certificate_verifies_nothing() {
    let clock = TestClock::new();
    let kernel =
        Kernel::new(merchant(&clock).platform_certificate(cast().first.certificate.clone())).unwrap();
    assert!(kernel.finish(prepay(), &signed_by(&cast().first, NOW)).is_ok());
    let later = NOW + 301 * DAY;
    clock.set(later);
    let error = kernel.finish(prepay(), &signed_by(&cast().first, later)).unwrap_err();
    assert_eq!(error.code(), "CERTIFICATE_UNTRUSTED");
    assert!(error.message().contains("expired") && error.outcome_unknown(), "{error}");
    assert!(kernel.wants_certificates(&error));
}

#[test]
fn certificates_and_public_key_live_side_by_side() {
    let clock = TestClock::new();
    let cast = cast();
    let kernel = Kernel::new(
        merchant(&clock)
            .wechatpay_public_key(crate::platform::PUBLIC_KEY_ID, cast.wechatpay.public_key())
            .platform_certificate(cast.first.certificate.clone()),
    )
    .unwrap();
    assert!(!kernel.certificates_due(), "a public key is enough");
    let body = b"{}".to_vec();
    let by_public_key =
        HttpResponse::new(200, cast.wechatpay.sign(crate::platform::PUBLIC_KEY_ID, NOW, &body), body.clone());
    for response in [by_public_key, signed_by(&cast.first, NOW)] {
        assert!(kernel.finish(prepay(), &response).is_ok());
    }
    // One key's serial with the other key's signature is nobody's.
    let mixed = HttpResponse::new(200, cast.first.sign(crate::platform::PUBLIC_KEY_ID, NOW, &body), body);
    assert_eq!(kernel.finish(prepay(), &mixed).unwrap_err().code(), "SIGNATURE_MISMATCH");
}

#[test]
fn a_stranger_cannot_make_the_client_download_in_a_loop() {
    let (kernel, clock) = fresh();
    let unknown = kernel.finish(prepay(), &signed_by(&cast().stranger, NOW)).unwrap_err();
    assert!(kernel.wants_certificates(&unknown));
    kernel.note_certificate_download();
    assert!(!kernel.wants_certificates(&unknown));
    clock.set(NOW + 60);
    assert!(kernel.wants_certificates(&unknown));
}

#[test]
fn serials_match_without_regard_to_case() {
    let (kernel, _) = fresh();
    let body = certificate_list(&[&cast().first]);
    let lower = cast().first.serial().to_lowercase();
    let response = HttpResponse::new(200, cast().first.sign(&lower, NOW, &body), body);
    install(&kernel, &response).unwrap();
}

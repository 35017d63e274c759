//! Certificate mode: first download, rotation, and everything that must not get onto the key ring.

use serde_json::json;
use wechatpay_core::http::{Headers, HttpResponse};
use wechatpay_core::operation::{Host, Operation, find};
use wechatpay_core::{ErrorKind, Kernel, Result};

use crate::platform::{DAY, NOW, PUBLIC_KEY_ID, Party, TestClock, cast, certificate_list, merchant, seal};

fn list() -> Operation {
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

fn prepay() -> Operation {
    find("payments.jsapi.prepay").unwrap()
}

#[test]
fn the_first_list_vouches_for_itself_through_the_api_v3_key() {
    let (kernel, _) = fresh();
    assert!(kernel.certificates_due(Host::Main));
    let before = kernel.finish(prepay(), &signed_by(&cast().first, NOW)).unwrap_err();
    assert_eq!(before.code(), "UNKNOWN_SERIAL");
    assert!(kernel.wants_certificates(Host::Main, &before));
    install(&kernel, &answer(&cast().first, NOW, &[&cast().first])).unwrap();
    assert!(!kernel.certificates_due(Host::Main));
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
    assert!(kernel.certificates_due(Host::Main));
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
    // Signed by the certificate it brings: good enough only when nothing valid is held.
    let error = install(&kernel, &answer(&cast.second, NOW, &[&cast.second])).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "CERTIFICATE_UNTRUSTED"));
    assert!(error.message().contains("nobody known here"), "{error}");
    assert!(kernel.finish(prepay(), &signed_by(&cast.first, NOW)).is_ok(), "the old ones stay");
    assert!(kernel.finish(prepay(), &signed_by(&cast.second, NOW)).is_err());
    // However old the last download is, and whether it was tried: who holds it up must not win by it.
    for later in [NOW + 2 * DAY, NOW + 299 * DAY] {
        clock.set(later);
        kernel.note_certificate_download(Host::Main);
        let error = install(&kernel, &answer(&cast.second, later, &[&cast.second])).unwrap_err();
        assert_eq!(error.code(), "CERTIFICATE_UNTRUSTED");
        assert!(error.message().contains("make the client anew"), "{error}");
    }
    // Nothing valid is held any more: the client starts over as it did first.
    let over = NOW + 301 * DAY;
    clock.set(over);
    install(&kernel, &answer(&cast.second, over, &[&cast.second])).unwrap();
    assert!(kernel.finish(prepay(), &signed_by(&cast.second, over)).is_ok());
}

#[test]
fn what_is_configured_vouches_as_long_as_it_is_valid() {
    let cast = cast();
    let clock = TestClock::new();
    let by_public_key = || merchant(&clock).wechatpay_public_key(PUBLIC_KEY_ID, cast.wechatpay.public_key());
    let by_certificate = || merchant(&clock).platform_certificate(cast.first.certificate.clone());
    for (config, signer, serial) in [
        (by_public_key(), &cast.wechatpay, PUBLIC_KEY_ID),
        (by_certificate(), &cast.first, cast.first.serial()),
    ] {
        clock.set(NOW);
        let kernel = Kernel::new(config).unwrap();
        let listed = |now: u64| {
            let body = certificate_list(&[&cast.first, &cast.second]);
            HttpResponse::new(200, signer.sign(serial, now, &body), body)
        };
        install(&kernel, &listed(NOW)).unwrap();
        for later in [NOW + 2 * DAY, NOW + 299 * DAY] {
            clock.set(later);
            // A list that vouches for itself, which knows the APIv3 key and nothing else.
            let error = install(&kernel, &answer(&cast.stranger, later, &[&cast.stranger])).unwrap_err();
            assert_eq!(error.code(), "CERTIFICATE_UNTRUSTED");
            assert!(kernel.finish(prepay(), &signed_by(&cast.stranger, later)).is_err());
            install(&kernel, &listed(later)).unwrap();
        }
    }
    // A public key is valid for ever; a certificate is not.
    clock.set(NOW + 301 * DAY);
    let over = || answer(&cast.second, NOW + 301 * DAY, &[&cast.second]);
    assert_eq!(
        install(&Kernel::new(by_public_key()).unwrap(), &over()).unwrap_err().code(),
        "CERTIFICATE_UNTRUSTED"
    );
    install(&Kernel::new(by_certificate()).unwrap(), &over()).unwrap();
}

#[test]
fn a_withdrawn_certificate_is_dropped_a_day_later() {
    let (kernel, clock) = fresh();
    let cast = cast();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first, &cast.second])).unwrap();
    let without = NOW + DAY / 2;
    clock.set(without);
    install(&kernel, &answer(&cast.second, without, &[&cast.second])).unwrap();
    // WeChat Pay's servers may not have heard of it yet.
    for (now, known) in [(without, true), (without + DAY - 1, true), (without + DAY, false)] {
        clock.set(now);
        let finished = kernel.finish(prepay(), &signed_by(&cast.first, now)).map_err(|e| e.code().to_owned());
        assert_eq!(finished.err(), (!known).then(|| "UNKNOWN_SERIAL".to_owned()), "{}", now - without);
        assert!(kernel.finish(prepay(), &signed_by(&cast.second, now)).is_ok());
        let error = install(&kernel, &answer(&cast.first, now, &[&cast.first, &cast.second])).unwrap_err();
        assert_eq!(error.code(), "CERTIFICATE_UNTRUSTED", "it brings itself back in no case");
    }
    install(&kernel, &answer(&cast.second, without + DAY, &[&cast.second])).unwrap();
    assert_eq!(kernel.platform_serials(), [cast.second.serial()]);
}

#[test]
fn a_certificate_that_is_listed_again_is_as_good_as_before() {
    let (kernel, clock) = fresh();
    let cast = cast();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first, &cast.second])).unwrap();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first])).unwrap();
    let request = kernel.prepare_request(wechatpay_core::http::Method::Get, "/v3/x", None).unwrap();
    assert_eq!(request.headers.get("Wechatpay-Serial"), Some(cast.first.serial()), "not the withdrawn one");
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first, &cast.second])).unwrap();
    clock.set(NOW + 3 * DAY);
    assert!(kernel.finish(prepay(), &signed_by(&cast.second, NOW + 3 * DAY)).is_ok());
    install(&kernel, &answer(&cast.second, NOW + 3 * DAY, &[&cast.second])).unwrap();
}

#[test]
fn a_configured_certificate_is_never_dropped_or_replaced() {
    let clock = TestClock::new();
    let cast = cast();
    let kernel = Kernel::new(merchant(&clock).platform_certificate(cast.first.certificate.clone())).unwrap();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.twin, &cast.second])).unwrap();
    assert!(kernel.finish(prepay(), &signed_by(&cast.twin, NOW)).is_err(), "the twin is left out");
    for days in 1..4 {
        clock.set(NOW + days * DAY);
        install(&kernel, &answer(&cast.second, NOW + days * DAY, &[&cast.second])).unwrap();
        assert!(kernel.finish(prepay(), &signed_by(&cast.first, NOW + days * DAY)).is_ok());
    }
    install(&kernel, &answer(&cast.first, NOW + 3 * DAY, &[&cast.second])).unwrap();
}

#[test]
fn a_serial_number_keeps_its_key() {
    let (kernel, _) = fresh();
    let cast = cast();
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first, &cast.second])).unwrap();
    assert_eq!(cast.twin.serial(), cast.first.serial());
    let error = install(&kernel, &answer(&cast.second, NOW, &[&cast.twin])).unwrap_err();
    assert!(error.message().contains("another key"), "{error}");
    assert!(kernel.finish(prepay(), &signed_by(&cast.first, NOW)).is_ok());
    assert!(kernel.finish(prepay(), &signed_by(&cast.twin, NOW)).is_err());
}

#[test]
fn a_clock_that_was_ahead_stops_no_refresh() {
    let (kernel, clock) = fresh();
    let cast = cast();
    let ahead = NOW + 200 * DAY;
    clock.set(ahead);
    kernel.note_certificate_download(Host::Main);
    install(&kernel, &answer(&cast.first, ahead, &[&cast.first])).unwrap();
    clock.set(NOW);
    assert!(kernel.certificates_due(Host::Main), "when the last list came is not known");
    let unknown = kernel.finish(prepay(), &signed_by(&cast.second, NOW)).unwrap_err();
    assert!(kernel.wants_certificates(Host::Main, &unknown));
    assert_eq!(kernel.certificates_wait(Host::Main, &unknown), None);
    // From now on as ever.
    kernel.note_certificate_download(Host::Main);
    assert!(!kernel.wants_certificates(Host::Main, &unknown) && !kernel.certificates_due(Host::Main));
    install(&kernel, &answer(&cast.first, NOW, &[&cast.first, &cast.second])).unwrap();
    clock.set(NOW + DAY / 2 - 1);
    assert!(!kernel.certificates_due(Host::Main));
    clock.set(NOW + DAY / 2);
    assert!(kernel.certificates_due(Host::Main));
    // Nor is a certificate kept that was withdrawn in that future.
    clock.set(ahead);
    install(&kernel, &answer(&cast.first, ahead, &[&cast.first])).unwrap();
    clock.set(NOW + DAY);
    install(&kernel, &answer(&cast.first, NOW + DAY, &[&cast.first])).unwrap();
    clock.set(NOW + 2 * DAY);
    assert_eq!(
        kernel.finish(prepay(), &signed_by(&cast.second, NOW + 2 * DAY)).unwrap_err().code(),
        "UNKNOWN_SERIAL"
    );
}

#[test]
fn certificates_that_were_downloaded_are_refreshed_beside_configured_keys() {
    let clock = TestClock::new();
    let cast = cast();
    let config = merchant(&clock).wechatpay_public_key(PUBLIC_KEY_ID, cast.wechatpay.public_key());
    let kernel = Kernel::new(config).unwrap();
    assert!(!kernel.certificates_due(Host::Main), "a public key is enough");
    // Something was signed with a certificate, so they were fetched: from then on their withdrawal must be noticed.
    let body = certificate_list(&[&cast.first]);
    install(&kernel, &HttpResponse::new(200, cast.wechatpay.sign(PUBLIC_KEY_ID, NOW, &body), body)).unwrap();
    assert!(!kernel.certificates_due(Host::Main));
    clock.set(NOW + DAY / 2);
    assert!(kernel.certificates_due(Host::Main));
}

#[test]
fn the_kernel_says_which_errors_a_download_can_help() {
    let clock = TestClock::new();
    let cast = cast();
    let kernel = Kernel::new(merchant(&clock).platform_certificate(cast.first.certificate.clone())).unwrap();
    let unknown = kernel.finish(prepay(), &signed_by(&cast.second, NOW)).unwrap_err();
    let mut altered = signed_by(&cast.first, NOW);
    altered.body.push(b' ');
    let mismatch = kernel.finish(prepay(), &altered).unwrap_err();
    clock.set(NOW + 301 * DAY);
    let expired = kernel.finish(prepay(), &signed_by(&cast.first, NOW + 301 * DAY)).unwrap_err();
    for (error, code, helps) in [
        (unknown, "UNKNOWN_SERIAL", true),
        (expired, "CERTIFICATE_UNTRUSTED", true),
        (mismatch, "SIGNATURE_MISMATCH", false),
    ] {
        assert_eq!(error.code(), code);
        assert_eq!(kernel.certificates_may_help(&error), helps, "{error}");
    }
    // Of the download itself.
    let error =
        install(&kernel, &answer(&cast.other_issuer, NOW + 301 * DAY, &[&cast.other_issuer])).unwrap_err();
    assert!(error.code() == "CERTIFICATE_UNTRUSTED" && !kernel.certificates_may_help(&error));
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
    assert!(kernel.wants_certificates(Host::Main, &error) && kernel.certificates_due(Host::Main));
}

#[test]
fn certificates_and_public_key_live_side_by_side() {
    let clock = TestClock::new();
    let cast = cast();
    let kernel = Kernel::new(
        merchant(&clock)
            .wechatpay_public_key(PUBLIC_KEY_ID, cast.wechatpay.public_key())
            .platform_certificate(cast.first.certificate.clone()),
    )
    .unwrap();
    assert!(!kernel.certificates_due(Host::Main), "a public key is enough");
    let body = b"{}".to_vec();
    let by_public_key = HttpResponse::new(200, cast.wechatpay.sign(PUBLIC_KEY_ID, NOW, &body), body.clone());
    for response in [by_public_key, signed_by(&cast.first, NOW)] {
        assert!(kernel.finish(prepay(), &response).is_ok());
    }
    // One key's serial with the other key's signature is nobody's.
    let mixed = HttpResponse::new(200, cast.first.sign(PUBLIC_KEY_ID, NOW, &body), body);
    assert_eq!(kernel.finish(prepay(), &mixed).unwrap_err().code(), "SIGNATURE_MISMATCH");
}

#[test]
fn a_stranger_cannot_make_the_client_download_in_a_loop() {
    let (kernel, clock) = fresh();
    let unknown = kernel.finish(prepay(), &signed_by(&cast().stranger, NOW)).unwrap_err();
    assert!(kernel.wants_certificates(Host::Main, &unknown));
    kernel.note_certificate_download(Host::Main);
    assert!(!kernel.wants_certificates(Host::Main, &unknown));
    clock.set(NOW + 60);
    assert!(kernel.wants_certificates(Host::Main, &unknown));
}

#[test]
fn serials_match_without_regard_to_case() {
    let (kernel, _) = fresh();
    let body = certificate_list(&[&cast().first]);
    let lower = cast().first.serial().to_lowercase();
    let response = HttpResponse::new(200, cast().first.sign(&lower, NOW, &body), body);
    install(&kernel, &response).unwrap();
}

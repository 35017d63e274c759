//! `doctor` names the true cause, whatever one thing is wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use common::Merchant;
use serde_json::{Value, json};
use wechatpay_sandbox::Options;

/// What is wrong, by name, in the order in which it was found.
fn wrong(shown: &Value) -> Vec<&str> {
    shown["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["verdict"] == "wrong")
        .map(|one| {
            assert!(
                one["mend"].as_str().is_some_and(|mend| !mend.is_empty()),
                "{one} does not say what to do"
            );
            one["about"].as_str().unwrap()
        })
        .collect()
}

#[test]
fn all_is_well_with_the_right_keys() {
    for certificates in [true, false] {
        let mut options = Options::default();
        options.certificates = certificates;
        let merchant = Merchant::with(options);
        let shown = merchant.run(&["doctor", "--json"]).good().json();
        assert_eq!(shown["healthy"], true);
        assert_eq!(wrong(&shown), [""; 0]);
        let right: Vec<&str> = shown["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["verdict"] == "right")
            .map(|one| one["about"].as_str().unwrap())
            .collect();
        for about in ["mchid", "private_key", "merchant_certificate", "api_v3_key", "call", "encryption"] {
            assert!(right.contains(&about), "{about}: {shown:#}");
        }
    }
}

#[test]
fn the_cause_is_named_when_one_thing_is_wrong() {
    let merchant = Merchant::new();
    let mut fresh = Options::default();
    fresh.fresh_keys = true;
    let stranger = Merchant::with(fresh);
    let stranger = stranger.credentials();
    let right = json!({
        "base_url": merchant.credentials().base_url,
        "mchid": merchant.credentials().mchid,
        "private_key": merchant.credentials().merchant_private_key,
        "merchant_serial": merchant.credentials().merchant_serial_no,
        "api_v3_key": merchant.credentials().api_v3_key,
        "wechatpay_public_key_id": merchant.credentials().wechatpay_public_key_id,
        "wechatpay_public_key": merchant.credentials().wechatpay_public_key,
    });
    let certificate = &merchant.credentials().merchant_certificate;
    // What is changed, and what doctor says is wrong.
    let table: Vec<(&str, Value, &[&str])> = vec![
        ("nothing", json!({}), &[]),
        ("no number", json!({ "mchid": "wx1234" }), &["mchid"]),
        ("another merchant's number", json!({ "mchid": stranger.mchid }), &["mchid"]),
        ("no key", json!({ "private_key": null }), &["private_key"]),
        ("a certificate in place of the key", json!({ "private_key": certificate }), &["private_key"]),
        (
            "a file that is not there",
            json!({ "private_key": null, "private_key_path": "/nowhere/key.pem" }),
            &["private_key"],
        ),
        ("another merchant's key", json!({ "private_key": stranger.merchant_private_key }), &["private_key"]),
        (
            "another merchant's key beside the certificate",
            json!({ "private_key": stranger.merchant_private_key, "merchant_serial": null, "merchant_certificate": certificate }),
            &["merchant_certificate"],
        ),
        (
            "another merchant's certificate and key",
            json!({
                "private_key": stranger.merchant_private_key, "merchant_serial": null,
                "merchant_certificate": stranger.merchant_certificate,
            }),
            &["merchant_certificate"],
        ),
        ("no serial", json!({ "merchant_serial": null }), &["merchant_serial"]),
        ("a serial that is too short", json!({ "merchant_serial": "1DDE5580" }), &["merchant_serial"]),
        ("another serial", json!({ "merchant_serial": stranger.merchant_serial_no }), &["merchant_serial"]),
        (
            "another serial than the certificate's",
            json!({ "merchant_serial": stranger.merchant_serial_no, "merchant_certificate": certificate }),
            &["merchant_serial"],
        ),
        ("an APIv3 key of 31", json!({ "api_v3_key": "x".repeat(31) }), &["api_v3_key"]),
        ("another APIv3 key", json!({ "api_v3_key": stranger.api_v3_key }), &["api_v3_key"]),
        ("no id of the public key", json!({ "wechatpay_public_key_id": null }), &["wechatpay_public_key"]),
        (
            "a serial in place of the id",
            json!({ "wechatpay_public_key_id": "7777" }),
            &["wechatpay_public_key"],
        ),
        (
            "another public key",
            json!({ "wechatpay_public_key": stranger.wechatpay_public_key }),
            &["wechatpay_public_key"],
        ),
        (
            "another public key's id",
            json!({ "wechatpay_public_key_id": stranger.wechatpay_public_key_id }),
            &["wechatpay_public_key"],
        ),
        (
            "a proxy that is not there",
            json!({ "base_url": "https://api.mch.weixin.qq.com", "proxy": "http://someone:secret@127.0.0.1:1" }),
            &["proxy"],
        ),
        ("nobody there", json!({ "base_url": "http://127.0.0.1:1" }), &["network"]),
        ("no such host", json!({ "base_url": "https://api.mch.weixin.qq.com.invalid" }), &["dns"]),
        ("an option that there is not", json!({ "privatekey": "x" }), &["options"]),
    ];
    for (what, change, expected) in table {
        let mut options = right.clone();
        for (name, value) in change.as_object().unwrap() {
            options[name] = value.clone();
        }
        let config = merchant.write("options.json", options.to_string());
        for language in ["en", "zh"] {
            let ended = common::run(&["doctor", "--json", "--lang", language, "-c", &config], &[], "");
            let shown = ended.json();
            assert_eq!(wrong(&shown), expected, "{what}: {shown:#}");
            assert_eq!(ended.code, i32::from(!expected.is_empty()), "{what}");
            assert!(!ended.out.contains("secret@"), "{what}: the proxy's password is shown");
        }
    }
}

#[test]
fn a_clock_that_is_off_is_the_clock() {
    let merchant = Merchant::new();
    merchant.play("/sandbox/clock", &json!({ "offset_seconds": 3600 }));
    let ended = merchant.run(&["doctor", "--json"]);
    assert_eq!((wrong(&ended.json()), ended.code), (vec!["clock"], 1));
}

#[test]
fn offline_sends_nothing_and_people_read_lines() {
    let merchant = Merchant::new();
    let ended = merchant.run(&["doctor", "--offline", "--lang", "zh"]).good();
    assert!(ended.out.contains("✓ private_key: 可用于签名的 RSA 私钥"), "{}", ended.out);
    let ended = merchant.run(&["doctor", "--offline", "-o", "api_v3_key=short"]);
    assert!(
        ended.code == 1 && ended.out.contains("✗ api_v3_key") && ended.out.contains("    → "),
        "{}",
        ended.out
    );
    let nothing = common::run(&["doctor", "--json"], &[], "");
    assert_eq!((wrong(&nothing.json()), nothing.code), (vec!["mchid", "private_key", "merchant_serial"], 1));
    assert_eq!(merchant.requests(), [] as [Value; 0]);
}

#[test]
fn a_notification_is_asked_for_when_an_address_is_given() {
    let merchant = Merchant::new();
    // Nobody listens there: it is told that it is to be looked for, and not that it came.
    let shown =
        merchant.run(&["doctor", "--json", "--notify-url", "http://127.0.0.1:1/notify"]).good().json();
    let findings = shown["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|one| one["about"] == "notification" && one["verdict"] == "open"),
        "{shown:#}"
    );
    let sent = merchant.ask("/sandbox/notifications?wait=true");
    assert!(sent.to_string().contains("SECURITY_ECHO.SUCCESS"), "{sent:#}");
}

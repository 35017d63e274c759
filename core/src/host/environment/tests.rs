use serde_json::json;

use super::*;
use crate::ErrorKind;
use crate::host::HostClient;

fn read(variables: &[(&str, &str)], given: &[&str]) -> Result<Value> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let given: Vec<String> = given.iter().map(|name| (*name).to_owned()).collect();
    options_from_env(&variables, &given).map(|json| serde_json::from_str(&json).unwrap())
}

const MCHID: (&str, &str) = ("WECHATPAY_MCHID", "1900000001");

#[track_caller]
fn refused(variables: &[(&str, &str)], said: &[&str]) {
    let error = read(variables, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    for said in said {
        assert!(error.message().contains(said), "wanted {said:?} for {variables:?}: {error}");
    }
}

#[test]
fn variables_are_options_in_upper_case() {
    let found = read(
        &[
            MCHID,
            ("WECHATPAY_PRIVATE_KEY_PATH", "/run/secrets/key.pem"),
            ("WECHATPAY_WECHATPAY_PUBLIC_KEY_ID", "PUB_KEY_ID_1"),
            ("WECHATPAY_TIMEOUT", "12.5"),
            ("WECHATPAY_RETRIES", " 3 "),
            ("WECHATPAY_NO_PROXY", "Yes"),
            ("WECHATPAY_FAILOVER", "off"),
            ("WECHATPAY_DOWNLOAD_HOSTS", "a.example.com, b.example.com"),
            ("WECHATPAY_PROXY", ""),
            ("WECHATPAY_APPID", "wx1"),
            ("WECHATPAY_NOTIFY_URL", "https://shop.example.com"),
            ("WECHATPAY_SANDBOX", "/usr/bin/wechatpay-sandbox"),
            ("WECHAT_APPID", "wx1"),
            ("PATH", "/bin"),
        ],
        &[],
    );
    assert_eq!(
        found.unwrap(),
        json!({
            "mchid": "1900000001", "private_key_path": "/run/secrets/key.pem", "wechatpay_public_key_id": "PUB_KEY_ID_1",
            "download_hosts": ["a.example.com", "b.example.com"], "timeout": 12.5, "retries": 3, "no_proxy": true, "failover": false,
        })
    );
}

#[test]
fn the_core_knows_the_options_of_the_spec_and_no_others() {
    let error = HostClient::new(r#"{"no such option": 1}"#).unwrap_err();
    let known = error.message().split_once("expected one of ").unwrap().1;
    let mut checked = 0;
    for name in known.split('`').skip(1).step_by(2).filter(|name| *name != "language") {
        assert!(names().any(|option| option == name), "{name} is not in spec/options.yaml");
        checked += 1;
    }
    assert_eq!(checked, OPTIONS.len());
    for other in OPTIONS.iter().flat_map(|option| option.other_names) {
        assert!(names().all(|name| squash(name) != squash(other)), "{other} has its own variable");
    }
}

#[test]
fn names_that_are_nearly_right_are_refused_with_the_right_one() {
    for (wrong, right) in [
        ("WECHATPAY_PUBLIC_KEY_ID", "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"),
        ("WECHATPAY_PUBLIC_KEY", "WECHATPAY_WECHATPAY_PUBLIC_KEY"),
        ("WECHATPAY_PUBLIC_KEY_PATH", "WECHATPAY_WECHATPAY_PUBLIC_KEY_PATH"),
        ("WECHATPAY_PUB_KEY_ID", "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"),
        ("WECHATPAY_SERIAL_NO", "WECHATPAY_MERCHANT_SERIAL"),
        ("WECHATPAY_MERCHANT_SERIAL_NO", "WECHATPAY_MERCHANT_SERIAL"),
        ("WECHATPAY_APIV3_KEY", "WECHATPAY_API_V3_KEY"),
        ("WECHATPAY_API_V3KEY", "WECHATPAY_API_V3_KEY"),
        ("WECHATPAY_PRIVATE_KEY_FILE", "WECHATPAY_PRIVATE_KEY_PATH"),
        ("WECHATPAY_PRIVATE_KEY_P12", "WECHATPAY_PRIVATE_KEY_P12_BASE64"),
        ("WECHATPAY_PRIVTE_KEY", "WECHATPAY_PRIVATE_KEY"),
        ("WECHATPAY_TIMEOUTS", "WECHATPAY_TIMEOUT"),
        ("WECHATPAY_BASEURL", "WECHATPAY_BASE_URL"),
        ("WECHAT_PAY_PRIVATE_KEY", "WECHATPAY_PRIVATE_KEY"),
        ("wechatpay_private_key", "WECHATPAY_PRIVATE_KEY"),
    ] {
        refused(&[MCHID, (wrong, "x")], &[&format!("{wrong} is not read"), &format!("is called {right}.")]);
        // Empty is not set, and what is there already needs no other name.
        read(&[MCHID, (wrong, "")], &[]).unwrap();
        let option = right.strip_prefix(PREFIX).unwrap().to_lowercase();
        read(&[MCHID, (wrong, "x")], &[&option]).unwrap();
        read(&[MCHID, (wrong, "x"), (right, "5")], &[]).unwrap();
    }
    refused(&[("WECHATPAY_MCH_ID", "1")], &["WECHATPAY_MCHID"]);
    refused(&[], &["WECHATPAY_MCHID is not set"]);
}

#[test]
fn values_that_cannot_be_read_are_named() {
    refused(&[MCHID, ("WECHATPAY_TIMEOUT", "soon")], &["WECHATPAY_TIMEOUT is \"soon\"", "seconds"]);
    refused(&[MCHID, ("WECHATPAY_TIMEOUT", "inf")], &["WECHATPAY_TIMEOUT"]);
    refused(&[MCHID, ("WECHATPAY_RETRIES", "2.5")], &["whole number"]);
    refused(&[MCHID, ("WECHATPAY_NO_PROXY", "maybe")], &["true or false"]);
    refused(&[MCHID, ("WECHATPAY_PLATFORM_CERTIFICATES", "a")], &["it is a list"]);
    refused(
        &[MCHID, ("WECHATPAY_PRIVATE_KEY", "secret"), ("WECHATPAY_PRIVATE_KEY_PATH", "x")],
        &["WECHATPAY_PRIVATE_KEY and WECHATPAY_PRIVATE_KEY_PATH are both set"],
    );
}

#[test]
fn what_the_caller_gives_goes_before_the_environment() {
    let variables = [
        MCHID,
        ("WECHATPAY_PRIVATE_KEY_PATH", "x"),
        ("WECHATPAY_PROXY", "http://p"),
        ("WECHATPAY_TIMEOUT", "soon"),
    ];
    let found = read(&variables, &["private_key_p12_base64", "no_proxy", "timeout"]).unwrap();
    assert_eq!(found, json!({ "mchid": "1900000001" }));
    let variables_of_a_key = [
        MCHID,
        ("WECHATPAY_WECHATPAY_PUBLIC_KEY", "x"),
        ("WECHATPAY_WECHATPAY_PUBLIC_KEY_ID", "PUB_KEY_ID_1"),
    ];
    let found = read(&variables_of_a_key, &["wechatpay_public_keys"]).unwrap();
    assert_eq!(found, json!({ "mchid": "1900000001" }));
    let found = read(&variables[1..2], &["mchid"]).unwrap();
    assert_eq!(found, json!({ "private_key_path": "x" }));
}

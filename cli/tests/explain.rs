//! `explain`: whether what was kept holds, and why not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use common::Merchant;
use serde_json::json;

#[test]
fn a_notification_is_opened_however_old_it_is() {
    let merchant = Merchant::new();
    let text = merchant.notification();
    let saved = merchant.write("notification.txt", &text);
    let shown = merchant.run(&["explain", &saved, "--json"]).good().json();
    assert_eq!((&shown["verified"], &shown["what"]), (&json!(true), &json!("notification")));
    assert_eq!(shown["type"], "payments.transaction");
    assert_eq!(shown["resource"]["mchid"], merchant.credentials().mchid.as_str());

    // A day later, in Chinese, from standard input.
    let body_at = text.find("\r\n\r\n").unwrap();
    let old = merchant.run_with(&["explain", "-", "--lang", "zh"], &text).good();
    assert!(old.out.starts_with("签名正确。"), "{}", old.out);

    let altered =
        merchant.write("altered.txt", text.replacen("EVENT", "EVENT ", 1).replacen("\"id\"", "\"id\" ", 1));
    let refused = merchant.run(&["explain", &altered]);
    assert!(refused.code == 1 && refused.error.contains("signature"), "{}", refused.error);
    let signed = merchant.run(&["explain", "--signed-text", &saved]).good().out;
    assert!(signed.ends_with(&format!("{}\n", &text[body_at + 4..])), "{signed}");
    assert_eq!(signed.lines().next().unwrap().len(), 10);

    let other_key =
        merchant.run(&["explain", &saved, "-o", &format!("api_v3_key={}", "0".repeat(32)), "--json"]);
    assert_eq!((other_key.code, &other_key.json()["error"]["code"]), (1, &json!("WRONG_API_V3_KEY")));
}

#[test]
fn a_notification_signed_with_a_certificate_is_opened_after_asking_for_it() {
    let merchant = Merchant::new();
    merchant.play("/sandbox/settings", &json!({ "notification_signer": "certificate" }));
    let saved = merchant.write("notification.txt", merchant.notification());
    let config = merchant.write(
        "options.json",
        json!({
            "base_url": merchant.credentials().base_url, "mchid": merchant.credentials().mchid, "private_key_path": "apiclient_key.pem",
            "merchant_certificate_path": "apiclient_cert.pem", "api_v3_key": merchant.credentials().api_v3_key,
        })
        .to_string(),
    );
    let shown = common::run(&["explain", &saved, "--json", "-c", &config], &[], "").good().json();
    assert_eq!(shown["verified"], true);
}

/// A request as a proxy or a log kept it.
fn request(merchant: &Merchant) -> String {
    let params = json!({
        "appid": merchant.credentials().appid, "description": "image", "out_trade_no": "EXPLAIN-1",
        "notify_url": "https://merchant.example/notify", "amount": { "total": 100 },
    });
    merchant.run(&["call", "payments.native.prepay", &params.to_string()]).good();
    let request = merchant.requests().remove(0);
    let headers: Vec<String> = request["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| format!("{}: {}\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect();
    let text = format!(
        "POST {} HTTP/1.1\n{}\n{}",
        request["path"].as_str().unwrap(),
        headers.concat(),
        request["body"].as_str().unwrap()
    );
    text
}

#[test]
fn a_request_is_told_apart_from_one_that_was_changed_after_it_was_signed() {
    let merchant = Merchant::new();
    let text = request(&merchant);
    let saved = merchant.write("request.txt", &text);
    assert_eq!(merchant.run(&["explain", &saved, "--json"]).good().json()["verified"], true);
    let signed = merchant.run(&["explain", &saved, "--signed-text"]).good().out;
    assert!(signed.starts_with("POST\n/v3/pay/transactions/native\n"), "{signed}");

    let cheaper = merchant.write("cheaper.txt", text.replace(r#""total":100"#, r#""total":1"#));
    let refused = merchant.run(&["explain", &cheaper, "--json"]);
    assert_eq!((refused.code, &refused.json()["verified"]), (1, &json!(false)));
    let other = merchant.run(&["explain", &saved, "-o", "mchid=1900000001", "--lang", "en"]);
    assert!(other.code == 1 && other.out.contains("mchid is"), "{}", other.out);
    let nothing = merchant.write("nothing.txt", "GET / HTTP/1.1\nHost: a.example\n\n");
    assert_eq!(merchant.run(&["explain", &nothing]).code, 1);
}

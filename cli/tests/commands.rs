//! The other commands against the sandbox, their exit codes, and wrong arguments.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use common::{Merchant, run};
use serde_json::{Value, json};

fn order(merchant: &Merchant, number: &str) -> String {
    json!({
        "appid": merchant.credentials().appid, "description": "image", "out_trade_no": number,
        "notify_url": "https://merchant.example/notify", "amount": { "total": 100 },
    })
    .to_string()
}

#[test]
fn operations_are_found_in_both_languages_and_shown_with_their_fields() {
    let found = run(&["ops", "JSAPI下单"], &[], "").good();
    assert!(found.out.contains("payments.jsapi.prepay"), "{}", found.out);
    let all = run(&["ops", "--json"], &[], "").good().json();
    assert!(all.as_array().unwrap().len() > 990);
    let shown = run(&["op", "refunds.create", "--json"], &[], "").good().json();
    let names: Vec<&str> =
        shown["parameters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"out_refund_no") && names.contains(&"amount"), "{names:?}");
    assert!(shown["errors"].as_array().unwrap().iter().any(|code| code == "NOT_ENOUGH"), "{shown:#}");
    assert_eq!(run(&["ops", "xyzzy"], &[], "").code, 1);
    let unknown = run(&["op", "refunds.creat"], &[], "");
    assert!(unknown.code == 1 && unknown.error.contains("refunds.create"), "{}", unknown.error);
}

#[test]
fn calls_are_made_shown_and_told_apart_when_their_outcome_is_unknown() {
    let merchant = Merchant::new();
    let params = order(&merchant, "CLI-ORDER-1");
    let shown = merchant.run(&["call", "payments.native.prepay", &params, "--dry-run"]).good().json();
    assert!(shown["body"].as_str().unwrap().contains("CLI-ORDER-1"));
    assert!(!shown.to_string().contains("signature="), "a signature opens doors: {shown}");
    assert_eq!(merchant.requests(), [] as [Value; 0]);

    let made = merchant.run(&["call", "payments.native.prepay", &params]).good().json();
    assert!(made["code_url"].as_str().unwrap().starts_with("weixin://"));
    let file = merchant.write("params.json", r#"{"out_trade_no": "CLI-ORDER-1"}"#);
    let asked = merchant.run(&["call", "payments.query_by_out_trade_no", &format!("@{file}")]).good().json();
    assert_eq!(asked["trade_state"], "NOTPAY");
    let typed = merchant
        .run_with(&["call", "payments.query_by_out_trade_no", "-"], r#"{"out_trade_no": "CLI-ORDER-1"}"#);
    assert_eq!(typed.good().json(), asked);
    let path =
        format!("/v3/pay/transactions/out-trade-no/CLI-ORDER-1?mchid={}", merchant.credentials().mchid);
    assert_eq!(merchant.run(&["request", "GET", &path]).good().json(), asked);

    let none = merchant.run(&[
        "call",
        "payments.query_by_out_trade_no",
        r#"{"out_trade_no": "NEVER-MADE"}"#,
        "--json",
    ]);
    assert_eq!((none.code, none.json()["error"]["code"].as_str()), (1, Some("ORDER_NOT_EXIST")));
    let bad = merchant.run(&["call", "payments.query_by_out_trade_no", "{"]);
    assert_eq!(bad.code, 1);

    merchant.play(
        "/sandbox/faults",
        &json!({ "match": { "operation": "payments.native.prepay" }, "fault": { "close": "before_answer" } }),
    );
    let lost =
        merchant.run(&["call", "payments.native.prepay", &order(&merchant, "CLI-ORDER-2"), "--lang", "en"]);
    assert!(lost.code == 3 && lost.error.starts_with("THE REQUEST MAY HAVE TAKEN EFFECT"), "{}", lost.error);
}

#[test]
fn a_bill_is_whole_and_right_or_an_error() {
    let merchant = Merchant::new();
    let date = "2026-01-05";
    merchant.play("/sandbox/bills", &json!({ "bill_date": date, "rows": 3 }));
    let table = merchant.run(&["bill", date]).good().out;
    assert!(table.starts_with('\u{feff}') || table.contains("交易时间"), "{table}");
    let rows = merchant.run(&["bill", date, "--rows"]).good().out;
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    let to = merchant.file("bill.csv");
    let told = merchant.run(&["bill", date, to.to_str().unwrap()]).good().json();
    assert_eq!(told["file"], to.to_str().unwrap());
    assert_eq!(std::fs::read_to_string(&to).unwrap(), table);

    let fault = json!({ "match": { "operation": "bills.trade_bill" }, "fault": { "bill": "wrong_hash" } });
    merchant.play("/sandbox/faults", &fault);
    let wrong = merchant.run(&["bill", date, "--rows"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (1, ""), "{}", wrong.error);
    assert_eq!(merchant.run(&["bill", "yesterday"]).code, 1);
}

#[test]
fn secrets_come_from_standard_input_and_certificates_are_listed() {
    let merchant = Merchant::new();
    let sealed = merchant.run_with(&["encrypt", "--json"], "张三\n").good().json();
    assert_eq!(sealed["serial"], merchant.credentials().wechatpay_public_key_id.as_str());
    // What is encrypted to WeChat Pay is nothing that the merchant can open.
    let not_ours = merchant.run_with(&["decrypt"], sealed["ciphertext"].as_str().unwrap());
    assert_eq!(not_ours.code, 1, "{}", not_ours.out);
    let word = json!({ "echo_message": "a", "encrypted_echo_message": "b" }).to_string();
    assert!(merchant.run(&["call", "security.echo", &word]).good().out.contains("\"b\""));
    let certificates = merchant.run(&["certs"]).good().json();
    assert_eq!(certificates["data"][0]["serial_no"], merchant.credentials().platform_serial_no.as_str());
}

#[test]
fn options_come_from_the_command_line_then_the_file_then_the_environment() {
    let merchant = Merchant::new();
    let key = merchant.file("apiclient_key.pem");
    let environment = [
        ("WECHATPAY_BASE_URL", merchant.credentials().base_url.as_str()),
        ("WECHATPAY_MCHID", merchant.credentials().mchid.as_str()),
        ("WECHATPAY_PRIVATE_KEY_PATH", key.to_str().unwrap()),
        ("WECHATPAY_MERCHANT_SERIAL", merchant.credentials().merchant_serial_no.as_str()),
        ("WECHATPAY_API_V3_KEY", merchant.credentials().api_v3_key.as_str()),
    ];
    assert!(run(&["certs"], &environment, "").good().out.contains("serial_no"));
    // A path in a file is beside that file; the file goes before the environment.
    let file = merchant.write("options.json", r#"{"private_key_path": "no_key.pem"}"#);
    let beside = run(&["certs", "-c", &file], &environment, "");
    assert!(beside.code == 1 && beside.error.contains("no_key.pem"), "{}", beside.error);
    let typed = format!("private_key_path={}", key.display());
    run(&["certs", "-c", &file, "-o", &typed], &environment, "").good();
}

#[test]
fn wrong_arguments_say_what_is_expected() {
    for arguments in
        [&["nothing"][..], &["call"], &["bill", "2026-01-01", "--kind", "all"], &["--lang", "fr", "ops"]]
    {
        let ended = run(arguments, &[], "");
        assert!(ended.code == 2 && ended.error.contains("--help"), "{arguments:?}: {}", ended.error);
    }
    for (arguments, says) in [
        (&["certs", "-o", "mchid"][..], "NAME=VALUE"),
        (&["certs", "-c", "/nowhere/options.json"], "/nowhere/options.json"),
        (&["certs"], "mchid"),
        (&["explain", "/nowhere/saved.txt"], "/nowhere/saved.txt"),
    ] {
        let ended = run(arguments, &[], "");
        assert!(ended.code == 1 && ended.error.contains(says), "{arguments:?}: {}", ended.error);
    }
    assert!(run(&["completions", "bash"], &[], "").good().out.contains("_wechatpay"));
}

//! The surface under the language bindings: options, errors as JSON, closing.
#![cfg(feature = "host")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test is a crate of its own")]

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, KeyPair, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize, SerialNumber,
    SigningKey as _,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use wechatpay_core::ErrorKind;
use wechatpay_core::crypto::{ApiV3Key, PublicKey};
use wechatpay_core::host::{
    BillRows, HostAnswer, HostClient, RowsOf, error_json, fen, json_for_javascript, panic_error,
};
use wechatpay_core::http::Headers;
use wechatpay_core::operation::{self, Reply};

const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000000012026010100000000000000";

fn key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn public_pem(key: &KeyPair) -> String {
    let der = STANDARD.encode(key.subject_public_key_info());
    format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
}

/// Made once: keys take a while.
fn options() -> Value {
    static OPTIONS: OnceLock<Value> = OnceLock::new();
    OPTIONS.get_or_init(made).clone()
}

fn made() -> Value {
    json!({
        "mchid": "1900000001",
        "private_key": key().serialize_pem(),
        "merchant_serial": SERIAL,
        "api_v3_key": "0123456789abcdefghijklmnopqrstuv",
        "wechatpay_public_key": public_pem(&key()),
        "wechatpay_public_key_id": PUBLIC_KEY_ID,
        "base_url": "http://127.0.0.1:9",
        "retries": 0,
        "language": "Test/1",
    })
}

#[test]
fn a_client_is_made_from_json_and_prepares_a_request() {
    let client = HostClient::new(&options().to_string()).unwrap();
    assert_eq!(client.mchid(), "1900000001");
    let request = client.prepare("payments.query_by_out_trade_no", r#"{"out_trade_no":"1"}"#).unwrap();
    assert_eq!(request.url, "http://127.0.0.1:9/v3/pay/transactions/out-trade-no/1?mchid=1900000001");
    assert!(request.headers.get("User-Agent").unwrap().ends_with("Test/1"));
    let payment: Value = serde_json::from_str(
        &client.front_end("jsapi_payment", r#"{"appid":"wx1","prepay_id":"wx2"}"#).unwrap(),
    )
    .unwrap();
    assert_eq!(payment["package"], "prepay_id=wx2");
}

#[test]
fn wrong_options_are_named_and_no_secret_is_told() {
    let secret = "0123456789abcdefghijklmnopqrstu";
    for (change, said) in [
        (json!({ "api_v3_key": secret }), "31 bytes"),
        (json!({ "mch_id": "1" }), "mch_id"),
        (json!({ "mchid": null }), "wrong type"),
        (json!({ "private_key": null }), "private key is missing"),
        (json!({ "private_key": 5 }), "wrong type"),
        (json!({ "private_key_path": "/nonexistent.pem" }), "more than once"),
        (json!({ "wechatpay_public_key_id": null }), "the id (PUB_KEY_ID_…)"),
        (json!({ "wechatpay_public_key": null }), "the key is missing"),
        (json!({ "timeout": 0 }), "timeout is 0"),
        (json!({ "timeout": 1e9 }), "timeout is"),
        (json!({ "base_url": "http://example.com" }), "https"),
        (json!({ "download_hosts": ["https://files.example.com/"] }), "files.example.com:8443"),
        (json!({ "download_hosts": ["10.0.0.1"] }), "IP address"),
        (json!({ "failover_base_url": "nonsense" }), "failover"),
        (json!({ "proxy": "nonsense://user:hunter2@x" }), "proxy"),
    ] {
        let mut options = options();
        for (name, value) in change.as_object().unwrap() {
            options[name] = value.clone();
        }
        let error = HostClient::new(&options.to_string()).unwrap_err();
        let text = format!("{error} {error:?} {}", error_json(&error));
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        assert!(text.contains(said), "wanted {said:?}: {text}");
        assert!(
            !text.contains(secret) && !text.contains("hunter2") && !text.contains("PRIVATE KEY-"),
            "{text}"
        );
    }
    for wrong in [json!([]), json!({ "private_key": { "key": secret } })] {
        let error = HostClient::from_value(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
    assert_eq!(HostClient::from_value(options()).unwrap().mchid(), "1900000001");
    assert_eq!(HostClient::from_text(options().to_string()).unwrap().mchid(), "1900000001");
    let error = HostClient::new("[").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn files_come_from_hosts_that_are_signed_for() {
    let mut options = options();
    options["download_hosts"] = json!(["files.invalid"]);
    // Nobody listens there: whoever is let through gets no further.
    options["proxy"] = json!("http://127.0.0.1:9");
    let client = HostClient::new(&options.to_string()).unwrap();
    let fetch = |url: &str| client.download(url, None, &mut Vec::new(), None).unwrap_err();
    assert_eq!(fetch("https://files.invalid/x").kind(), ErrorKind::Connection);
    let error = fetch("https://stranger.invalid/x");
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "FOREIGN_HOST"));
    assert!(!error.retryable() && !error.outcome_unknown());
}

#[test]
fn errors_name_the_option_of_the_language() {
    const P12: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/merchant-legacy.p12");
    let refused = |language: &str, change: Value| {
        let mut options = options();
        options["language"] = language.into();
        for (name, value) in change.as_object().unwrap() {
            options[name] = value.clone();
        }
        let error = HostClient::new(&options.to_string()).unwrap_err();
        let text = error.to_string();
        for function in ["from_file", "from_pkcs12", "from_bytes"] {
            assert!(!text.contains(function), "{text}");
        }
        text
    };
    let p12_as_path = json!({ "private_key": null, "private_key_path": P12 });
    for (language, option) in [
        ("Python/3.13.1", "private_key_p12"),
        ("Node/22.1.0", "privateKeyP12 or privateKeyP12Path"),
        ("Kotlin/2.1.0 Java/21", "privateKeyPkcs12"),
        ("Swift", "privateKeyPKCS12Base64"),
        ("", "private_key_p12_base64 or private_key_p12_path"),
    ] {
        let text = refused(language, p12_as_path.clone());
        assert!(text.contains("a PKCS#12 file (.p12). Load it with ") && text.contains(option), "{text}");
    }
    for (language, change, said) in [
        (
            "Node/22.1.0",
            json!({ "private_key": "/run/secrets/key.pem" }),
            "To read a file use privateKeyPath.",
        ),
        ("Node/22.1.0", json!({ "private_key": null }), "give privateKey (text) or privateKeyPath"),
        (
            "Python/3",
            json!({ "merchant_certificate": "cert.pem" }),
            "use merchant_certificate (a pathlib.Path)",
        ),
        (
            "Kotlin/2",
            json!({ "wechatpay_public_key": "a.pem" }),
            "To read a file use the Path of wechatpayPublicKey.",
        ),
        (
            "Node/22.1.0",
            json!({ "merchant_certificate": "rubbish" }),
            "CONFIG: merchantCertificate: a certificate is needed",
        ),
        (
            "Node/22.1.0",
            json!({ "platform_root_path": "/nowhere.pem" }),
            "platformRootPath file /nowhere.pem cannot be read",
        ),
        (
            "Python/3",
            json!({ "private_key": null, "private_key_p12_path": P12, "private_key_password": "wrong" }),
            "It is the merchant number, unless private_key_password says otherwise",
        ),
        (
            "Node/22.1.0",
            json!({ "private_key": null, "private_key_p12_base64": "!" }),
            "CONFIG: privateKeyP12: this is not base64",
        ),
    ] {
        let text = refused(language, change);
        assert!(text.contains(said), "wanted {said:?}: {text}");
    }
}

#[test]
fn a_p12_file_loads_by_path_and_as_base64_in_lines() {
    const P12: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/merchant-modern.p12");
    let base64 = STANDARD.encode(std::fs::read(P12).unwrap());
    let in_lines: Vec<&str> =
        base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for change in
        [json!({ "private_key_p12_path": P12 }), json!({ "private_key_p12_base64": in_lines.join("\r\n") })]
    {
        let mut options = options();
        options["private_key"] = Value::Null;
        for (name, value) in change.as_object().unwrap() {
            options[name] = value.clone();
        }
        HostClient::new(&options.to_string()).unwrap();
    }
}

#[test]
fn errors_carry_every_field() {
    let client = HostClient::new(&options().to_string()).unwrap();
    let error = client.call("payments.jsapi.prepay", "{\"amount\": 1}").unwrap_err();
    let json: Value = serde_json::from_str(&error_json(&error)).unwrap();
    assert_eq!(
        (json["kind"].as_str(), json["operation"].as_str()),
        (Some("invalid_request"), Some("payments.jsapi.prepay"))
    );
    for field in ["code", "message", "detail", "text"] {
        assert!(!json[field].is_null(), "{field}: {json}");
    }
    let error = client.call("payments.jsap.prepay", "").unwrap_err();
    assert!(error.message().contains("payments.jsapi.prepay"), "did you mean: {error}");
    for bad in ["{", "nonsense", "[1]", "\"text\""] {
        assert_eq!(
            client.call("payments.jsapi.prepay", bad).unwrap_err().kind(),
            ErrorKind::InvalidRequest,
            "{bad}"
        );
    }
    assert_eq!(client.request("BREW", "/x", None).unwrap_err().kind(), ErrorKind::InvalidRequest);
    // Port 9 on this machine: nobody listens, so nothing was sent.
    let error = client.call("payments.query_by_out_trade_no", r#"{"out_trade_no":"1"}"#).unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Connection, false), "{error}");
    let caught = std::panic::catch_unwind(|| panic!("boom")).unwrap_err();
    let error = panic_error(&*caught);
    assert!(error.message().contains("boom") && error.outcome_unknown());
}

#[test]
fn a_number_that_would_change_on_its_way_is_refused_and_not_told() {
    let client = HostClient::new(&options().to_string()).unwrap();
    for number in ["18446744073709551616", "0.12345678901234567", "1e400"] {
        let json = format!(r#"{{"out_trade_no":"A1","amount":{{"total":{number}}}}}"#);
        for error in [
            client.prepare("payments.jsapi.prepay", &json).unwrap_err(),
            client.request("POST", "/v3/x", Some(&json)).unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "WRONG_TYPE"));
            assert!(error.message().contains("64 bits") && !error.message().contains(number), "{error}");
        }
    }
    let request = client.prepare_request("POST", "/v3/x", Some(r#"{"n":18446744073709551615}"#)).unwrap();
    assert_eq!(request.body, br#"{"n":18446744073709551615}"#);
    assert_eq!(json_for_javascript(r#"{"n":9007199254740993}"#), r#"{"n":"9007199254740993"}"#);
}

#[test]
fn a_closed_client_says_so() {
    let client = HostClient::new(&options().to_string()).unwrap();
    let clone = client.clone();
    client.close();
    client.close();
    for error in [
        clone.call("payments.query_by_out_trade_no", "{}").unwrap_err(),
        clone.parse_notification(&Headers::new(), b"").unwrap_err(),
        clone.submit(|| ()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
}

#[test]
fn the_quick_way_says_when_a_certificate_may_have_to_be_downloaded() {
    let mut params = CertificateParams::default();
    params.not_after = params.not_before + Duration::days(1); // long ago
    params.serial_number = Some(SerialNumber::from_slice(&[0x51; 20]));
    let expired = params.self_signed(&key()).unwrap().pem();
    let serial = "51".repeat(20);
    let mut options = options();
    options["platform_certificates"] = json!([expired]);
    let client = HostClient::new(&options.to_string()).unwrap();
    let parse = |client: &HostClient, serial: &str| {
        let headers: Headers = [
            ("Wechatpay-Serial", serial.to_owned()),
            ("Wechatpay-Timestamp", OffsetDateTime::now_utc().unix_timestamp().to_string()),
            ("Wechatpay-Nonce", "n".to_owned()),
            ("Wechatpay-Signature", "AAAA".to_owned()),
        ]
        .into_iter()
        .collect();
        client.parse_notification_offline(&headers, b"{}").map_err(|error| error.code().to_owned())
    };
    assert_eq!(parse(&client, "7A0F"), Ok(None), "UNKNOWN_SERIAL");
    assert_eq!(parse(&client, &serial), Ok(None), "CERTIFICATE_UNTRUSTED: it is expired");
    assert_eq!(parse(&client, PUBLIC_KEY_ID), Err("SIGNATURE_MISMATCH".to_owned()));
}

#[test]
fn bill_rows_come_as_json_and_the_summary_last() {
    let bill = "\u{feff}交易时间,商户订单号,订单金额\r\n`2026-01-01 00:00:00,`A1,`0.01\r\n总交易单数,订单总金额\r\n`1,`0.01\r\n";
    let mut rows = BillRows::new(bill.as_bytes(), RowsOf::Any).unwrap();
    let row: Value = serde_json::from_str(&rows.next().unwrap().unwrap()).unwrap();
    assert_eq!(row["商户订单号"], "A1");
    assert!(rows.next().is_none());
    assert!(rows.summary().unwrap().contains("总交易单数"));
}

/// A notification signed by this key at this moment.
fn notice(wechatpay: &KeyPair, event: &str, original: &str, content: &str) -> (Headers, Vec<u8>) {
    let key = ApiV3Key::new("0123456789abcdefghijklmnopqrstuv").unwrap();
    let sealed = key.encrypt(b"fdasflkja484", b"", content.as_bytes()).unwrap();
    let body = json!({
        "id": "EV-1", "create_time": "2026-01-01T00:00:00+08:00", "event_type": event,
        "resource_type": "encrypt-resource", "summary": "支付成功",
        "resource": { "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(sealed), "nonce": "fdasflkja484",
                      "original_type": original },
    })
    .to_string()
    .into_bytes();
    (signed(wechatpay, &body), body)
}

/// The headers of a message that this key signs at this moment.
fn signed(wechatpay: &KeyPair, body: &[u8]) -> Headers {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
    let message = [now.as_bytes(), b"\nnonce\n", body, b"\n"].concat();
    let headers = [
        ("Wechatpay-Serial", PUBLIC_KEY_ID.to_owned()),
        ("Wechatpay-Timestamp", now),
        ("Wechatpay-Nonce", "nonce".to_owned()),
        ("Wechatpay-Signature", STANDARD.encode(wechatpay.sign(&message).unwrap())),
    ];
    headers.into_iter().collect()
}

#[test]
fn an_answer_shows_nothing_of_its_content() {
    let wechatpay = key();
    let mut options = options();
    options["wechatpay_public_key"] = json!(public_pem(&wechatpay));
    let client = HostClient::new(&options.to_string()).unwrap();
    // Any signed JSON is an answer.
    let (headers, body) = notice(&wechatpay, "X", "y", "{}");
    let answer = client.finish_request("POST", 200, headers, body).unwrap();
    assert!(answer.json.contains("EV-1"));
    let shown = format!("{answer:?}");
    assert!(shown.contains(PUBLIC_KEY_ID) && !shown.contains("EV-1"), "{shown}");
}

/// The quick way checks the JSON and passes it on, and must all the same tell what the other tells.
#[test]
fn both_ways_to_an_answer_give_the_same() {
    let wechatpay = key();
    let mut options = options();
    options["wechatpay_public_key"] = json!(public_pem(&wechatpay));
    let client = HostClient::new(&options.to_string()).unwrap();
    let query = "payments.query_by_out_trade_no";
    let told = |answer: wechatpay_core::Result<HostAnswer>| match answer {
        Ok(answer) => {
            let json: Value = serde_json::from_str(&answer.json).unwrap();
            assert!(answer.json.is_ascii());
            (json, answer.status, answer.request_id, answer.serial)
        }
        Err(error) => (serde_json::from_str(&error_json(&error)).unwrap(), 0, None, String::new()),
    };
    for (status, body) in [
        (200, r#"{"trade_state" :"SUCCESS", "trade_state_desc":"支付成功","id":18446744073709551616}"#),
        (200, "{\"half\":\"\\ud800\"}"),
        (200, "{"),
        (200, "[1]"),
        (200, "null"),
        (200, ""),
        (202, r#"{"code":"USERPAYING","message":"waits"}"#),
        (204, ""),
        (302, ""),
        (400, r#"{"code":"PARAM_ERROR","message":"wrong"}"#),
    ] {
        let mut headers = signed(&wechatpay, body.as_bytes());
        headers.push("request-id", "08F78BB4A906");
        for altered in [false, true] {
            let mut bytes = body.as_bytes().to_vec();
            bytes.extend(altered.then_some(b' '));
            let all = told(client.finish(query, status, headers.clone(), bytes.clone()));
            let quick = client.finish_at_hand(query, status, headers.clone(), bytes.clone());
            assert_eq!(told(quick.map(Option::unwrap)), all, "{status} {body}");
            let untyped = told(client.finish_request("GET", status, headers.clone(), bytes.clone()));
            let quick = client.finish_request_at_hand("GET", status, headers.clone(), bytes);
            assert_eq!(told(quick), untyped, "{status} {body}");
        }
    }
    // Whether fields are encrypted is known before the answer is looked at.
    let encrypted = operation::all().find(|operation| operation.answer_is_encrypted()).unwrap();
    assert!(client.finish_at_hand(encrypted.id(), 200, Headers::new(), Vec::new()).unwrap().is_none());
    let file = operation::all().find(|operation| operation.reply() == Reply::File).unwrap();
    let (headers, body) = (signed(&wechatpay, b"{}"), b"{}".to_vec());
    assert_eq!(
        client.finish_at_hand(file.id(), 200, headers, body).unwrap_err().code(),
        "WRONG_TYPE",
        "{}",
        file.id()
    );
}

/// The quick way passes the content on unread, and must all the same see what the other sees.
#[test]
fn both_ways_to_a_notification_give_the_same() {
    let (wechatpay, merchant) = (key(), key());
    let mut options = options();
    options["private_key"] = json!(merchant.serialize_pem());
    options["wechatpay_public_key"] = json!(public_pem(&wechatpay));
    let client = HostClient::new(&options.to_string()).unwrap();
    let merchant = PublicKey::from_der(&merchant.subject_public_key_info()).unwrap();
    let encrypted = STANDARD.encode(merchant.encrypt_oaep("秘密".as_bytes()).unwrap());
    let echo = json!({ "echo_message": "a", "encrypt_echo_message": encrypted }).to_string();
    let direct = r#"{"mchid":"1900000001","out_trade_no":"1","trade_state":"SUCCESS"}"#;
    let combined = format!(r#"{{"combine_out_trade_no":"1","sub_orders":[{direct}]}}"#);
    for (event, original, content, kind) in [
        ("TRANSACTION.SUCCESS", "transaction", direct, json!("payments.transaction")),
        ("TRANSACTION.SUCCESS", "transaction", combined.as_str(), json!("combine_payments.transaction")),
        (
            "TRANSACTION.SUCCESS",
            "transaction",
            r#"{"mchid":null,"out_trade_no":"1","trade_state":"S"}"#,
            Value::Null,
        ),
        ("TRANSACTION.SUCCESS", "transaction", "[1]", Value::Null),
        ("TRANSACTION.SUCCESS", "transaction", "[18446744073709551616,0.12345678901234567]", Value::Null),
        ("SECURITY_ECHO.SUCCESS", "security", echo.as_str(), json!("security.echo")),
        ("SECURITY_ECHO.SUCCESS", "other", echo.as_str(), Value::Null),
    ] {
        let (headers, body) = notice(&wechatpay, event, original, content);
        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let offline = read(client.parse_notification_offline(&headers, &body).unwrap().unwrap());
        assert_eq!(offline, read(client.parse_notification(&headers, &body).unwrap()));
        assert_eq!(offline["type"], kind, "{event} {content}");
        let decrypted = offline["resource"]["encrypt_echo_message"] == "秘密";
        assert_eq!(decrypted, kind == "security.echo", "{offline}");
    }
    let (headers, body) = notice(&wechatpay, "TRANSACTION.SUCCESS", "transaction", "{\"mchid\":");
    for error in [
        client.parse_notification_offline(&headers, &body),
        client.parse_notification(&headers, &body).map(Some),
    ] {
        assert_eq!(error.unwrap_err().code(), "BAD_NOTIFICATION");
    }
}

#[test]
fn bill_rows_of_a_kind_are_of_that_kind() {
    let bill = "记账时间,微信支付业务单号,资金流水单号,业务类型,收支类型,收支金额（元）,业务凭证号\n\
        `2026-08-08 13:54:01,`50,`42,`退款,`支出,`0.01,`R2\n资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`0,`0.00,`1,`0.01";
    let rows = |kind: &str| BillRows::new(bill.as_bytes(), RowsOf::named(kind)?);
    let row = rows("fund_flow").unwrap().next_object().unwrap().unwrap();
    assert_eq!((&row["amount"], &row["direction"], &row["note"]), (&json!(1), &json!("支出"), &Value::Null));
    assert_eq!(rows("trade").err().unwrap().code(), "BILL_COLUMNS");
    assert_eq!(rows("any").unwrap().next_object().unwrap().unwrap()["收支金额（元）"], "0.01");
    assert_eq!(rows("plain").err().unwrap().code(), "WRONG_TYPE");

    let cut = bill.split_once("资金流水总").unwrap().0;
    let codes: Vec<_> = BillRows::new(cut.as_bytes(), RowsOf::named("fund_flow").unwrap())
        .unwrap()
        .map(|row| row.err())
        .collect();
    assert_eq!(codes[1].as_ref().unwrap().code(), "BILL_CUT");
    assert!(BillRows::new(cut.as_bytes(), RowsOf::WithoutTotals).unwrap().all(|row| row.is_ok()));
}

#[test]
fn yuan_become_fen_by_one_rule() {
    assert_eq!(fen("12.30", None).unwrap(), 1230);
    for wrong in ["1e2", "12.", ".5", ""] {
        let error = fen(wrong, Some("订单金额")).unwrap_err();
        assert_eq!(error.code(), "NOT_AN_AMOUNT");
        assert!(error.message().contains("订单金额"), "{error}");
    }
}

#[test]
fn an_announced_file_is_looked_at_before_anything_is_sent() {
    let client = HostClient::new(&options().to_string()).unwrap();
    for (answer, code) in [
        ("", "WRONG_TYPE"),
        ("nonsense", "NOT_JSON"),
        ("{}", "FILE_ANNOUNCEMENT"),
        (r#"{"download_url":"https://x/","hash_type":"SM3","hash_value":"x"}"#, "HASH_TYPE"),
    ] {
        let error = client.download_announced(answer, &mut Vec::new(), None).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let error = client.download_announced_to_path(answer, "never".as_ref(), None).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

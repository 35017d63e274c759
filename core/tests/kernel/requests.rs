//! What `prepare` sends.

use serde_json::{Value, json};
use wechatpay_core::http::{HttpRequest, Method};
use wechatpay_core::operation::find;
use wechatpay_core::{ErrorKind, Kernel, protocol};

use crate::platform::{MCHID, NOW, PUBLIC_KEY_ID, TestClock, cast, kernel, merchant};

fn prepay() -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://www.example.com/notify",
        "amount": { "total": 100, "currency": null },
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
        "attach": null
    })
}

/// The parts of the `Authorization` header, checked against the request as the platform would.
fn check_signature(request: &HttpRequest, signed_body: &[u8]) -> u64 {
    let authorization = request.headers.get("authorization").unwrap();
    let fields = authorization.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
    let get = |name: &str| {
        fields
            .split(',')
            .find_map(|field| field.strip_prefix(&format!("{name}=\""))?.strip_suffix('"'))
            .unwrap()
    };
    assert_eq!(get("mchid"), MCHID);
    assert_eq!(get("serial_no"), cast().merchant.serial());
    assert_eq!(get("nonce_str").len(), 32);
    let timestamp = get("timestamp").parse().unwrap();
    let target = request.url.strip_prefix("https://api.mch.weixin.qq.com").unwrap();
    let message = protocol::request_message(request.method, target, timestamp, get("nonce_str"), signed_body);
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, get("signature")).unwrap();
    assert!(cast().merchant.public_key().verify_sha256(&message, &signature));
    timestamp
}

#[test]
fn a_prepay_is_signed_over_exactly_what_is_sent() {
    let request = kernel().prepare(find("payments.jsapi.prepay").unwrap(), prepay()).unwrap();
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.url, "https://api.mch.weixin.qq.com/v3/pay/transactions/jsapi");
    assert_eq!(check_signature(&request, &request.body), NOW);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["mchid"], MCHID, "filled in from the client");
    assert!(body.get("attach").is_none() && body["amount"].get("currency").is_none(), "nulls are not sent");
    assert_eq!(request.headers.get("wechatpay-serial"), Some(PUBLIC_KEY_ID));
    assert_eq!(request.headers.get("content-type"), Some("application/json"));
    assert_eq!(request.headers.get("accept"), Some("application/json"));
    assert!(request.headers.get("user-agent").unwrap().starts_with("wechatpay-rs/"));
    // Two requests never share a nonce.
    let again = kernel().prepare(find("payments.jsapi.prepay").unwrap(), prepay()).unwrap();
    assert_ne!(again.headers.get("authorization"), request.headers.get("authorization"));
}

#[test]
fn a_query_has_an_empty_fifth_line_and_no_content_type() {
    let operation = find("payments.query_by_out_trade_no").unwrap();
    let request = kernel().prepare(operation, json!({ "out_trade_no": "a/b?c%d 中" })).unwrap();
    assert_eq!(
        request.url,
        format!(
            "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/a%2Fb%3Fc%25d%20%E4%B8%AD?mchid={MCHID}"
        )
    );
    assert!(request.body.is_empty());
    assert_eq!(request.headers.get("content-type"), None);
    check_signature(&request, b"");
}

#[test]
fn path_parameters_that_would_change_the_url_are_refused() {
    let operation = find("payments.query_by_out_trade_no").unwrap();
    for value in ["", ".", ".."] {
        let error = kernel().prepare(operation, json!({ "out_trade_no": value })).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "EMPTY_PARAMETER"), "{value:?}");
        assert!(error.to_string().contains("out_trade_no"), "{error}");
    }
}

#[test]
fn parameters_are_checked_before_anything_is_signed() {
    let operation = find("payments.jsapi.prepay").unwrap();
    let cases = [
        ("appid", json!(null), "MISSING_PARAMETER"),
        ("description", json!("x".repeat(128)), "TOO_LONG"),
        ("description", json!("gift 🎁"), "UNSUPPORTED_CHARACTER"),
        ("amount", json!({ "total": 1.5 }), "WRONG_TYPE"),
        ("time_expire", json!("tomorrow"), "INVALID_TIMESTAMP"),
        ("desciption", json!("x"), "UNKNOWN_PARAMETER"),
    ];
    for (name, value, code) in cases {
        let mut params = prepay();
        params[name] = value;
        let error = kernel().prepare(operation, params).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, code), "{name}");
        assert_eq!(error.operation(), Some("payments.jsapi.prepay"));
        assert!(!error.outcome_unknown());
        assert!(error.detail().unwrap()["field"].as_str().unwrap().contains(name));
    }
    let error = kernel().prepare(operation, json!([1])).unwrap_err();
    assert_eq!(error.code(), "WRONG_TYPE");
}

#[test]
fn untyped_requests_are_signed_as_they_stand() {
    let body = json!({ "a": 1, "b": null });
    let request = kernel().prepare_request(Method::Post, "/v3/new/thing?x=%E4%B8%AD", Some(body)).unwrap();
    assert_eq!(request.body, br#"{"a":1}"#);
    check_signature(&request, &request.body);
    for bad in ["v3/no-slash", "/v3/中", "/v3/a b", "/v3/a\r\nHost: x", "/v3/a#b"] {
        let error = kernel().prepare_request(Method::Get, bad, None).unwrap_err();
        assert_eq!(error.code(), "BAD_URL", "{bad}");
    }
}

#[test]
fn a_path_that_was_not_filled_in_and_a_text_for_an_object_are_refused() {
    for (bad, said) in [
        ("/v3/pay/transactions/out-trade-no/{out_trade_no}", "{out_trade_no}"),
        ("/v3/refunds/${id}?x=1", "{id}"),
        ("/v3/refunds/id}", "}"),
        ("/v3/refunds/{id", "{id"),
        ("/v3/refunds/%s", "per cent"),
        ("/v3/refunds/a%2", "per cent"),
    ] {
        let error = kernel().prepare_request(Method::Get, bad, None).unwrap_err();
        assert_eq!(error.code(), "BAD_URL", "{bad}");
        assert!(error.message().contains(said), "{bad}: {error}");
    }
    kernel().prepare_request(Method::Get, "/v3/x?filter=%7B%22a%22%3A1%7D", None).unwrap();
    let secret = "18600000000";
    for (body, said) in [
        (json!(format!("{{\"mobile\":\"{secret}\"}}")), "pass the object itself"),
        (json!(secret), "not a text"),
        (json!(1), "not a number"),
        (json!(true), "not true or false"),
    ] {
        let by_path = kernel().prepare_request(Method::Post, "/v3/x", Some(body.clone())).unwrap_err();
        let typed = kernel().prepare(find("security.echo").unwrap(), body.clone()).unwrap_err();
        for error in [by_path, typed] {
            assert_eq!(error.code(), "WRONG_TYPE", "{body}");
            assert!(error.message().contains(said) && !error.message().contains(secret), "{error}");
        }
    }
}

#[test]
fn downloads_go_to_the_url_as_it_came_and_nowhere_unsafe() {
    let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb";
    let request = kernel().prepare_download(url).unwrap();
    assert_eq!(request.url, url);
    check_signature(&request, b"");
    for bad in [
        "http://api.mch.weixin.qq.com/x",
        "http://127.0.0.1/x",
        "ftp://x/y",
        "/v3/x",
        "https://",
        "https://u:p@h/x",
        "",
    ] {
        assert_eq!(kernel().prepare_download(bad).unwrap_err().code(), "BAD_URL", "{bad}");
    }
    for stranger in ["https://evil.example/x", "https://10.0.0.1/x", "https://api.mch.weixin.qq.com:8443/x"] {
        assert_eq!(kernel().prepare_download(stranger).unwrap_err().code(), "FOREIGN_HOST", "{stranger}");
    }
    let gateway = merchant(&TestClock::new()).download_host("files.example.com");
    let request = Kernel::new(gateway).unwrap().prepare_download("https://files.example.com/x").unwrap();
    assert_eq!(request.url, "https://files.example.com/x");
    assert!(request.headers.get("Authorization").is_some());
}

#[test]
fn sensitive_fields_are_encrypted_to_the_key_that_the_header_names() {
    let message = "张三 13800000000";
    let params = json!({ "echo_message": "plain", "encrypted_echo_message": message });
    let request = kernel().prepare(find("security.echo").unwrap(), params.clone()).unwrap();
    assert_eq!(request.headers.get("Wechatpay-Serial"), Some(PUBLIC_KEY_ID));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["echo_message"], "plain");
    let ciphertext = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        body["encrypted_echo_message"].as_str().unwrap(),
    )
    .unwrap();
    assert_eq!(
        cast().wechatpay.private_key().decrypt_oaep(&ciphertext).unwrap().as_slice(),
        message.as_bytes()
    );

    let mut too_long = params;
    too_long["encrypted_echo_message"] = json!("中".repeat(72));
    let error = kernel().prepare(find("security.echo").unwrap(), too_long).unwrap_err();
    assert_eq!(error.code(), "TOO_LONG");
    assert!(error.message().contains("214") && error.message().contains("encrypted_echo_message"), "{error}");
}

#[test]
fn a_parameter_that_is_a_header_is_sent_as_one() {
    let build = |key: Value| {
        let params = json!({
            "idempotency_key": key, "partner": { "type": "APPID", "appid": "wx4e1916a585d1f4e9" },
            "authorized_data": { "business_type": "FAVOR_STOCK", "stock_id": "2433405" },
        });
        kernel().prepare(find("marketing.partnerships.build").unwrap(), params)
    };
    let request = build(json!("PARTNER-1")).unwrap();
    assert_eq!(request.headers.get("Idempotency-Key"), Some("PARTNER-1"));
    assert!(!String::from_utf8(request.body).unwrap().contains("idempotency"));
    for (key, code) in [
        (json!(""), "EMPTY_PARAMETER"),
        (json!(null), "MISSING_PARAMETER"),
        (json!("a\r\nHost: b"), "UNSUPPORTED_CHARACTER"),
        (json!("订单"), "UNSUPPORTED_CHARACTER"),
    ] {
        let error = build(key).unwrap_err();
        assert_eq!((error.code(), &error.detail().unwrap()["location"]), (code, &json!("header")));
    }
}

//! What `finish` makes of answers, good and bad.

use serde_json::{Value, json};
use wechatpay_core::http::{Headers, HttpResponse};
use wechatpay_core::operation::{Host, Operation, find};
use wechatpay_core::{Error, ErrorKind};

use crate::platform::{NOW, PUBLIC_KEY_ID, cast, kernel, signed_answer};

fn prepay() -> Operation {
    find("payments.jsapi.prepay").unwrap()
}

fn query() -> Operation {
    find("payments.query_by_out_trade_no").unwrap()
}

fn good() -> HttpResponse {
    signed_answer(200, &json!({ "prepay_id": "wx2014", "new_field": [1] }))
}

fn refused(operation: Operation, response: &HttpResponse) -> Error {
    kernel().finish(operation, response).unwrap_err()
}

#[test]
fn a_signed_answer_comes_through_with_fields_nobody_knows_yet() {
    let answer = kernel().finish(prepay(), &good()).unwrap();
    assert_eq!(answer.value, json!({ "prepay_id": "wx2014", "new_field": [1] }));
    assert_eq!((answer.status, answer.serial.as_str()), (200, PUBLIC_KEY_ID));
    assert_eq!(answer.request_id.as_deref(), Some("08F78BB5AF0610D302"));
}

#[test]
fn an_answer_that_lacks_a_required_field_reaches_the_caller() {
    let answer = kernel().finish(prepay(), &signed_answer(200, &json!({ "other": 1 }))).unwrap();
    assert_eq!(answer.value["other"], 1);
}

#[test]
fn no_number_changes_on_its_way() {
    let body = br#"{"id":9007199254740993,"most":18446744073709551615,"longer":18446744073709551616,"rate":0.12345678901234567}"#;
    let response =
        |status| HttpResponse::new(status, cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, body), body.to_vec());
    let answer = kernel().finish(query(), &response(200)).unwrap();
    let value = json!({ "id": 9_007_199_254_740_993_i64, "most": u64::MAX,
                        "longer": "18446744073709551616", "rate": "0.12345678901234567" });
    assert_eq!(answer.value, value);
    let error =
        br#"{"code":"PARAM_ERROR","message":"","detail":{"field":"/id","value":18446744073709551616}}"#;
    let error = refused(query(), &HttpResponse::new(400, Headers::new(), error.to_vec()));
    assert_eq!(error.detail().unwrap()["value"], "18446744073709551616");
}

#[test]
fn header_names_may_come_in_any_case() {
    for change in [str::to_lowercase as fn(&str) -> String, str::to_uppercase] {
        let mut response = good();
        response.headers =
            response.headers.iter().map(|(name, value)| (change(name), value.to_owned())).collect();
        assert!(kernel().finish(prepay(), &response).is_ok());
    }
}

#[test]
fn a_204_is_verified_over_the_empty_body() {
    let close = find("payments.close").unwrap();
    let response = HttpResponse::new(204, cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, b""), Vec::new());
    assert_eq!(kernel().finish(close, &response).unwrap().value, Value::Null);
    let unsigned = HttpResponse::new(204, Headers::new(), Vec::new());
    assert_eq!(refused(close, &unsigned).code(), "MISSING_HEADER");
}

#[test]
fn every_altered_byte_is_noticed_and_the_outcome_is_unknown() {
    let length = good().body.len();
    for i in 0..length {
        let mut response = good();
        response.body[i] ^= 1;
        let error = refused(prepay(), &response);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "SIGNATURE_MISMATCH"));
        assert!(error.outcome_unknown() && !error.authenticated());
        assert!(
            error.message().contains("payments.query_by_out_trade_no"),
            "names the query to run: {error}"
        );
        assert_eq!((error.status(), error.request_id()), (Some(200), Some("08F78BB5AF0610D302")));
        assert_eq!(error.body(), Some(response.body.as_slice()), "nothing is lost");
    }
}

#[test]
fn a_query_that_cannot_be_verified_changed_nothing() {
    let mut response = good();
    response.body.push(b' ');
    assert!(!refused(query(), &response).outcome_unknown());
}

#[test]
fn each_signature_header_is_needed() {
    for missing in ["Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp", "Wechatpay-Nonce"] {
        let mut response = good();
        response.headers = response.headers.iter().filter(|(name, _)| *name != missing).collect();
        let error = refused(prepay(), &response);
        assert_eq!(error.code(), "MISSING_HEADER");
        assert!(error.message().contains(missing), "{error}");
        assert!(error.outcome_unknown());
    }
}

#[test]
fn the_clock_window_is_300_seconds_both_ways() {
    for (timestamp, ok) in [
        (NOW - 299, true),
        (NOW - 300, true),
        (NOW - 301, false),
        (NOW + 299, true),
        (NOW + 300, true),
        (NOW + 301, false),
    ] {
        let body = b"{}".to_vec();
        let response = HttpResponse::new(200, cast().wechatpay.sign(PUBLIC_KEY_ID, timestamp, &body), body);
        match kernel().finish(prepay(), &response) {
            Ok(_) => assert!(ok, "{timestamp}"),
            Err(error) => {
                assert!(!ok, "{timestamp}: {error}");
                assert_eq!(error.code(), "CLOCK_OFF");
                assert!(error.message().contains("301 s"), "{error}");
            }
        }
    }
    for nonsense in ["", "now", "-1", "99999999999999999999999"] {
        let mut response = good();
        response.headers = response
            .headers
            .iter()
            .map(|(name, value)| (name, if name == "Wechatpay-Timestamp" { nonsense } else { value }))
            .collect();
        assert_eq!(refused(prepay(), &response).kind(), ErrorKind::Verification);
    }
}

#[test]
fn an_unknown_serial_says_which_keys_are_known() {
    let body = b"{}".to_vec();
    for (serial, advice) in [
        ("PUB_KEY_ID_9", "configure it with this id"),
        ("5157F09EFDC096DE15EBE81A47057A72", "let certificates be downloaded"),
    ] {
        let response = HttpResponse::new(200, cast().wechatpay.sign(serial, NOW, &body), body.clone());
        let error = refused(prepay(), &response);
        assert_eq!(error.code(), "UNKNOWN_SERIAL");
        assert!(error.message().contains(serial) && error.message().contains(PUBLIC_KEY_ID), "{error}");
        assert!(error.message().contains(advice), "{error}");
        assert!(kernel().wants_certificates(Host::Main, &error));
    }
}

#[test]
fn an_unknown_id_that_is_close_to_the_configured_one_asks_whether_it_was_mistyped() {
    let body = b"{}".to_vec();
    let swapped = PUBLIC_KEY_ID.replace("01190", "01109");
    for (serial, close) in [
        (swapped, true),
        (PUBLIC_KEY_ID[..PUBLIC_KEY_ID.len() - 1].to_owned(), true),
        (PUBLIC_KEY_ID.replace("19", "73").replace("2026", "2031"), false),
        (cast().first.serial().to_owned(), false),
    ] {
        assert_ne!(serial, PUBLIC_KEY_ID);
        let response = HttpResponse::new(200, cast().wechatpay.sign(&serial, NOW, &body), body.clone());
        let error = refused(prepay(), &response);
        assert_eq!(error.code(), "UNKNOWN_SERIAL");
        let asked = error.message().contains(&format!("close to {PUBLIC_KEY_ID}"));
        assert_eq!((asked, error.message().contains("mistyped?")), (close, close), "{error}");
    }
}

#[test]
fn a_header_that_no_http_message_can_have_is_refused() {
    // The signature fits all the same: the line feed moved from between the nonce and the body into the nonce.
    let body = b"first\nsecond".to_vec();
    let signed = cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, &body);
    let moved: Headers = signed
        .iter()
        .map(|(name, value)| {
            let value = if name == "Wechatpay-Nonce" { format!("{value}\nfirst") } else { value.to_owned() };
            (name, value)
        })
        .collect();
    let error = refused(prepay(), &HttpResponse::new(200, moved, b"second".to_vec()));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "SIGNATURE_MISMATCH"));
    assert!(error.message().contains("Wechatpay-Nonce holds a line break"), "{error}");
}

#[test]
fn both_published_probe_signatures_are_recognised_and_refused() {
    let published: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/published.json")).unwrap();
    let mut seen = 0;
    for vector in published["vectors"].as_array().unwrap().iter().filter(|v| v["type"] == "probe signature") {
        let mut response = good();
        let signature = vector["signature"].as_str().unwrap();
        response.headers = response
            .headers
            .iter()
            .map(|(name, value)| (name, if name == "Wechatpay-Signature" { signature } else { value }))
            .collect();
        let error = refused(query(), &response);
        assert_eq!(error.code(), "SIGNTEST_PROBE", "{}", vector["id"]);
        assert!(error.retryable(), "a read may be repeated");
        let use_coupon = find("busifavor.coupons.use_coupon").unwrap();
        assert!(!refused(use_coupon, &response).retryable(), "a coupon must not be used twice");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_mismatch_is_explained_by_what_usually_happens_to_bodies() {
    let spaced = b"{ \"prepay_id\": \"wx\" }".to_vec();
    let compact = b"{\"prepay_id\":\"wx\"}".to_vec();
    let headers = |body: &[u8]| cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, body);
    let plus_lost = |headers: Headers| -> Headers {
        headers
            .iter()
            .map(|(n, v)| {
                (n.to_owned(), if n == "Wechatpay-Signature" { v.replace('+', " ") } else { v.to_owned() })
            })
            .collect()
    };
    for (response, explanation) in [
        (HttpResponse::new(200, headers(&compact), spaced.clone()), "wrote it anew"),
        (
            HttpResponse::new(200, headers(&compact), [compact.as_slice(), b"\n"].concat()),
            "blanks or line breaks",
        ),
        (
            HttpResponse::new(200, headers(&[compact.as_slice(), b"\n"].concat()), compact.clone()),
            "removed it",
        ),
        (HttpResponse::new(200, headers(&compact), Vec::new()), "body is empty"),
        (HttpResponse::new(200, headers(&spaced), compact.clone()), "altered or re-serialised"),
    ] {
        let error = refused(prepay(), &response);
        assert_eq!(error.code(), "SIGNATURE_MISMATCH");
        assert!(error.message().contains(explanation), "{explanation}: {error}");
    }
    // A signature with at least one '+' in it, which form decoding turns into a blank.
    let (body, signed) = (0..)
        .map(|i| format!("{{\"i\":{i}}}").into_bytes())
        .map(|body| (headers(&body), body))
        .find(|(headers, _)| headers.get("Wechatpay-Signature").unwrap().contains('+'))
        .map(|(headers, body)| (body, headers))
        .unwrap();
    let error = refused(prepay(), &HttpResponse::new(200, plus_lost(signed), body));
    assert!(error.message().contains("turned back into '+'"), "{error}");
}

#[test]
fn error_answers_come_as_they_are_and_unauthenticated() {
    let body = json!({
        "code": "PARAM_ERROR", "message": "参数错误",
        "detail": { "field": "/amount/currency", "value": "XYZ", "issue": "Currency code is invalid", "location": "body" }
    });
    let headers: Headers = [("request-id", "REQ1")].into_iter().collect();
    let error = refused(prepay(), &HttpResponse::new(400, headers, body.to_string().into_bytes()));
    assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Api, "PARAM_ERROR", Some(400)));
    assert_eq!(error.detail(), Some(&body["detail"]));
    assert_eq!(error.request_id(), Some("REQ1"));
    assert!(!error.authenticated() && !error.outcome_unknown() && !error.retryable());
    let text = error.to_string();
    assert!(text.starts_with("[REQ1] payments.jsapi.prepay: HTTP 400 PARAM_ERROR: 参数错误"), "{text}");
    assert!(text.contains("/amount/currency: Currency code is invalid"), "{text}");
}

#[test]
fn signed_error_answers_are_verified() {
    let body = json!({ "code": "ORDER_NOT_EXIST", "message": "订单不存在" });
    let error = refused(query(), &signed_answer(404, &body));
    assert!(error.authenticated() && error.code() == "ORDER_NOT_EXIST");
    let mut forged = signed_answer(404, &body);
    forged.body[3] ^= 1;
    let error = refused(query(), &forged);
    assert_eq!((error.kind(), error.authenticated()), (ErrorKind::Verification, false));
    assert!(error.message().contains("status 404"), "{error}");
}

#[test]
fn server_errors_say_what_may_be_done() {
    for (status, code, retryable, unknown) in [
        (429, "FREQUENCY_LIMITED", true, false),
        (500, "SYSTEM_ERROR", true, true),
        (502, "BAD_GATEWAY", true, true),
        (503, "SERVICE_UNAVAILABLE", true, true),
        (403, "RULE_LIMIT", false, false),
    ] {
        let body = json!({ "code": code, "message": "…" }).to_string().into_bytes();
        let response = HttpResponse::new(status, Headers::new(), body);
        let error = refused(prepay(), &response);
        assert_eq!((error.retryable(), error.outcome_unknown()), (retryable, unknown), "{status}");
        assert!(!refused(query(), &response).outcome_unknown());
    }
}

#[test]
fn a_202_is_not_success() {
    let error = refused(
        prepay(),
        &signed_answer(202, &json!({ "code": "USERPAYING", "message": "需要用户输入支付密码" })),
    );
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, "USERPAYING"));
    assert!(error.outcome_unknown() && !error.retryable() && error.authenticated());
}

#[test]
fn bodies_that_are_not_json_are_named() {
    for (status, body) in
        [(404, ""), (502, "<html>bad gateway</html>"), (400, "[]"), (400, "{\"code\":1}"), (500, "{")]
    {
        let error = refused(query(), &HttpResponse::new(status, Headers::new(), body.as_bytes().to_vec()));
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, format!("HTTP_{status}").as_str()));
        assert_eq!(error.body(), Some(body.as_bytes()));
    }
    for body in ["<html>", "[1]", "\"text\""] {
        let body = body.as_bytes().to_vec();
        let response = HttpResponse::new(200, cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, &body), body);
        let error = refused(prepay(), &response);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "NOT_JSON"));
        assert!(error.outcome_unknown() && error.authenticated());
    }
}

#[test]
fn redirects_are_never_followed() {
    let headers: Headers = [("Location", "https://evil.example.com/")].into_iter().collect();
    let error = refused(prepay(), &HttpResponse::new(302, headers, Vec::new()));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "REDIRECT"));
}

#[test]
fn no_platform_certificate_names_the_way_out() {
    let body = json!({ "code": "RESOURCE_NOT_EXISTS", "message": "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥" });
    let response = HttpResponse::new(404, Headers::new(), body.to_string().into_bytes());
    let error = refused(find("certificates.list").unwrap(), &response);
    assert!(
        error.message().contains("无可用的平台证书") && error.message().contains("PUB_KEY_ID_"),
        "{error}"
    );
}

#[test]
fn sensitive_fields_of_answers_are_opened() {
    let encrypt = |text: &str| {
        let ciphertext = cast().merchant.public_key().encrypt_oaep(text.as_bytes()).unwrap();
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, ciphertext)
    };
    let echo = find("security.echo").unwrap();
    let body = json!({ "echo_message": "plain", "encrypted_echo_message": encrypt("张三") });
    let answer = kernel().finish(echo, &signed_answer(200, &body)).unwrap();
    assert_eq!(answer.value["encrypted_echo_message"], "张三");
    for bad in ["plain text".to_owned(), encrypt("x").replace(char::from(b'A'), "B")] {
        let body = json!({ "echo_message": "plain", "encrypted_echo_message": bad });
        match kernel().finish(echo, &signed_answer(200, &body)) {
            Err(error) => {
                assert_eq!((error.kind(), error.code()), (ErrorKind::Decryption, "SENSITIVE_FIELD"));
                assert!(
                    error.message().contains("encrypted_echo_message") && error.authenticated(),
                    "{error}"
                );
            }
            Ok(answer) => {
                assert_eq!(answer.value["encrypted_echo_message"], "x", "only without an A to replace")
            }
        }
    }
}

#[test]
fn the_fields_that_wechat_pay_does_not_like_are_named() {
    let text = |detail: Value| {
        let body = json!({ "code": "PARAM_ERROR", "message": "参数错误", "detail": detail }).to_string();
        let response = HttpResponse::new(400, Headers::new(), body.into_bytes());
        refused(prepay(), &response).message().to_owned()
    };
    let secret = "18600000000";
    for (detail, expected) in [
        (json!({ "field": "/amount/total", "issue": "太小" }), "参数错误 (/amount/total: 太小)"),
        (json!({ "field": "mchid", "value": secret, "location": "url" }), "参数错误 (mchid)"),
        (json!({ "field": "signature", "detail": { "issue": "bad" } }), "参数错误 (signature: bad)"),
        (json!({ "location": null, "value": ["/body/a", "/body/b"] }), "参数错误 (/body/a, /body/b)"),
        (json!({ "field": "", "value": ["/body/a", 1, secret] }), "参数错误 (/body/a)"),
        (json!({ "field": null, "value": [], "issue": "x" }), "参数错误"),
        (json!([1]), "参数错误"),
        (json!("text"), "参数错误"),
        (Value::Null, "参数错误"),
    ] {
        assert_eq!(text(detail.clone()), expected, "{detail}");
    }
    let many: Vec<String> = (0..1000).map(|number| format!("/body/{number}")).collect();
    assert!(text(json!({ "value": many })).len() < 200);
}

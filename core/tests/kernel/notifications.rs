//! What `parse_notification` makes of notifications, true and false.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use wechatpay_core::ErrorKind;
use wechatpay_core::http::Headers;
use wechatpay_core::operation;

use crate::platform::{API_V3_KEY, MCHID, NOW, PUBLIC_KEY_ID, cast, kernel, seal};

fn transaction() -> Value {
    json!({ "mchid": "1900000001", "transaction_id": "1217752501201407033233368018", "out_trade_no": "1217752501201407033233368018",
            "trade_state": "SUCCESS", "amount": { "total": 100 }, "brand_new": true })
}

fn envelope(event_type: &str, resource: Value) -> Vec<u8> {
    json!({
        "id": "EV-2018022511223320873", "create_time": "2015-05-20T13:29:35+08:00", "resource_type": "encrypt-resource",
        "event_type": event_type, "summary": "支付成功", "resource": resource
    })
    .to_string()
    .into_bytes()
}

fn payment() -> Vec<u8> {
    envelope(
        "TRANSACTION.SUCCESS",
        seal(API_V3_KEY, "transaction", "transaction", transaction().to_string().as_bytes()),
    )
}

fn sign(body: &[u8]) -> Headers {
    cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, body)
}

#[test]
fn a_payment_comes_verified_and_decrypted() {
    let body = payment();
    let notification = kernel().parse_notification(&sign(&body), &body).unwrap();
    assert_eq!(notification.id, "EV-2018022511223320873");
    assert_eq!(notification.event_type, "TRANSACTION.SUCCESS");
    assert_eq!(notification.original_type, "transaction");
    assert_eq!(notification.resource, transaction(), "with fields nobody knows yet");
    assert_eq!(notification.serial, PUBLIC_KEY_ID);
    assert_eq!(notification.kind.unwrap().id(), "payments.transaction");
    // The same notification again is the same notification.
    assert_eq!(kernel().parse_notification(&sign(&body), &body).unwrap().id, notification.id);
}

#[test]
fn a_number_that_nobody_holds_comes_as_text_and_spoils_nothing() {
    let content = br#"{"out_trade_no":"1","mchid":"1900000001","trade_state":"SUCCESS","amount":{"total":18446744073709551616,"payer_total":100}}"#;
    let body = envelope("TRANSACTION.SUCCESS", seal(API_V3_KEY, "transaction", "transaction", content));
    let notification = kernel().parse_notification(&sign(&body), &body).unwrap();
    assert_eq!(notification.resource["amount"]["total"], "18446744073709551616");
}

#[test]
fn the_type_is_chosen_by_event_original_type_and_members() {
    let refund = json!({ "out_refund_no": "1", "refund_status": "SUCCESS" });
    let combined = json!({ "combine_out_trade_no": "1", "sub_orders": [transaction()] });
    for (event, original, resource, id) in [
        ("REFUND.SUCCESS", "refund", &refund, Some("refunds.refund")),
        ("REFUND.ABNORMAL", "refund", &refund, Some("refunds.refund")),
        ("REFUND.SUCCESS", "refund", &json!({ "refund_id": "1" }), None),
        ("TRANSACTION.SUCCESS", "profitsharing", &transaction(), None),
        ("TRANSACTION.SUCCESS", "transaction", &combined, Some("combine_payments.transaction")),
        ("SOMETHING.NEW", "", &refund, None),
    ] {
        let body = envelope(event, seal(API_V3_KEY, "", original, resource.to_string().as_bytes()));
        let notification = kernel().parse_notification(&sign(&body), &body).unwrap();
        assert_eq!(notification.kind.map(|kind| kind.id()), id, "{event} {original} {resource}");
        assert_eq!(notification.resource, *resource, "an unknown notification is decrypted all the same");
    }
}

#[test]
fn a_forged_or_altered_notification_is_refused() {
    let body = payment();
    let stranger = cast().stranger.sign(PUBLIC_KEY_ID, NOW, &body);
    assert_eq!(kernel().parse_notification(&stranger, &body).unwrap_err().code(), "SIGNATURE_MISMATCH");
    for i in (0..body.len()).step_by(7) {
        let mut altered = body.clone();
        altered[i] ^= 1;
        let error = kernel().parse_notification(&sign(&body), &altered).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Verification, "SIGNATURE_MISMATCH"));
    }
    let unsigned = kernel().parse_notification(&Headers::new(), &body).unwrap_err();
    assert_eq!(unsigned.code(), "MISSING_HEADER");
    let old = cast().wechatpay.sign(PUBLIC_KEY_ID, NOW - 301, &body);
    assert_eq!(kernel().parse_notification(&old, &body).unwrap_err().code(), "CLOCK_OFF");
}

#[test]
fn a_body_parsed_and_written_anew_is_recognised() {
    let body = payment();
    let spaced = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&body).unwrap()).unwrap();
    let error = kernel().parse_notification(&sign(&body), &spaced).unwrap_err();
    assert!(error.message().contains("raw bytes"), "{error}");
}

#[test]
fn a_wrong_api_v3_key_is_named() {
    let other = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let body = envelope("TRANSACTION.SUCCESS", seal(other, "transaction", "transaction", b"{}"));
    let error = kernel().parse_notification(&sign(&body), &body).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Decryption, "WRONG_API_V3_KEY"));
    assert!(
        error.message().contains("not the one set on the merchant platform") && error.authenticated(),
        "{error}"
    );
}

#[test]
fn sealed_content_with_something_wrong_is_refused() {
    let change = |name: &str, value: Value| {
        let mut resource = seal(API_V3_KEY, "transaction", "transaction", b"{}");
        match value {
            Value::Null => drop(resource.as_object_mut().unwrap().remove(name)),
            value => resource[name] = value,
        }
        let body = envelope("TRANSACTION.SUCCESS", resource);
        kernel().parse_notification(&sign(&body), &body).unwrap_err()
    };
    let flipped_tag = {
        let sealed = seal(API_V3_KEY, "transaction", "transaction", b"{}");
        let mut bytes = base64::Engine::decode(&STANDARD, sealed["ciphertext"].as_str().unwrap()).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        base64::Engine::encode(&STANDARD, bytes)
    };
    for (name, value, code) in [
        ("ciphertext", json!(flipped_tag), "WRONG_API_V3_KEY"),
        ("ciphertext", json!("!!!"), "BAD_NOTIFICATION"),
        ("ciphertext", json!(""), "WRONG_API_V3_KEY"),
        ("ciphertext", Value::Null, "BAD_NOTIFICATION"),
        ("nonce", json!("fdasflkja4840"), "BAD_NONCE"),
        ("nonce", json!(""), "BAD_NONCE"),
        ("associated_data", json!("other"), "WRONG_API_V3_KEY"),
        ("associated_data", Value::Null, "WRONG_API_V3_KEY"),
        ("algorithm", json!("AEAD_SM4_GCM"), "BAD_NOTIFICATION"),
    ] {
        let error = change(name, value.clone());
        assert_eq!(error.code(), code, "{name} = {value}");
    }
    for body in [&b""[..], b"{}", b"[]", b"nonsense", br#"{"id":"x","event_type":"y","resource":null}"#] {
        let error = kernel().parse_notification(&sign(body), body).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "BAD_NOTIFICATION"));
    }
    let not_json = envelope("TRANSACTION.SUCCESS", seal(API_V3_KEY, "", "", b"not json"));
    assert_eq!(
        kernel().parse_notification(&sign(&not_json), &not_json).unwrap_err().code(),
        "BAD_NOTIFICATION"
    );
}

#[test]
fn associated_data_may_be_empty_or_absent() {
    for remove in [false, true] {
        let mut resource = seal(API_V3_KEY, "", "transaction", b"{}");
        if remove {
            resource.as_object_mut().unwrap().remove("associated_data");
        }
        let body = envelope("TRANSACTION.SUCCESS", resource);
        assert!(kernel().parse_notification(&sign(&body), &body).is_ok());
    }
}

#[test]
fn an_oversized_body_is_not_even_hashed() {
    let body = vec![b' '; 2 * 1024 * 1024 + 1];
    assert_eq!(kernel().parse_notification(&sign(b""), &body).unwrap_err().code(), "BODY_TOO_LARGE");
}

proptest! {
    /// Whatever a stranger posts, the answer is an error: no panic, and nothing gets through.
    #[test]
    fn nothing_unsigned_gets_through(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        headers in proptest::collection::vec((prop_oneof![
            Just("Wechatpay-Serial"), Just("Wechatpay-Signature"), Just("Wechatpay-Timestamp"), Just("Wechatpay-Nonce"),
            Just("Wechatpay-Signature-Type"),
        ], "\\PC{0,40}"), 0..8),
    ) {
        let headers: Headers = headers.into_iter().collect();
        prop_assert!(kernel().parse_notification(&headers, &body).is_err());
    }

    /// Even signed, an envelope of any shape is an error or comes back; it never panics.
    #[test]
    fn signed_envelopes_of_any_shape_are_handled(
        algorithm in "\\PC{0,20}", nonce in "\\PC{0,16}", ciphertext in "[A-Za-z0-9+/=]{0,64}", extra in "\\PC{0,20}",
    ) {
        let body = envelope(&extra, json!({ "algorithm": algorithm, "nonce": nonce, "ciphertext": ciphertext }));
        prop_assert!(kernel().parse_notification(&sign(&body), &body).is_err());
    }
}

/// The parking fee is asked for, and told with the merchant's signature over timestamp, nonce and body.
#[test]
fn what_a_notification_asks_for_is_answered_with_signed_json() {
    let asked = operation::notification_named("parking.reminders.fee_asked");
    let answer = json!({ "code": "FAIL", "message": "停车单不存在" });
    let reply = kernel().answer_notification(asked, &answer).unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"code":"FAIL","message":"停车单不存在"}"#));
    let scheme = reply.authorization.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
    let part = |name: &str| {
        let (_, rest) = scheme.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(part("mchid"), MCHID);
    assert_eq!(part("serial_no"), cast().merchant.serial());
    assert_eq!(part("timestamp"), NOW.to_string());
    let message = format!("{NOW}\n{}\n{}\n", part("nonce_str"), reply.body);
    let signature = STANDARD.decode(part("signature")).unwrap();
    assert!(cast().merchant.public_key().verify_sha256(message.as_bytes(), &signature));
}

#[test]
fn an_answer_is_checked_and_given_only_where_it_is_asked_for() {
    let refused = |id: &str, answer: Value| {
        let error = kernel().answer_notification(operation::notification_named(id), &answer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        error.code().to_owned()
    };
    let asked = "parking.reminders.fee_asked";
    assert_eq!(refused(asked, json!({ "code": "SUCCESS" })), "MISSING_PARAMETER");
    assert_eq!(refused(asked, json!({ "code": "FAIL", "message": "", "fee": 1 })), "UNKNOWN_PARAMETER");
    assert_eq!(refused(asked, json!({ "code": "FAIL", "message": 1 })), "WRONG_TYPE");
    assert_eq!(refused(asked, json!("FAIL")), "WRONG_TYPE");
    assert_eq!(refused("payments.transaction", json!({ "code": "SUCCESS" })), "NO_ANSWER_ASKED");
    assert_eq!(refused("unknown", json!({})), "NO_ANSWER_ASKED");
}

//! What deployments do to notifications is said, and never accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wechatpay_core::http::Headers;
use wechatpay_core::{Error, ErrorKind};

use crate::platform::{API_V3_KEY, NOW, PUBLIC_KEY_ID, cast, kernel, seal};

/// A good notification, as WeChat Pay writes it.
fn good() -> (Headers, Vec<u8>) {
    let resource = json!({ "mchid": "1900000001", "out_trade_no": "1", "trade_state": "SUCCESS" });
    let body = json!({
        "id": "EV-1", "create_time": "2026-01-01T00:00:00+08:00", "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
        "resource": seal(API_V3_KEY, "transaction", "transaction", resource.to_string().as_bytes()),
    })
    .to_string()
    .into_bytes();
    (cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, &body), body)
}

fn refused(headers: &Headers, body: &[u8]) -> Error {
    let error = kernel().parse_notification(headers, body).unwrap_err();
    assert_eq!((error.kind(), error.authenticated()), (ErrorKind::Verification, false), "{error}");
    assert_eq!(error.notification_reply().status, 401);
    error
}

#[test]
fn a_body_that_was_changed_on_its_way_is_said_to_be() {
    let (headers, body) = good();
    let text = std::str::from_utf8(&body).unwrap();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let base64 = STANDARD.encode(&body);
    for (what, changed, said) in [
        ("gzip", [&[0x1f, 0x8b, 8, 0][..], &body].concat(), "compressed with gzip"),
        ("byte order mark", [b"\xef\xbb\xbf", body.as_slice()].concat(), "byte order mark"),
        ("UTF-16, little end first", utf16(u16::to_le_bytes), "UTF-16"),
        ("UTF-16, big end first", utf16(u16::to_be_bytes), "UTF-16"),
        ("UTF-16 with its mark", [vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat(), "UTF-16"),
        // 支付成功 in GBK.
        ("GBK", replaced(&body, "支付成功".as_bytes(), b"\xd6\xa7\xb8\xb6\xb3\xc9\xb9\xa6"), "not UTF-8"),
        ("unreadable characters", text.replace("支付成功", "\u{fffd}\u{fffd}").into_bytes(), "U+FFFD"),
        ("question marks", text.replace("支付成功", "????").into_bytes(), "???"),
        (
            "ISO-8859-1",
            body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
            "ISO-8859-1",
        ),
        ("base64", base64.clone().into_bytes(), "isBase64Encoded"),
        ("base64 with a line feed", format!("{base64}\n").into_bytes(), "isBase64Encoded"),
        ("base64 in JSON", json!(base64).to_string().into_bytes(), "encoded it twice"),
        ("JSON in JSON", json!(text).to_string().into_bytes(), "encoded it once more"),
        ("a form", text.replace('{', "%7B").replace('"', "%22").into_bytes(), "as a form"),
        ("a filter", text.replace('"', "&quot;").into_bytes(), "filter against scripts"),
        (
            "written anew",
            serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&body).unwrap()).unwrap(),
            "wrote it anew",
        ),
        ("a blank more", format!(" {text}").into_bytes(), "something added them"),
        ("nothing left", Vec::new(), "consumed the body"),
        ("APIv2", b"<xml><return_code>SUCCESS</return_code></xml>".to_vec(), "APIv2"),
        ("anything", text.replace("EV-1", "EV-2").into_bytes(), "was altered or re-serialised"),
    ] {
        let error = refused(&headers, &changed);
        assert_eq!(error.code(), "SIGNATURE_MISMATCH", "{what}");
        assert!(error.message().contains(said), "{what}: {error}");
    }
    assert!(kernel().parse_notification(&headers, &body).is_ok());
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = body.windows(from.len()).position(|bytes| bytes == from).unwrap();
    [&body[..at], to, &body[at + from.len()..]].concat()
}

#[test]
fn a_body_that_was_decompressed_and_changed_is_suspected() {
    let (mut headers, body) = good();
    headers.push("content-encoding", "gzip");
    assert!(kernel().parse_notification(&headers, &body).is_ok(), "what is intact is intact");
    let error = refused(&headers, &replaced(&body, b"EV-1", b"EV-2"));
    assert!(error.message().contains("Content-Encoding"), "{error}");
}

#[test]
fn a_long_body_is_explained_by_its_beginning_only() {
    let (headers, body) = good();
    let long = |start: &[u8]| [start, &body, &vec![b' '; 64 * 1024]].concat();
    let error = refused(&headers, &long(b"\xef\xbb\xbf"));
    assert!(error.message().contains("byte order mark"), "{error}");
    let error = refused(&headers, &long(b""));
    assert!(error.message().contains("up to 16384 bytes only"), "{error}");
}

/// The headers under other names, or with other values.
fn with(headers: &Headers, change: impl Fn(&str, &str) -> (String, String)) -> Headers {
    headers.iter().map(|(name, value)| change(name, value)).collect()
}

#[test]
fn headers_under_other_names_are_found_and_not_taken() {
    let (headers, body) = good();
    let renamed =
        |name: fn(&str) -> String| with(&headers, move |found, value| (name(found), value.to_owned()));
    for (names, found, said) in [
        (
            renamed(|name| format!("HTTP_{}", name.to_uppercase().replace('-', "_"))),
            "HTTP_WECHATPAY_SERIAL",
            "WSGI",
        ),
        (renamed(|name| name.to_lowercase().replace('-', "_")), "wechatpay_serial", "underscores"),
        (renamed(|name| format!("X-Forwarded-{name}")), "X-Forwarded-Wechatpay-Serial", "prefix"),
        (renamed(|name| name.replace('-', "")), "WechatpaySerial", "renamed"),
    ] {
        let error = refused(&names, &body);
        assert_eq!(error.code(), "MISSING_HEADER");
        for text in [found, "\"Wechatpay-Serial\"", said] {
            assert!(error.message().contains(text), "{text}: {error}");
        }
    }
    // One that is like another is not taken for it.
    let types_only = with(&headers, |name, value| {
        (
            if name == "Wechatpay-Signature" { "X-Wechatpay-Signature-Type" } else { name }.to_owned(),
            value.to_owned(),
        )
    });
    assert!(refused(&types_only, &body).message().contains("strips headers"));
    let long_name = with(&headers, |name, value| (format!("{}{name}", "x".repeat(100)), value.to_owned()));
    assert!(refused(&long_name, &body).message().contains("strips headers"));
}

#[test]
fn an_older_protocols_notification_is_called_by_its_name() {
    for body in [&b"<xml><appid>wx1</appid></xml>"[..], b"\r\n<XML>"] {
        let error = refused(&Headers::new(), body);
        assert_eq!(error.code(), "MISSING_HEADER");
        assert!(error.message().contains("APIv2"), "{error}");
    }
}

#[test]
fn a_list_of_one_is_the_header_and_two_different_ones_are_none() {
    let (headers, body) = good();
    for name in ["Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature"] {
        let mut twice = headers.clone();
        twice.push(name.to_lowercase(), format!(" {} ", headers.get(name).unwrap()));
        twice.push(name, "");
        assert!(kernel().parse_notification(&twice, &body).is_ok(), "the same value twice");
        for first in [true, false] {
            let mut other = Headers::new();
            if first {
                other.push(name, "1");
            }
            headers.iter().for_each(|(name, value)| other.push(name, value));
            if !first {
                other.push(name, "1");
            }
            let error = refused(&other, &body);
            assert_eq!(error.code(), "AMBIGUOUS_HEADER");
            assert!(error.message().contains(name), "{error}");
        }
    }
}

#[test]
fn lists_written_as_text_are_recognised() {
    let (headers, body) = good();
    let all =
        |change: fn(&str) -> String| with(&headers, move |name, value| (name.to_owned(), change(value)));
    for (changed, said) in [
        (all(|value| format!("{value}, {value}")), "two values"),
        (all(|value| format!("['{value}']")), "list, written as text"),
    ] {
        let error = refused(&changed, &body);
        assert!(error.message().contains(said), "{error}");
    }
    let of_the_signature = |change: fn(&str) -> String| {
        with(&headers, move |name, value| {
            let value = if name == "Wechatpay-Signature" { change(value) } else { value.to_owned() };
            (name.to_owned(), value)
        })
    };
    for (changed, said) in [
        (of_the_signature(|value| format!("{value},{value}")), "two values"),
        (of_the_signature(|value| value.replace('=', "%3D").replace('/', "%2f")), "percent-encoded"),
        (of_the_signature(|value| value[1..].to_owned()), "not valid base64"),
    ] {
        let error = refused(&changed, &body);
        assert!(error.code() == "SIGNATURE_MISMATCH" && error.message().contains(said), "{error}");
    }
}

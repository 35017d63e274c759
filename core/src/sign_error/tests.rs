use serde_json::json;

use super::*;
use crate::http::{Headers, Method};

const NONCE: &str = "5hMYYOOJpzdAfboMUB7QiPmfxmhVehVk";

fn request(method: Method, target: &str, body: &str, content_type: &str) -> HttpRequest {
    let authorization = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000001\",nonce_str=\"{NONCE}\",timestamp=\"1709745440\",serial_no=\"5157F0\",signature=\"c2ln\""
    );
    let headers: Headers =
        [("Authorization", authorization), ("Content-Type", content_type.to_owned())].into_iter().collect();
    HttpRequest {
        method,
        url: format!("https://api.mch.weixin.qq.com{target}"),
        headers,
        body: body.as_bytes().to_vec(),
    }
}

/// What WeChat Pay would quote of a message that it checked: eight bytes of the body.
fn information(method: &str, target: &str, timestamp: &str, nonce: &str, body: &str) -> Value {
    let head = format!("{method}\n{target}\n{timestamp}\n{nonce}\n");
    let beginning = String::from_utf8_lossy(&body.as_bytes()[..body.len().min(8)]);
    json!({
        "method": method,
        "url": target,
        "sign_message_length": head.len() + body.len() + 1,
        "truncated_sign_message": format!("{head}{beginning}\n"),
    })
}

fn refusal(information: &Value) -> Error {
    let detail = json!({
        "detail": { "issue": "sign not match" },
        "field": "signature",
        "location": "authorization",
        "sign_information": information,
    });
    Error::new(ErrorKind::Api, "SIGN_ERROR", "错误的签名，验签失败")
        .with_detail(detail)
        .with_hint(USUAL_CAUSES)
}

#[track_caller]
fn explained(request: &HttpRequest, information: &Value, said: &[&str]) {
    let error = request.explain(refusal(information));
    for said in said {
        assert!(error.message().contains(said), "wanted {said:?}: {error}");
    }
    assert!(error.message().starts_with("错误的签名，验签失败 "), "WeChat Pay's text stays: {error}");
    assert!(!error.message().contains("Usual causes"), "the guess makes way for what is known: {error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("c2ln") && !shown.contains("mchid=\""), "{shown}");
}

#[test]
fn what_differs_first_is_told() {
    let target = "/v3/pay/transactions/jsapi";
    let body = r#"{"appid":"wx1","amount":{"total":1}}"#;
    let post = request(Method::Post, target, body, "application/json");
    let theirs = |method: &str, target: &str, timestamp: &str, nonce: &str, body: &str| {
        information(method, target, timestamp, nonce, body)
    };
    let time = "1709745440";
    explained(&post, &theirs("GET", target, time, NONCE, ""), &["method \"GET\"", "sent POST"]);
    explained(
        &post,
        &theirs("POST", "/wechat/v3/pay/transactions/jsapi", time, NONCE, body),
        &["path \"/wechat/v3/pay/transactions/jsapi\"", "sent \"/v3/pay/transactions/jsapi\"", "gateway"],
    );
    explained(&post, &theirs("POST", &format!("{target}?a=1"), time, NONCE, body), &["query \"a=1\""]);
    explained(&post, &theirs("POST", target, "1709745441", NONCE, body), &["timestamp", "1709745441"]);
    explained(&post, &theirs("POST", target, time, "other", body), &["nonce", "another request"]);
    explained(&post, &theirs("POST", target, time, NONCE, ""), &["received no body", "36 bytes"]);
    let spaced = body.replace(':', ": ");
    explained(&post, &theirs("POST", target, time, NONCE, &spaced), &["body of 39 bytes", "sent 36", "anew"]);
    let other = body.replace("appid", "mchid");
    explained(&post, &theirs("POST", target, time, NONCE, &other), &["begins otherwise"]);
    explained(
        &post,
        &theirs("POST", target, time, NONCE, body),
        &["arrived as it was sent", "does not belong to the certificate 5157F0", "same download"],
    );
}

#[test]
fn a_query_in_another_encoding_is_told() {
    let get = request(Method::Get, "/v3/x/1?name=%E4%B8%AD&a=b", "", "");
    let theirs = information("GET", "/v3/x/1?name=中&a=b", "1709745440", NONCE, "");
    explained(&get, &theirs, &["query \"name=中&a=b\"", "\"name=%E4%B8%AD&a=b\"", "byte for byte"]);
    let long = format!("/v3/x/{}", "a".repeat(5000));
    let error = get.explain(refusal(&information("GET", &long, "1709745440", NONCE, "")));
    assert!(error.message().len() < 1000, "{} bytes", error.message().len());
}

#[test]
fn a_character_cut_in_the_middle_is_no_difference() {
    let body = r#"{"a":"茶"}"#; // the eighth byte is within the character
    let post = request(Method::Post, "/v3/x", body, "application/json");
    explained(&post, &information("POST", "/v3/x", "1709745440", NONCE, body), &["arrived as it was sent"]);
}

#[test]
fn of_an_upload_the_meta_part_is_compared() {
    let meta = r#"{"filename":"a.jpg","sha256":"00"}"#;
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{meta}\r\n--B\r\nfile\r\n--B--\r\n"
    );
    let upload = request(Method::Post, "/v3/upload", &body, "multipart/form-data; boundary=B");
    let checked = |body: &str| information("POST", "/v3/upload", "1709745440", NONCE, body);
    explained(&upload, &checked(meta), &["arrived as it was sent"]);
    explained(&upload, &checked(&body), &["meta part of", "sent 34"]);
}

#[test]
fn both_ways_of_writing_the_answer_are_understood() {
    let post = request(Method::Post, "/v3/x", "{}", "application/json");
    let mut written_out = information("POST", "/v3/y", "1709745440", NONCE, "{}");
    let message = written_out["truncated_sign_message"].as_str().unwrap().replace('\n', "\\n");
    written_out["truncated_sign_message"] = message.into();
    written_out["sign_message_length"] = written_out["sign_message_length"].to_string().into();
    explained(&post, &written_out, &["path \"/v3/y\""]);
    written_out["truncated_sign_message"] =
        written_out["truncated_sign_message"].as_str().unwrap().replace("/v3/y", "/v3/x").into();
    written_out["sign_message_length"] = "200".into();
    explained(&post, &written_out, &["body of"]);
}

#[test]
fn what_cannot_be_compared_keeps_the_usual_causes() {
    let post = request(Method::Post, "/v3/x", "{}", "application/json");
    for detail in [
        json!({}),
        json!("text"),
        json!({ "sign_information": null }),
        json!({ "sign_information": { "method": 1, "url": [], "truncated_sign_message": "x" } }),
        json!({ "sign_information": { "truncated_sign_message": "a\nb\nc" } }),
    ] {
        let error =
            Error::new(ErrorKind::Api, "SIGN_ERROR", "m").with_detail(detail.clone()).with_hint(USUAL_CAUSES);
        assert_eq!(post.explain(error).message(), format!("m {USUAL_CAUSES}"), "{detail}");
    }
    let other = Error::new(ErrorKind::Api, "PARAM_ERROR", "m")
        .with_detail(json!({ "sign_information": information("GET", "/", "1", "2", "") }));
    assert_eq!(post.explain(other).message(), "m");
    let mut headless = request(Method::Post, "/v3/x", "{}", "application/json");
    headless.headers = Headers::new();
    let refused = headless.explain(refusal(&information("GET", "/", "1", "2", "")));
    assert!(refused.message().ends_with(USUAL_CAUSES), "{refused}");
    // A length that is too short for the lines before the body says nothing about the body.
    let mut short = information("POST", "/v3/x", "1709745440", NONCE, "{}");
    short["sign_message_length"] = 3.into();
    explained(&post, &short, &["arrived as it was sent"]);
}

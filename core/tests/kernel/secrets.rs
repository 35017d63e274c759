//! No key material in anything that can be printed.

use serde_json::json;
use wechatpay_core::http::{Headers, HttpResponse};
use wechatpay_core::operation::find;

use crate::platform::{API_V3_KEY, TestClock, cast, kernel, merchant, signed_answer};

#[test]
fn nothing_printable_holds_a_secret() {
    let pem = cast().merchant.key.serialize_pem();
    let key_line = pem.lines().nth(5).unwrap();
    let secret_text = "张三的身份证号";
    let params = json!({ "echo_message": "a", "encrypted_echo_message": secret_text });
    let request = kernel().prepare(find("security.echo").unwrap(), params).unwrap();
    let signature = request.headers.get("authorization").unwrap().to_owned();
    let response = HttpResponse::new(500, Headers::new(), b"body text".to_vec());
    let error = kernel().finish(find("security.echo").unwrap(), &response).unwrap_err();
    let echo = json!({ "echo_message": "about-the-order", "decrypted_echo_message": "openid-of-a-payer" });
    let answer =
        kernel().finish(find("payments.query_by_out_trade_no").unwrap(), &signed_answer(200, &echo)).unwrap();
    assert_eq!(answer.value, echo);
    let not_an_object =
        kernel().prepare(find("security.echo").unwrap(), json!(["openid-of-a-payer"])).unwrap_err();
    let download =
        kernel().prepare_download("https://api.mch.weixin.qq.com/v3/file?token=token-of-a-file").unwrap();
    let printed = [
        format!("{download:?}"),
        format!("{answer:?}"),
        format!("{not_an_object} {not_an_object:?}"),
        format!("{:?}", request.headers),
        format!("{:?}", merchant(&TestClock::new())),
        format!("{:?}", kernel()),
        format!("{:?}", cast().merchant.private_key()),
        format!("{request:?}"),
        format!("{response:?}"),
        format!("{error:?}"),
        format!("{error}"),
        format!("{:?}", kernel().jsapi_payment("wx1", "wx2").unwrap()),
    ];
    for text in printed {
        for secret in [
            API_V3_KEY,
            key_line,
            secret_text,
            signature.as_str(),
            "body text",
            "about-the-order",
            "openid-of-a-payer",
            "token-of-a-file",
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

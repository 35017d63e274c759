//! The published vectors through the kernel itself: same timestamp, same nonce, same signature.

use serde_json::Value;
use wechatpay_core::crypto::{PrivateKey, PublicKey};
use wechatpay_core::http::{Headers, HttpResponse, Method};
use wechatpay_core::{Config, Kernel, NonceSource, Result};

const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const TIMESTAMP: u64 = 1_554_208_460;

struct PublishedNonce;

impl NonceSource for PublishedNonce {
    fn fill(&self, random: &mut [u8]) -> Result<()> {
        for (byte, digits) in random.iter_mut().zip(NONCE.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        }
        Ok(())
    }
}

fn published() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/published.json")).unwrap()
}

fn vector(id: &str) -> Value {
    published()["vectors"].as_array().unwrap().iter().find(|v| v["id"] == id).unwrap().clone()
}

fn kernel(now: u64) -> Kernel {
    let keys = &published()["keys"];
    let text = |key: &str, name: &str| keys[key][name].as_str().unwrap().to_owned();
    let public = |key: &str| PublicKey::from_pem(&text(key, "public_key_pem")).unwrap();
    Kernel::new(
        Config::new(
            text("doc.merchant", "mchid"),
            PrivateKey::from_pem(&text("doc.merchant", "private_key_pem")).unwrap(),
        )
        .merchant_serial(text("doc.merchant", "serial"))
        // The id under which the verification page shows its key; that key is of another page.
        .wechatpay_public_key("PUB_KEY_ID_0000000000000024101100397200000006", public("doc.wechatpay"))
        .wechatpay_public_key("PUB_KEY_ID_9", public("doc.wechatpay_pubkey_page"))
        .clock(move || now)
        .nonce_source(PublishedNonce),
    )
    .unwrap()
}

#[test]
fn requests_are_signed_bit_for_bit_as_published() {
    let mut reproduced = 0;
    for vector in published()["vectors"].as_array().unwrap() {
        if vector["type"] != "SHA256-RSA2048 request" {
            continue;
        }
        let message = vector["message"].as_str().unwrap();
        let lines: Vec<&str> = message.splitn(5, '\n').collect();
        let [method, target, _, _, body] = lines[..] else { panic!("{message}") };
        let method = Method::from_name(method).unwrap();
        let body = body.strip_suffix('\n').unwrap();
        // The kernel writes JSON in one way; what is compared here is the rest, so JSON with blanks in it is left out.
        let value = (!body.is_empty()).then(|| serde_json::from_str::<Value>(body).unwrap());
        let written = value.as_ref().map(Value::to_string);
        if written.is_some_and(|written| written != body) {
            assert_eq!(vector["id"], "doc.sign_upload_meta_old");
            continue;
        }
        let request = kernel(TIMESTAMP).prepare_request(method, target, value).unwrap();
        let expected = vector.get("computed_signature").unwrap_or(&vector["signature"]).as_str().unwrap();
        let authorization = request.headers.get("Authorization").unwrap();
        assert!(authorization.contains(&format!("signature=\"{expected}\"")), "{}", vector["id"]);
        reproduced += 1;
    }
    assert_eq!(reproduced, 5);
}

#[test]
fn payment_parameters_are_signed_as_published() {
    let prepay_id = "wx201410272009395522657a690389285100";
    let appid = "wx2421b1c4370ec43b";
    for id in ["doc.paysign_jsapi", "doc.paysign_miniprogram"] {
        let payment = kernel(TIMESTAMP).jsapi_payment(appid, prepay_id).unwrap();
        assert_eq!(payment.pay_sign, vector(id)["signature"].as_str().unwrap());
    }
    let payment = kernel(TIMESTAMP).app_payment(appid, prepay_id).unwrap();
    assert_eq!(payment.sign, vector("doc.paysign_app")["signature"].as_str().unwrap());
}

#[test]
fn the_published_answer_verifies_and_the_mismatched_one_does_not() {
    let answer = vector("doc.verify_response");
    let headers: Headers = answer["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name, value.as_str().unwrap()))
        .collect();
    let body = answer["body"].as_str().unwrap().as_bytes().to_vec();
    let now = 1_722_850_421;
    let response = HttpResponse::new(200, headers.clone(), body.clone());
    let finished = kernel(now).finish_request(Method::Post, &response).unwrap();
    assert_eq!(finished.value["code_url"], "weixin://wxpay/bizpayurl?pr=JyC91EIz1");

    let other_key = headers
        .iter()
        .map(|(name, value)| (name, if name == "Wechatpay-Serial" { "PUB_KEY_ID_9" } else { value }))
        .collect();
    let error =
        kernel(now).finish_request(Method::Post, &HttpResponse::new(200, other_key, body)).unwrap_err();
    assert_eq!(error.code(), "SIGNATURE_MISMATCH");
    assert_eq!(kernel(now + 301).finish_request(Method::Post, &response).unwrap_err().code(), "CLOCK_OFF");
}

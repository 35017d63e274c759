//! The `Authorization` header of a request, and whether its signature holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use wechatpay_core::crypto::PublicKey;
use wechatpay_core::protocol::answer_message;

use crate::refusal::{Refusal, Result};

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// The platform refuses requests whose clock is more than this many seconds off.
const CLOCK_WINDOW: u64 = 300;
/// So many bytes of a body the platform quotes when it refuses a signature.
const QUOTED_BODY: usize = 8;

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) mchid: String,
    pub(crate) serial_no: String,
    pub(crate) nonce_str: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
}

/// What must be known to judge a signature.
pub(crate) struct Expected<'a> {
    pub(crate) mchid: &'a str,
    pub(crate) serial: &'a str,
    pub(crate) key: &'a PublicKey,
    /// The platform's clock, Unix seconds.
    pub(crate) now: i64,
}

impl Authorization {
    /// Reads the header. The order of the fields is free.
    pub(crate) fn parse(header: Option<&str>) -> Result<Self> {
        let malformed = |why: &str| {
            Refusal::sign_error(format!("Http头Authorization值格式错误：{why}"))
                .with_detail(json!({ "field": "Authorization", "location": "authorization", "issue": why }))
        };
        let header = header.ok_or_else(|| malformed("Http头缺少Authorization"))?.trim();
        let (scheme, fields) =
            header.split_once(' ').ok_or_else(|| malformed("认证类型与认证信息之间应有一个空格"))?;
        if scheme != SCHEME {
            let issue = format!("认证类型不正确，应为 {SCHEME}，收到 {scheme}");
            return Err(Refusal::sign_error(format!("Http头Authorization{issue}")).with_detail(
                json!({ "field": "schema", "location": "authorization", "value": scheme, "issue": issue }),
            ));
        }
        let mut found: [Option<String>; 5] = [const { None }; 5];
        const NAMES: [&str; 5] = ["mchid", "serial_no", "nonce_str", "timestamp", "signature"];
        for part in fields.split(',') {
            let (name, value) =
                part.trim().split_once('=').ok_or_else(|| malformed("应为 名称=\"值\"，以逗号分隔"))?;
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .ok_or_else(|| malformed(&format!("{name} 的值应放在双引号中")))?;
            let slot = NAMES
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| malformed(&format!("未知的字段 {name}")))?;
            if found[slot].replace(value.to_owned()).is_some() {
                return Err(malformed(&format!("字段 {name} 重复")));
            }
        }
        let mut take = |slot: usize| {
            found[slot]
                .take()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| malformed(&format!("缺少 {}", NAMES[slot])))
        };
        Ok(Self {
            mchid: take(0)?,
            serial_no: take(1)?,
            nonce_str: take(2)?,
            timestamp: take(3)?,
            signature: take(4)?,
        })
    }

    /// The same of an answer to a notification: there timestamp, nonce and body are signed.
    pub(crate) fn verify_answer(&self, expected: &Expected<'_>, body: &[u8]) -> Result<()> {
        self.check(expected)?;
        if self.signs(expected, &answer_message(&self.timestamp, &self.nonce_str, body)) {
            return Ok(());
        }
        Err(Refusal::sign_error("错误的签名，验签失败"))
    }

    fn signs(&self, expected: &Expected<'_>, message: &[u8]) -> bool {
        STANDARD
            .decode(&self.signature)
            .is_ok_and(|signature| expected.key.verify_sha256(message, &signature))
    }

    fn check(&self, expected: &Expected<'_>) -> Result<()> {
        let timestamp: i64 = self.timestamp.parse().map_err(|_| {
            Refusal::sign_error("Http头Authorization中的timestamp不是以秒为单位的时间戳").with_detail(
                json!({ "field": "timestamp", "location": "authorization", "value": self.timestamp }),
            )
        })?;
        if timestamp.abs_diff(expected.now) > CLOCK_WINDOW {
            return Err(Refusal::sign_error(format!(
                "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟（收到 {timestamp}，平台时间 {}）",
                expected.now
            ))
            .with_detail(
                json!({ "field": "timestamp", "location": "authorization", "value": self.timestamp }),
            ));
        }
        if self.nonce_str.len() > 32 {
            return Err(Refusal::sign_error("Http头Authorization中的nonce_str不得超过32个字符"));
        }
        if self.mchid != expected.mchid {
            return Err(Refusal::new(401, "SIGN_ERROR", format!("商户号 {} 不存在或未开通", self.mchid))
                .with_detail(json!({ "field": "mchid", "location": "authorization", "value": self.mchid })));
        }
        if !self.serial_no.eq_ignore_ascii_case(expected.serial) {
            return Err(Refusal::sign_error("商户证书序列号有误。请使用签名私钥匹配的证书序列号")
                .with_detail(
                    json!({ "field": "serial_no", "location": "authorization", "value": self.serial_no }),
                ));
        }
        Ok(())
    }

    /// Checks clock, merchant, certificate and signature, in the order of the platform.
    pub(crate) fn verify(
        &self,
        expected: &Expected<'_>,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<()> {
        self.check(expected)?;
        let mut message =
            format!("{method}\n{path_and_query}\n{}\n{}\n", self.timestamp, self.nonce_str).into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if self.signs(expected, &message) {
            return Ok(());
        }
        Err(Refusal::sign_error("错误的签名，验签失败").with_detail(json!({
            // One level deeper than the documentation has it: so it comes.
            "detail": { "issue": "sign not match" },
            "field": "signature",
            "location": "authorization",
            "sign_information": {
                "method": method,
                "url": path_and_query,
                "sign_message_length": message.len(),
                "truncated_sign_message": truncated(&message),
            },
        })))
    }
}

/// As the platform does: the signed message with the first bytes of the body, to compare with the caller's own.
fn truncated(message: &[u8]) -> String {
    let head = message
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(3)
        .map_or(message.len(), |(index, _)| index + 1);
    let body = &message[head..];
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let shown = &body[..body.len().min(QUOTED_BODY)];
    format!("{}{}\n", String::from_utf8_lossy(&message[..head]), String::from_utf8_lossy(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_fields_is_free() {
        let one = Authorization::parse(Some(
            r#"WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="n",timestamp="2",serial_no="S",signature="c2ln""#,
        ));
        let other = Authorization::parse(Some(
            r#"WECHATPAY2-SHA256-RSA2048 signature="c2ln", serial_no="S",timestamp="2",nonce_str="n",mchid="1""#,
        ));
        assert_eq!(one.unwrap(), other.unwrap());
    }

    #[test]
    fn refuses_what_is_not_a_header_of_v3_and_says_why() {
        for (header, why) in [
            (None, "缺少Authorization"),
            (Some("Basic abc"), "WECHATPAY2-SHA256-RSA2048"),
            (Some("WECHATPAY2-SHA256-RSA2048"), "空格"),
            (Some("WECHATPAY2-SHA256-RSA2048 mchid=1"), "双引号"),
            (Some(r#"WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="1""#), "重复"),
            (Some(r#"WECHATPAY2-SHA256-RSA2048 mchid="1",serial_no="S""#), "nonce_str"),
        ] {
            let refusal = Authorization::parse(header).unwrap_err();
            assert_eq!(refusal.status, 401);
            assert_eq!(refusal.code(), "SIGN_ERROR");
            let message = refusal.body.unwrap()["message"].as_str().unwrap().to_owned();
            assert!(message.contains(why), "{message} should name {why}");
        }
    }

    #[test]
    fn the_published_signatures_are_good_and_others_are_not() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/published.json")).unwrap();
        let merchant = &vectors["keys"]["doc.merchant"];
        let key = wechatpay_core::crypto::PrivateKey::from_pem(merchant["private_key_pem"].as_str().unwrap())
            .unwrap()
            .public_key();
        let mut checked = 0;
        for vector in vectors["vectors"].as_array().unwrap() {
            if vector["type"] != "SHA256-RSA2048 request" {
                continue;
            }
            let [method, path, timestamp, nonce, body] = {
                let mut lines = vector["message"].as_str().unwrap().splitn(5, '\n');
                [(); 5].map(|()| lines.next().unwrap())
            };
            let signature = vector.get("computed_signature").unwrap_or(&vector["signature"]);
            let header = format!(
                "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",serial_no=\"{}\",signature=\"{}\"",
                merchant["mchid"].as_str().unwrap(),
                merchant["serial"].as_str().unwrap(),
                signature.as_str().unwrap(),
            );
            let authorization = Authorization::parse(Some(&header)).unwrap();
            let expected = |now: i64| Expected {
                mchid: merchant["mchid"].as_str().unwrap(),
                serial: merchant["serial"].as_str().unwrap(),
                key: &key,
                now,
            };
            let body = body.strip_suffix('\n').unwrap();
            let now: i64 = timestamp.parse().unwrap();
            for offset in [-300, 0, 300] {
                authorization.verify(&expected(now + offset), method, path, body.as_bytes()).unwrap();
            }
            for offset in [-301, 301] {
                assert!(
                    authorization.verify(&expected(now + offset), method, path, body.as_bytes()).is_err()
                );
            }
            let other = format!("{body} ");
            let refusal = authorization.verify(&expected(now), method, path, other.as_bytes()).unwrap_err();
            let detail = &refusal.body.unwrap()["detail"];
            assert_eq!(detail["detail"]["issue"], "sign not match");
            let quoted = &detail["sign_information"];
            assert_eq!(quoted["sign_message_length"], vector["message"].as_str().unwrap().len() + 1);
            let beginning: String = other.chars().take(8).collect();
            let message = format!("{method}\n{path}\n{timestamp}\n{nonce}\n{beginning}\n");
            assert_eq!(quoted["truncated_sign_message"], message);
            checked += 1;
        }
        assert!(checked >= 6, "the vectors are gone");
    }
}

//! `GET /v3/certificates`, and `GET /v3/global/certificates` of the host in Hong Kong: the platform certificates, encrypted with the
//! APIv3 key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::Duration;
use wechatpay_core::crypto::ApiV3Key;

use crate::call::{Call, Reply};
use crate::clock::rfc3339;
use crate::faults::CertificatesFault;
use crate::ids;
use crate::keys::PlatformCertificate;
use crate::refusal::{Refusal, Result};
use crate::signing;
use crate::store::State;

const ASSOCIATED_DATA: &str = "certificate";

pub(crate) fn list(state: &mut State, _call: &Call) -> Result<Reply> {
    let current = state.certificates.clone();
    answer(state, current)
}

pub(crate) fn list_hk(state: &mut State, _call: &Call) -> Result<Reply> {
    let current = vec![state.keys.hk_platform.clone()];
    answer(state, current)
}

fn answer(state: &mut State, current: Vec<PlatformCertificate>) -> Result<Reply> {
    let fault = state.current_fault.certificates;
    if !state.settings.certificates || fault == Some(CertificatesFault::None) {
        return Err(Refusal::not_found(
            "RESOURCE_NOT_EXISTS",
            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196",
        ));
    }
    let now = state.clock.now();
    let issue = |from: Duration, until: Duration| {
        state
            .keys
            .issue(now + from, now + until)
            .map_err(|error| Refusal::new(500, "SYSTEM_ERROR", error.to_string()))
    };
    let year = Duration::days(365);
    let shown = match fault {
        Some(CertificatesFault::Empty) => Vec::new(),
        Some(CertificatesFault::Stranger) => vec![signing::stranger()?.clone()],
        Some(CertificatesFault::Expired) => vec![issue(-year, Duration::days(-1))?],
        Some(CertificatesFault::NotYetValid) => vec![issue(Duration::days(1), year)?],
        _ => current,
    };
    // A list of unusual certificates is signed by the one in it: a client that trusts whatever it decrypts must find
    // the signature good, and notice what is wrong all the same.
    if matches!(
        fault,
        Some(CertificatesFault::Stranger | CertificatesFault::Expired | CertificatesFault::NotYetValid)
    ) {
        state.sign_with = shown.first().map(|certificate| certificate.key.clone());
    }
    let other_key;
    let key = if fault == Some(CertificatesFault::WrongApiV3Key) {
        other_key = ApiV3Key::new(ids::alphanumeric(32)).map_err(encryption_failed)?;
        &other_key
    } else {
        &state.keys.api_v3_key
    };
    let data: Vec<Value> = shown
        .iter()
        .map(|certificate| {
            let plain = if fault == Some(CertificatesFault::Garbled) {
                "-----BEGIN CERTIFICATE-----\nthis is no certificate\n-----END CERTIFICATE-----\n"
            } else {
                &certificate.pem
            };
            entry(key, certificate, plain)
        })
        .collect::<Result<_>>()?;
    Ok(json!({ "data": data }).into())
}

fn entry(key: &ApiV3Key, certificate: &PlatformCertificate, plain: &str) -> Result<Value> {
    let nonce = ids::hex(12);
    let sealed = key
        .encrypt(nonce.as_bytes(), ASSOCIATED_DATA.as_bytes(), plain.as_bytes())
        .map_err(encryption_failed)?;
    Ok(json!({
        "serial_no": certificate.key.serial,
        "effective_time": rfc3339(certificate.effective),
        "expire_time": rfc3339(certificate.expire),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": ASSOCIATED_DATA,
            "ciphertext": STANDARD.encode(sealed),
        },
    }))
}

fn encryption_failed(error: wechatpay_core::Error) -> Refusal {
    Refusal::new(500, "SYSTEM_ERROR", error.to_string())
}

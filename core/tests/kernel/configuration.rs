//! Mistakes that are caught when the client is built, by name, rather than by a 401 at night.

use wechatpay_core::crypto::{ApiV3Key, Certificate, PublicKey};
use wechatpay_core::{Config, ErrorKind, Kernel};

use crate::platform::{API_V3_KEY, MCHID, PUBLIC_KEY_ID, TestClock, cast, merchant};

fn bare() -> Config {
    Config::new(MCHID, cast().merchant.private_key())
        .merchant_serial(cast().merchant.serial())
        .api_v3_key(ApiV3Key::new(API_V3_KEY).unwrap())
}

#[track_caller]
fn refused(config: Config, said: &str) {
    let error = Kernel::new(config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains(said), "wanted {said:?}: {error}");
}

#[test]
fn every_good_combination_is_accepted() {
    let lower = cast().merchant.serial().to_lowercase();
    let pairs: Vec<&str> =
        lower.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let with_colons = pairs.join(":");
    for config in [
        bare(),
        bare().merchant_serial(lower),
        bare().merchant_serial(with_colons),
        bare().merchant_certificate(cast().merchant.certificate.clone()),
        merchant(&TestClock::new()),
        bare().wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key()),
        bare().wechatpay_public_key(format!(" {PUBLIC_KEY_ID}\n"), cast().wechatpay.public_key()),
        bare().platform_certificate(cast().first.certificate.clone()),
        bare().base_url("http://127.0.0.1:8080"),
        bare().base_url("http://[::1]:8080"),
        bare().base_url("http://localhost:8080"),
        bare().base_url("https://apihk.mch.weixin.qq.com"),
    ] {
        Kernel::new(config).unwrap();
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let cast = cast();
    let other = &cast.stranger;
    refused(
        bare().merchant_serial(other.serial()).merchant_certificate(cast.merchant.certificate.clone()),
        "do not belong together",
    );
    refused(
        Config::new(MCHID, other.private_key())
            .merchant_certificate(cast.merchant.certificate.clone())
            .api_v3_key(ApiV3Key::new(API_V3_KEY).unwrap()),
        "same download",
    );
    refused(
        Config::new("1900000002", cast.merchant.private_key())
            .merchant_certificate(cast.merchant.certificate.clone())
            .api_v3_key(ApiV3Key::new(API_V3_KEY).unwrap()),
        "belongs to merchant 1900000001",
    );
    refused(bare().platform_certificate(cast.merchant.certificate.clone()), "merchant's own certificate");
    refused(bare().wechatpay_public_key(PUBLIC_KEY_ID, cast.merchant.public_key()), "merchant's own key");
    refused(
        bare().wechatpay_public_key(cast.merchant.serial(), cast.wechatpay.public_key()),
        "merchant's own key",
    );
}

#[test]
fn what_is_missing_or_misplaced_is_named() {
    let key = || cast().merchant.private_key();
    refused(Config::new(MCHID, key()), "apiclient_cert.pem");
    refused(Config::new(MCHID, key()).merchant_serial(cast().merchant.serial()), "nothing to verify");
    refused(Config::new("", key()), "merchant number");
    refused(Config::new("wx1234", key()), "merchant number");
    refused(bare().merchant_serial(PUBLIC_KEY_ID), "id of a WeChat Pay public key");
    refused(bare().merchant_serial("12 3G"), "hexadecimal");
    let decimal = "464389378319535425530970086054627680253797054689";
    refused(bare().merchant_serial(decimal), "5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
    refused(bare().merchant_serial("A".repeat(41)), "never more");
    let with_id = |id: &str| bare().wechatpay_public_key(id, cast().wechatpay.public_key());
    refused(with_id(""), "needs its id");
    refused(with_id(&PUBLIC_KEY_ID.to_lowercase()), "in capitals: PUB_KEY_ID_0119");
    refused(with_id(&PUBLIC_KEY_ID["PUB_KEY_ID_".len()..]), "has lost its beginning");
    refused(with_id(&format!("{PUBLIC_KEY_ID}\u{1}1")), "is no digit");
    refused(with_id("5157F09EFDC096DE15EBE81A47057A7232F1B8E1"), "serial number of a certificate");
    let twice = with_id(PUBLIC_KEY_ID).wechatpay_public_key(PUBLIC_KEY_ID, cast().stranger.public_key());
    refused(twice, "two different public keys");
    let with_line_end = ApiV3Key::new("0123456789abcdefghijklmnopqrstu\n").unwrap();
    refused(bare().api_v3_key(with_line_end), "control character");
    for url in [
        "https://api.mch.weixin.qq.com\n",
        "https://api.mch\0.weixin.qq.com",
        "https://user@api.mch.weixin.qq.com",
        "https://api.mch.weixin.qq.com:99999",
        "api.mch.weixin.qq.com",
        "http://api.mch.weixin.qq.com",
        "https://",
        "https://x/",
        "ftp://x",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.com",
    ] {
        refused(bare().base_url(url), "base URL");
    }
    refused(bare().user_agent("a\r\nX: y"), "printable ASCII");
    let error = Certificate::from_pem(&cast().merchant.key.serialize_pem()).unwrap_err();
    assert!(error.message().contains("a private key"), "{error}");
    let error = PublicKey::from_pem(&cast().first.pem).unwrap_err();
    assert!(error.message().contains("a certificate"), "{error}");
}

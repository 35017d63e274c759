//! What can be told without the network.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use wechatpay_core::crypto::{ApiV2Key, ApiV3Key, Certificate, PrivateKey};

use super::{Finding, Verdict};
use crate::language::Text;
use crate::{keys, options};

type Options = Map<String, Value>;

/// Days before the end of a certificate from which on it is worth a word.
const SOON_DAYS: i64 = 30;

pub(super) fn look(options: &Options) -> Vec<Finding> {
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let mut findings = vec![merchant_number(text("mchid").unwrap_or_default())];
    let key = match keys::private_key(options) {
        None => {
            findings.push(Finding::wrong("private_key", Text::new("it is missing", "没有配置"), where_key()));
            None
        }
        Some(Err(error)) => {
            findings.push(Finding::wrong("private_key", error.text(), where_key()));
            None
        }
        Some(Ok(key)) => {
            findings.push(Finding::right(
                "private_key",
                Text::new("an RSA key that can sign", "可用于签名的 RSA 私钥"),
            ));
            Some(key)
        }
    };
    match keys::certificate(options) {
        None => serial_alone(text("merchant_serial"), &mut findings),
        Some(Err(error)) => findings.push(Finding::wrong(
            "merchant_certificate",
            error.text(),
            Text::new(
                "take apiclient_cert.pem of the same download as the key",
                "使用与私钥同一次下载的 apiclient_cert.pem",
            ),
        )),
        Some(Ok(certificate)) => findings.extend(of_certificate(
            &certificate,
            key.as_ref(),
            text("mchid"),
            text("merchant_serial"),
        )),
    }
    if let Some(given) = text("api_v3_key") {
        findings.push(match ApiV3Key::new(given) {
            Ok(_) => Finding::right("api_v3_key", Text::new("32 characters", "32 个字符")),
            Err(error) => Finding::wrong("api_v3_key", Text::as_it_is(error.message()), where_v3_key()),
        });
    } else {
        findings.push(Finding::open(
            "api_v3_key",
            Text::new(
                "not configured: notifications and certificates cannot be decrypted",
                "未配置：无法解密回调通知和平台证书",
            ),
        ));
    }
    if let Some(Err(error)) = text("api_v2_key").map(ApiV2Key::new) {
        let mend = Text::new(
            "set it anew under Account Center → API security → APIv2 key",
            "在商户平台 账户中心 → API安全 → 设置APIv2密钥 重新设置",
        );
        findings.push(Finding::wrong("api_v2_key", Text::as_it_is(error.message()), mend));
    }
    findings.push(wechatpay_public_key(options, text("wechatpay_public_key_id")));
    // Whatever the checks above do not know, the client does.
    if findings.iter().all(|one| one.verdict != Verdict::Wrong) {
        findings.push(match options::client(options) {
            Ok(_) => Finding::right("options", Text::new("a client can be made of them", "可以创建客户端")),
            Err(failure) => Finding::wrong(
                "options",
                failure.text(),
                Text::new(
                    "the message says which option, and what it must be",
                    "报错信息说明了是哪个配置项、应当是什么",
                ),
            ),
        });
    }
    findings
}

fn where_key() -> Text {
    Text::new(
        "apiclient_key.pem of the merchant's API certificate: merchant platform → Account Center → API security → API certificate",
        "使用商户API证书的 apiclient_key.pem：商户平台 → 账户中心 → API安全 → 商户API证书",
    )
}

fn where_serial() -> Text {
    Text::new(
        "40 hexadecimal digits: merchant platform → Account Center → API security → API certificate → manage; or give the certificate itself \
         (merchant_certificate_path)",
        "40 位十六进制数：商户平台 → 账户中心 → API安全 → 商户API证书 → 管理证书；也可以直接配置证书（merchant_certificate_path）",
    )
}

fn where_v3_key() -> Text {
    Text::new(
        "merchant platform → Account Center → API security → APIv3 key; it is shown only while it is set",
        "商户平台 → 账户中心 → API安全 → APIv3密钥；只在设置时可见，忘记了需要重新设置",
    )
}

fn merchant_number(mchid: &str) -> Finding {
    if (8..=10).contains(&mchid.len()) && mchid.bytes().all(|byte| byte.is_ascii_digit()) {
        return Finding::right("mchid", Text::as_it_is(mchid));
    }
    Finding::wrong(
        "mchid",
        Text::new(
            format!("{mchid:?} is no merchant number: 8 to 10 digits"),
            format!("{mchid:?} 不是商户号：应为 8 至 10 位数字"),
        ),
        Text::new(
            "merchant platform → Account Center → merchant information",
            "商户平台 → 账户中心 → 商户信息",
        ),
    )
}

fn serial_alone(serial: Option<&str>, findings: &mut Vec<Finding>) {
    let digits = serial.unwrap_or_default().replace([':', ' '], "");
    findings.push(match serial {
        None => Finding::wrong(
            "merchant_serial",
            Text::new("neither the serial number nor the certificate is configured", "证书序列号和证书都没有配置"),
            where_serial(),
        ),
        Some(_) if digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => Finding::open(
            "merchant_serial",
            Text::new(
                "40 hexadecimal digits; whether it belongs to the private key only WeChat Pay knows, or the certificate (merchant_certificate_path)",
                "40 位十六进制数；是否与私钥匹配，只有微信支付或证书本身（merchant_certificate_path）能证明",
            ),
        ),
        Some(given) => Finding::wrong(
            "merchant_serial",
            Text::new(format!("{given:?} is no serial number of a certificate"), format!("{given:?} 不是证书序列号")),
            where_serial(),
        ),
    });
}

fn of_certificate(
    certificate: &Certificate,
    key: Option<&PrivateKey>,
    mchid: Option<&str>,
    serial: Option<&str>,
) -> Vec<Finding> {
    let about = "merchant_certificate";
    let same_download = Text::new(
        "key and certificate must be of the same download: take both from one zip file, or apply for a new certificate",
        "私钥和证书必须来自同一次下载：使用同一个压缩包中的两个文件，或重新申请证书",
    );
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let days_left = (certificate.not_after() - now) / 86_400;
    let mut findings = Vec::new();
    if key.is_some_and(|key| key.public_key().to_der() != certificate.public_key().to_der()) {
        findings.push(Finding::wrong(
            about,
            Text::new("it is another key's certificate, not the private key's", "证书与私钥不是一对"),
            same_download.clone(),
        ));
    }
    if let (Some(of), Some(mchid)) = (certificate.subject_common_name(), mchid)
        && of != mchid
    {
        findings.push(Finding::wrong(
            about,
            Text::new(
                format!("it is the certificate of {of}, not of {mchid}"),
                format!("这是商户 {of} 的证书，不是 {mchid} 的"),
            ),
            same_download,
        ));
    }
    let plain = |serial: &str| serial.replace([':', ' '], "").to_ascii_uppercase();
    if let Some(serial) = serial
        && plain(serial) != plain(certificate.serial())
    {
        findings.push(Finding::wrong(
            "merchant_serial",
            Text::new(
                format!("it is not that of the certificate, which is {}", certificate.serial()),
                format!("与证书不符，证书的序列号是 {}", certificate.serial()),
            ),
            where_serial(),
        ));
    }
    if !certificate.is_valid_at(now) {
        findings.push(Finding::wrong(
            about,
            Text::new("it is not valid today", "证书今天不在有效期内"),
            Text::new(
                "apply for a new one under API security, and deploy key and serial number together",
                "在 API安全 中更换证书，并同时更新私钥和序列号",
            ),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::right(
            about,
            Text::new(
                format!("belongs to the private key; serial {}; {days_left} days left", certificate.serial()),
                format!("与私钥匹配；序列号 {}；剩余 {days_left} 天", certificate.serial()),
            ),
        ));
        if days_left < SOON_DAYS {
            findings.push(Finding::open(
                about,
                Text::new("it ends soon: replace it before it does", "证书即将到期，请提前更换"),
            ));
        }
    }
    findings
}

fn wechatpay_public_key(options: &Options, id: Option<&str>) -> Finding {
    let about = "wechatpay_public_key";
    let place = Text::new(
        "merchant platform → Account Center → API security → WeChat Pay public key: the file and its id belong together",
        "商户平台 → 账户中心 → API安全 → 微信支付公钥：公钥文件与公钥ID必须配套",
    );
    match (keys::public_key(options), id) {
        (None, None) => Finding::open(
            about,
            Text::new(
                "not configured: answers are verified with platform certificates",
                "未配置：使用平台证书验签",
            ),
        ),
        (None, Some(_)) => Finding::wrong(
            about,
            Text::new("its id is there, the key is not", "配置了公钥ID，没有配置公钥"),
            place,
        ),
        (Some(Err(error)), _) => Finding::wrong(about, error.text(), place),
        (Some(Ok(_)), None) => Finding::wrong(
            about,
            Text::new("the key is there, its id is not", "配置了公钥，没有配置公钥ID"),
            place,
        ),
        (Some(Ok(_)), Some(id)) if !id.starts_with("PUB_KEY_ID_") => Finding::wrong(
            about,
            Text::new(
                format!("{id:?} is no id of a public key: it begins with PUB_KEY_ID_"),
                format!("{id:?} 不是公钥ID：应以 PUB_KEY_ID_ 开头"),
            ),
            place,
        ),
        (Some(Ok(_)), Some(id)) => Finding::right(about, Text::as_it_is(id)),
    }
}

//! What a call costs, without the network. `cargo xtask bench` runs this with each backend and sums up. Where there is such a
//! clock, CPU time counts: what else the machine does is not in it.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up must stop")]

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use criterion::{BatchSize, Criterion};
use serde_json::{Value, json};
use wechatpay_core::crypto::{ApiV3Key, MerchantKey, PrivateKey};
use wechatpay_core::http::{Headers, HttpResponse, Method};
use wechatpay_core::operation::{self, Operation};
use wechatpay_core::{Config, Kernel, protocol};

const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";
const NOW: u64 = 1_760_000_000;
/// Made for this benchmark; the merchant's key is the one that WeChat Pay's documentation publishes.
const PLATFORM_KEY: &str = include_str!("platform_key.pem");
const PLATFORM_KEY_ID: &str = "PUB_KEY_ID_0000000000000024101100397200000006";

fn main() {
    let mut criterion = Criterion::default().with_measurement(clock::Clock).configure_from_args();
    primitives(&mut criterion);
    calls(&mut criterion);
    criterion.final_summary();
}

#[cfg(unix)]
mod clock {
    use std::time::Duration;

    use criterion::measurement::{Measurement, ValueFormatter, WallTime};
    use nix::time::{ClockId, clock_gettime};

    /// CPU time of the thread.
    pub(super) struct Clock;

    impl Measurement for Clock {
        type Intermediate = Duration;
        type Value = Duration;

        fn start(&self) -> Duration {
            Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap())
        }

        fn end(&self, start: Duration) -> Duration {
            self.start() - start
        }

        fn add(&self, a: &Duration, b: &Duration) -> Duration {
            *a + *b
        }

        fn zero(&self) -> Duration {
            Duration::ZERO
        }

        fn to_f64(&self, value: &Duration) -> f64 {
            WallTime.to_f64(value)
        }

        fn formatter(&self) -> &dyn ValueFormatter {
            static WALL: WallTime = WallTime;
            WALL.formatter()
        }
    }
}

#[cfg(not(unix))]
mod clock {
    pub(super) use criterion::measurement::WallTime as Clock;
}

fn primitives(criterion: &mut Criterion<clock::Clock>) {
    let key = merchant_key();
    let public = key.public_key();
    let body = prepay_request().to_string();
    let message = protocol::request_message(Method::Post, prepay().path(), NOW, &nonce(), body.as_bytes());
    let signature = key.sign_sha256(&message).unwrap();
    assert!(public.verify_sha256(&message, &signature));
    let ciphertext = public.encrypt_oaep("张三丰".as_bytes()).unwrap();

    criterion.bench_function("sign", |b| b.iter(|| key.sign_sha256(black_box(&message)).unwrap()));
    criterion.bench_function("verify", |b| {
        b.iter(|| public.verify_sha256(black_box(&message), black_box(&signature)))
    });
    criterion.bench_function("oaep_encrypt", |b| {
        b.iter(|| public.encrypt_oaep(black_box("张三丰".as_bytes())).unwrap())
    });
    criterion
        .bench_function("oaep_decrypt", |b| b.iter(|| key.decrypt_oaep(black_box(&ciphertext)).unwrap()));
}

fn calls(criterion: &mut Criterion<clock::Clock>) {
    let kernel = kernel(merchant_key());
    criterion.bench_function("authorization", |b| {
        b.iter(|| kernel.prepare_request(Method::Get, black_box("/v3/certificates"), None).unwrap());
    });

    let params = prepay_request();
    criterion.bench_function("prepare", |b| {
        b.iter_batched(
            || params.clone(),
            |params| kernel.prepare(prepay(), black_box(params)).unwrap(),
            BatchSize::SmallInput,
        );
    });

    let body = br#"{"prepay_id":"wx261153585405162d4d02642eabe7000000"}"#;
    let answer = HttpResponse::new(200, signed_by_platform(body), body.to_vec());
    kernel.finish(prepay(), &answer).unwrap();
    criterion.bench_function("finish", |b| b.iter(|| kernel.finish(prepay(), black_box(&answer)).unwrap()));
    // What is left of a call when signing costs nothing, and `xtask` takes verifying off besides: rules, JSON, the table.
    let free = self::kernel(Free);
    criterion.bench_function("own", |b| {
        b.iter_batched(
            || params.clone(),
            |params| {
                let request = free.prepare(prepay(), black_box(params)).unwrap();
                (request, free.finish(prepay(), black_box(&answer)).unwrap())
            },
            BatchSize::SmallInput,
        );
    });

    let notification = notification();
    let headers = signed_by_platform(&notification);
    kernel.parse_notification(&headers, &notification).unwrap();
    criterion.bench_function("notification", |b| {
        b.iter(|| kernel.parse_notification(black_box(&headers), black_box(&notification)).unwrap());
    });
}

/// Signs in no time.
struct Free;

impl MerchantKey for Free {
    fn sign_sha256(&self, _: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(vec![0; 256])
    }
}

fn kernel(key: impl MerchantKey + 'static) -> Kernel {
    let platform = PrivateKey::from_pem(PLATFORM_KEY).unwrap().public_key();
    let config = Config::new("1900009191", key)
        .merchant_serial("1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C")
        .api_v3_key(ApiV3Key::new(API_V3_KEY).unwrap())
        .wechatpay_public_key(PLATFORM_KEY_ID, platform)
        .clock(|| NOW);
    Kernel::new(config).unwrap()
}

fn merchant_key() -> PrivateKey {
    let published: Value = serde_json::from_str(include_str!("../../tests/vectors/published.json")).unwrap();
    PrivateKey::from_pem(published["keys"]["doc.merchant"]["private_key_pem"].as_str().unwrap()).unwrap()
}

fn prepay() -> Operation {
    operation::find("payments.jsapi.prepay").unwrap()
}

fn prepay_request() -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "mchid": "1900009191",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "time_expire": "2018-06-08T10:34:56+08:00",
        "attach": "自定义数据说明",
        "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
        "amount": { "total": 100, "currency": "CNY" },
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    })
}

/// A payment notification of the usual size.
fn notification() -> Vec<u8> {
    let transaction = json!({
        "transaction_id": "1217752501201407033233368018",
        "amount": { "payer_total": 100, "total": 100, "currency": "CNY", "payer_currency": "CNY" },
        "mchid": "1900009191",
        "trade_state": "SUCCESS",
        "bank_type": "CMC",
        "success_time": "2018-06-08T10:34:56+08:00",
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
        "out_trade_no": "1217752501201407033233368018",
        "appid": "wxd678efh567hg6787",
        "trade_state_desc": "支付成功",
        "trade_type": "JSAPI",
        "attach": "自定义数据",
    });
    let (nonce, associated_data) = ("fdasflkja484", "transaction");
    let ciphertext = ApiV3Key::new(API_V3_KEY)
        .unwrap()
        .encrypt(nonce.as_bytes(), associated_data.as_bytes(), transaction.to_string().as_bytes())
        .unwrap();
    json!({
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": BASE64.encode(ciphertext),
            "associated_data": associated_data,
            "nonce": nonce,
        },
    })
    .to_string()
    .into_bytes()
}

fn signed_by_platform(body: &[u8]) -> Headers {
    let message = protocol::answer_message(&NOW.to_string(), &nonce(), body);
    let signature = PrivateKey::from_pem(PLATFORM_KEY).unwrap().sign_sha256(&message).unwrap();
    [
        (protocol::header::SERIAL, PLATFORM_KEY_ID.to_owned()),
        (protocol::header::TIMESTAMP, NOW.to_string()),
        (protocol::header::NONCE, nonce()),
        (protocol::header::SIGNATURE, BASE64.encode(signature)),
        (protocol::header::SIGNATURE_TYPE, protocol::SIGNATURE_TYPE.to_owned()),
    ]
    .into_iter()
    .collect()
}

fn nonce() -> String {
    "593BEC0C930BF1AFEB40B4A08C8FB242".to_owned()
}

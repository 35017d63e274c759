//! The host in Hong Kong: its own address, keys and certificates, and no second domain.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wechatpay_core::http::{HttpRequest, HttpResponse};
use wechatpay_core::{Client, Config, Error, Result};

use crate::platform::{
    API_V3_KEY, NOW, PUBLIC_KEY_ID, Party, TestClock, cast, certificate_list, merchant, seal,
};

const MAIN: &str = "https://api.mch.weixin.qq.com";
const HK: &str = "https://apihk.mch.weixin.qq.com";

/// Both hosts in certificate mode: `first` signs for the main one, `second` for the other.
#[derive(Clone, Default)]
struct Hosts {
    asked: Arc<Mutex<Vec<String>>>,
    /// The main host has no certificates for this merchant.
    only_hk: Arc<AtomicBool>,
    /// The answers of the host in Hong Kong come signed with the main host's key.
    mixed_up: Arc<AtomicBool>,
}

impl Hosts {
    fn client(&self, config: Config) -> Client {
        let hosts = self.clone();
        Client::builder(config)
            .transport(move |request: &HttpRequest, _: &_| hosts.answer(request))
            .build()
            .unwrap()
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse> {
        let url = request.url.split('?').next().unwrap();
        self.asked.lock().unwrap().push(url.to_owned());
        let signed = |signer: &Party, body: Vec<u8>| {
            HttpResponse::new(200, signer.sign(signer.serial(), NOW, &body), body)
        };
        let of_main = self.mixed_up.load(Ordering::SeqCst);
        Ok(match url.strip_prefix(HK) {
            Some("/v3/global/certificates") => signed(&cast().second, certificate_list(&[&cast().second])),
            Some(_) if of_main => signed(&cast().first, b"{}".to_vec()),
            Some(_) => signed(&cast().second, b"{}".to_vec()),
            None if url != format!("{MAIN}/v3/certificates") => signed(&cast().first, b"{}".to_vec()),
            None if self.only_hk.load(Ordering::SeqCst) => {
                HttpResponse::new(404, Default::default(), br#"{"code":"RESOURCE_NOT_EXISTS"}"#.to_vec())
            }
            None => signed(&cast().first, certificate_list(&[&cast().first])),
        })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn settlements(client: &Client) -> Result<Value> {
    client
        .call("global.bills.list_settlements", json!({ "settle_state": "SETTLED", "offset": 0, "limit": 1 }))
}

fn order(client: &Client) -> Result<Value> {
    client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "20260808-0001" }))
}

#[test]
fn each_host_is_asked_for_its_own_certificates() {
    let hosts = Hosts::default();
    let client = hosts.client(merchant(&TestClock::new()));
    settlements(&client).unwrap();
    let of_hk = [format!("{HK}/v3/global/certificates"), format!("{HK}/v3/global/settle/settlements")];
    assert_eq!(hosts.asked(), of_hk);
    order(&client).unwrap();
    let asked = hosts.asked();
    assert_eq!(asked[0], format!("{MAIN}/v3/certificates"));
    assert!(asked[1].starts_with(&format!("{MAIN}/v3/pay/")) && asked.len() == 2, "{asked:?}");
    settlements(&client).unwrap();
    order(&client).unwrap();
    assert_eq!(hosts.asked().len(), 2, "both are known now");
    let known = [cast().first.serial(), cast().second.serial()];
    assert_eq!(client.kernel().platform_serials(), known);
}

#[test]
fn a_key_of_the_main_host_is_not_good_for_the_other() {
    let hosts = Hosts::default();
    hosts.mixed_up.store(true, Ordering::SeqCst);
    let client = hosts.client(merchant(&TestClock::new()));
    order(&client).unwrap();
    let error = settlements(&client).unwrap_err();
    assert_eq!(error.code(), "UNKNOWN_SERIAL");
    assert!(error.message().contains("It is a key of the main host"), "{error}");
    assert!(error.message().contains("downloaded a moment ago"), "{error}");
}

#[test]
fn a_public_key_of_the_main_host_does_not_stand_in_for_the_others_certificates() {
    let hosts = Hosts::default();
    let config = merchant(&TestClock::new());
    let client = hosts.client(config.wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key()));
    settlements(&client).unwrap();
    assert_eq!(hosts.asked()[0], format!("{HK}/v3/global/certificates"));
}

#[test]
fn with_its_public_key_nothing_is_downloaded() {
    let (hosts, signer) = (Hosts::default(), &cast().wechatpay);
    let config = merchant(&TestClock::new()).hk_public_key(PUBLIC_KEY_ID, signer.public_key());
    let seen = hosts.asked.clone();
    let client = Client::builder(config)
        .transport(move |request: &HttpRequest, _: &_| -> Result<HttpResponse> {
            seen.lock().unwrap().push(request.headers.get("Wechatpay-Serial").unwrap_or_default().to_owned());
            Ok(HttpResponse::new(200, signer.sign(PUBLIC_KEY_ID, NOW, b"{}"), b"{}".to_vec()))
        })
        .build()
        .unwrap();
    settlements(&client).unwrap();
    assert_eq!(hosts.asked(), [PUBLIC_KEY_ID]);
}

#[test]
fn there_is_no_second_domain() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let config = merchant(&TestClock::new()).hk_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key());
    let client = Client::builder(config)
        .retries(2)
        .transport(move |request: &HttpRequest, _: &_| -> Result<HttpResponse> {
            seen.lock().unwrap().push(request.url.split("/v3/").next().unwrap().to_owned());
            Err(Error::timeout("nothing came."))
        })
        .build()
        .unwrap();
    settlements(&client).unwrap_err();
    assert_eq!(*asked.lock().unwrap(), [HK; 3]);
}

fn notification(signer: &Party) -> (wechatpay_core::http::Headers, Vec<u8>) {
    let body = json!({
        "id": "1", "event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt-resource",
        "resource": seal(API_V3_KEY, "transaction", "transaction", br#"{"out_trade_no":"1"}"#),
    });
    let body = body.to_string().into_bytes();
    (signer.sign(signer.serial(), NOW, &body), body)
}

#[test]
fn a_notification_may_come_from_either_host() {
    let hosts = Hosts::default();
    let parse = |client: &Client, signer| {
        let (headers, body) = notification(signer);
        client.parse_notification(&headers, &body).map(|parsed| parsed.serial)
    };
    // A client that never called: whoever has certificates for this merchant is found.
    hosts.only_hk.store(true, Ordering::SeqCst);
    let client = hosts.client(merchant(&TestClock::new()));
    assert_eq!(parse(&client, &cast().second).unwrap(), cast().second.serial());
    assert_eq!(hosts.asked(), [format!("{MAIN}/v3/certificates"), format!("{HK}/v3/global/certificates")]);
    // From then on the main host is not asked for what a stranger signed.
    assert_eq!(parse(&client, &cast().stranger).unwrap_err().code(), "UNKNOWN_SERIAL");
    assert_eq!(hosts.asked(), [""; 0]);

    hosts.only_hk.store(false, Ordering::SeqCst);
    let client = hosts.client(merchant(&TestClock::new()));
    assert_eq!(parse(&client, &cast().first).unwrap(), cast().first.serial());
    assert_eq!(hosts.asked(), [format!("{MAIN}/v3/certificates")]);
    assert_eq!(parse(&client, &cast().stranger).unwrap_err().code(), "UNKNOWN_SERIAL");
    assert_eq!(hosts.asked(), [""; 0], "who never has to do with Hong Kong never asks there");
}

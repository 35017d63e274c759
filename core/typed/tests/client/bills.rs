//! From the announcement of a bill to its file.

use std::sync::{Arc, Mutex};

use serde_json::json;
use sha1::{Digest, Sha1};
use wechatpay::Api;
use wechatpay::api::bills::{FundFlowBillRequest, TradeBillRequest};
use wechatpay::http::Headers;

use crate::client;
use crate::server::{Seen, Server, answer, signed};

const BILL: &str = "交易时间,微信订单号\r\n`2026-08-08 10:34:56,`4200000001\r\n总交易单数\r\n`1\r\n";

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_bill_is_checked_against_what_was_announced() {
    let address = Arc::new(Mutex::new(String::new()));
    let own = Arc::clone(&address);
    let server = Server::start(move |seen: &Seen| match seen.target.split('?').next() {
        Some("/v3/bill/tradebill") => {
            let hash = if seen.target.contains("08-09") { sha1(b"another") } else { sha1(BILL.as_bytes()) };
            let url = format!("{}/v3/billdownload/file?token=t", own.lock().unwrap());
            let body = json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url });
            signed(200, &body.to_string())
        }
        Some("/v3/bill/fundflowbill") => signed(200, r#"{"hash_type":"SHA256","download_url":"https://x/"}"#),
        _ => answer(200, &Headers::new(), BILL.as_bytes()),
    });
    address.lock().unwrap().clone_from(&server.url);
    let client = client(&server.url);
    let bills = client.bills();
    let announced = bills.trade_bill(&TradeBillRequest::new().with_bill_date("2026-08-08")).unwrap();
    let mut file = Vec::new();
    assert!(bills.download(&announced, &mut file).unwrap().verified);
    assert_eq!(file, BILL.as_bytes());
    let announced = bills.trade_bill(&TradeBillRequest::new().with_bill_date("2026-08-09")).unwrap();
    let path = std::env::temp_dir().join(format!("wechatpay-typed-{}.csv", std::process::id()));
    assert_eq!(bills.download_to_path(&announced, &path).unwrap_err().code(), "HASH_MISMATCH");
    assert!(!path.exists());
    let announced = bills.fund_flow_bill(&FundFlowBillRequest::new().with_bill_date("2026-08-08")).unwrap();
    assert_eq!(bills.download(&announced, &mut Vec::new()).unwrap_err().code(), "HASH_TYPE");
}

//! Whole flows over HTTP with hand-signed requests: notifications, bills, uploads, coupons, service orders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use common::{Merchant, Reply, openssl};
use serde_json::{Value, json};

/// A notification as it came.
struct Received {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A merchant's listener that answers with these statuses, one after the other; gives its address.
fn listener(statuses: &'static [u16]) -> (String, mpsc::Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            let (head, length) = loop {
                let count = stream.read(&mut buffer).unwrap();
                bytes.extend_from_slice(&buffer[..count]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some(end) = text.find("\r\n\r\n") {
                    let length: usize = text
                        .lines()
                        .find_map(|line| {
                            line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                        })
                        .unwrap();
                    if bytes.len() >= end + 4 + length {
                        break (text[..end].to_owned(), length);
                    }
                }
            };
            let body = bytes[bytes.len() - length..].to_vec();
            let headers = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let reply = if *status == 204 { "" } else { "{\"code\":\"FAIL\"}" };
            write!(
                stream,
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{reply}",
                reply.len()
            )
            .unwrap();
            let _ = sender.send(Received { headers, body });
        }
    });
    (url, receiver)
}

#[test]
fn a_payment_is_notified_and_the_notification_verifies_with_openssl() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let (url, received) = listener(&[204, 204]);
    for (number, signer, serial) in [
        ("ORDER-A1", "public_key", merchant.credentials().wechatpay_public_key_id.clone()),
        ("ORDER-A2", "certificate", merchant.credentials().platform_serial_no.clone()),
    ] {
        merchant.control("/sandbox/settings", &json!({ "notification_signer": signer }));
        let order = merchant.order(number, 100, &url);
        assert_eq!(merchant.post("/v3/pay/transactions/jsapi", &order).status, 200);
        merchant.control(&format!("/sandbox/pay/{number}"), &json!({}));
        let notification = received.recv().unwrap();
        assert_eq!(notification.header("Wechatpay-Serial").unwrap(), serial);
        assert!(merchant.verifies(&|name| notification.header(name), &notification.body));
        assert!(notification.headers.iter().any(|(name, _)| name == "Request-ID"), "spelled so");
        let envelope = notification.json();
        assert_eq!(envelope["event_type"], "TRANSACTION.SUCCESS");
        let resource = serde_json::from_slice::<Value>(&merchant.open(&envelope["resource"])).unwrap();
        assert_eq!(resource["out_trade_no"], number);
        let path =
            format!("/v3/pay/transactions/out-trade-no/{number}?mchid={}", merchant.credentials().mchid);
        assert_eq!(merchant.get(&path).json(), resource, "the notification says what the query says");
    }
    let seen = merchant.observe("/sandbox/notifications?wait=true");
    assert_eq!(seen["notifications"][1]["state"], "acknowledged");
    assert_eq!(seen["notifications"][1]["attempts"][0]["status"], 204);
}

#[test]
fn a_refused_notification_is_sent_again_on_request_with_a_new_signature() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let (url, received) = listener(&[500, 200]);
    let event = json!({
        "event_type": "NEW.EVENT", "original_type": "new", "resource": { "a": 1 }, "notify_url": url,
    });
    let id = merchant.control("/sandbox/notifications", &event)["id"].as_str().unwrap().to_owned();
    let first = received.recv().unwrap();
    let path = format!("/sandbox/notifications/{id}");
    let seen = merchant.observe(&format!("{path}?wait=true"));
    assert_eq!(
        (seen["state"].as_str(), seen["attempts"][0]["reply"].as_str()),
        (Some("refused"), Some("{\"code\":\"FAIL\"}"))
    );
    merchant.control(&format!("{path}/resend"), &json!({}));
    let second = received.recv().unwrap();
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_ne!(first.header("Wechatpay-Nonce"), second.header("Wechatpay-Nonce"));
    assert!(merchant.verifies(&|name| second.header(name), &second.body));
    assert_eq!(merchant.observe(&format!("{path}?wait=true"))["state"], "acknowledged");

    let far = json!({
        "event_type": "E", "original_type": "o", "resource": {}, "notify_url": "https://merchant.example/n",
    });
    let id = merchant.control("/sandbox/notifications", &far)["id"].as_str().unwrap().to_owned();
    let seen = merchant.observe(&format!("/sandbox/notifications/{id}?wait=true"));
    assert_eq!(seen["state"], "not_sent");
}

#[test]
fn spoilt_notifications_are_spoilt_as_asked() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let (url, received) = listener(&[200; 10]);
    let send = |fault: Value| {
        merchant.control("/sandbox/faults", &json!({ "match": { "notification": "*" }, "fault": fault }));
        let event =
            json!({ "event_type": "E", "original_type": "o", "resource": { "a": 1 }, "notify_url": url });
        merchant.control("/sandbox/notifications", &event);
        received.recv().unwrap()
    };
    let good =
        |notification: &Received| merchant.verifies(&|name| notification.header(name), &notification.body);
    assert!(!good(&send(json!({ "signature": "altered" }))));
    assert!(!good(&send(json!({ "alter_body": true }))));
    let probe = send(json!({ "signature": "probe" }));
    assert!(!good(&probe) && probe.header("Wechatpay-Signature").unwrap().starts_with("WECHATPAY/SIGNTEST/"));
    let old = send(json!({ "timestamp_offset": -301 }));
    assert!(good(&old), "well signed, but old");
    let bare = send(json!({ "drop_headers": ["wechatpay-signature"] }));
    assert!(bare.header("Wechatpay-Signature").is_none() && bare.header("Wechatpay-Nonce").is_some());
    let long = send(json!({ "nonce_length": 16 }));
    assert!(good(&long));
    assert_eq!(long.json()["resource"]["nonce"].as_str().unwrap().len(), 16);
    let unknown = send(json!({ "event_type": "UNKNOWN.EVENT" }));
    assert!(good(&unknown));
    assert_eq!(unknown.json()["event_type"], "UNKNOWN.EVENT");
    let twice = send(json!({ "duplicate": 1 }));
    let again = received.recv().unwrap();
    assert_eq!(twice.json()["id"], again.json()["id"]);
    assert_eq!(
        merchant.observe("/sandbox/notifications?wait=true")["notifications"].as_array().unwrap().len(),
        8
    );
}

#[test]
fn a_bill_is_downloaded_signed_and_hashed() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    merchant.control("/sandbox/bills", &json!({ "bill_date": "2026-08-07", "rows": 5000 }));
    for tar in ["", "&tar_type=GZIP"] {
        let answer = merchant.get(&format!("/v3/bill/tradebill?bill_date=2026-08-07{tar}")).json();
        let url = answer["download_url"].as_str().unwrap();
        let path = url.strip_prefix(merchant.sandbox.base_url()).unwrap();
        let unsigned = merchant.send("GET", path, "", None);
        assert_eq!(unsigned.status, 401, "the request must be signed");
        let file = merchant.get(path);
        assert_eq!(file.status, 200);
        assert!(file.header("Wechatpay-Signature").is_none(), "the answer is not");
        let text = if tar.is_empty() { file.body } else { gunzip(&file.body) };
        let digest = String::from_utf8(openssl(&["dgst", "-sha1", "-r"], &text)).unwrap();
        assert_eq!(digest.split(' ').next(), answer["hash_value"].as_str());
        assert_eq!(String::from_utf8(text).unwrap().lines().count(), 5003);
    }
    let none = merchant.get("/v3/bill/fundflowbill?bill_date=2001-01-01");
    assert_eq!((none.status, none.code().as_str()), (400, "NO_STATEMENT_EXIST"));
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn an_upload_is_signed_over_its_meta_and_checked_against_it() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let image = b"not really a picture".as_slice();
    let digest = String::from_utf8(openssl(&["dgst", "-sha256", "-r"], image)).unwrap();
    let sha256 = digest.split(' ').next().unwrap();
    let send = |file_name: &str, sha256: &str, signed: &str| {
        let meta = format!("{{ \"filename\": \"{file_name}\", \"sha256\": \"{sha256}\"}}");
        let signed = if signed.is_empty() { &meta } else { signed };
        upload(&merchant, "/v3/merchant/media/upload", (&meta, signed), (file_name, image))
    };
    let good = send("茶.jpg", sha256, "");
    assert_eq!(good.status, 200, "{}", String::from_utf8_lossy(&good.body));
    assert!(good.json()["media_id"].is_string() && merchant.signed(&good));
    assert_eq!(merchant.observe("/sandbox/media")["uploads"][0]["bytes"], image.len());
    assert_eq!(send("a.jpg", &"0".repeat(64), "").json()["detail"]["field"], "/meta/sha256");
    assert_eq!(send("a.gif", sha256, "").json()["detail"]["field"], "/meta/filename");
    assert_eq!(send("a.jpg", sha256, "{}").code(), "SIGN_ERROR");
}

/// Sends `meta` and a file; signed is something else where a test wants that.
fn upload(
    merchant: &Merchant,
    path: &str,
    (meta, signed): (&str, &str),
    (name, file): (&str, &[u8]),
) -> Reply {
    let authorization = merchant.authorization("POST", path, signed.as_bytes());
    let mut body = format!(
        "--frontier\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n\
         --frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--frontier--\r\n");
    merchant.send("POST", path, &authorization, Some(("multipart/form-data; boundary=frontier", &body)))
}

#[test]
fn what_goes_with_a_file_is_checked_as_other_parameters_are() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let path = "/v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file";
    // The example of GB/T 32905.
    let sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    let good =
        json!({ "sub_mchid": "1900000109", "file_type": "PDF", "digest_alogrithm": "SM3", "digest": sm3 });
    let send = |changes: Value| {
        let mut meta = good.as_object().unwrap().clone();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(meta.remove(name)),
                value => drop(meta.insert(name.clone(), value.clone())),
            }
        }
        let meta = Value::Object(meta).to_string();
        upload(&merchant, path, (&meta, &meta), ("a.pdf", b"abc"))
    };
    let answer = send(json!({}));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert!(answer.json()["fapiao_media_id"].is_string() && merchant.signed(&answer));
    let message = |answer: Reply| {
        assert_eq!(answer.code(), "PARAM_ERROR");
        answer.json()["message"].to_string()
    };
    for wrong in [json!({ "digest": "0".repeat(64) }), json!({ "digest_alogrithm": "SHA256" })] {
        assert_eq!(send(wrong).code(), "PARAM_ERROR");
    }
    assert!(message(send(json!({ "file_type": null }))).contains("/body/file_type"));
    assert!(message(send(json!({ "sub_mchid": "1".repeat(33) }))).contains("/body/sub_mchid"));
    assert_eq!(send(json!({ "colour": "red" })).json()["detail"]["value"], json!(["/body/colour"]));
}

#[test]
fn a_service_order_and_a_coupon_live_their_lives() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let base = "/v3/payscore/acquiringbank/serviceorder";
    let names = json!({ "service_id": "500001", "sub_mchid": "10000000", "channel_id": "12121212" });
    let with = |extra: Value| {
        let mut body = names.clone();
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let made = merchant.post(
        base,
        &with(json!({
            "out_order_no": "P1", "appid": merchant.credentials().appid, "service_introduction": "某某酒店",
            "time_range": { "start_time": "20091225091010" },
            "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": 10000 }, "need_user_confirm": true,
        })),
    );
    assert_eq!(made.json()["state"], "CREATED", "{}", made.json());
    merchant.control("/sandbox/payscore/P1/confirm", &json!({}));
    let complete =
        with(json!({ "post_payments": [{ "name": "费用", "amount": 4000 }], "total_amount": 4000 }));
    let completed = merchant.post(&format!("{base}/P1/complete"), &complete);
    assert_eq!(completed.json()["state_description"], "MCH_COMPLETE", "{}", completed.json());
    merchant.control("/sandbox/payscore/P1/pay", &json!({}));
    let query = format!("{base}?service_id=500001&sub_mchid=10000000&channel_id=12121212&out_order_no=P1");
    assert_eq!(merchant.get(&query).json()["state"], "DONE");

    let stock = merchant.post(
        "/v3/marketing/busifavor/stocks",
        &json!({
            "stock_name": "8月1日活动券", "belong_merchant": merchant.credentials().mchid, "goods_name": "茶",
            "stock_type": "NORMAL",
            "coupon_use_rule": {
                "coupon_available_time": {
                    "available_begin_time": "2021-04-20T13:29:35+08:00",
                    "available_end_time": "2099-04-25T13:29:35+08:00",
                },
                "fixed_normal_coupon": { "discount_amount": 5, "transaction_minimum": 100 },
                "use_method": "OFF_LINE",
            },
            "stock_send_rule": { "max_coupons": 100, "max_coupons_per_user": 5 },
            "out_request_no": "100002322019090134234sfdf", "coupon_code_mode": "WECHATPAY_MODE",
        }),
    );
    let stock_id = stock.json()["stock_id"].as_str().unwrap_or_else(|| panic!("{}", stock.json())).to_owned();
    let openid = &merchant.credentials().openid;
    let received = merchant.control(&format!("/sandbox/busifavor/stocks/{stock_id}/receive"), &json!({}));
    let code = received["coupon_code"].as_str().unwrap();
    let appid = &merchant.credentials().appid;
    let path = format!("/v3/marketing/busifavor/users/{openid}/coupons/{code}/appids/{appid}");
    assert_eq!(merchant.get(&path).json()["coupon_state"], "SENDED");
}

#[test]
fn what_nobody_took_comes_again_by_the_documented_schedule() {
    let merchant = Merchant::new();
    let (url, received) = listener(&[500, 503, 200]);
    merchant.control("/sandbox/settings", &json!({ "time_scale": 1e6 }));
    merchant.post("/v3/pay/transactions/jsapi", &merchant.order("AGAIN-1", 100, &url));
    merchant.control("/sandbox/pay/AGAIN-1", &json!({}));
    let times: Vec<Received> = (0..3).map(|_| received.recv().unwrap()).collect();
    assert!(times.iter().all(|one| one.json()["id"] == times[0].json()["id"]));
    // The last was taken: nothing is on the way any more, and nothing comes.
    let sent = merchant.observe("/sandbox/notifications?wait=true");
    assert_eq!(sent["notifications"][0]["state"], "acknowledged");
    assert_eq!(sent["notifications"][0]["attempts"].as_array().unwrap().len(), 3);
    assert!(received.recv().is_err(), "the listener has ended");
}

#[test]
fn nothing_comes_again_when_the_schedule_has_ended_or_none_was_asked_for() {
    let merchant = Merchant::new();
    // Nobody listens there.
    let ended = |scale: f64, name: &str| {
        merchant.control("/sandbox/settings", &json!({ "time_scale": scale }));
        merchant.post("/v3/pay/transactions/jsapi", &merchant.order(name, 100, "http://127.0.0.1:1/notify"));
        merchant.control(&format!("/sandbox/pay/{name}"), &json!({}));
        loop {
            let sent = merchant.observe("/sandbox/notifications?wait=true");
            let last = sent["notifications"].as_array().unwrap().last().unwrap().clone();
            let count = last["attempts"].as_array().unwrap().len();
            if scale == 0.0 || count == 16 {
                return count;
            }
        }
    };
    assert_eq!(ended(0.0, "AGAIN-2"), 1);
    // Fifteen times after the first: 15x2, 30, 180, 600, 1200, 1800x3, 3600, 10800x3, 21600x2.
    assert_eq!(ended(1e9, "AGAIN-3"), 16);
}

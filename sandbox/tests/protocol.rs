//! The protocol at the sandbox's end, checked from outside with the `openssl` command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

mod common;

use std::io::{self, Read as _, Write as _};

use common::{Merchant, openssl};
use serde::Serialize as _;
use serde_json::{Value, json};
use wechatpay_sandbox::Options;

const PREPAY: &str = "/v3/pay/transactions/jsapi";

#[test]
fn answers_follow_the_serial_of_the_request_and_verify_with_openssl() {
    if !common::openssl_is_here() {
        return;
    }
    let mut merchant = Merchant::new();
    let order = merchant.order("ORDER-A1", 100, "https://merchant.example/n");
    let reply = merchant.post(PREPAY, &order);
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.json()["prepay_id"].as_str().unwrap().len(), 36);
    assert_eq!(
        reply.header("Wechatpay-Serial"),
        Some(merchant.credentials().wechatpay_public_key_id.as_str())
    );
    assert_eq!(reply.header("Wechatpay-Signature-Type"), Some("WECHATPAY2-SHA256-RSA2048"));
    assert_eq!(reply.header("Keep-Alive"), Some("timeout=8"));
    assert!(reply.header("Request-ID").is_some());
    assert!(merchant.signed(&reply));

    for serial in [None, Some(merchant.credentials().platform_serial_no.clone())] {
        merchant.wechatpay_serial = serial;
        let reply = merchant.get(&format!(
            "/v3/pay/transactions/out-trade-no/ORDER-A1?mchid={}",
            merchant.credentials().mchid
        ));
        assert_eq!(reply.json()["trade_state"], "NOTPAY");
        assert_eq!(
            reply.header("Wechatpay-Serial"),
            Some(merchant.credentials().platform_serial_no.as_str())
        );
        assert!(merchant.signed(&reply));
    }

    let close = json!({ "mchid": merchant.credentials().mchid });
    let closed = merchant.post("/v3/pay/transactions/out-trade-no/ORDER-A1/close", &close);
    assert_eq!((closed.status, closed.body.len()), (204, 0));
    assert!(merchant.signed(&closed), "204 is signed over an empty body");
}

#[test]
fn signatures_are_checked_and_the_answer_says_why() {
    if !common::openssl_is_here() {
        return;
    }
    let mut merchant = Merchant::new();
    let body = merchant.order("ORDER-A1", 100, "https://merchant.example/n").to_string();
    let send = |merchant: &Merchant, authorization: &str, body: &str| {
        let reply = merchant.send("POST", PREPAY, authorization, Some(("application/json", body.as_bytes())));
        assert_eq!(reply.status, 401);
        assert_eq!(reply.code(), "SIGN_ERROR");
        assert!(reply.header("Wechatpay-Signature").is_none(), "errors are not signed");
        reply.json()["message"].as_str().unwrap().to_owned()
    };
    let good = merchant.authorization("POST", PREPAY, body.as_bytes());
    assert!(send(&merchant, &good, &body.replace("100", "101")).contains("验签失败"));
    assert!(send(&merchant, "", &body).contains("缺少Authorization"));
    assert!(send(&merchant, &good.replace("RSA2048", "RSA1024"), &body).contains("认证类型"));
    let serial = &merchant.credentials().merchant_serial_no;
    assert!(send(&merchant, &good.replace(serial, "0000"), &body).contains("序列号"));
    for offset in [-310, 310] {
        merchant.clock_offset = offset;
        let late = merchant.authorization("POST", PREPAY, body.as_bytes());
        assert!(send(&merchant, &late, &body).contains("5分钟"));
    }
    merchant.clock_offset = 290;
    let early = merchant.authorization("POST", PREPAY, body.as_bytes());
    let reply = merchant.send("POST", PREPAY, &early, Some(("application/json", body.as_bytes())));
    assert_eq!(reply.status, 200);
}

#[test]
fn parameters_are_checked_and_the_answer_says_which() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut order = merchant.order("ORDER-A1", 100, "https://merchant.example/n");
        change(&mut order);
        let reply = merchant.post(PREPAY, &order);
        assert_eq!(reply.status, 400, "{order}");
        let json = reply.json();
        assert_eq!(json["code"], "PARAM_ERROR");
        (json["detail"].clone(), json["message"].as_str().unwrap().to_owned())
    };
    let check = |change: &dyn Fn(&mut Value), value: Value, message: &str| {
        let (detail, said) = refused(change);
        assert_eq!(detail, json!({ "location": "body", "value": value }), "{said}");
        assert!(said.contains(message), "{said} has no {message}");
    };
    check(
        &|order| order["amount"] = json!({ "total": "100" }),
        json!("100"),
        "无法将 JSON 输入源“/body/amount/total”映射到目标字段“total”中，此字段需要一个合法的 64 位有符号整数",
    );
    check(
        &|order| order["description"] = json!("茶".repeat(128)),
        json!(128),
        "输入源“/body/description”映射到值字段“description”字符串规则校验失败，字符数 128，大于最大值 127",
    );
    check(&|order| order["description"] = json!("😀"), json!("😀"), "“/body/description”");
    check(&|order| order["description"] = json!("a\u{0}"), json!("a\u{0}"), "“/body/description”");
    check(&|order| order["description"] = json!(""), json!(0), "字符数 0，小于最小值 1");
    check(&|order| order["attach"] = json!(null), json!(null), "“/body/attach”");
    check(
        &|order| order["amount"]["total"] = json!(0),
        json!(0),
        "输入源“/body/amount/total”映射到数值字段“total”规则校验失败，值低于最小值 1",
    );
    check(&|order| order["out_trade_no"] = json!("A1"), json!(2), "字符数 2，小于最小值 6");
    check(
        &|order| order["out_trade_no"] = json!("ORDER 1"),
        json!("ORDER 1"),
        "字符串必须匹配正则表达式“^[0-9a-zA-Z_\\-|*]+$”",
    );
    check(
        &|order| order["notify_url"] = json!("https://merchant.example/n?a=1"),
        json!("https://merchant.example/n?a=1"),
        "“/body/notify_url”",
    );
    check(
        &|order| {
            order.as_object_mut().unwrap().remove("payer");
        },
        json!(""),
        "输入源“/body/payer”映射到字段“payer”必填性规则校验失败，此字段为必填项",
    );
    let (detail, said) = refused(&|order| {
        order["notify_ur"] = json!("x");
        order["amount"]["totl"] = json!(1);
    });
    assert_eq!(detail, json!({ "location": null, "value": ["/body/amount/totl", "/body/notify_ur"] }));
    assert_eq!(said, "请求中含有未在API文档中定义的参数");
    // What a product refuses by itself has the shape of the documentation.
    let (detail, _) = refused(&|order| order["mchid"] = json!("1900000000"));
    assert_eq!((&detail["location"], &detail["field"]), (&json!("body"), &json!("/mchid")));

    let query = merchant.get("/v3/pay/transactions/out-trade-no/ORDER-A1");
    assert_eq!(query.json()["detail"], json!({ "location": "query", "value": "" }));
    assert!(query.json()["message"].as_str().unwrap().contains("“/query/mchid”"));
    let mchid = merchant.credentials().mchid.clone();
    let long = merchant.get(&format!("/v3/pay/transactions/out-trade-no/{}?mchid={mchid}", "1".repeat(33)));
    assert_eq!(long.json()["detail"], json!({ "location": "uri_template", "value": 33 }));
    let unknown = merchant.get(&format!("/v3/pay/transactions/out-trade-no/1?mchid={mchid}&sub_mch_id=1"));
    assert_eq!(unknown.json()["detail"], json!({ "location": null, "value": ["/query/sub_mch_id"] }));
    let missing = merchant
        .get(&format!("/v3/pay/transactions/out-trade-no/ORDER-A1?mchid={}", merchant.credentials().mchid));
    assert_eq!((missing.status, missing.code().as_str()), (404, "ORDER_NOT_EXIST"));
    let unknown = merchant.get("/v3/nothing");
    assert_eq!((unknown.status, unknown.body.len()), (404, 0));
    let method = merchant.get(PREPAY);
    assert_eq!((method.status, method.body.len()), (405, 0));
}

#[test]
fn certificates_decrypt_and_chain_to_the_root() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let reply = merchant.get("/v3/certificates");
    assert!(merchant.signed(&reply));
    let json = reply.json();
    let entry = &json["data"][0];
    assert_eq!(entry["serial_no"], merchant.credentials().platform_serial_no.as_str());
    assert_eq!(entry["encrypt_certificate"]["associated_data"], "certificate");
    assert_eq!(entry["encrypt_certificate"]["nonce"].as_str().unwrap().len(), 12);
    let pem = merchant.open(&entry["encrypt_certificate"]);
    assert_eq!(String::from_utf8(pem).unwrap(), merchant.credentials().platform_certificate);

    let path = |name: &str| merchant.file(name).to_str().unwrap().to_owned();
    openssl(&["verify", "-CAfile", &path("root_certificate.pem"), &path("platform_certificate.pem")], b"");
    openssl(&["verify", "-CAfile", &path("root_certificate.pem"), &path("apiclient_cert.pem")], b"");
    let text = |arguments: &[&str]| String::from_utf8(openssl(arguments, b"")).unwrap();
    let issuer =
        text(&["x509", "-noout", "-issuer", "-nameopt", "RFC2253", "-in", &path("platform_certificate.pem")]);
    assert_eq!(issuer.trim(), "issuer=CN=Tenpay.com Root CA,OU=Tenpay.com CA Center,O=Tenpay.com,C=CN");
    let serial = text(&["x509", "-noout", "-serial", "-in", &path("apiclient_cert.pem")]);
    assert_eq!(serial.trim(), format!("serial={}", merchant.credentials().merchant_serial_no));
    assert_eq!(merchant.credentials().merchant_serial_no.len(), 40);
    // The key belongs to the certificate.
    let of_certificate = text(&["x509", "-noout", "-pubkey", "-in", &path("apiclient_cert.pem")]);
    let of_key = text(&["pkey", "-pubout", "-in", &path("apiclient_key.pem")]);
    assert_eq!(of_certificate, of_key);
}

#[test]
fn a_new_merchant_has_no_certificates() {
    if !common::openssl_is_here() {
        return;
    }
    let mut options = Options::default();
    options.certificates = false;
    let mut merchant = Merchant::with(options);
    merchant.wechatpay_serial = None;
    let reply = merchant.get("/v3/certificates");
    assert_eq!((reply.status, reply.code().as_str()), (404, "RESOURCE_NOT_EXISTS"));
    let order = merchant.order("ORDER-A1", 100, "https://merchant.example/n");
    let reply = merchant.post(PREPAY, &order);
    assert!(merchant.signed(&reply));
    assert_eq!(
        reply.header("Wechatpay-Serial"),
        Some(merchant.credentials().wechatpay_public_key_id.as_str())
    );
}

#[test]
fn sensitive_fields_are_opened_and_sealed() {
    if !common::openssl_is_here() {
        return;
    }
    let mut merchant = Merchant::new();
    let key = merchant.file("wechatpay_public_key.pem");
    let sealed = merchant.encrypt("秘密", &key);
    let body = json!({ "echo_message": "hello", "encrypted_echo_message": sealed });
    let reply = merchant.post("/v3/security/echo", &body);
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.json()["echo_message"], "hello");
    assert_eq!(merchant.decrypt(reply.json()["encrypted_echo_message"].as_str().unwrap()), "秘密");

    let certificate = merchant.file("platform_certificate.pem");
    let public = openssl(&["x509", "-pubkey", "-noout", "-in", certificate.to_str().unwrap()], b"");
    let public_path = merchant.file("platform_public.pem");
    std::fs::write(&public_path, public).unwrap();
    merchant.wechatpay_serial = Some(merchant.credentials().platform_serial_no.clone());
    let refused = merchant.post("/v3/security/echo", &body);
    assert_eq!((refused.status, refused.code().as_str()), (400, "PARAM_ERROR"), "sealed with the other key");
    let body = json!({ "echo_message": "x", "encrypted_echo_message": merchant.encrypt("y", &public_path) });
    assert_eq!(merchant.post("/v3/security/echo", &body).status, 200);
    for serial in [None, Some("PUB_KEY_ID_1".to_owned())] {
        merchant.wechatpay_serial = serial;
        let refused = merchant.post("/v3/security/echo", &body);
        assert_eq!(refused.json()["detail"]["field"], "Wechatpay-Serial");
    }
}

#[test]
fn headers_that_wechat_pay_wants_must_be_there() {
    let merchant = Merchant::new();
    // Spoken by hand: HTTP libraries add these headers themselves.
    let authority = merchant.sandbox.base_url().strip_prefix("http://").unwrap();
    for lines in ["User-Agent: x\r\n", "Accept: */*\r\n"] {
        let mut stream = std::net::TcpStream::connect(authority).unwrap();
        write!(stream, "GET /v3/certificates HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n")
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 400 ") && text.contains("INVALID_REQUEST"), "{text}");
    }
}

/// A body as programs write it that parsed it and write it anew.
fn written_anew(body: &[u8]) -> Vec<(&'static str, String)> {
    #[derive(Default)]
    struct Python {
        ascii: bool,
    }
    impl serde_json::ser::Formatter for Python {
        fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
            if first { Ok(()) } else { out.write_all(b", ") }
        }
        fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
            if first { Ok(()) } else { out.write_all(b", ") }
        }
        fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
            out.write_all(b": ")
        }
        fn write_string_fragment<W: ?Sized + io::Write>(
            &mut self,
            out: &mut W,
            text: &str,
        ) -> io::Result<()> {
            for character in text.chars() {
                match character {
                    character if character.is_ascii() || !self.ascii => write!(out, "{character}")?,
                    character => write!(out, "\\u{:04x}", u32::from(character))?,
                }
            }
            Ok(())
        }
    }
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let sorted: std::collections::BTreeMap<_, _> =
                    members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
                json!(sorted)
            }
            Value::Array(elements) => elements.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    let value: Value = serde_json::from_slice(body).unwrap();
    let python = |value: &Value, ascii: bool| {
        let mut out = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Python { ascii })).unwrap();
        String::from_utf8(out).unwrap()
    };
    let sorted = sorted(&value);
    vec![
        ("JSON.stringify", value.to_string()),
        ("compact, sorted", sorted.to_string()),
        ("indented", serde_json::to_string_pretty(&value).unwrap()),
        ("indented, sorted", serde_json::to_string_pretty(&sorted).unwrap()),
        ("json.dumps", python(&value, true)),
        ("json.dumps without ASCII", python(&value, false)),
        ("json.dumps, sorted", python(&sorted, true)),
    ]
}

#[test]
fn a_body_that_is_parsed_and_written_anew_is_never_the_body() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let order = merchant.order("ORDER-A1", 100, "http://127.0.0.1:1/notify");
    let query = format!("/v3/pay/transactions/out-trade-no/ORDER-A1?mchid={}", merchant.credentials().mchid);
    let missing = query.replace("A1", "A2");
    let mut bodies =
        vec![merchant.post(PREPAY, &order), merchant.get(&query), merchant.get("/v3/certificates")];
    for reply in &bodies {
        assert!(reply.status == 200 && merchant.signed(reply));
    }
    bodies.push(merchant.get(&missing));
    merchant.control("/sandbox/faults", &json!({ "fault": { "status": 500 } }));
    bodies.push(merchant.get(&query));
    merchant.control("/sandbox/faults", &json!({ "fault": { "process": false } }));
    bodies.push(merchant.get(&query));
    let mut bodies: Vec<Vec<u8>> = bodies.into_iter().map(|reply| reply.body).collect();

    merchant.control("/sandbox/pay/ORDER-A1", &json!({}));
    let sent = merchant.observe("/sandbox/notifications?wait=true");
    let body = sent["notifications"][0]["attempts"][0]["body"].as_str().unwrap().to_owned();
    let envelope: Value = serde_json::from_str(&body).unwrap();
    bodies.push(merchant.open(&envelope["resource"]));
    bodies.push(body.into_bytes());

    assert_eq!(bodies.len(), 8);
    for body in bodies {
        let text = String::from_utf8(body).unwrap();
        for (writer, anew) in written_anew(text.as_bytes()) {
            assert_ne!(text, anew, "{writer}");
            assert_eq!(
                serde_json::from_str::<Value>(&text).unwrap(),
                serde_json::from_str::<Value>(&anew).unwrap(),
                "{writer}"
            );
        }
    }
}

#[test]
fn case_does_not_matter_where_it_does_not_for_wechat_pay() {
    if !common::openssl_is_here() {
        return;
    }
    let mut merchant = Merchant::new();
    let body = merchant.order("ORDER-A1", 100, "https://merchant.example/n").to_string();
    let serial = merchant.credentials().merchant_serial_no.clone();
    let authorization = merchant.authorization("POST", PREPAY, body.as_bytes());
    let lower = authorization.replace(&serial, &serial.to_lowercase());
    merchant.wechatpay_serial = Some(merchant.credentials().wechatpay_public_key_id.to_lowercase());
    let reply =
        merchant.send("POST", PREPAY, &lower, Some(("Application/JSON; Charset=UTF-8", body.as_bytes())));
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(
        reply.header("Wechatpay-Serial"),
        Some(merchant.credentials().wechatpay_public_key_id.as_str()),
        "asked for the public key"
    );
    for other in ["application/jsonp", "text/json", "x-application/json"] {
        let reply = merchant.send("POST", PREPAY, &authorization, Some((other, body.as_bytes())));
        assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID_REQUEST"), "{other}");
    }
}

#[test]
fn names_times_and_addresses_are_written_as_wechat_pay_writes_them() {
    if !common::openssl_is_here() {
        return;
    }
    let merchant = Merchant::new();
    let list = merchant.get("/v3/certificates").json();
    for name in ["effective_time", "expire_time"] {
        let time = list["data"][0][name].as_str().unwrap();
        assert_eq!(time.len(), "2018-06-08T10:34:56+08:00".len(), "{time}");
        assert!(time.ends_with("+08:00"), "{time}");
    }

    // Header names and hosts by hand: HTTP libraries hide them.
    let spoken = |host: &str, path: &str| {
        let authority = merchant.sandbox.base_url().strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(authority).unwrap();
        let authorization = merchant.authorization("GET", path, b"");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\nAccept: */*\r\nConnection: close\r\n\
             Authorization: {authorization}\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let answer = spoken("x", "/v3/certificates");
    assert!(answer.contains("\r\nRequest-ID: ") && answer.contains("\r\nWechatpay-Nonce: "), "{answer}");
    merchant.control("/sandbox/bills", &json!({ "bill_date": "2026-08-07", "rows": 1 }));
    for host in ["pay.localhost:8443", "[::1]:80"] {
        let answer = spoken(host, "/v3/bill/tradebill?bill_date=2026-08-07");
        assert!(answer.contains(&format!("\"http://{host}/v3/billdownload/file?token=")), "{answer}");
    }
}

#[test]
fn files_are_for_their_owner_only() {
    let merchant = Merchant::new();
    let json: Value =
        serde_json::from_slice(&std::fs::read(merchant.file("credentials.json")).unwrap()).unwrap();
    assert_eq!(json["base_url"], merchant.sandbox.base_url());
    assert_eq!(json["api_v3_key"].as_str().unwrap().len(), 32);
    #[cfg(unix)]
    for entry in std::fs::read_dir(merchant.folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

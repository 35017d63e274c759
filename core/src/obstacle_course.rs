//! The table that the generator makes of the obstacle course (`codegen/tests/golden/obstacle_course`).

#[path = "../../codegen/tests/golden/obstacle_course/rust/table/mod.rs"]
mod table;

use crate::operation::{Field, NotificationType, Operation};

#[test]
fn the_table_has_every_name_as_it_is_on_the_wire() {
    let ids: Vec<&str> = table::TABLES.operations().map(|place| Operation(place).id()).collect();
    let one_of_each =
        ["search", "upload", "upload_plainly", "statement", "everything", "recent", "ask", "try", "pay"]
            .map(|id| format!("one_of_each.{id}"));
    let reserved =
        ["type.self", "type.match", "type.import", "type.new", "type.super.query"].map(str::to_owned);
    assert_eq!(ids, [vec!["mod.get".to_owned()], one_of_each.to_vec(), reserved.to_vec()].concat());
    let found = Operation(table::TABLES.find("type.match").unwrap());
    assert_eq!(found.path_params().map(Field::name).collect::<Vec<_>>(), ["async", "yield"]);
    assert_eq!(table::TABLES.notifications().count(), 4);
}

#[test]
fn the_schedule_of_a_notification_is_there_wait_by_wait() {
    let retries = |id: &str| {
        let kind = table::TABLES.notifications().map(NotificationType).find(|kind| kind.id() == id).unwrap();
        kind.retries().map(|waits| waits.map(|wait| wait.as_secs()).collect::<Vec<_>>())
    };
    assert_eq!(retries("one_of_each.direct"), Some(vec![15, 15, 30, 180, 21600, 21600]));
    assert_eq!(retries("one_of_each.combined"), Some(vec![300]));
    assert_eq!(retries("one_of_each.question"), Some(vec![]), "said: not sent again");
    assert_eq!(retries("type.default"), None, "nobody said anything");
}

/// The kernel with every construct of the format.
mod kernel {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::PrivateKey;
    use crate::error::codes;
    use crate::http::{Headers, HttpRequest};
    use crate::media::File;
    use crate::{Config, Kernel};

    fn key() -> PrivateKey {
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        PrivateKey::from_pem(&pair.serialize_pem()).unwrap()
    }

    const MAIN_KEY: &str = "PUB_KEY_ID_0119000000012026010100000000000000";
    const HK_KEY: &str = "PUB_KEY_ID_0119000000012026010100000000000001";

    fn merchant() -> Config {
        Config::new("1900000001", key()).merchant_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
    }

    fn kernel(wechatpay: &PrivateKey) -> Kernel {
        Kernel::new(merchant().wechatpay_public_key(MAIN_KEY, wechatpay.public_key())).unwrap()
    }

    fn find(id: &str) -> Operation {
        Operation(table::TABLES.find(id).unwrap())
    }

    /// The `meta` part of an upload.
    fn meta(request: &HttpRequest) -> Value {
        let body = String::from_utf8_lossy(&request.body);
        let (_, rest) = body.split_once("application/json\r\n\r\n").unwrap();
        serde_json::from_str(rest.split_once("\r\n").unwrap().0).unwrap()
    }

    #[test]
    fn lists_objects_and_encrypted_texts_stand_in_the_query() {
        let wechatpay = key();
        let params = json!({
            "out_trade_no": "a/b", "kinds": ["A", "B"], "owner": { "type": "APPID", "appid": "wx1" },
            "mobile": "13800000000", "names": ["张三", "李四"],
        });
        let request = kernel(&wechatpay).prepare(find("one_of_each.search"), params).unwrap();
        let (path, query) = request.url.split_once('?').unwrap();
        assert_eq!(
            path, "https://api.mch.weixin.qq.com/v3/one-of-each/a%2Fb",
            "`host: main` of the operation"
        );
        let pairs: Vec<(&str, String)> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| {
                (name, percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into())
            })
            .collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["kinds", "kinds", "owner", "mobile", "names", "names"]);
        assert_eq!((pairs[0].1.as_str(), pairs[1].1.as_str()), ("A", "B"));
        assert_eq!(
            serde_json::from_str::<Value>(&pairs[2].1).unwrap(),
            json!({ "type": "APPID", "appid": "wx1" })
        );
        let opened = pairs[3..].iter().map(|(_, sent)| {
            let plain = wechatpay.decrypt_oaep(&STANDARD.decode(sent).unwrap()).unwrap();
            String::from_utf8(plain.to_vec()).unwrap()
        });
        assert_eq!(opened.collect::<Vec<_>>(), ["13800000000", "张三", "李四"]);
        assert!(
            request.headers.get("Wechatpay-Serial").is_some_and(|serial| serial.starts_with("PUB_KEY_ID_"))
        );
    }

    #[test]
    fn an_upload_has_its_own_meta_path_and_digest() {
        let kernel = kernel(&key());
        let operation = find("one_of_each.upload");
        let file = File::from_bytes("a.pdf", *b"abc");
        let with = json!({ "package_id": "7", "bank_type": "CMB" }).as_object().unwrap().clone();
        let request = kernel.prepare_upload(operation, &file.clone().with(with)).unwrap();
        assert_eq!(request.url, "https://apihk.mch.weixin.qq.com/v3/one-of-each/7/files");
        // The example of GB/T 32905.
        let sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        let wanted = json!({ "bank_type": "CMB", "digest": sm3, "digest_alogrithm": "SM3" });
        assert_eq!(meta(&request), wanted);
        let error = kernel.prepare_upload(operation, &file).unwrap_err();
        assert_eq!(
            (error.code(), error.detail().unwrap()["field"].as_str()),
            (codes::MISSING_PARAMETER, Some("package_id"))
        );

        let csv = File::from_bytes("b.csv", *b"abc");
        let request = kernel.prepare_upload(find("one_of_each.upload_plainly"), &csv).unwrap();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(meta(&request), json!({ "file_name": "b.csv", "file_digest": sha256 }));
    }

    #[test]
    fn one_of_several_fields_must_be_given() {
        let kernel = kernel(&key());
        let wrong = |params: Value| {
            let error = kernel.prepare(find("one_of_each.pay"), params).unwrap_err();
            (error.code().to_owned(), error.detail().unwrap()["field"].as_str().unwrap().to_owned())
        };
        let told = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        let payer = json!({ "email": "e" });
        let good =
            json!({ "bank_name": "a", "bank_branch": "b", "openid": "c", "sub_openid": "d", "payer": payer });
        assert!(kernel.prepare(find("one_of_each.pay"), good).is_ok());
        let none = json!({ "openid": "c", "payer": payer });
        assert_eq!(wrong(none), told(codes::MISSING_PARAMETER, "/bank_code"));
        let half = json!({ "bank_name": "a", "openid": "c", "payer": payer });
        assert_eq!(wrong(half), told(codes::MISSING_PARAMETER, "/bank_code"));
        let both = json!({ "bank_code": "x", "bank_branch": "b", "openid": "c", "payer": payer });
        assert_eq!(wrong(both), told(codes::CONFLICTING_PARAMETERS, "/bank_branch"));
        let nobody = json!({ "bank_code": "x", "payer": payer });
        assert_eq!(wrong(nobody), told(codes::MISSING_PARAMETER, "/openid"));
        let inside = json!({ "bank_code": "x", "openid": "c", "payer": { "email": "e", "phone": "123" } });
        assert_eq!(wrong(inside), told(codes::CONFLICTING_PARAMETERS, "/payer/email"));
    }

    #[test]
    fn an_answer_that_nobody_documented_is_any_json() {
        let operation = find("one_of_each.search");
        assert_eq!(operation.reply(), crate::operation::Reply::Untyped);
        let wechatpay = key();
        for body in ["[1,{\"a\":null}]", "{}", "\"text\""] {
            let headers = signed(&wechatpay, MAIN_KEY, body);
            let response = crate::http::HttpResponse::new(200, headers, body.as_bytes().to_vec());
            let answer = kernel(&wechatpay).finish(operation, &response).unwrap();
            assert_eq!(answer.value.to_string(), body);
        }
    }

    #[test]
    fn each_host_has_its_own_keys() {
        let (main, hk) = (key(), key());
        let config = merchant().wechatpay_public_key(MAIN_KEY, main.public_key());
        let both = Kernel::new(config.clone().hk_public_key(HK_KEY, hk.public_key())).unwrap();
        let (here, there) = (find("one_of_each.search"), find("one_of_each.upload_plainly"));
        let csv = File::from_bytes("b.csv", *b"abc");
        let request = both.prepare_upload(there, &csv).unwrap();
        assert!(request.url.starts_with("https://apihk.mch.weixin.qq.com/v3/"), "{}", request.url);
        assert_eq!(request.headers.get("Wechatpay-Serial"), Some(HK_KEY));

        let finish = |kernel: &Kernel, operation, signer, id| {
            let response = crate::http::HttpResponse::new(200, signed(signer, id, "{}"), b"{}".to_vec());
            kernel.finish(operation, &response).map(|answer| answer.serial)
        };
        assert_eq!(finish(&both, there, &hk, HK_KEY).unwrap(), HK_KEY);
        assert_eq!(finish(&both, here, &main, MAIN_KEY).unwrap(), MAIN_KEY);
        let error = finish(&both, there, &main, MAIN_KEY).unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_SERIAL");
        assert!(error.message().contains("It is a key of the main host"), "{error}");
        let error = finish(&both, here, &hk, HK_KEY).unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_SERIAL");
        assert!(error.message().contains("only that host may sign with"), "{error}");

        let main_only = Kernel::new(config.clone()).unwrap();
        assert_eq!(main_only.prepare_upload(there, &csv).unwrap().headers.get("Wechatpay-Serial"), None);
        let error = finish(&main_only, there, &hk, HK_KEY).unwrap_err();
        assert!(error.message().contains("option hk_public_key"), "{error}");
        let error = main_only.prepare(find("one_of_each.pay"), pay_with_contacts()).unwrap_err();
        assert_eq!(error.code(), "NO_PLATFORM_KEY", "nothing is encrypted to the main host's key");
        assert!(error.message().contains("Hong Kong"), "{error}");

        let shared = Kernel::new(config.hk_public_key(MAIN_KEY, main.public_key())).unwrap();
        assert_eq!(finish(&shared, there, &main, MAIN_KEY).unwrap(), MAIN_KEY, "it is the same key");
    }

    fn pay_with_contacts() -> Value {
        json!({ "bank_code": "x", "openid": "c", "payer": { "email": "e" }, "contacts": ["d"] })
    }

    fn signed(wechatpay: &PrivateKey, id: &str, text: &str) -> Headers {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let signature = wechatpay.sign_sha256(format!("{now}\nn\n{text}\n").as_bytes()).unwrap();
        [
            ("Wechatpay-Serial", id.to_owned()),
            ("Wechatpay-Timestamp", now.to_string()),
            ("Wechatpay-Nonce", "n".to_owned()),
            ("Wechatpay-Signature", STANDARD.encode(signature)),
        ]
        .into_iter()
        .collect()
    }

    #[cfg(feature = "transport")]
    #[test]
    fn a_signed_digest_vouches_for_a_file() {
        assert!(find("one_of_each.statement").signs_digest());
        let (wechatpay, host) = (key(), find("one_of_each.statement").host());
        let kernel = Kernel::new(merchant().hk_public_key(HK_KEY, wechatpay.public_key())).unwrap();
        let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
        let with = |mut headers: Headers, sha1: &str| {
            headers.push("Wechatpay-Statement-Sha1", sha1);
            headers
        };
        let good = signed(&wechatpay, HK_KEY, &format!("{{\"sha1\":\"{sha1}\"}}"));
        assert_eq!(kernel.signed_digest(host, &with(good.clone(), sha1)).unwrap(), sha1);
        let other = with(good.clone(), &sha1.replace('a', "b"));
        assert_eq!(kernel.signed_digest(host, &other).unwrap_err().code(), codes::SIGNATURE_MISMATCH);
        for headers in [good.clone(), with(good, "a9993e\",\"x\":\"")] {
            assert_eq!(kernel.signed_digest(host, &headers).unwrap_err().code(), codes::FILE_ANNOUNCEMENT);
        }
    }
}

//! What the client side opens WeChat with.

use std::collections::BTreeMap;

use serde_json::json;
use wechatpay_core::crypto::ApiV2Key;
use wechatpay_core::{BusinessView, ErrorKind, Kernel, PluginCoupon, Result};

use crate::platform::{MCHID, NOW, TestClock, cast, kernel, merchant};

/// The key of the published example, which is no merchant's.
const V2_KEY: &str = "192006250b4c09247ec02edce69f6a2d";

fn with_v2_key() -> Kernel {
    Kernel::new(merchant(&TestClock::new()).api_v2_key(ApiV2Key::new(V2_KEY).unwrap())).unwrap()
}

/// Escaped values, told apart and read again.
fn read(query: &str) -> BTreeMap<String, String> {
    let plain = |value: &str| percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned();
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.into(), plain(value)))
        .collect()
}

/// The signature by the documented rule, from a text that is put together here.
fn hmac(text: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(V2_KEY.as_bytes()).unwrap();
    mac.update(format!("{text}&key={V2_KEY}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn the_published_example_of_apiv2_is_signed_alike() {
    let parameters = [
        ("mch_id", "10000100"),
        ("appid", "wxd930ea5d5a258f4f"),
        ("device_info", "1000"),
        ("empty", ""),
        ("body", "test"),
        ("nonce_str", "ibuaiVcKdpRxkhJA"),
    ];
    assert_eq!(
        ApiV2Key::new(V2_KEY).unwrap().sign(&parameters),
        "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
    );
}

#[test]
fn a_wrong_apiv2_key_is_named_and_never_shown() {
    for (key, said) in
        [("", "0 bytes"), (&V2_KEY[1..], "31 bytes"), (&V2_KEY.replace('d', " "), "letters and digits")]
    {
        let error = ApiV2Key::new(key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.message().contains(said) && (key.is_empty() || !error.to_string().contains(key)),
            "{error}"
        );
    }
    assert!(!format!("{:?}", ApiV2Key::new(V2_KEY)).contains(V2_KEY));
    assert!(!format!("{:?}", with_v2_key()).contains(V2_KEY));
    let error = kernel().front_end().payscore_order_detail("1", "2").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("api_v2_key"), "{error}");
}

#[test]
fn payment_parameters_for_pages_and_apps() {
    let verify = |message: String, signature: &str| {
        let signature =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signature).unwrap();
        assert!(cast().merchant.public_key().verify_sha256(message.as_bytes(), &signature));
    };
    for prepay_id in ["wx2014", "prepay_id=wx2014"] {
        let payment = kernel().jsapi_payment("wx1", prepay_id).unwrap();
        let json = serde_json::to_value(&payment).unwrap();
        assert_eq!(json["package"], "prepay_id=wx2014");
        assert_eq!((json["appId"].as_str(), json["signType"].as_str()), (Some("wx1"), Some("RSA")));
        assert_eq!(json["timeStamp"], NOW.to_string(), "a string, in seconds");
        verify(format!("wx1\n{NOW}\n{}\nprepay_id=wx2014\n", payment.nonce_str), &payment.pay_sign);
        let payment = kernel().app_payment("wx1", prepay_id).unwrap();
        let json = serde_json::to_value(&payment).unwrap();
        assert_eq!((json["partnerid"].as_str(), json["package"].as_str()), (Some(MCHID), Some("Sign=WXPay")));
        verify(format!("wx1\n{NOW}\n{}\nwx2014\n", payment.noncestr), &payment.sign);
    }
    let payment = kernel().app_payment_of("1900000109", "wx1", "wx2014").unwrap();
    assert_eq!((payment.partnerid.as_str(), payment.appid.as_str()), ("1900000109", "wx1"));
    assert_eq!(kernel().app_payment_of("", "wx1", "wx2014").unwrap_err().code(), "EMPTY_PARAMETER");
    for (appid, prepay_id) in [
        ("", "wx1"),
        ("wx1", ""),
        ("wx1", "prepay_id="),
        ("a\nb", "wx1"),
        ("a", "b\nc"),
        ("a\0", "b"),
        ("a", "b\u{85}"),
    ] {
        assert_eq!(kernel().jsapi_payment(appid, prepay_id).unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}

/// The three client sides are told the same.
fn view(made: Result<BusinessView>, business_type: &str) -> BTreeMap<String, String> {
    let made = made.unwrap();
    let json = json!(made);
    assert_eq!(json["businessType"], business_type);
    assert_eq!(json["extInfo"], "{\"miniProgramType\":0}");
    assert_eq!(json["queryString"], json["query"]);
    assert_eq!(read(&made.query), made.extra_data);
    made.extra_data
}

#[test]
fn payscore_orders_are_opened_and_shown() {
    let kernel = with_v2_key();
    let package = "AAQTnZoAAAABAAAAAAD8m2b8 VRdZ+kVd/KmHNZi==";
    let data = view(kernel.front_end().payscore_order(package), "wxpayScoreUse");
    assert_eq!(data, BTreeMap::from([("package".into(), package.into())]));

    let data = view(kernel.front_end().payscore_permission("DCE1-DD"), "wxpayScoreEnable");
    assert_eq!(data, BTreeMap::from([("apply_permissions_token".into(), "DCE1-DD".into())]));

    let data =
        view(kernel.front_end().payscore_order_detail("500001", "1234323JKHDFE|*1"), "wxpayScoreDetail");
    let (nonce, sign) = (&data["nonce_str"], &data["sign"]);
    assert_eq!(data["timestamp"], NOW.to_string());
    assert_eq!(
        (data["mch_id"].as_str(), data["sign_type"].as_str(), nonce.len()),
        (MCHID, "HMAC-SHA256", 32)
    );
    let signed = format!(
        "mch_id={MCHID}&nonce_str={nonce}&out_order_no=1234323JKHDFE|*1&service_id=500001&sign_type=HMAC-SHA256&timestamp={NOW}"
    );
    assert_eq!(*sign, hmac(&signed));
}

#[test]
fn the_plugin_hands_out_coupons() {
    let coupon = |number: &str| PluginCoupon {
        stock_id: "12345678".into(),
        out_request_no: number.into(),
        ..PluginCoupon::default()
    };
    let kernel = with_v2_key();
    let with_code = PluginCoupon { coupon_code: Some("C1".into()), ..coupon("abc123") };
    let of_another = PluginCoupon { create_coupon_merchant: Some("10016226".into()), ..coupon("123abc") };
    let made = kernel.front_end().coupon_plugin(vec![with_code, of_another]).unwrap();
    let signed = format!(
        "coupon_code0=C1&create_coupon_merchant1=10016226&out_request_no0=abc123&out_request_no1=123abc\
         &send_coupon_merchant={MCHID}&stock_id0=12345678&stock_id1=12345678"
    );
    let expected = json!({
        "send_coupon_params": [
            { "stock_id": "12345678", "out_request_no": "abc123", "coupon_code": "C1" },
            { "stock_id": "12345678", "out_request_no": "123abc", "create_coupon_merchant": "10016226" },
        ],
        "send_coupon_merchant": MCHID,
        "sign": hmac(&signed),
    });
    assert_eq!(json!(made), expected);
    assert!(!format!("{made:?}").contains(&made.sign));

    for (coupons, code) in [
        (vec![], "EMPTY_PARAMETER"),
        (vec![coupon("1"); 11], "TOO_LONG"),
        (vec![coupon("")], "EMPTY_PARAMETER"),
        (vec![coupon("a\nb")], "UNSUPPORTED_CHARACTER"),
    ] {
        assert_eq!(kernel.front_end().coupon_plugin(coupons).unwrap_err().code(), code);
    }
}

#[test]
fn a_link_hands_out_a_coupon() {
    let kernel = with_v2_key();
    let link =
        kernel.front_end().h5_coupon_url("12111100000001", "2019&12", "ow8uG5EM11Cnm", Some("753")).unwrap();
    let query = link.strip_prefix("https://action.weixin.qq.com/busifavor/getcouponinfo?").unwrap();
    let data = read(query.strip_suffix("#wechat_pay&wechat_redirect").unwrap());
    let signed = format!(
        "coupon_code=753&open_id=ow8uG5EM11Cnm&out_request_no=2019&12&send_coupon_merchant={MCHID}&stock_id=12111100000001"
    );
    assert_eq!(data["sign"], hmac(&signed));
    assert_eq!((data["out_request_no"].as_str(), data["coupon_code"].as_str()), ("2019&12", "753"));
    let link = kernel.front_end().h5_coupon_url("1", "2", "3", None).unwrap();
    assert!(!link.contains("coupon_code"), "{link}");
}

#[test]
fn transfers_are_confirmed() {
    let made =
        kernel().front_end().transfer_confirmation("wx8888888888888888", "affffddafdfafddffda==").unwrap();
    let expected = json!({
        "mchId": MCHID, "appId": "wx8888888888888888", "package": "affffddafdfafddffda==",
        "businessType": "requestMerchantTransfer",
        "query": format!("mchId={MCHID}&appId=wx8888888888888888&package=affffddafdfafddffda%3D%3D"),
    });
    assert_eq!(json!(made), expected);
}

#[test]
fn other_components_and_mini_programs_are_opened() {
    let kernel = kernel();
    let data = view(kernel.front_end().product_coupon("T 1"), "wxpayCouponUse");
    assert_eq!(
        data,
        BTreeMap::from([("action".into(), "receiveCoupon".into()), ("token".into(), "T 1".into())])
    );
    let data = view(kernel.front_end().member_card("T1"), "wxpayCardMember");
    assert_eq!(data, BTreeMap::from([("scene".into(), "CARD_MEMBER".into()), ("token".into(), "T1".into())]));
    let parking =
        |sub_mchid| json!(kernel.front_end().parking_service("o1", "粤B888888", "BLUE", sub_mchid).unwrap());
    let expected = json!({
        "appId": "wxbcad394b3d99dac9", "path": "pages/auth-creditpay/auth-creditpay",
        "extraData": {
            "mchid": MCHID, "openid": "o1", "plate_number": "粤B888888", "plate_color": "BLUE", "trade_scene": "PARKING",
        },
    });
    assert_eq!(parking(None), expected);
    assert_eq!(parking(Some("1900000109"))["extraData"]["sub_mchid"], "1900000109");
}

#[test]
fn a_browser_comes_back_from_an_h5_order() {
    let kernel = kernel();
    let h5_url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016&package=1037687096";
    assert_eq!(
        kernel.front_end().h5_redirect(h5_url, "https://www.wechatpay.com.cn/?a=b&c=茶").unwrap(),
        format!("{h5_url}&redirect_url=https%3A%2F%2Fwww.wechatpay.com.cn%2F%3Fa%3Db%26c%3D%E8%8C%B6")
    );
    let back = "https://shop.example";
    for (h5_url, redirect_url) in [
        ("", back),
        ("weixin://wxpay", back),
        (&format!("{h5_url}&redirect_url=https%3A%2F%2Fa.example"), back),
        (&format!("{h5_url}#top"), back),
        (h5_url, "shop.example"),
        (h5_url, "javascript:alert(1)"),
    ] {
        assert_eq!(
            kernel.front_end().h5_redirect(h5_url, redirect_url).unwrap_err().kind(),
            ErrorKind::InvalidRequest
        );
    }
}

#[test]
fn a_native_order_becomes_a_picture() {
    let kernel = kernel();
    let picture = kernel.front_end().native_qr("weixin://wxpay/bizpayurl?pr=JyC91EIz1").unwrap();
    // 33 bytes need version 3 at this level: 29 modules and 4 white ones on each side.
    assert!(picture.contains("viewBox=\"0 0 37 37\""), "{picture}");
    // The finders' corners are dark: top left, top right, bottom left; the fourth corner of the square is none.
    for corner in ["M4,4h1v1h-1z", "M32,4h1v1h-1z", "M4,32h1v1h-1z"] {
        assert!(picture.contains(corner), "{corner}");
    }
    for (code_url, code) in [
        ("", "EMPTY_PARAMETER"),
        ("https://evil.example", "BAD_URL"),
        (&format!("weixin://{}", "a".repeat(3000)), "TOO_LONG"),
    ] {
        assert_eq!(kernel.front_end().native_qr(code_url).unwrap_err().code(), code);
    }
}

#[test]
fn nothing_that_opens_an_order_is_printed() {
    let kernel = with_v2_key();
    let front_end = kernel.front_end();
    let secret = "wx20141027SECRET";
    for shown in [
        format!("{:?}", front_end.payscore_order(secret).unwrap()),
        format!("{:?}", front_end.payscore_order_detail(secret, secret).unwrap()),
        format!("{:?}", front_end.transfer_confirmation("wx1", secret).unwrap()),
        format!("{:?}", front_end.parking_service(secret, secret, "BLUE", None).unwrap()),
        format!("{front_end:?}"),
    ] {
        assert!(!shown.contains(secret) && !shown.contains(V2_KEY), "{shown}");
    }
}

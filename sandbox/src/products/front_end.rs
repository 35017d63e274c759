//! What WeChat does with what a page, mini-program or app opens: it checks the signature under the APIv2 key and the parameters, and
//! shows an order or hands out coupons. `POST /sandbox/open`.

use serde_json::{Map, Value, json};

use super::busifavor::coupons;
use crate::refusal::{Refusal, Result};
use crate::store::State;

/// Signatures are good for so long.
const SECONDS: u64 = 300;
/// Coupons that the plugin takes at once.
const MOST_COUPONS: usize = 10;

type Data = Map<String, Value>;

/// Opens what `what` has: one of `business_view`, `mini_program`, `transfer_confirmation`, `coupon_plugin` (with `openid`) and `url`.
pub(crate) fn open(state: &mut State, what: &Data) -> Result<Value> {
    let object = |name: &str| what.get(name).and_then(Value::as_object);
    if let Some(view) = object("business_view") {
        return business_view(state, view);
    }
    if let Some(jump) = object("mini_program") {
        return mini_program(state, jump);
    }
    if let Some(transfer) = object("transfer_confirmation") {
        return transfer_confirmation(state, transfer);
    }
    if let Some(plugin) = object("coupon_plugin") {
        let openid = what.get("openid").and_then(Value::as_str).unwrap_or(&state.keys.openid).to_owned();
        return coupon_plugin(state, plugin, &openid);
    }
    match what.get("url").and_then(Value::as_str) {
        Some(url) => address(state, url),
        None => {
            Err(bad("give one of business_view, mini_program, transfer_confirmation, coupon_plugin and url"))
        }
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "PARAM_ERROR", message)
}

fn text<'a>(data: &'a Data, name: &str) -> Result<&'a str> {
    data.get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| bad(format!("{name} is missing")))
}

/// `name=value&…`, unescaped. A blank, which no client side escapes so, or a broken escape is refused.
fn query(text: &str) -> Result<Data> {
    let mut data = Data::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').ok_or_else(|| bad(format!("{pair:?} is no name=value")))?;
        let plain = percent_encoding::percent_decode_str(value).decode_utf8();
        let plain = plain.map_err(|_| bad(format!("the value of {name} is not UTF-8")))?;
        if value.contains(['+', ' ']) || data.insert(name.to_owned(), json!(plain)).is_some() {
            return Err(bad(format!("the value of {name} is not escaped, or given twice")));
        }
    }
    Ok(data)
}

/// Holds the signature against what is signed: all members that are text, but `sign` itself.
fn signed(state: &State, data: &Data, sign: &str) -> Result<()> {
    let parameters: Vec<(&str, &str)> = data
        .iter()
        .filter(|(name, _)| *name != "sign")
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    if state.keys.api_v2_key.sign(&parameters) == sign {
        return Ok(());
    }
    Err(Refusal::sign_error("签名错误: the HMAC-SHA256 under the APIv2 key is another one"))
}

fn of_this_merchant(state: &State, mchid: &str) -> Result<()> {
    if mchid == state.keys.mchid { Ok(()) } else { Err(bad(format!("the merchant {mchid} is not known"))) }
}

fn business_view(state: &State, view: &Data) -> Result<Value> {
    let data = query(text(view, "query")?)?;
    if view.get("queryString") != view.get("query")
        || view.get("extraData").and_then(Value::as_object) != Some(&data)
    {
        return Err(bad("extraData, queryString and query do not say the same"));
    }
    match text(view, "businessType")? {
        "wxpayScoreUse" => {
            let package = text(&data, "package")?;
            let order = state.service_orders.by_number.values().find(|order| order.package == package);
            let order =
                order.ok_or_else(|| Refusal::not_found("ORDER_NOT_EXIST", "no order has this package"))?;
            Ok(
                json!({ "opens": "payscore_order", "out_order_no": order.text("out_order_no"), "query_id": order.query_id }),
            )
        }
        "wxpayScoreDetail" => {
            of_this_merchant(state, text(&data, "mch_id")?)?;
            signed(state, &data, text(&data, "sign")?)?;
            let at: i64 =
                text(&data, "timestamp")?.parse().map_err(|_| bad("timestamp is no number of seconds"))?;
            if at.abs_diff(state.clock.timestamp()) > SECONDS {
                return Err(bad("timestamp is too old, or ahead"));
            }
            if text(&data, "sign_type")? != "HMAC-SHA256" || text(&data, "nonce_str")?.len() > 32 {
                return Err(bad("sign_type or nonce_str is wrong"));
            }
            let number = text(&data, "out_order_no")?;
            let order = state.service_orders.by_number.get(number);
            let order = order.filter(|order| order.text("service_id") == data["service_id"]);
            let order = order.ok_or_else(|| Refusal::not_found("ORDER_NOT_EXIST", "no such order"))?;
            Ok(
                json!({ "opens": "payscore_order_detail", "out_order_no": number, "state": order.stage.state() }),
            )
        }
        "wxpayScoreEnable" => {
            text(&data, "apply_permissions_token")?;
            Ok(json!({ "opens": "payscore_permission" }))
        }
        "wxpayCardMember" if text(&data, "scene")? == "CARD_MEMBER" => {
            text(&data, "token")?;
            Ok(json!({ "opens": "member_card" }))
        }
        "wxpayCouponUse" if text(&data, "action")? == "receiveCoupon" => {
            text(&data, "token")?;
            Ok(json!({ "opens": "product_coupon" }))
        }
        other => Err(bad(format!("businessType {other} is not known"))),
    }
}

fn mini_program(state: &State, jump: &Data) -> Result<Value> {
    let data = jump.get("extraData").and_then(Value::as_object).ok_or_else(|| bad("extraData is missing"))?;
    if (text(jump, "appId")?, text(jump, "path")?)
        != ("wxbcad394b3d99dac9", "pages/auth-creditpay/auth-creditpay")
    {
        return Err(bad("there is no such page"));
    }
    of_this_merchant(state, text(data, "mchid")?)?;
    for name in ["openid", "plate_number"] {
        text(data, name)?;
    }
    let color = text(data, "plate_color")?;
    if !["BLUE", "GREEN", "YELLOW", "BLACK", "WHITE", "LIMEGREEN"].contains(&color) {
        return Err(bad(format!("plate_color {color} is not known")));
    }
    Ok(json!({ "opens": "parking_service", "plate_number": data["plate_number"] }))
}

fn transfer_confirmation(state: &State, transfer: &Data) -> Result<Value> {
    let data = query(text(transfer, "query")?)?;
    for name in ["mchId", "appId", "package"] {
        if text(transfer, name)? != text(&data, name)? {
            return Err(bad(format!("{name} is another one in query")));
        }
    }
    of_this_merchant(state, text(&data, "mchId")?)?;
    if text(transfer, "businessType")? != "requestMerchantTransfer" {
        return Err(bad("businessType is not requestMerchantTransfer"));
    }
    // An agreement has a package too, and agreements are answered by example.
    let known = state.transfers.waiting_with(text(&data, "package")?).map(|transfer| &transfer.out_bill_no);
    Ok(json!({ "opens": "transfer_confirmation", "out_bill_no": known }))
}

fn coupon_plugin(state: &mut State, plugin: &Data, openid: &str) -> Result<Value> {
    let coupons = plugin.get("send_coupon_params").and_then(Value::as_array).cloned().unwrap_or_default();
    if coupons.is_empty() || coupons.len() > MOST_COUPONS {
        return Err(bad("send_coupon_params has 1 to 10 coupons"));
    }
    let merchant = text(plugin, "send_coupon_merchant")?;
    of_this_merchant(state, merchant)?;
    let mut data = Data::from_iter([("send_coupon_merchant".to_owned(), json!(merchant))]);
    for (index, coupon) in coupons.iter().enumerate() {
        let coupon = coupon.as_object().ok_or_else(|| bad("a coupon is no object"))?;
        data.extend(coupon.iter().map(|(name, value)| (format!("{name}{index}"), value.clone())));
    }
    signed(state, &data, text(plugin, "sign")?)?;
    let mut results = Vec::new();
    for coupon in coupons.iter().filter_map(Value::as_object) {
        // Each for itself: one that is refused does not keep the others.
        let result = take(state, coupon, openid, "BUSICOUPON_SEND_CHANNEL_MINIAPP");
        results.push(match result {
            Ok(given) => json!({
                "code": "SUCCESS", "message": "发券成功", "stock_id": given["stock_id"],
                "coupon_code": given["coupon_code"], "out_request_no": given["out_request_no"],
            }),
            Err(refusal) => json!({
                "code": "FAIL", "message": refusal.body.map(|body| body["message"].clone()),
                "stock_id": coupon.get("stock_id"), "out_request_no": coupon.get("out_request_no"),
            }),
        });
    }
    Ok(json!({ "opens": "coupon_plugin", "errcode": "OK", "send_coupon_result": results }))
}

fn take(state: &mut State, coupon: &Data, openid: &str, channel: &str) -> Result<Value> {
    let stock_id = text(coupon, "stock_id")?.to_owned();
    let mut how =
        Data::from_iter([("openid".to_owned(), json!(openid)), ("send_channel".to_owned(), json!(channel))]);
    for name in ["out_request_no", "coupon_code"] {
        how.extend(coupon.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    coupons::receive(state, &stock_id, &how)
}

fn address(state: &mut State, url: &str) -> Result<Value> {
    let part = |url: &str, start: &str| url.strip_prefix(start).map(str::to_owned);
    if let Some(rest) = part(url, "https://action.weixin.qq.com/busifavor/getcouponinfo?") {
        let Some(asked) = rest.strip_suffix("#wechat_pay&wechat_redirect") else {
            return Err(bad("268435461: the address must end with #wechat_pay&wechat_redirect"));
        };
        let data = query(asked)?;
        of_this_merchant(state, text(&data, "send_coupon_merchant")?)?;
        signed(state, &data, text(&data, "sign")?)?;
        let openid = text(&data, "open_id")?.to_owned();
        let given = take(state, &data, &openid, "BUSICOUPON_SEND_CHANNEL_H5")?;
        return Ok(json!({ "opens": "h5_coupon", "send_coupon_result": given }));
    }
    if let Some(asked) = part(url, "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?") {
        let data = query(&asked)?;
        let order = state.orders.named(text(&data, "prepay_id")?);
        let order = order.ok_or_else(|| Refusal::not_found("ORDER_NOT_EXIST", "no such order"))?;
        let number = order.text("out_trade_no").to_owned();
        return Ok(
            json!({ "opens": "h5_order", "out_trade_no": number, "redirect_url": data.get("redirect_url") }),
        );
    }
    Err(bad("WeChat opens no such address"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::busifavor::stocks::tests::stock;
    use crate::products::testing::state;

    fn plugin(state: &State, coupons: &Value, sign: &str) -> Data {
        let open = json!({ "coupon_plugin": {
            "send_coupon_params": coupons, "send_coupon_merchant": state.keys.mchid, "sign": sign,
        } });
        open.as_object().cloned().unwrap()
    }

    #[test]
    fn a_plugin_that_another_key_signed_hands_out_nothing() {
        let mut state = state();
        let stock_id = stock(&mut state, "WECHATPAY_MODE");
        let coupons = json!([{ "stock_id": stock_id, "out_request_no": "N1" }, { "stock_id": "0", "out_request_no": "N2" }]);
        let mchid = state.keys.mchid.clone();
        let parameters = [
            ("send_coupon_merchant", mchid.as_str()),
            ("stock_id0", &stock_id),
            ("out_request_no0", "N1"),
            ("stock_id1", "0"),
            ("out_request_no1", "N2"),
        ];
        let sign = state.keys.api_v2_key.sign(&parameters);
        let forged = plugin(&state, &coupons, &sign.to_lowercase());
        assert_eq!(open(&mut state, &forged).unwrap_err().status, 401);
        assert!(state.busifavor.coupons.is_empty());
        let right = plugin(&state, &coupons, &sign);
        let shown = open(&mut state, &right).unwrap();
        let results = &shown["send_coupon_result"];
        assert_eq!((&results[0]["code"], &results[1]["code"]), (&json!("SUCCESS"), &json!("FAIL")));
        assert_eq!(state.busifavor.coupons.len(), 1);
        // The same number gives the coupon once.
        open(&mut state, &right).unwrap();
        assert_eq!(state.busifavor.coupons.len(), 1);
    }

    #[test]
    fn what_nothing_opens_is_refused() {
        let mut state = state();
        for what in [
            json!({}),
            json!({ "url": "https://evil.example/" }),
            json!({ "url": "https://action.weixin.qq.com/busifavor/getcouponinfo?stock_id=1" }),
            json!({ "business_view": { "businessType": "x", "query": "a=b", "queryString": "a=b", "extraData": { "a": "b" } } }),
            json!({ "business_view": { "businessType": "wxpayScoreEnable", "query": "a=b" } }),
            json!({ "mini_program": { "appId": "wx1", "path": "p", "extraData": {} } }),
            json!({ "transfer_confirmation": { "mchId": "1", "appId": "2", "package": "3", "query": "mchId=1&appId=2" } }),
            json!({ "coupon_plugin": {} }),
        ] {
            assert_eq!(open(&mut state, what.as_object().unwrap()).unwrap_err().status, 400, "{what}");
        }
    }
}

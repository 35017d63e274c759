//! A merchant coupon (商家券), from stock to use.

use serde_json::json;

use crate::show;
use crate::world::{Result, World, demand, text_of};

pub(crate) fn run(world: &World) -> Result<()> {
    let number = world.number();
    let code = format!("TEA{number}");

    show::step("Merchant coupon: create a stock of coupons, 1 yuan off from 10 yuan");
    world.call("busifavor.callbacks.set", json!({ "notify_url": world.notify_url }))?;
    let stock = world.call(
        "busifavor.stocks.create",
        json!({
            "stock_name": "Tea week / 喝茶周",
            "belong_merchant": world.mchid,
            "goods_name": "tea",
            "stock_type": "NORMAL",
            "coupon_use_rule": {
                "coupon_available_time": {
                    "available_begin_time": world.time(-3600)?,
                    "available_end_time": world.time(7 * 86400)?,
                },
                "fixed_normal_coupon": { "discount_amount": 100, "transaction_minimum": 1000 },
                "use_method": "OFF_LINE",
            },
            "stock_send_rule": { "max_coupons": 100, "max_coupons_per_user": 5 },
            "out_request_no": format!("{number}STOCK"),
            "coupon_code_mode": "MERCHANT_UPLOAD",
            "notify_config": { "notify_appid": world.appid },
        }),
    )?;
    let stock_id = text_of(&stock, "stock_id")?;
    show::fact("stock", stock_id);

    show::step("Merchant coupon: upload a code and send the coupon to a user");
    let uploaded = world.call(
        "busifavor.codes.upload",
        json!({
            "stock_id": stock_id,
            "coupon_code_list": [code],
            "upload_request_no": format!("{number}UPLOAD"),
        }),
    )?;
    show::fact("codes", &uploaded["success_codes"]);
    demand(uploaded["success_codes"] == json!([code]), "our code to be taken")?;
    world.call(
        "busifavor.coupons.send",
        json!({
            "stock_id": stock_id,
            "openid": world.openid,
            "appid": world.appid,
            "out_request_no": format!("{number}SEND"),
        }),
    )?;
    let sent = world.notification("COUPON.SEND")?;
    demand(sent.resource["coupon_code"] == *code, "the notification to be about our code")?;

    show::step("Merchant coupon: redeem it at the counter");
    world.call(
        "busifavor.coupons.use_coupon",
        json!({
            "coupon_code": code,
            "stock_id": stock_id,
            "appid": world.appid,
            "openid": world.openid,
            "use_time": world.time(0)?,
            "use_request_no": format!("{number}USE"),
        }),
    )?;
    let coupon = world.call(
        "busifavor.coupons.query",
        json!({ "openid": world.openid, "coupon_code": code, "appid": world.appid }),
    )?;
    show::fact("state", text_of(&coupon, "coupon_state")?);
    demand(coupon["coupon_state"] == "USED", "the coupon to be USED")
}

//! A service order of WeChat Pay score, run by an acquiring bank for a sub-merchant (支付分从业机构模式).

use serde_json::{Value, json};

use crate::show;
use crate::world::{Result, World, demand, text_of};

const SERVICE: &str = "500001";
const SUB_MERCHANT: &str = "1900000109";
const CHANNEL: &str = "1230000109";
/// What the service may cost, and what it costs in the end, in fen.
const AT_MOST: i64 = 10_000;
const TOTAL: i64 = 3_900;

pub(crate) fn run(world: &World) -> Result<()> {
    let out_order_no = format!("{}SCORE", world.number());
    // What every operation of the flow takes besides its own fields.
    let with = |fields: Value| -> Value {
        let mut params = json!({
            "out_order_no": out_order_no,
            "service_id": SERVICE,
            "sub_mchid": SUB_MERCHANT,
            "channel_id": CHANNEL,
        });
        if let (Some(params), Value::Object(fields)) = (params.as_object_mut(), fields) {
            params.extend(fields);
        }
        params
    };

    show::step("Pay score: create a service order, which the user confirms");
    let order = world.call(
        "payscore.acquiring_bank.create",
        with(json!({
            "appid": world.appid,
            "service_introduction": "Hotel / 某某酒店",
            "time_range": { "start_time": "OnAccept" },
            "location": { "start_location": "Teahouse" },
            "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": AT_MOST, "description": "dinner, estimated" },
            "notify_url": world.notify_url,
            "need_user_confirm": true,
        })),
    )?;
    show::fact("state", text_of(&order, "state")?);
    world.sandbox(&format!("payscore/{out_order_no}/confirm"), &json!({}))?;
    world.notification("PAYSCORE.USER_CONFIRM")?;

    show::step("Pay score: complete the order and register the deduction");
    let order = world.call(
        "payscore.acquiring_bank.complete",
        with(json!({
            "post_payments": [{ "name": "dinner", "amount": 4_000, "description": "4 courses", "count": 1 }],
            "post_discounts": [{ "name": "1 yuan off", "description": "not with other offers", "amount": 100 }],
            "total_amount": TOTAL,
        })),
    )?;
    show::fact("state", format!("{}, {}", text_of(&order, "state")?, text_of(&order, "state_description")?));
    world.call(
        "payscore.acquiring_bank.register_deduction",
        with(json!({ "appid": world.appid, "out_trade_no": format!("{out_order_no}P") })),
    )?;

    show::step("Pay score: the clearing house charges the user");
    world.sandbox(&format!("payscore/{out_order_no}/pay"), &json!({}))?;
    world.notification("PAYSCORE.USER_PAID")?;
    let order = world.call("payscore.acquiring_bank.query", with(json!({})))?;
    let collected = &order["collection"];
    show::fact("state", format!("{}, {}", text_of(&order, "state")?, text_of(collected, "state")?));
    demand(
        order["state"] == "DONE" && collected["state"] == "USER_PAID",
        "the order to be DONE and USER_PAID",
    )?;
    demand(order["total_amount"] == TOTAL, "the amount that was completed")
}

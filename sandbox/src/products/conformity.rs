//! Every flow once, with requests that the table accepts; the answers and notifications must fit the table too. Operations
//! without a flow need nothing here: they are answered by example.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use wechatpay_core::operation::{self, Body, Fields};

use super::testing::state;
use crate::call::{Call, Reply};
use crate::check::Stage;
use crate::store::State;
use crate::store::media::Uploaded;
use crate::{check, clock, handlers};

/// Carries out operations and checks both directions against the table.
struct Platform {
    state: State,
    seen: BTreeSet<&'static str>,
}

impl Platform {
    fn call(&mut self, id: &str, params: Value) -> Value {
        let operation = operation::find(id).unwrap_or_else(|| panic!("no operation {id}"));
        let Value::Object(mut params) = params else { panic!("parameters are an object") };
        let mut take = |fields: Fields| -> Map<String, Value> {
            fields.filter_map(|field| Some((field.name().to_owned(), params.remove(field.name())?))).collect()
        };
        let mut call = Call {
            path: take(operation.path_params()),
            headers: take(operation.headers()),
            query: take(operation.query()),
            base_url: "http://127.0.0.1:1".to_owned(),
            ..Call::default()
        };
        match operation.body() {
            Body::Json(fields) => call.body = take(fields),
            Body::Upload(_) => {
                call.upload = Some(Uploaded {
                    file_name: "a.jpg".into(),
                    bytes: 1,
                    sha256: "0".repeat(64),
                    meta: "{}".into(),
                });
            }
            _ => {}
        }
        assert!(params.is_empty(), "{id} does not take {params:?}");
        check::check(operation, &call, true, Stage::Opened, &mut Vec::new())
            .unwrap_or_else(|refusal| panic!("{id}: {refusal:?}"));
        self.seen.insert(operation.id());
        match (handlers::find(id, false).unwrap()(&mut self.state, &call), operation.reply()) {
            (Ok(Reply::Json(answer)), operation::Reply::Json(model)) => {
                let fits = check::fits(model, answer.as_object().unwrap(), true);
                assert!(fits.is_ok(), "{id} answered {answer:#}: {fits:?}");
                answer
            }
            (Ok(Reply::NoContent), operation::Reply::None) => Value::Null,
            (Ok(Reply::File(_)), operation::Reply::File) => Value::Null,
            (other, _) => panic!("{id} answered {other:?}"),
        }
    }
}

#[test]
fn answers_and_notifications_fit_the_table() {
    let mut platform = Platform { state: state(), seen: BTreeSet::new() };
    payments(&mut platform);
    combined_orders(&mut platform);
    refunds_and_bills(&mut platform);
    coupons(&mut platform);
    subsidies(&mut platform);
    service_orders(&mut platform);
    permissions(&mut platform);
    transfers(&mut platform);
    profit_sharing(&mut platform);
    let p = &mut platform;
    p.call("certificates.list", json!({}));
    p.call("global.certificates.list", json!({}));
    p.call(
        "security.echo",
        json!({
            "echo_message": "a", "encrypted_echo_message": "b", "notify_url": "http://127.0.0.1/n",
        }),
    );
    for id in ["media.upload_image", "media.upload_video", "media.upload_marketing_image"] {
        p.call(id, json!({}));
    }

    let left: Vec<&str> = handlers::ids().filter(|id| !platform.seen.contains(id)).collect();
    assert!(left.is_empty(), "not tried: {left:?}");

    let mut events = BTreeSet::new();
    for (event, original, resource) in platform.state.notifications.contents() {
        let kind = operation::notification_type(event, original, resource)
            .unwrap_or_else(|| panic!("no type for {event} {original}"));
        let fits = check::fits(kind.resource(), resource.as_object().unwrap(), true);
        assert!(fits.is_ok(), "{event}: {resource:#}: {fits:?}");
        events.insert(event);
    }
    assert_eq!(events.len(), 11, "{events:?}");
}

fn order(state: &State, number: &str) -> Value {
    json!({
        "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶", "out_trade_no": number,
        "notify_url": "http://127.0.0.1/n", "attach": "x", "amount": { "total": 100, "currency": "CNY" },
    })
}

fn with(mut value: Value, extra: Value) -> Value {
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    value
}

fn combined_orders(p: &mut Platform) {
    for (kind, trade_type) in
        [("jsapi", "J"), ("mini_program", "M"), ("app", "A"), ("h5", "H"), ("native", "N")]
    {
        let orders: Vec<Value> = ["1", "2"]
            .iter()
            .map(|number| json!({
                "mchid": p.state.keys.mchid, "out_trade_no": format!("SUB-{trade_type}-{number}"), "description": "茶", "attach": "x",
                "amount": { "total_amount": 50, "currency": "CNY" },
            }))
            .collect();
        let mut order = json!({
            "combine_appid": p.state.keys.appid, "combine_mchid": p.state.keys.mchid, "combine_out_trade_no": format!("COMBINED-{trade_type}"),
            "notify_url": "http://127.0.0.1/n", "sub_orders": orders,
            "scene_info": { "payer_client_ip": "127.0.0.1", "device_id": "d" },
        });
        if kind == "h5" {
            order["scene_info"]["h5_info"] = json!({ "type": "Wap" });
        }
        if trade_type == "J" || trade_type == "M" {
            order["combine_payer_info"] = json!({ "openid": "o1" });
        }
        p.call(&format!("combine_payments.{kind}.prepay"), order);
    }
    super::payments::pay(&mut p.state, "COMBINED-J", json!({ "coupon": 10 }).as_object().unwrap()).unwrap();
    for number in ["COMBINED-J", "COMBINED-M"] {
        p.call("combine_payments.query_by_out_trade_no", json!({ "combine_out_trade_no": number }));
    }
    let mchid = p.state.keys.mchid.clone();
    let closed: Vec<Value> = ["SUB-A-1", "SUB-A-2"]
        .iter()
        .map(|number| json!({ "mchid": mchid, "out_trade_no": number }))
        .collect();
    let appid = p.state.keys.appid.clone();
    p.call(
        "combine_payments.close",
        json!({ "combine_out_trade_no": "COMBINED-A", "combine_appid": appid, "sub_orders": closed }),
    );
}

fn payments(p: &mut Platform) {
    let scene = json!({ "scene_info": { "payer_client_ip": "127.0.0.1", "h5_info": { "type": "Wap" } } });
    p.call("payments.jsapi.prepay", with(order(&p.state, "ORDER-1"), json!({ "payer": { "openid": "o1" } })));
    p.call("payments.app.prepay", order(&p.state, "ORDER-2"));
    p.call("payments.h5.prepay", with(order(&p.state, "ORDER-3"), scene));
    p.call("payments.native.prepay", order(&p.state, "ORDER-4"));
    let mchid = p.state.keys.mchid.clone();
    p.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "ORDER-1", "mchid": mchid }));
    let how = json!({ "coupon": 30 });
    let paid = super::payments::pay(&mut p.state, "ORDER-1", how.as_object().unwrap()).unwrap();
    let named = json!({ "transaction_id": paid["transaction_id"], "mchid": mchid });
    p.call("payments.query_by_transaction_id", named);
    p.call("payments.close", json!({ "out_trade_no": "ORDER-2", "mchid": mchid }));
}

fn refunds_and_bills(p: &mut Platform) {
    let ask = |number: &str| {
        json!({ "out_trade_no": "ORDER-1", "out_refund_no": number, "amount": {
            "refund": 10, "total": 100, "currency": "CNY", "from": [{ "account": "AVAILABLE", "amount": 10 }],
        } })
    };
    for (number, status) in [("R1", "SUCCESS"), ("R2", "CLOSED"), ("R3", "ABNORMAL")] {
        p.call("refunds.create", ask(number));
        let how = json!({ "status": status });
        super::refunds::finish(&mut p.state, number, how.as_object().unwrap()).unwrap();
    }
    let abnormal = p.call("refunds.query", json!({ "out_refund_no": "R3" }));
    p.call(
        "refunds.apply_abnormal",
        json!({
            "refund_id": abnormal["refund_id"], "out_refund_no": "R3", "type": "MERCHANT_BANK_CARD",
        }),
    );
    let today = clock::date(p.state.clock.now());
    p.call("bills.fund_flow_bill", json!({ "bill_date": today }));
    let mut sealed = json!({ "bill_date": today, "account_type": "ALL", "algorithm": "AEAD_AES_256_GCM" });
    p.call("bills.ecommerce_fund_flow_bill", sealed.clone());
    sealed["sub_mchid"] = json!("1900000109");
    p.call("bills.sub_merchant_fund_flow_bill", sealed);
    let bill = p.call("bills.trade_bill", json!({ "bill_date": today, "tar_type": "GZIP" }));
    let (_, query) = bill["download_url"].as_str().unwrap().split_once('?').unwrap();
    p.call("bills.download_by_token", Value::Object(crate::route::parse_query(query).unwrap()));
}

fn profit_sharing(p: &mut Platform) {
    let marked = json!({ "settle_info": { "profit_sharing": true } });
    p.call("payments.native.prepay", with(order(&p.state, "ORDER-SHARED"), marked));
    let paid = super::payments::pay(&mut p.state, "ORDER-SHARED", &Map::new()).unwrap();
    let id = paid["transaction_id"].clone();
    let receiver = json!({ "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000110" });
    let named = json!({ "name": "茶行", "relation_type": "STORE" });
    p.call("profit_sharing.add_receiver", with(receiver.clone(), named));
    p.call(
        "profit_sharing.create_order",
        json!({
            "transaction_id": id, "out_order_no": "S1", "unfreeze_unsplit": false, "notify_url": "http://127.0.0.1/n",
            "receivers": [
                { "type": "MERCHANT_ID", "account": "1900000110", "name": "茶行", "amount": 10, "description": "d" },
            ],
        }),
    );
    p.call("profit_sharing.query_order", json!({ "transaction_id": id, "out_order_no": "S1" }));
    p.call(
        "profit_sharing.create_return",
        json!({
            "out_order_no": "S1", "out_return_no": "SR1", "return_mchid": "1900000110", "amount": 5, "description": "d",
        }),
    );
    p.call("profit_sharing.query_return", json!({ "out_order_no": "S1", "out_return_no": "SR1" }));
    p.call("profit_sharing.query_amounts", json!({ "transaction_id": id }));
    p.call(
        "profit_sharing.unfreeze",
        json!({ "transaction_id": id, "out_order_no": "U1", "description": "d" }),
    );
    p.call("profit_sharing.delete_receiver", receiver);
}

fn transfers(p: &mut Platform) {
    let asked = |number: &str| {
        json!({
            "appid": "wx1", "out_bill_no": number, "transfer_scene_id": "1000", "openid": "o1", "user_name": "张三",
            "transfer_amount": 100, "transfer_remark": "茶", "notify_url": "http://127.0.0.1/n",
            "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "新会员有礼" }],
        })
    };
    let made = p.call("transfers.create", asked("T1"));
    let how = Map::new();
    super::transfers::act(&mut p.state, "T1", "confirm", &how).unwrap();
    p.call("transfers.query_by_out_bill_no", json!({ "out_bill_no": "T1" }));
    p.call("transfers.query_by_transfer_bill_no", json!({ "transfer_bill_no": made["transfer_bill_no"] }));
    let agreement = json!({
        "user_display_name": "wx", "out_authorization_no": "A1", "authorization_notify_url": "http://127.0.0.1/n",
    });
    p.call(
        "transfers.create_with_authorization",
        with(asked("T2"), json!({ "authorization_info": agreement })),
    );
    p.call("transfers.cancel", json!({ "out_bill_no": "T2" }));
    p.call("transfers.create", asked("T3"));
    super::transfers::act(&mut p.state, "T3", "fail", &how).unwrap();
    p.call("transfers.query_by_out_bill_no", json!({ "out_bill_no": "T3" }));
    let mut agreed = with(asked("T4"), json!({ "out_authorization_no": "A1" }));
    for name in ["openid", "notify_url"] {
        agreed.as_object_mut().unwrap().remove(name);
    }
    p.call("transfers.create_authorized", agreed);
}

fn stock(p: &mut Platform, mode: &str) -> Value {
    let made = p.call("busifavor.stocks.create", json!({
        "stock_name": "券", "belong_merchant": "1900000001", "comment": "c", "goods_name": "茶", "stock_type": "NORMAL",
        "coupon_use_rule": {
            "coupon_available_time": {
                "available_begin_time": "2020-01-01T00:00:00+08:00", "available_end_time": "2099-01-01T00:00:00+08:00",
            },
            "fixed_normal_coupon": { "discount_amount": 5, "transaction_minimum": 100 },
            "use_method": "OFF_LINE",
        },
        "stock_send_rule": { "max_coupons": 10, "max_coupons_per_user": 5, "transferable": false },
        "notify_config": { "notify_appid": "wx1" },
        "out_request_no": format!("create-{mode}"), "coupon_code_mode": mode,
    }));
    made["stock_id"].clone()
}

fn coupons(p: &mut Platform) {
    p.call("busifavor.callbacks.set", json!({ "notify_url": "http://127.0.0.1/c" }));
    p.call("busifavor.callbacks.query", json!({}));
    let id = stock(p, "MERCHANT_UPLOAD");
    let codes = json!(["A1", "A2", "A3", "A3", "?", "A4"]);
    p.call(
        "busifavor.codes.upload",
        json!({ "stock_id": id, "coupon_code_list": codes, "upload_request_no": "1" }),
    );
    p.call("busifavor.stocks.query", json!({ "stock_id": id }));
    p.call("busifavor.stocks.update", json!({ "stock_id": id, "comment": "d", "out_request_no": "2" }));
    p.call("busifavor.stocks.update_budget", json!({
        "stock_id": id, "target_max_coupons": 20, "current_max_coupons": 10, "modify_budget_request_no": "3",
    }));
    let sending =
        |number: &str| json!({ "stock_id": id, "openid": "o1", "appid": "wx1", "out_request_no": number });
    p.call("busifavor.coupons.send", sending("4"));
    p.call("busifavor.product_coupons.send", sending("5"));
    p.call(
        "busifavor.product_coupons.pre_send",
        json!({ "stock_id": id, "appid": "wx1", "send_request_no": "6" }),
    );
    p.call("busifavor.codes.list", json!({ "stock_id": id, "limit": 10, "offset": 0 }));
    p.call("busifavor.codes.query", json!({ "stock_id": id, "coupon_code": "A1" }));
    p.call(
        "busifavor.codes.delete_code",
        json!({ "stock_id": id, "coupon_code": "A4", "delete_request_no": "7" }),
    );
    let (named, order) = (
        json!({ "stock_id": id, "coupon_code": "A1" }),
        json!({ "out_trade_no": "T", "out_request_no": "8" }),
    );
    p.call("busifavor.coupons.associate", with(named.clone(), order.clone()));
    p.call("busifavor.coupons.disassociate", with(named.clone(), order));
    let using = json!({ "appid": "wx1", "use_time": "2026-01-01T00:00:00+08:00", "use_request_no": "9" });
    p.call("busifavor.coupons.use_coupon", with(named.clone(), using.clone()));
    p.call("busifavor.coupons.return_coupon", with(named.clone(), json!({ "return_request_no": "10" })));
    p.call("busifavor.coupons.use_coupon", with(named, using));
    let other = json!({ "stock_id": id, "coupon_code": "A2" });
    let why = json!({ "deactivate_request_no": "11", "deactivate_reason": "r" });
    p.call("busifavor.coupons.deactivate", with(other, why));
    p.call("busifavor.coupons.list", json!({ "openid": "o1", "appid": "wx1" }));
    p.call("busifavor.coupons.query", json!({ "openid": "o1", "coupon_code": "A2", "appid": "wx1" }));
    let now = p.state.now_text();
    p.call(
        "busifavor.cards.send",
        json!({
            "card_id": "c", "appid": "wx1", "openid": "o1", "out_request_no": "12", "send_time": now,
        }),
    );
}

fn subsidies(p: &mut Platform) {
    let stock_id = p
        .call("busifavor.coupons.query", json!({ "openid": "o1", "coupon_code": "A1", "appid": "wx1" }))
        ["stock_id"]
        .clone();
    let named = json!({ "stock_id": stock_id, "coupon_code": "A1" });
    let terms = with(
        named.clone(),
        json!({
            "transaction_id": "42", "payer_merchant": "1", "payee_merchant": "2", "amount": 100, "description": "d",
        }),
    );
    let ids: Vec<(&str, BTreeSet<&str>)> = operation::all()
        .filter(|operation| operation.id().starts_with("busifavor.subsidies."))
        .map(|operation| (operation.id(), BTreeSet::from([operation.method().as_str(), operation.path()])))
        .collect();
    let id = |method: &str, path: &str| {
        let path = format!("/v3/marketing/busifavor/subsidy/{path}");
        ids.iter().find(|(_, what)| *what == BTreeSet::from([method, path.as_str()])).unwrap().0
    };
    let paid = p.call(id("POST", "pay-receipts"), with(terms.clone(), json!({ "out_subsidy_no": "n" })));
    let receipt = json!({ "subsidy_receipt_id": paid["subsidy_receipt_id"] });
    p.call(id("GET", "pay-receipts/{subsidy_receipt_id}"), receipt);
    p.call(id("GET", "pay-receipts"), named);
    let back = json!({ "refund_id": "50", "out_subsidy_return_no": "r" });
    let returned = p.call(id("POST", "return-receipts"), with(terms, back));
    let receipt = json!({ "subsidy_return_receipt_id": returned["subsidy_return_receipt_id"] });
    p.call(id("GET", "return-receipts/{subsidy_return_receipt_id}"), receipt);
}

fn service_orders(p: &mut Platform) {
    let called = |name: &str| format!("payscore.acquiring_bank.{name}");
    let names = |number: &str| json!({ "out_order_no": number, "service_id": "5", "sub_mchid": "1", "channel_id": "2", "appid": "wx1" });
    let terms = |number: &str| {
        with(
            names(number),
            json!({
                "service_introduction": "酒店", "time_range": { "start_time": "20260101" },
                "risk_fund": { "name": "DEPOSIT", "amount": 1000 }, "need_user_confirm": true,
                "notify_url": "http://127.0.0.1/n", "device": { "start_device_id": "d" },
            }),
        )
    };
    let mut without_device = terms("P2");
    without_device.as_object_mut().unwrap().remove("device");
    p.call(&called("create"), terms("P1"));
    p.call(&called("create_pay_on_delivery"), without_device);
    p.call(&called("create"), terms("P3"));
    for number in ["P1", "P3"] {
        super::payscore::orders::act(&mut p.state, number, "confirm", &Map::new()).unwrap();
        let charge = json!({ "post_payments": [{ "name": "费", "amount": 100 }], "total_amount": 100 });
        p.call(&called("complete"), with(names(number), charge));
    }
    let lower = json!({ "post_payments": [{ "name": "费", "amount": 90 }], "total_amount": 90 });
    p.call(&called("modify"), with(names("P1"), lower));
    p.call(&called("register_deduction"), with(names("P1"), json!({ "out_trade_no": "T" })));
    p.call(&called("query_deduction"), names("P1"));
    super::payscore::orders::act(&mut p.state, "P1", "pay", &Map::new()).unwrap();
    p.call(&called("query"), json!({ "out_order_no": "P1", "service_id": "5", "sub_mchid": "1" }));
    let paid = json!({ "type": "Order_Paid", "detail": { "paid_time": "20260101000000" } });
    p.call(&called("sync"), with(names("P3"), paid));
    p.call(&called("cancel"), names("P2"));
}

fn permissions(p: &mut Platform) {
    let called = |name: &str| format!("payscore.acquiring_bank.{name}");
    let named = json!({ "authorization_code": "c1", "service_id": "5", "sub_mchid": "1" });
    let asking = with(named.clone(), json!({ "appid": "wx1", "notify_url": "http://127.0.0.1/n" }));
    p.call(&called("apply_permission"), asking);
    p.call(&called("query_permission"), named.clone());
    super::payscore::permissions::act(&mut p.state, "c1", "open", &Map::new()).unwrap();
    p.call(&called("terminate_permission"), named.clone());
    p.call(&called("query_permission"), named);
}

//! Which type a notification is given.

use serde_json::{Value, json};
use wechatpay::NotificationResource;
use wechatpay::api::payments::TradeState;

use crate::client;
use crate::platform::{API_V3_KEY, NOW, PUBLIC_KEY_ID, cast, seal};

fn typed(event: &str, original: &str, resource: &str) -> NotificationResource {
    let body = json!({
        "id": "1", "create_time": "2015-05-20T13:29:35+08:00", "resource_type": "encrypt-resource", "event_type": event,
        "summary": "", "resource": seal(API_V3_KEY, "", original, resource.as_bytes()),
    });
    let body = body.to_string().into_bytes();
    let headers = cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, &body);
    let notification = client("https://api.mch.weixin.qq.com").parse_notification(&headers, &body).unwrap();
    NotificationResource::of(&notification)
}

fn paid() -> Value {
    json!({ "mchid": "1900000001", "out_trade_no": "1", "trade_state": "SUCCESS" })
}

#[test]
fn the_type_is_chosen_by_event_original_type_and_members() {
    let resource = typed("TRANSACTION.SUCCESS", "transaction", &paid().to_string());
    let NotificationResource::PaymentsTransaction(order) = resource else { panic!("not typed") };
    assert_eq!(order.trade_state(), Some(TradeState::Success));
    let refund = json!({ "out_refund_no": "1", "refund_status": "SUCCESS" }).to_string();
    for event in ["REFUND.SUCCESS", "REFUND.ABNORMAL"] {
        let NotificationResource::RefundsRefund(refund) = typed(event, "refund", &refund) else {
            panic!("not typed")
        };
        assert_eq!(refund.out_refund_no(), Some("1"));
    }
    let combined = json!({ "combine_out_trade_no": "1", "sub_orders": [paid()] });
    let resource = typed("TRANSACTION.SUCCESS", "transaction", &combined.to_string());
    let NotificationResource::CombinePaymentsTransaction(order) = resource else { panic!("not typed") };
    assert_eq!(order.combine_out_trade_no(), Some("1"));
    // The same event of another product, an unknown event, an order without its numbers, and a resource that is no object.
    for (event, original, resource) in [
        ("TRANSACTION.SUCCESS", "profitsharing", paid()),
        ("BRAND.NEW", "transaction", paid()),
        ("TRANSACTION.SUCCESS", "transaction", json!({ "trade_state": "SUCCESS" })),
    ] {
        let unknown = NotificationResource::Unknown(resource.clone());
        assert_eq!(typed(event, original, &resource.to_string()), unknown);
        assert_eq!(NotificationResource::new(event, original, resource), unknown);
    }
    let list = json!(["x"]);
    assert_eq!(
        NotificationResource::new("TRANSACTION.SUCCESS", "transaction", list.clone()),
        NotificationResource::Unknown(list)
    );
}

#[test]
fn a_number_that_nobody_holds_spoils_nothing() {
    let resource = r#"{"out_trade_no":"1","mchid":"1900000001","trade_state":"SUCCESS","amount":{"total":18446744073709551616,"payer_total":100}}"#;
    let typed = typed("TRANSACTION.SUCCESS", "transaction", resource);
    let NotificationResource::PaymentsTransaction(order) = typed else { panic!("not typed") };
    let amount = order.amount().unwrap();
    assert_eq!((amount.total(), amount.payer_total()), (None, Some(100)));
}

#[test]
fn nothing_of_the_content_is_shown() {
    let payment = typed("TRANSACTION.SUCCESS", "transaction", &paid().to_string());
    let unknown = NotificationResource::new("X", "y", json!({ "openid": "openid-of-a-payer" }));
    assert_eq!(format!("{payment:?} {unknown:?}"), "PaymentsTransaction(…) Unknown(…)");
}

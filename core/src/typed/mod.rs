//! What the generated typed API is made of, and what its users see besides models.
//!
//! Requests are strict: the kernel checks them against the operation table before anything is sent. Replies are
//! tolerant: a field that is absent, `null` or of another type than documented is `None`, an unknown value of an enum
//! is kept as text, and [`Reply::json`] has everything as WeChat Pay sent it.
// A build with few products does not use everything.
#![cfg_attr(not(feature = "typed"), allow(dead_code, unused_imports, unused_macros))]

#[cfg(all(feature = "bills", feature = "transport"))]
mod bills;
mod open_enum;
mod reply;
mod sensitive;
mod setters;
mod timestamp;
mod tolerant;

pub(crate) use open_enum::open_enum;
pub use reply::Reply;
pub use sensitive::Sensitive;
pub(crate) use setters::setters;
pub use timestamp::Timestamp;
pub(crate) use tolerant::{tolerant, tolerant_int, tolerant_text};

/// The request of an operation that takes nothing.
#[cfg(feature = "transport")]
#[allow(dead_code, reason = "not every product has such an operation")]
#[derive(Debug, serde::Serialize)]
pub(crate) struct NoFields {}

#[cfg(all(test, feature = "payments", feature = "refunds"))]
mod tests {
    use serde_json::{Value, json};

    use crate::api::NotificationResource;
    use crate::api::payments::jsapi::{JsapiPayer, PrepayRequest};
    use crate::api::payments::{Amount, TradeState, Transaction};

    #[test]
    fn a_request_holds_what_was_given_and_nothing_else() {
        let request = PrepayRequest::new(
            "wxd678efh567hg6787",
            "Image store",
            "1217752501201407033233368018",
            "https://example.com/notify",
            Amount::new(100),
            JsapiPayer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        )
        .time_expire("2018-06-08T10:34:56+08:00");
        let sent = json!({
            "appid": "wxd678efh567hg6787",
            "description": "Image store",
            "out_trade_no": "1217752501201407033233368018",
            "time_expire": "2018-06-08T10:34:56+08:00",
            "notify_url": "https://example.com/notify",
            "amount": { "total": 100 },
            "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), sent);
    }

    #[test]
    fn an_answer_without_a_documented_field_still_arrives() {
        let answer =
            json!({ "trade_state": "SOMETHING_NEW", "amount": { "total": "100" }, "payer": 7, "new": 1 });
        let transaction: Transaction = serde_json::from_value(answer).unwrap();
        assert_eq!(transaction.trade_state, Some(TradeState::Other("SOMETHING_NEW".into())));
        assert_eq!(transaction.out_trade_no, None);
        assert_eq!(transaction.amount.unwrap().total, Some(100));
        assert_eq!(transaction.payer, None);
    }

    #[test]
    fn a_notification_is_typed_by_event_original_type_and_members() {
        let typed = |event, original, value: Value| NotificationResource::new(event, original, value);
        let paid = json!({ "mchid": "1900000001", "out_trade_no": "1", "trade_state": "SUCCESS" });
        let NotificationResource::PaymentsTransaction(transaction) =
            typed("TRANSACTION.SUCCESS", "transaction", paid.clone())
        else {
            panic!("not typed")
        };
        assert_eq!(transaction.trade_state, Some(TradeState::Success));
        let combined = json!({ "combine_out_trade_no": "1", "sub_orders": [paid.clone()] });
        // The same event of another product, an unknown event, another order, and a resource that is no object.
        for (event, original, value) in [
            ("TRANSACTION.SUCCESS", "profitsharing", paid.clone()),
            ("BRAND.NEW", "transaction", paid),
            ("TRANSACTION.SUCCESS", "transaction", combined),
            ("TRANSACTION.SUCCESS", "transaction", json!(["x"])),
        ] {
            assert_eq!(typed(event, original, value.clone()), NotificationResource::Unknown(value));
        }
    }
}

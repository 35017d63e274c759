//! A type is given only when it is certain.

#[cfg(feature = "host")]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::operation::notification_type;
use crate::table::draft::Draft;
use crate::table::{NotificationRecord, Place};

/// In any order: those that take any original type may come first.
const TYPES: [(&str, &[&str], &[&str]); 5] = [
    ("any", &[], &[]),
    ("any_with_all", &[], &["number", "state", "school"]),
    ("order", &["order"], &["number", "state"]),
    ("any_with_stock", &[], &["stock"]),
    ("combined", &["order"], &["combined_number"]),
];

fn id(event: &str, original: &str, resource: &Value) -> Option<&'static str> {
    let mut draft = Draft::default();
    let nothing = draft.model("Nothing", &[]);
    for (id, original_types, has) in TYPES {
        let (id, events) = (draft.text(id), draft.texts(&["PAID"]));
        let (original_types, has) = (draft.texts(original_types), draft.texts(has));
        draft.notification(
            NotificationRecord::new(id, events, nothing).original_types(original_types).has(has),
        );
    }
    let table = draft.table();
    let types = (0..5).map(|number| NotificationType(Place::new(table, number)));
    type_among(types, event, original, &Members::of(resource)).map(NotificationType::id)
}

#[test]
fn a_type_is_given_only_when_its_members_are_there() {
    assert_eq!(id("PAID", "order", &json!({ "number": "1", "state": "OK", "new": 1 })), Some("order"));
    assert_eq!(id("PAID", "order", &json!({ "combined_number": "1" })), Some("combined"));
    // What is not typed by its members falls back to what takes any original type.
    assert_eq!(id("PAID", "order", &json!({ "number": "1" })), Some("any"));
    assert_eq!(id("PAID", "order", &json!({ "number": "1", "state": null })), Some("any"));
    assert_eq!(id("PAID", "other", &json!(["number"])), Some("any"));
    assert_eq!(id("UNPAID", "order", &json!({ "number": "1", "state": "OK" })), None);
}

#[test]
fn what_could_be_two_things_is_unknown() {
    assert_eq!(id("PAID", "order", &json!({ "number": "1", "state": "OK", "combined_number": "2" })), None);
    assert_eq!(
        id("PAID", "other", &json!({ "stock": "1", "number": "1", "state": "OK", "school": "2" })),
        None
    );
}

#[test]
fn who_asks_for_more_than_all_others_is_meant() {
    assert_eq!(id("PAID", "other", &json!({ "stock": "1" })), Some("any_with_stock"));
    // Even where another wants this original type.
    let all = json!({ "number": "1", "state": "OK", "school": "2" });
    assert_eq!(id("PAID", "order", &all), Some("any_with_all"));
    assert_eq!(id("PAID", "order", &json!({ "number": "1", "state": "OK", "stock": "2" })), Some("order"));
}

#[test]
fn the_direct_payment_is_told_from_its_likes() {
    let direct = json!({ "mchid": "1900000001", "out_trade_no": "1", "trade_state": "SUCCESS" });
    let combined =
        json!({ "combine_mchid": "1900000001", "combine_out_trade_no": "1", "sub_orders": [direct] });
    let partner = json!({
        "sp_mchid": "1900000001", "sub_mchid": "1900000002", "out_trade_no": "1", "trade_state": "SUCCESS",
    });
    for (original, resource, id) in [
        ("transaction", &direct, Some("payments.transaction")),
        ("profitsharing", &direct, None),
        ("transaction", &combined, Some("combine_payments.transaction")),
        ("transaction", &partner, Some("partner_payments.transaction")),
    ] {
        let found = notification_type("TRANSACTION.SUCCESS", original, resource);
        assert_eq!(found.map(NotificationType::id), id, "{original} {resource}");
    }
}

#[cfg(feature = "host")]
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a\"\\\\é]{0,2}", inner, 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

#[cfg(feature = "host")]
proptest! {
    /// The quick way, which reads names only, sees what those see who build the content up.
    #[test]
    fn text_has_the_members_of_its_value(value in json_value(), pretty in any::<bool>()) {
        let text = if pretty { format!("\n{value:#} ") } else { value.to_string() };
        prop_assert_eq!(Members::read(&text).unwrap().0, Members::of(&value).0);
    }

    #[test]
    fn text_that_is_not_json_is_an_error_in_both_ways(text in "[\\[\\]{}\":, a1n]{0,12}") {
        let value = serde_json::from_str::<Value>(&text);
        prop_assert_eq!(Members::read(&text).is_ok(), value.is_ok(), "{}", text);
    }
}

#[cfg(feature = "host")]
#[test]
fn of_two_members_with_one_name_the_last_counts() {
    for (text, given) in [(r#"{"a":1,"a":null}"#, false), (r#"{"a":null,"\u0061":1}"#, true)] {
        assert_eq!(Members::read(text).unwrap().has("a"), given, "{text}");
        assert_eq!(Members::of(&serde_json::from_str(text).unwrap()).has("a"), given, "{text}");
    }
}

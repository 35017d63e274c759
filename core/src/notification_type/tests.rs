//! A type is given only when it is certain.

#[cfg(feature = "host")]
use proptest::prelude::*;
use serde_json::json;

use super::*;

static NOTHING: Model = Model { name: "Nothing", fields: &[] };

const fn kind(
    id: &'static str,
    original_types: &'static [&'static str],
    has: &'static [&'static str],
) -> NotificationType {
    NotificationType { id, events: &["PAID"], original_types, has, resource: &NOTHING, doc: "" }
}

/// As the generated table is sorted: those that want an original type come first.
static TYPES: [NotificationType; 4] = [
    kind("order", &["order"], &["number", "state"]),
    kind("combined", &["order"], &["combined_number"]),
    kind("any", &[], &[]),
    kind("any_with_stock", &[], &["stock"]),
];

fn id(event: &str, original: &str, resource: &Value) -> Option<&'static str> {
    type_among(TYPES.iter(), event, original, &Members::of(resource)).map(|kind| kind.id)
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
    assert_eq!(id("PAID", "other", &json!({ "stock": "1" })), None);
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
        ("transaction", &combined, None),
        ("transaction", &partner, None),
    ] {
        let found = notification_type("TRANSACTION.SUCCESS", original, resource);
        assert_eq!(found.map(|kind| kind.id), id, "{original} {resource}");
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

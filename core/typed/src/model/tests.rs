use serde_json::{Value, json};

use super::*;
use crate::open_enum::open_enum;

open_enum! {
    /// A state.
    State {
        /// Paid.
        Paid = "PAID",
    }
}

model! {
    /// A person.
    Person {
        /// Name.
        "name": name, with_name => secret;
        /// Friends.
        "friends": friends, with_friends => [list [object Person]];
        /// Cards.
        "cards": cards, with_cards => [list secret];
    }
    hidden { "name", "friends" in Person, "cards" }
}

model! {
    /// One field of each kind.
    Order {
        /// Number.
        "no": no, with_no => text;
        /// Fen.
        "total": total, with_total => int;
        /// Flag.
        "flag": flag, with_flag => bool;
        /// Rate.
        "rate": rate, with_rate => number;
        /// When.
        "at": at, with_at => time;
        /// Anything.
        "any": any, with_any => json;
        /// State.
        "state": state, with_state => [open State];
        /// Payer.
        "payer": payer, with_payer => [object Person];
        /// Tags.
        "tags": tags, with_tags => [list text];
        /// Sums.
        "sums": sums, with_sums => [map int];
        /// People by place.
        "people": people, with_people => [map [list [object Person]]];
    }
    hidden { "payer" in Person, "people" in Person }
}

fn full() -> Order {
    Order::new()
        .with_no("1")
        .with_total(100)
        .with_flag(true)
        .with_rate(0.5)
        .with_at("2018-06-08T10:34:56+08:00")
        .with_any(json!([1]))
        .with_state("PAID")
        .with_payer(Person::new().with_name("张三"))
        .with_tags(["a", "b"])
        .with_sums([("x", 1)])
        .with_people([("here", vec![Person::new().with_name("李四")])])
}

#[test]
fn getters_give_what_setters_took() {
    let order = full();
    assert_eq!(order.no(), Some("1"));
    assert_eq!((order.total(), order.flag(), order.rate()), (Some(100), Some(true), Some(0.5)));
    assert_eq!(order.at().and_then(Timestamp::unix_seconds), Some(1_528_425_296));
    assert_eq!(order.any(), Some(&json!([1])));
    assert_eq!(order.state(), Some(State::Paid));
    // A text outlives the steps that led to it.
    let name: Option<&str> = order.payer().and_then(Person::name).map(Sensitive::expose);
    assert_eq!(name, Some("张三"));
    assert_eq!(order.tags(), Some(vec!["a", "b"]));
    assert_eq!(order.sums(), Some(BTreeMap::from([("x", 1)])));
    assert_eq!(order.people().map(|people| people["here"].len()), Some(1));
    let sent = json!({
        "no": "1", "total": 100, "flag": true, "rate": 0.5, "at": "2018-06-08T10:34:56+08:00", "any": [1], "state": "PAID",
        "payer": { "name": "张三" }, "tags": ["a", "b"], "sums": { "x": 1 }, "people": { "here": [{ "name": "李四" }] },
    });
    assert_eq!(order.json(), &sent);
    assert_eq!(Order::from(sent), order);
}

#[test]
fn what_does_not_fit_is_none_and_still_there() {
    let odd = json!({
        "no": {}, "total": 1.5, "flag": "yes", "rate": "x", "at": [], "any": null, "state": 7, "payer": "x",
        "tags": ["a", 1], "sums": { "x": "y" }, "people": [], "new": 1,
    });
    let order = Order::from(odd.clone());
    assert_eq!((order.no(), order.total(), order.flag(), order.rate()), (None, None, None, None));
    assert!(order.at().is_none() && order.any().is_none() && order.state().is_none());
    assert!(order.payer().is_none() && order.tags().is_none());
    assert!(order.sums().is_none() && order.people().is_none());
    assert_eq!(order.json(), &odd);
    let whole = Order::from(json!({ "total": "100", "state": "NEW" }));
    assert_eq!((whole.total(), whole.state()), (Some(100), Some(State::Other("NEW".to_owned()))));
    for nothing in [Value::Null, json!([1]), json!("x")] {
        assert_eq!(Order::from(nothing).no(), None);
    }
    assert_eq!(Order::from(Value::Null).with_no("1"), Order::new().with_no("1"));
}

#[test]
fn what_was_encrypted_is_not_shown_at_any_depth() {
    let friend = Person::new().with_name("secret-1").with_cards(["secret-2"]);
    let order = full()
        .with_payer(Person::new().with_name("secret-3").with_friends([friend.clone()]))
        .with_people([("here", vec![friend])]);
    let shown = format!("{order:?} {order:#?}");
    assert!(!shown.contains("secret-") && shown.contains("PAID"), "{shown}");
    let odd = Order::from(json!({ "payer": [[{ "name": { "x": "secret-4" } }]] }));
    assert!(!format!("{odd:?}").contains("secret-"), "{odd:?}");
    let text = r#"Order {"no":"1"}"#;
    assert_eq!(format!("{:?}", Order::new().with_no("1")), text);
}

#[test]
fn serde_sees_the_json() {
    let text = serde_json::to_string(&full()).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), full());
    assert_eq!(Value::from(full()), *full().json());
}

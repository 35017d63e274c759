//! The typed API that the generator makes of the obstacle course (`codegen/tests/golden/obstacle_course`), compiled and used.

#[path = "../../../codegen/tests/golden/obstacle_course/rust/api/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "generated for a public module, of which the test uses a part")]
mod api;

use serde_json::{Value, json};

use api::NotificationResource;
use api::r#type::{Enum, OptionModel, Part, Request, Response};

#[test]
fn reserved_and_clashing_names_reach_the_wire_unchanged() {
    let request = Request::new()
        .with_type("a")
        .with_self_("b")
        .with_self_2("c")
        .with_from([Part::new().with_match("d")])
        .with_class("AWAIT")
        .with_n3d_secure(true)
        .with_out_trade_no("e")
        .with_out_trade_no_2("f")
        .with_new("g")
        .with_clone("h")
        .with_option(OptionModel::new().with_value(7));
    let sent = json!({
        "type": "a", "self": "b", "Self": "c", "from": [{ "match": "d" }], "class": "AWAIT", "3d_secure": true,
        "outTradeNo": "e", "out_trade_no": "f", "new": "g", "clone": "h", "option": { "value": 7 },
    });
    assert_eq!(request.json(), &sent);
    assert_eq!((request.r#type(), request.self_(), request.self_2()), (Some("a"), Some("b"), Some("c")));
    assert_eq!((request.get_new(), request.get_clone()), (Some("g"), Some("h")));
    assert_eq!(request.option().and_then(OptionModel::value), Some(7));
}

#[test]
fn every_value_of_an_enum_keeps_its_text() {
    let texts = ["AWAIT", "await", "OTHER", "SELF", "3DS", "NULL", "true", "1", "A-B", "A_B", "A.B"];
    let values: Vec<Enum> = texts.iter().map(|text| Enum::from(*text)).collect();
    for (index, (text, value)) in texts.iter().zip(&values).enumerate() {
        assert_eq!(value.as_str(), *text);
        assert!(!matches!(value, Enum::Other(_)), "{text}");
        assert!(!values[..index].contains(value), "{text}");
    }
}

#[test]
fn recursive_answers_are_read_at_every_depth() {
    let answer = Response::from(json!({ "super": { "super": {}, "enum": "NEW" } }));
    let inner = answer.super_().unwrap();
    assert_eq!(inner.r#enum(), Some(Enum::Other("NEW".to_owned())));
    assert_eq!(inner.super_(), Some(&Response::new()));
}

#[test]
fn a_notification_is_of_the_type_that_the_table_names() {
    let typed = NotificationResource::of_type("type.default", json!({ "switch": true }));
    let NotificationResource::TypeDefault(resource) = typed else { panic!("not typed") };
    assert_eq!(resource.switch(), Some(true));
    let unknown = NotificationResource::of_type("type.new", Value::Null);
    assert_eq!(unknown, NotificationResource::Unknown(Value::Null));
}

//! What the emitters make of the obstacle course, compiled and used. Written by hand; the files beside are generated.

mod api;
mod table;

use serde_json::{Value, json};

use api::r#type::{Enum, OptionModel, Part, Request, Response};

#[test]
fn the_table_has_every_name_as_it_is_on_the_wire() {
    let ids: Vec<&str> = table::all().map(|operation| operation.id).collect();
    assert_eq!(ids, ["mod.get", "type.import", "type.match", "type.new", "type.self", "type.super.query"]);
    let found = table::find("type.match").unwrap();
    assert_eq!(found.path_params.iter().map(|field| field.name).collect::<Vec<_>>(), ["async", "yield"]);
    assert_eq!(table::notification_types().count(), 1);
}

#[test]
fn reserved_and_clashing_names_reach_the_wire_unchanged() {
    let request = Request::new("a", "b", "c", [Part::new("d")], "AWAIT")
        .n3d_secure(true)
        .out_trade_no("e")
        .out_trade_no_2("f")
        .set_new("g")
        .set_clone("h")
        .option(OptionModel::new(7));
    let sent = json!({
        "type": "a", "self": "b", "Self": "c", "from": [{ "match": "d" }], "class": "AWAIT", "3d_secure": true,
        "outTradeNo": "e", "out_trade_no": "f", "new": "g", "clone": "h", "option": { "value": 7 },
    });
    assert_eq!(serde_json::to_value(&request).unwrap(), sent);
    assert_eq!(serde_json::from_value::<Request>(sent).unwrap(), request);
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
fn recursive_answers_decode() {
    let answer: Response =
        serde_json::from_value(json!({ "super": { "super": {}, "enum": "NEW" } })).unwrap();
    let inner = answer.super_.unwrap();
    assert_eq!(inner.r#enum, Some(Enum::Other("NEW".to_owned())));
    assert_eq!(inner.super_, Some(Box::new(Response::default())));
}

#[test]
fn the_notification_is_typed() {
    let typed = api::NotificationResource::new("TYPE.DEFAULT", "whatever", json!({ "switch": true }));
    let api::NotificationResource::TypeDefault(resource) = typed else { panic!("not typed") };
    assert_eq!(resource.switch, Some(true));
    for resource in [json!({ "swich": true }), json!({ "switch": null }), json!(["switch"])] {
        let unknown = api::NotificationResource::new("TYPE.DEFAULT", "whatever", resource.clone());
        assert_eq!(unknown, api::NotificationResource::Unknown(resource), "a member is missing");
    }
    let unknown = api::NotificationResource::new("TYPE.NEW", "", Value::Null);
    assert_eq!(unknown, api::NotificationResource::Unknown(Value::Null));
}

//! The client's check and the platform's are written apart: here they are held against each other.

use std::cell::Cell;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wechatpay_core::operation::{self, Body, Choice, Field, Fields, Kind, Model, Operation, Rule};
use wechatpay_core::validate;

use super::{Stage, check, check_text};
use crate::call::Call;
use crate::refusal::Refusal;

/// The request as the platform gets it: path and query are text.
fn call(operation: Operation, params: &Map<String, Value>) -> Call {
    let text = |value: &Value| match value {
        Value::String(_) | Value::Array(_) => value.clone(),
        other => Value::String(other.to_string()),
    };
    let take = |fields: Fields| {
        let found =
            fields.filter_map(|field| Some((field.name().to_owned(), text(params.get(field.name())?))));
        found.collect::<Map<_, _>>()
    };
    let (path, query) = (take(operation.path_params()), take(operation.query()));
    let mut call = Call { path, headers: take(operation.headers()), query, ..Call::default() };
    for (name, value) in params {
        if ![&call.path, &call.headers, &call.query].iter().any(|values| values.contains_key(name)) {
            call.body.insert(name.clone(), value.clone());
        }
    }
    if carried(operation).len() == 0 {
        call.query
            .extend(std::mem::take(&mut call.body).into_iter().map(|(name, value)| (name, text(&value))));
    }
    call
}

fn platform(operation: Operation, params: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let call = call(operation, params);
    let mut warnings = Vec::new();
    check_text(&Value::Object(call.body.clone()), "body", "")?;
    check(operation, &call, true, Stage::Opened, &mut warnings)?;
    Ok(warnings)
}

/// What the body carries, or goes with the file in it.
fn carried(operation: Operation) -> Fields {
    match operation.body() {
        Body::Upload(upload) => upload.fields(),
        _ => operation.body_fields(),
    }
}

/// Both say the same of the parameters, and when one thing is wrong, of the same field.
fn agree(operation: Operation, params: &Map<String, Value>) -> bool {
    let problems = validate::problems(operation, params);
    let refusal = platform(operation, params).err();
    let shown = || {
        format!(
            "{} {}\nclient: {problems:?}\nplatform: {refusal:?}",
            operation.id(),
            Value::from(params.clone())
        )
    };
    assert_eq!(problems.is_empty(), refusal.is_none(), "{}", shown());
    if let ([problem], Some(refusal)) = (problems.as_slice(), &refusal) {
        let place = if problem.location == "url" { "uri_template" } else { problem.location };
        let pointer = format!("/{place}/{}", problem.field.trim_start_matches('/'));
        let said = refusal.body.as_ref().unwrap().to_string();
        assert!(problem.code == "UNKNOWN_PARAMETER" || said.contains(&pointer), "{}", shown());
    }
    problems.is_empty()
}

/// Decisions, one after the other; zeros when there are no more, which always mean what is plain.
struct Tape<'a>(std::slice::Iter<'a, u8>);

impl Tape<'_> {
    fn next(&mut self, choices: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % choices.max(1)
    }

    /// Rarely true.
    fn odd(&mut self) -> bool {
        self.next(24) == 23
    }
}

/// A value that breaks nothing.
fn good(field: Option<Field>, kind: Kind, tape: &mut Tape<'_>) -> Value {
    match kind {
        Kind::String => json!(good_text(field)),
        Kind::OpenEnum(values) => {
            let values: Vec<&str> = values.iter().collect();
            json!(values[tape.next(values.len())])
        }
        Kind::Int => {
            let minimum = rules(field).find_map(|rule| match rule {
                Rule::Minimum(minimum) => Some(minimum),
                _ => None,
            });
            json!(minimum.unwrap_or(1))
        }
        Kind::Bool => json!(true),
        Kind::Number => json!(1.5),
        Kind::Timestamp => json!("2026-08-08T10:34:56+08:00"),
        Kind::Object(model) => Value::Object(object(model.fields(), tape, false)),
        Kind::List(item) => {
            Value::Array(vec![good(None, item.kind(), tape); field.and_then(least).unwrap_or(1)])
        }
        Kind::Map(item) => json!({ "key": good(None, item.kind(), tape) }),
        _ => json!({ "any": [1, "text"] }),
    }
}

fn rules(field: Option<Field>) -> impl Iterator<Item = Rule> {
    field.into_iter().flat_map(Field::rules)
}

fn good_text(field: Option<Field>) -> String {
    if rules(field).any(|rule| matches!(rule, Rule::NotifyUrl)) {
        return "https://shop.example/notify".to_owned();
    }
    "1".repeat(field.and_then(least).unwrap_or(1))
}

/// Fewest characters or elements.
fn least(field: Field) -> Option<usize> {
    field.rules().find_map(|rule| match rule {
        Rule::Min(min) | Rule::MinBytes(min) => Some(min as usize),
        _ => None,
    })
}

/// Texts that break one rule or another, or none.
fn odd_text(field: Field, tape: &mut Tape<'_>) -> String {
    let max = field.max().unwrap_or(80) as usize;
    let fixed = [
        "",
        "1",
        "12345",
        "a b",
        "a/b",
        "订单",
        "tea\n",
        "tea\0",
        "tea\u{1f}",
        "tea🍵",
        "_-|*@",
        " 1",
        "1.5",
        "true",
        "https://shop.example/n?a=1",
        "https://shop.example/n#a",
        "http://127.0.0.1:1/n",
        "ftp://shop.example",
        "https://",
        "https://:1",
        "https://[::1]/",
        "HTTPS://SHOP",
        "https://a\u{3000}b",
        "https://user@host/@",
    ];
    match tape.next(fixed.len() + 5) {
        0 => "1".repeat(max),
        1 => "1".repeat(max + 1),
        2 => "茶".repeat(max),
        3 => "茶".repeat(max / 3),
        4 => "茶".repeat(max / 3 + 1),
        n => fixed[n - 5].to_owned(),
    }
}

fn odd(field: Field, kind: Kind, tape: &mut Tape<'_>) -> Value {
    let wrong =
        [json!(1), json!("1"), json!(true), json!(1.5), json!({}), json!([]), json!(null), json!(u64::MAX)];
    match (kind, tape.next(6)) {
        (_, 0) => wrong[tape.next(wrong.len())].clone(),
        (Kind::String | Kind::OpenEnum(_), _) => json!(odd_text(field, tape)),
        (Kind::Int, _) => {
            let numbers =
                [-1, 0, 1, 2, 100, 101, 500_000, 10_000_000, 10_000_001, 1_000_000_001, i64::MIN, i64::MAX];
            json!(numbers[tape.next(numbers.len())])
        }
        (Kind::Timestamp, _) => {
            let times = [
                "2026-08-08T10:34:56Z",
                "2026-08-08T10:34:56.123+08:00",
                "2026-08-08 10:34:56",
                "",
                "2026-13-08T10:34:56Z",
            ];
            json!(times[tape.next(times.len())])
        }
        (Kind::List(item), _) => {
            let lengths = [0, 1, field.max().unwrap_or(2) as usize, field.max().unwrap_or(2) as usize + 1];
            let item = good(None, item.kind(), tape);
            Value::Array(vec![item; lengths[tape.next(lengths.len())]])
        }
        (Kind::Object(model), _) => Value::Object(object(model.fields(), tape, true)),
        (Kind::Map(item), _) => json!({ odd_text(field, tape): good(None, item.kind(), tape) }),
        _ => json!({ odd_text(field, tape): [odd_text(field, tape), null] }),
    }
}

fn object(fields: Fields, tape: &mut Tape<'_>, with_odd: bool) -> Map<String, Value> {
    let mut values = Map::new();
    for field in fields {
        let left_out = if field.is_required() { with_odd && tape.odd() } else { tape.next(3) != 1 };
        if left_out {
            continue;
        }
        let value = if with_odd && tape.odd() {
            odd(field, field.kind(), tape)
        } else {
            good(Some(field), field.kind(), tape)
        };
        values.insert(field.name().to_owned(), value);
    }
    if with_odd && tape.odd() {
        values.insert("nobody_knows".to_owned(), json!(1));
    }
    values
}

/// What stands in path and query is text on the wire, so that a number and its text are the same, and an element and a list of it alone;
/// and an empty text would make another URL, which the client alone refuses.
fn only_texts(fields: Fields, values: &mut Map<String, Value>) {
    for field in fields {
        let plain = matches!(field.kind(), Kind::String | Kind::OpenEnum(_) | Kind::Timestamp);
        let list = matches!(field.kind(), Kind::List(_));
        if let Some(value) = values.get_mut(field.name())
            && (plain != value.is_string()
                || list != value.is_array()
                || *value == json!("")
                || value.is_null()
                || value.is_object())
        {
            *value = good(Some(field), field.kind(), &mut Tape([].iter()));
        }
    }
}

#[test]
fn client_and_platform_agree_on_random_parameters() {
    let operations: Vec<_> = operation::all().collect();
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) };
    proptest!(config, |(index in 0..operations.len(), tape in prop::collection::vec(any::<u8>(), 0..200))| {
        let operation = operations[index];
        let mut tape = Tape(tape.iter());
        let mut params = object(carried(operation), &mut tape, true);
        for fields in [operation.path_params(), operation.query()] {
            let mut values = object(fields.clone(), &mut tape, true);
            only_texts(fields, &mut values);
            params.extend(values);
        }
        let count = if agree(operation, &params) { &accepted } else { &refused };
        count.set(count.get() + 1);
    });
    let (accepted, refused) = (accepted.get(), refused.get());
    assert!(accepted > 400 && refused > 400, "{accepted} accepted, {refused} refused: the mix says nothing");
}

/// Values around the border of a rule: those before it, and those behind.
fn around(rule: Rule, good: &Value) -> (Vec<Value>, Vec<Value>) {
    // Of a text so many characters, of a list so many elements.
    let so_many = |count: u32| match good {
        Value::Array(items) => Value::Array(vec![items[0].clone(); count as usize]),
        _ => json!("1".repeat(count as usize)),
    };
    match rule {
        Rule::Min(min) | Rule::MinBytes(min) => (vec![so_many(min)], vec![so_many(min - 1)]),
        Rule::MaxBytes(max) | Rule::Max(max) => (vec![so_many(max)], vec![so_many(max + 1)]),
        Rule::Minimum(minimum) => (vec![json!(minimum)], vec![json!(minimum - 1), json!(i64::MIN)]),
        Rule::Maximum(maximum) => (vec![json!(maximum)], vec![json!(maximum + 1), json!(i64::MAX)]),
        Rule::Characters(_) => {
            (vec![], vec![json!("1111 11111"), json!("茶茶茶茶茶茶茶茶茶茶"), json!("111111111%")])
        }
        Rule::NotifyUrl => {
            let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect();
            let good =
                ["http://127.0.0.1:8080/n", "https://shop.example", "https://user@shop.example/@/n;a=1"];
            let bad = [
                "https://shop.example/n?",
                "https://shop.example/#",
                "https://shop.example/n ",
                "shop.example/n",
                "https://",
                "https:///n",
                "https://:80/n",
                "https://@/n",
                "https://[::1]/n",
                "HTTPS://shop.example/n",
                "ftp://shop.example",
                "https://shop.example/a\u{3000}b",
            ];
            (texts(&good), texts(&bad))
        }
        _ => (vec![], vec![]),
    }
}

/// Sets the value of a field at every place of the request where it stands, and compares.
#[test]
fn every_rule_of_the_table_holds_on_both_sides() {
    let (mut certain, mut suspected) = (0, 0);
    // Fields that exclude each other never stand together: each pass takes another of them.
    let passes = operation::all().flat_map(|operation| (0..3).map(move |pick| (operation, pick)));
    let mut seen = Map::new();
    for (operation, pick) in passes {
        let mut whole = Map::new();
        for fields in [operation.path_params(), operation.headers(), operation.query(), carried(operation)] {
            whole.extend(full(fields, pick, 0));
        }
        choose(operation.choices(), pick, &mut whole);
        if pick > 0 && whole == seen {
            continue;
        }
        seen.clone_from(&whole);
        assert!(agree(operation, &whole), "{}: {whole:?}", operation.id());
        let mut places = Vec::new();
        for fields in [operation.path_params(), operation.headers(), operation.query(), carried(operation)] {
            find(fields, "", 0, &mut places);
        }
        let all = Value::Object(whole.clone());
        places.retain(|(pointer, _)| all.pointer(pointer).is_some());
        for (pointer, field) in places {
            let in_body = carried(operation).any(|f| pointer[1..].split('/').next() == Some(f.name()));
            let set = |value: &Value| {
                let mut params = Value::Object(whole.clone());
                *params.pointer_mut(&pointer).unwrap() = value.clone();
                params.as_object().unwrap().clone()
            };
            for rule in field.rules() {
                let (rule, sure) = match rule {
                    Rule::Suspected(suspected) => (suspected.rule(), false),
                    rule => (rule, true),
                };
                let (within, beyond) = around(rule, all.pointer(&pointer).unwrap());
                for value in within {
                    assert!(agree(operation, &set(&value)), "{} {pointer} {value}", operation.id());
                }
                for value in beyond.iter().filter(|value| in_body || **value != json!("")) {
                    let params = set(value);
                    if sure {
                        certain += 1;
                        assert!(!agree(operation, &params), "{} {pointer} {value} passes", operation.id());
                    } else if agree(operation, &params) {
                        suspected += 1;
                        let warnings = platform(operation, &params).unwrap();
                        assert!(
                            warnings.iter().any(|w| w.contains(&pointer)),
                            "{} {pointer}: {warnings:?}",
                            operation.id()
                        );
                    }
                }
            }
        }
    }
    assert!(certain > 60 && suspected > 30, "{certain} certain, {suspected} suspected");
}

/// All fields that may stand together, with good values.
fn full(fields: Fields, pick: usize, depth: usize) -> Map<String, Value> {
    let object = |model: Model| {
        let mut object = full(model.fields(), pick, depth + 1);
        choose(model.choices(), pick, &mut object);
        Value::Object(object)
    };
    let value = |field: Field| match field.kind() {
        Kind::Object(model) => object(model),
        Kind::List(item) if let Kind::Object(model) = item.kind() => {
            Value::Array(vec![object(model); least(field).unwrap_or(1)])
        }
        kind => good(Some(field), kind, &mut Tape([].iter())),
    };
    if depth > 8 {
        return Map::new();
    }
    fields.map(|field| (field.name().to_owned(), value(field))).collect()
}

/// Leaves one alternative where they exclude each other: the one of that number, or the last.
fn choose(choices: impl Iterator<Item = Choice>, pick: usize, object: &mut Map<String, Value>) {
    for choice in choices.filter(|choice| choice.is_exclusive()) {
        let last = choice.alternatives().len() - 1;
        let chosen: Vec<_> = choice.alternatives().nth(pick.min(last)).into_iter().flatten().collect();
        object
            .retain(|name, _| chosen.contains(&name.as_str()) || !choice.names().any(|other| other == name));
    }
}

/// Where fields with rules stand.
fn find(fields: Fields, at: &str, depth: usize, places: &mut Vec<(String, Field)>) {
    for field in fields.filter(|_| depth <= 8) {
        let pointer = format!("{at}/{}", field.name());
        match field.kind() {
            Kind::Object(model) => find(model.fields(), &pointer, depth + 1, places),
            Kind::List(item) => {
                if let Kind::Object(model) = item.kind() {
                    find(model.fields(), &format!("{pointer}/0"), depth + 1, places);
                }
            }
            _ => {}
        }
        if field.rules().len() > 0 {
            places.push((pointer, field));
        }
    }
}

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::json;

use super::*;

#[test]
fn what_fits_is_a_number_and_what_does_not_is_text() {
    let read = |text: &str| parse(text.as_bytes()).unwrap();
    for (text, value) in [
        ("9007199254740993", json!(9_007_199_254_740_993_i64)),
        ("9223372036854775807", json!(i64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551615", json!(u64::MAX)),
        ("18446744073709551616", json!("18446744073709551616")),
        ("-9223372036854775809", json!("-9223372036854775809")),
        ("0.1", json!(0.1)),
        ("123456789012.345", json!(123_456_789_012.345)),
        ("0.1234567890123456", json!("0.1234567890123456")),
        ("9007199254740993.0", json!("9007199254740993.0")),
        ("1e400", json!("1e400")),
        ("1E-400", json!("1E-400")),
        ("1e99999999999", json!("1e99999999999")),
        ("1e3", json!(1000.0)),
        (r#""18446744073709551616""#, json!("18446744073709551616")),
    ] {
        assert_eq!(read(text), value, "{text}");
    }
    let text = r#"{"18446744073709551616": [18446744073709551616 , "\" 18446744073709551616", 5]}"#;
    let value = json!({ "18446744073709551616": ["18446744073709551616", "\" 18446744073709551616", 5] });
    assert_eq!(read(text), value);
    // Nothing to do, nothing copied.
    assert!(matches!(exact(br#"{"a":[1,-2.5,"12345678901234567890123"]}"#, Reader::Rust), Cow::Borrowed(_)));
}

#[test]
fn javascript_holds_less() {
    let exact = |text: &'static str| {
        String::from_utf8(exact(text.as_bytes(), Reader::JavaScript).into_owned()).unwrap()
    };
    assert_eq!(exact("[9007199254740991,-9007199254740991]"), "[9007199254740991,-9007199254740991]");
    assert_eq!(exact("[9007199254740992,-9007199254740993]"), r#"["9007199254740992","-9007199254740993"]"#);
    assert_eq!(exact("[100000000000000000.0,1e22]"), "[100000000000000000.0,1e22]");
}

#[test]
fn what_is_not_json_does_not_become_it() {
    for text in [
        "01234567890123456789012",
        "12345678901234567890123.",
        "1.2.12345678901234567890123",
        "--12345678901234567890123",
        "+12345678901234567890123",
        "{12345678901234567890123:1}",
        "{12345678901234567890123 \n: 1}",
        "{12345678901234567890123}",
        "12345678901234567890123 1",
        "tru12345678901234567890123",
        "[12345678901234567890123",
        "\"12345678901234567890123",
        "12345678901234567890123e",
    ] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
}

/// JSON as WeChat Pay could write it, with numbers of any length.
#[derive(Debug, Clone)]
enum Tree {
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Tree {
    fn write(&self, blank: &str) -> String {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        match self {
            Self::Number(token) => token.clone(),
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.write(blank)).collect();
                format!("[{blank}{}{blank}]", items.join(&format!("{blank},{blank}")))
            }
            Self::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .enumerate()
                    .map(|(index, (name, value))| {
                        format!("{}{blank}:{blank}{}", quoted(&format!("{index}{name}")), value.write(blank))
                    })
                    .collect();
                format!("{{{blank}{}{blank}}}", members.join(&format!("{blank},{blank}")))
            }
        }
    }

    /// Whether the value, printed again, has the same texts and, as decimals, the same numbers.
    fn is_kept(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Number(token), Value::Number(number)) => decimal(token) == decimal(&number.to_string()),
            (Self::Number(token), Value::String(text)) => decimal(token) == decimal(text),
            (Self::Text(text), Value::String(value)) => text == value,
            (Self::List(items), Value::Array(values)) => {
                items.len() == values.len()
                    && items.iter().zip(values).all(|(item, value)| item.is_kept(value))
            }
            (Self::Object(members), Value::Object(values)) => {
                members.len() == values.len()
                    && members
                        .iter()
                        .enumerate()
                        .all(|(index, (name, member))| member.is_kept(&values[&format!("{index}{name}")]))
            }
            _ => false,
        }
    }
}

/// Sign, digits without zeros around them, and the power of ten behind the last.
fn decimal(token: &str) -> (bool, String, i64) {
    let (negative, unsigned) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let lower = unsigned.to_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let zeros = i64::try_from(digits.len() - significant.len()).unwrap();
    let behind = i64::try_from(fraction.len()).unwrap();
    (negative, significant.to_owned(), exponent.parse::<i64>().unwrap() - behind + zeros)
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,4})?".prop_map(Tree::Number),
        r"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?".prop_map(Tree::Number),
        any::<i64>().prop_map(|number| Tree::Number(number.to_string())),
        any::<String>().prop_map(Tree::Text),
        "[0-9\"\\\\:,-]{0,30}".prop_map(Tree::Text),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Tree::List),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(Tree::Object),
        ]
    })
}

/// Checking agrees with reading: about what is JSON, what it holds, and what is wrong with it.
#[cfg(feature = "host")]
fn both_ways_agree(json: &[u8]) -> Result<(), TestCaseError> {
    let shown = String::from_utf8_lossy(json);
    match (parse(json), check(json)) {
        (Ok(value), Ok((text, outline))) => {
            prop_assert_eq!(&serde_json::from_str::<Value>(&text)?, &value, "{}", shown);
            prop_assert_eq!(outline == Outline::Null, value.is_null(), "{}", shown);
            prop_assert_eq!(outline == Outline::Object, value.is_object(), "{}", shown);
        }
        (read, checked) => {
            let (read, checked) = (read.err().map(|e| e.to_string()), checked.err().map(|e| e.to_string()));
            prop_assert!(read.is_some(), "{}", shown);
            prop_assert_eq!(read, checked, "{}", shown);
        }
    }
    Ok(())
}

#[cfg(feature = "host")]
#[test]
fn what_is_refused_when_it_is_read_is_refused_when_it_is_checked() {
    let deep = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    for json in [
        br#"{"half":"\ud800"}"#.as_slice(),
        br#"{"\udc00":1}"#,
        b"{\"a\":\"\xff\"}",
        b"{\"\xe4\xbd\":1}",
        b"\xff",
        b"{\"a\":\"\x01\"}",
        br#"{"a":1,"a":"2","b":18446744073709551616}"#,
        br#"{"a":1}}"#,
        br#"{"a":1,}"#,
        br#"{a:1}"#,
        b"",
        b"null",
        b" [0.12345678901234567] ",
        &deep(127),
        &deep(128),
        &deep(5000),
    ] {
        both_ways_agree(json).unwrap();
    }
}

/// 2.1e24 is no exact multiple of an exact power of ten: a reader that multiplies gets 2.0999999999999999e24.
#[test]
fn what_was_printed_is_read_as_the_same_number() {
    let value = parse(b"[210E22]").unwrap();
    let again: Value = serde_json::from_str(&value.to_string()).unwrap();
    assert_eq!(again, value);
}

proptest! {
    #[cfg(feature = "host")]
    #[test]
    fn checking_agrees_with_reading(tree in tree(), blank in "[ \n\t]{0,2}", cut in 0..200_usize, other in any::<u8>()) {
        let mut json = tree.write(&blank).into_bytes();
        both_ways_agree(&json)?;
        if let Some(byte) = json.get_mut(cut) {
            *byte = other;
        }
        both_ways_agree(&json)?;
        json.truncate(cut);
        both_ways_agree(&json)?;
    }

    #[test]
    fn no_number_changes(tree in tree(), blank in "[ \n\t]{0,2}") {
        let text = tree.write(&blank);
        let value = parse(text.as_bytes()).unwrap();
        prop_assert!(tree.is_kept(&value), "{} became {}", text, value);
        // And once more on the way to JavaScript, where every number that is left fits.
        let printed = value.to_string();
        let there = exact(printed.as_bytes(), Reader::JavaScript);
        let read: Value = serde_json::from_slice(&there).unwrap();
        prop_assert!(tree.is_kept(&read), "{} became {}", text, read);
        prop_assert!(all_safe(&read), "{}", read);
    }

    #[test]
    fn what_is_json_stays_json_and_nothing_else_becomes_it(text in r#"([\[\]{}:,"\\+. \-]|[0-9]{1,3}|[0-9]{18,22}|e|true|null){0,12}"#) {
        let is_json = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
        for reader in [Reader::Rust, Reader::JavaScript] {
            prop_assert_eq!(is_json(text.as_bytes()), is_json(&exact(text.as_bytes(), reader)), "{}", text);
        }
    }
}

fn all_safe(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_f64() || number.as_i64().is_some_and(|number| number.unsigned_abs() <= MAX_SAFE)
        }
        Value::Array(items) => items.iter().all(all_safe),
        Value::Object(members) => members.values().all(all_safe),
        _ => true,
    }
}

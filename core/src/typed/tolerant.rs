//! Decoding answers so that one odd field does not hide the rest.
//!
//! A refund that was made must not come back as an error because some field of the answer is a number where a string
//! is documented. What does not fit is `None` here and still stands in [`Reply::json`](super::Reply::json).

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

/// `None` when the value is `null` or does not fit.
pub(crate) fn tolerant<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        value => serde_json::from_value(value).ok(),
    })
}

/// A whole number, also when it comes as text.
pub(crate) fn tolerant_int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    })
}

/// Text, also when it comes as a number or a boolean.
pub(crate) fn tolerant_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text.into()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Answer {
        #[serde(deserialize_with = "tolerant")]
        list: Option<Vec<bool>>,
        #[serde(deserialize_with = "tolerant_int")]
        total: Option<i64>,
        #[serde(deserialize_with = "tolerant_text")]
        id: Option<String>,
    }

    fn read(text: &str) -> Answer {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_field_that_does_not_fit_is_none_and_the_others_stay() {
        let full = Answer { list: Some(vec![true]), total: Some(1), id: Some("4200".into()) };
        assert_eq!(read(r#"{"list":[true],"total":1,"id":"4200"}"#), full);
        assert_eq!(read(r#"{"list":[true],"total":"1","id":4200,"new":{}}"#), full);
        assert_eq!(read("{}"), Answer::default());
        assert_eq!(read(r#"{"list":null,"total":null,"id":null}"#), Answer::default());
        assert_eq!(read(r#"{"list":{},"total":1.5,"id":[]}"#), Answer::default());
        let other = Answer { list: None, total: Some(7), id: None };
        assert_eq!(read(r#"{"list":[1],"total":7,"id":{}}"#), other);
    }
}

//! JSON as no serializer writes it.
//!
//! Signatures cover bytes. The commonest mistake of an integration is to pass on a body that was parsed and written anew,
//! and with ordinary JSON that mistake goes unnoticed in tests: the new text is the old one. So everything signed here has
//! blanks, tabs and line breaks in irregular places, and members in another order than the alphabet's. The same value
//! always gives the same text.

use serde_json::Value;

/// What stands between the name and the value of a member. The first comes first: it is enough for an object with one
/// member.
const COLONS: [&str; 4] = [" :", ":", ": ", ":\t"];
/// What stands between members or elements.
const COMMAS: [&str; 3] = [", ", ",", " ,\n"];
/// What stands in an empty object or list.
const NOTHING: &str = "\t";

/// The text of the value. Nothing stands before or after it: whether somebody removed blanks around a body is another
/// question.
pub(crate) fn write(value: &Value) -> String {
    let mut writer = Writer::default();
    writer.value(value);
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    colons: usize,
    commas: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                self.text.push('{');
                let alphabetical = members.keys().is_sorted();
                if alphabetical && members.len() > 1 {
                    self.members(members.iter().rev());
                } else {
                    self.members(members.iter());
                }
                self.text.push('}');
            }
            Value::Array(elements) => {
                self.text.push('[');
                self.separated(elements.iter(), Self::value);
                self.text.push(']');
            }
            other => self.text.push_str(&other.to_string()),
        }
    }

    fn members<'v>(&mut self, members: impl Iterator<Item = (&'v String, &'v Value)>) {
        self.separated(members, |writer, (name, value)| {
            writer.text.push_str(&Value::from(name.as_str()).to_string());
            writer.text.push_str(COLONS[writer.colons % COLONS.len()]);
            writer.colons += 1;
            writer.value(value);
        });
    }

    fn separated<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        let mut first = true;
        for item in items {
            if !first {
                self.text.push_str(COMMAS[self.commas % COMMAS.len()]);
                self.commas += 1;
            }
            first = false;
            write(self, item);
        }
        if first {
            self.text.push_str(NOTHING);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_the_value_and_always_the_same() {
        let value =
            json!({ "a": [1, "茶\"\n", { "c": {}, "b": [] }], "z": null, "m": { "y": 1.5, "x": true } });
        let text = write(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(write(&value), text);
        assert_eq!(text, write(&serde_json::from_str(&text).unwrap()), "an order that was changed is kept");
        assert_eq!(text.trim(), text);
    }

    #[test]
    fn one_member_or_none_is_enough() {
        assert_eq!(write(&json!({ "prepay_id": "wx" })), "{\"prepay_id\" :\"wx\"}");
        assert_eq!(write(&json!({})), "{\t}");
    }

    #[test]
    fn members_are_not_in_the_order_of_the_alphabet() {
        assert!(write(&json!({ "a": 1, "b": 2 })).starts_with("{\"b\""));
        assert!(write(&json!({ "b": 1, "a": 2 })).starts_with("{\"b\""));
    }
}

//! What the operation table says of a value besides its type, and how a value breaks it.
//!
//! WeChat Pay refuses such values with 400; here they are refused before anything is sent, with the rule in words.

use crate::error::codes;
use crate::operation::{Field, Rule};

/// The limits of one value: those of a field, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits(Option<Field>);

/// How a value breaks a rule: the code of the error, and what is wrong in words.
pub(crate) type Broken = (&'static str, String);

impl Limits {
    /// Those of elements and of values whose shape is free.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) const fn of(field: Field) -> Self {
        Self(Some(field))
    }

    fn max(self) -> Option<u32> {
        self.0.and_then(Field::max)
    }

    fn rules(self) -> impl Iterator<Item = Rule> {
        self.0.into_iter().flat_map(Field::rules)
    }

    /// Whether the value is sensitive, so that nothing of it may stand in an error.
    fn is_secret(self) -> bool {
        self.0.is_some_and(Field::is_encrypted)
    }

    /// Everything wrong with a text.
    pub(crate) fn text(&self, text: &str) -> Vec<Broken> {
        if text.is_empty() && self.0.is_some_and(Field::is_required) {
            return vec![(codes::EMPTY_PARAMETER, "is required and must not be empty".to_owned())];
        }
        let mut broken = Vec::new();
        let length = text.chars().count();
        if let Some(max) = self.max().filter(|max| length > *max as usize) {
            broken.push((
                codes::TOO_LONG,
                format!("has {}; at most {max} are allowed", counted(length, "character")),
            ));
        }
        if let Some(issue) = self.unsupported(text) {
            broken.push((codes::UNSUPPORTED_CHARACTER, issue));
            return broken;
        }
        broken.extend(self.rules().filter_map(|rule| self.text_breaks(text, length, rule)));
        broken
    }

    /// Everything wrong with the number of elements of a list.
    pub(crate) fn elements(&self, length: usize) -> Vec<Broken> {
        let mut broken = Vec::new();
        let has = counted(length, "element");
        if let Some(max) = self.max().filter(|max| length > *max as usize) {
            broken.push((codes::TOO_LONG, format!("has {has}; at most {max} are allowed")));
        }
        for rule in self.rules() {
            match rule {
                Rule::Min(min) if length < min as usize => {
                    broken.push((codes::TOO_SHORT, format!("has {has}; at least {min} must be there")));
                }
                _ => {}
            }
        }
        broken
    }

    /// Everything wrong with a whole number.
    pub(crate) fn number(&self, number: i64) -> Vec<Broken> {
        let breaks = |rule: Rule| match rule {
            Rule::Minimum(minimum) if number < minimum => {
                Some((codes::OUT_OF_RANGE, format!("is {number}; at least {minimum} is allowed")))
            }
            Rule::Maximum(maximum) if number > maximum => {
                Some((codes::OUT_OF_RANGE, format!("is {number}; at most {maximum} is allowed")))
            }
            _ => None,
        };
        self.rules().filter_map(breaks).collect()
    }

    fn text_breaks(&self, text: &str, length: usize, rule: Rule) -> Option<Broken> {
        match rule {
            Rule::Min(min) if length < min as usize => {
                let has = counted(length, "character");
                Some((codes::TOO_SHORT, format!("has {has}; at least {min} must be there")))
            }
            Rule::MinBytes(min) if text.len() < min as usize => {
                let has = counted(text.len(), "byte");
                Some((codes::TOO_SHORT, format!("has {has} in UTF-8; at least {min} must be there")))
            }
            Rule::MaxBytes(max) if text.len() > max as usize => {
                let has = counted(text.len(), "byte");
                Some((
                    codes::TOO_LONG,
                    format!(
                        "has {has} in UTF-8; at most {max} are allowed, and a Chinese character takes three"
                    ),
                ))
            }
            Rule::Characters(set) => {
                let shown = self.show(text, |c| !set.contains(c))?;
                Some((
                    codes::UNSUPPORTED_CHARACTER,
                    format!("holds {shown}; only {} are allowed", set.words()),
                ))
            }
            Rule::NotifyUrl => not_a_notify_url(text).map(|issue| (codes::BAD_NOTIFY_URL, issue.to_owned())),
            _ => None,
        }
    }

    /// Characters that WeChat Pay takes nowhere.
    fn unsupported(&self, text: &str) -> Option<String> {
        if let Some(shown) = self.show(text, |c| c.len_utf8() > 3) {
            return Some(format!(
                "holds {shown}, which takes four bytes in UTF-8; WeChat Pay accepts one to three. Remove emoji before \
                 sending"
            ));
        }
        // Tabs and line breaks do occur in descriptions; no other control character means anything there.
        let shown = self.show(text, |c| c < ' ' && !matches!(c, '\t' | '\n' | '\r'))?;
        Some(format!("holds {shown}, a control character; remove it before sending"))
    }

    /// The first such character, and where it stands. Of a secret only where.
    fn show(&self, text: &str, wanted: impl Fn(char) -> bool) -> Option<String> {
        let (index, character) = text.chars().enumerate().find(|(_, character)| wanted(*character))?;
        let position = index + 1;
        Some(match self.is_secret() {
            true => format!("something else at character {position}"),
            false => format!("{character:?} (U+{:04X}) at character {position}", u32::from(character)),
        })
    }
}

/// Why WeChat Pay would not take the text as a URL for notifications; nothing of the text is in it.
fn not_a_notify_url(text: &str) -> Option<&'static str> {
    if text.contains(char::is_whitespace) {
        return Some("must not hold a blank or a line break; look at its beginning and end too");
    }
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return Some("must be a whole URL that begins with https:// or http://, in small letters");
    };
    if rest.contains('?') {
        return Some(
            "must not have a query (no ?): WeChat Pay refuses parameters in it. Put what you want to get back into the \
             path, or into attach",
        );
    }
    if rest.contains('#') {
        return Some("must not have a fragment (no #)");
    }
    if rest.contains(['[', ']']) {
        return Some("must not hold square brackets: WeChat Pay takes no address of IPv6");
    }
    if rest.is_empty() || rest.starts_with(['/', ':', '@']) {
        return Some("names no host: https://your.domain/path");
    }
    None
}

fn counted(count: usize, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::draft::Draft;
    use crate::table::{FieldRecord, Place, RuleRecord, Type};

    /// A text that may be left out, with these rules, and with what `more` says of it.
    fn field(rules: &[RuleRecord], more: impl FnOnce(FieldRecord) -> FieldRecord) -> Field {
        let mut draft = Draft::default();
        for rule in rules {
            draft.rule(*rule);
        }
        let record = more(draft.optional("f", Type::String));
        draft.fields(&[record.rules(0, rules.len() as u8)]);
        Field(Place::new(draft.table(), 0))
    }

    fn ruled(rules: &[RuleRecord]) -> Field {
        field(rules, |field| field)
    }

    /// A text of digits and `-`.
    fn digits(more: impl FnOnce(FieldRecord) -> FieldRecord) -> Field {
        let mut draft = Draft::default();
        let set = RuleRecord::Characters(draft.text("digits and -"), draft.text("09--"));
        let rule = draft.rule(set);
        let record = more(draft.optional("f", Type::String)).rules(rule, 1);
        draft.fields(&[record]);
        Field(Place::new(draft.table(), 0))
    }

    fn codes(field: Field, text: &str) -> Vec<&'static str> {
        Limits::of(field).text(text).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn lengths_are_counted_in_characters_or_in_bytes() {
        let characters = field(&[RuleRecord::Min(2)], |field| field.max(3));
        assert_eq!(codes(characters, "茶"), ["TOO_SHORT"]);
        assert_eq!(codes(characters, "茶茶茶"), [""; 0]);
        assert_eq!(codes(characters, "茶茶茶茶"), ["TOO_LONG"]);
        let bytes = ruled(&[RuleRecord::MinBytes(2), RuleRecord::MaxBytes(6)]);
        assert_eq!(codes(bytes, "a"), ["TOO_SHORT"]);
        assert_eq!(codes(bytes, "茶茶"), [""; 0]);
        assert_eq!(codes(bytes, "茶茶a"), ["TOO_LONG"]);
        // Absent is one thing, empty another.
        assert_eq!(codes(characters, ""), ["TOO_SHORT"]);
        assert_eq!(codes(ruled(&[]), ""), [""; 0]);
        let mut draft = Draft::default();
        let required = draft.required("f", Type::String);
        draft.fields(&[required]);
        assert_eq!(codes(Field(Place::new(draft.table(), 0)), ""), ["EMPTY_PARAMETER"]);
    }

    #[test]
    fn lists_and_numbers_have_bounds() {
        let list = Limits::of(field(&[RuleRecord::Min(1)], |field| field.max(2)));
        let codes = |length| list.elements(length).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
        assert_eq!((codes(0), codes(1), codes(3)), (vec!["TOO_SHORT"], vec![], vec!["TOO_LONG"]));
        let number = Limits::of(ruled(&[RuleRecord::Minimum(1), RuleRecord::Maximum(9)]));
        assert!(number.number(1).is_empty() && number.number(9).is_empty());
        assert_eq!(number.number(0), [("OUT_OF_RANGE", "is 0; at least 1 is allowed".to_owned())]);
        assert_eq!(number.number(i64::MAX)[0].0, "OUT_OF_RANGE");
    }

    #[test]
    fn a_character_that_is_not_allowed_is_shown_with_its_place() {
        let (code, issue) = Limits::of(digits(|field| field)).text("12 3").remove(0);
        assert_eq!(code, "UNSUPPORTED_CHARACTER");
        assert_eq!(issue, "holds ' ' (U+0020) at character 3; only digits and - are allowed");
        // Nothing of a secret.
        for text in ["张三", "1\0", "1🍵"] {
            let limits = Limits::of(digits(FieldRecord::encrypted));
            let (code, issue) = limits.text(text).remove(0);
            assert_eq!(code, "UNSUPPORTED_CHARACTER");
            assert!(issue.is_ascii() && !issue.contains("\\0") && !issue.contains("U+"), "{issue}");
        }
    }

    #[test]
    fn control_characters_are_refused_but_those_that_break_lines() {
        for character in ('\0'..=' ').filter(|c| !matches!(c, '\t' | '\n' | '\r' | ' ')) {
            assert_eq!(
                codes(ruled(&[]), &format!("a{character}")),
                ["UNSUPPORTED_CHARACTER"],
                "{character:?}"
            );
        }
        assert_eq!(codes(ruled(&[]), "a\tb\r\nc \u{7f}\u{feff}"), [""; 0]);
    }

    #[test]
    fn what_is_suspected_passes() {
        let mut draft = Draft::default();
        let bytes = draft.rule(RuleRecord::MaxBytes(1));
        let set = RuleRecord::Characters(draft.text("digits and -"), draft.text("09--"));
        let set = draft.rule(set);
        let first = draft.rule(RuleRecord::Suspected(bytes));
        draft.rule(RuleRecord::Suspected(set));
        let record = draft.optional("f", Type::String).rules(first, 2);
        draft.fields(&[record]);
        assert_eq!(codes(Field(Place::new(draft.table(), 0)), "茶"), [""; 0]);
    }

    #[test]
    fn notify_urls_are_what_wechat_pay_takes() {
        for good in [
            "https://shop.example/notify",
            "http://127.0.0.1:8080/notify",
            "http://localhost/n",
            "https://shop.example",
            "https://user@shop.example:8443/a/b;c=1/@x",
            "https://商店.example/n",
        ] {
            assert_eq!(not_a_notify_url(good), None, "{good}");
        }
        for bad in [
            "",
            "notify",
            "/notify",
            "shop.example/notify",
            "ftp://shop.example",
            "HTTPS://shop.example/n",
            "https:/shop",
            "https://",
            "https:///n",
            "https://:80/n",
            "https://@/n",
            "https://shop.example/n?a=1",
            "https://shop.example?",
            "https://shop.example/n#x",
            " https://shop.example/n",
            "https://shop.example/n ",
            "https://shop.example/\n",
            "https://[::1]/n",
            "https://shop.example/a\u{3000}b",
        ] {
            assert!(not_a_notify_url(bad).is_some(), "{bad}");
        }
    }
}

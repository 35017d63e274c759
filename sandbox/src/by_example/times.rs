//! Times of an answer: those of the example, all moved by as much, so that what happened has just happened.

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::clock;

/// The words in the names of fields that say when something ends.
const ENDS: [&str; 8] = ["end", "expire", "expired", "expires", "deadline", "until", "valid", "invalid"];

/// By how much the times of an example are moved.
pub(super) struct Times(Duration);

impl Times {
    /// The latest of what has happened in the example happens now. When nothing has, the first end is in a day.
    pub(super) fn of(example: &Value, now: OffsetDateTime) -> Self {
        let (mut happened, mut ends) = (None::<OffsetDateTime>, None::<OffsetDateTime>);
        each_text(example, "", &mut |name, text| {
            let Some((moment, _)) = read(name, text) else { return };
            if name.split('_').any(|word| ENDS.contains(&word)) {
                ends = Some(ends.map_or(moment, |earlier| earlier.min(moment)));
            } else {
                happened = Some(happened.map_or(moment, |earlier| earlier.max(moment)));
            }
        });
        let base = happened.or(ends.map(|end| end - Duration::DAY));
        Self(base.map_or(Duration::ZERO, |base| now - base))
    }

    /// The time in this text, moved; none when there is none in it.
    pub(super) fn moved(&self, name: &str, text: &str) -> Option<String> {
        let (moment, form) = read(name, text)?;
        let moment = moment.checked_add(self.0)?;
        Some(match form {
            Form::Moment => clock::rfc3339(moment),
            Form::Readable => clock::bill_time(moment),
            Form::Compact => clock::compact(moment),
            Form::Day => clock::date(moment),
            Form::CompactDay => clock::date(moment).replace('-', ""),
        })
    }
}

/// How a time is written.
#[derive(Clone, Copy)]
enum Form {
    /// `2018-06-08T10:34:56+08:00`
    Moment,
    /// `2018-06-08 10:34:56`
    Readable,
    /// `20180608103456`
    Compact,
    /// `2018-06-08`
    Day,
    /// `20180608`
    CompactDay,
}

/// The time in a text. Digits alone are one only where the name says so.
fn read(name: &str, text: &str) -> Option<(OffsetDateTime, Form)> {
    if let Some(moment) = clock::parse(text) {
        return Some((moment, Form::Moment));
    }
    if !name.contains("time") && !name.contains("date") && !name.contains("day") {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let form = match (text.len(), digits.len()) {
        (19, 14) => Form::Readable,
        (14, 14) => Form::Compact,
        (10, 8) => Form::Day,
        (8, 8) => Form::CompactDay,
        _ => return None,
    };
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
    let moment = format!(
        "{}-{}-{}T{}:{}:{}+08:00",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    );
    clock::parse(&moment).map(|moment| (moment, form))
}

fn each_text(value: &Value, name: &str, seen: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => seen(name, text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, name, seen)),
        Value::Object(members) => members.iter().for_each(|(name, item)| each_text(item, name, seen)),
        _ => {}
    }
}

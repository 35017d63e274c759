//! What the docstrings of every language say about the limits of a field.

use crate::ir::{Field, Rule, Type};

/// The limits as sentences, `At most 32 characters.`, and the choices that the field is part of; in Markdown. Empty when there are none.
pub fn sentences(field: &Field) -> Vec<String> {
    let list = matches!(field.ty, Type::List(_));
    let (mut certain, mut suspected) = (Vec::new(), Vec::new());
    certain.extend(field.max.map(Rule::Max));
    for rule in &field.rules {
        match rule {
            Rule::Suspected(rule) => suspected.push((**rule).clone()),
            rule => certain.push(rule.clone()),
        }
    }
    let mut sentences: Vec<String> =
        phrases(&certain, list).iter().map(|phrase| format!("{}.", capitalized(phrase))).collect();
    sentences.extend(field.choices.iter().map(|choice| choice.sentence("`")));
    sentences.extend(phrases(&suspected, list).iter().map(|phrase| format!("Not certain: {phrase}.")));
    sentences
}

fn phrases(rules: &[Rule], list: bool) -> Vec<String> {
    let (mut least, mut most, mut least_bytes, mut most_bytes) = (None, None, None, None);
    let (mut minimum, mut maximum, mut characters, mut url) = (None, None, None, false);
    for rule in rules {
        match rule {
            Rule::Min(value) => least = Some(i64::from(*value)),
            Rule::Max(value) => most = Some(i64::from(*value)),
            Rule::MinBytes(value) => least_bytes = Some(i64::from(*value)),
            Rule::MaxBytes(value) => most_bytes = Some(i64::from(*value)),
            Rule::Minimum(value) => minimum = Some(*value),
            Rule::Maximum(value) => maximum = Some(*value),
            Rule::Characters(set) => characters = Some(set.words("`")),
            Rule::NotifyUrl => url = true,
            Rule::Suspected(_) => {}
        }
    }
    let unit = if list { "element" } else { "character" };
    let mut phrases = Vec::new();
    match (between(least, most, unit), characters) {
        (Some(length), Some(set)) => phrases.push(format!("{length}: {set}")),
        (Some(length), None) => phrases.push(length),
        (None, Some(set)) => phrases.push(set),
        (None, None) => {}
    }
    phrases.extend(between(least_bytes, most_bytes, "byte").map(|length| format!("{length} in UTF-8")));
    phrases.extend(between(minimum, maximum, ""));
    if url {
        phrases.push("http or https, with a host, without a query, a fragment or blanks".to_owned());
    }
    phrases
}

fn between(least: Option<i64>, most: Option<i64>, unit: &str) -> Option<String> {
    let (bounds, last) = match (least, most) {
        (None, None) => return None,
        (None, Some(most)) => (format!("at most {most}"), most),
        (Some(least), None) => (format!("at least {least}"), least),
        (Some(least), Some(most)) if least == most => (format!("exactly {most}"), most),
        (Some(least), Some(most)) => (format!("{least} to {most}"), most),
    };
    Some(match (unit, last) {
        ("", _) => bounds,
        (unit, 1) => format!("{bounds} {unit}"),
        (unit, _) => format!("{bounds} {unit}s"),
    })
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    // `http` begins the rule for URLs, and is a name.
    match rest.next() {
        Some(first) if !text.starts_with("http") => first.to_uppercase().chain(rest).collect(),
        _ => text.to_owned(),
    }
}

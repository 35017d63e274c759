//! Options from environment variables: which variables there are, and which names were meant to be one of them.
//!
//! A misspelt variable is worse than a missing one: nobody looks for it. So a name that is nearly one of ours is refused
//! as long as the option it stands for is not there. Other `WECHATPAY_…` variables are the application's own.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::generated::options::{ALTERNATIVES, Kind, OPTIONS};

const PREFIX: &str = "WECHATPAY_";

/// Reads options from the environment. `variables` are its names and values; those that do not begin with `WECHAT`, in
/// whatever case, do not matter. `given` names the options that the caller sets otherwise: they go before the
/// environment. Returns the options found as a JSON object, for [`HostClient::new`](super::HostClient::new) together
/// with the others. A variable that is empty counts as not set.
///
/// # Errors
/// [`ErrorKind::Config`](crate::ErrorKind::Config) when a value cannot be read, when there is no merchant number, when
/// two variables say the same, or when a name is nearly that of a variable. The message names the right one.
pub fn options_from_env(variables: &[(String, String)], given: &[String]) -> Result<String> {
    let set = |name: &str| {
        variables.iter().find(|(variable, value)| *variable == variable_of(name) && !value.is_empty())
    };
    let given_as = |name: &str| given.iter().any(|given| given == name);
    let is_given = |name: &str| {
        // A list of keys brings the id of each.
        let with_id = name == "wechatpay_public_key_id" && given_as("wechatpay_public_keys");
        given_as(name) || with_id || alternatives(name).into_iter().any(given_as)
    };
    let mut found = Map::new();
    for option in OPTIONS {
        let name = option.name;
        let Some((variable, text)) = set(name).filter(|_| !is_given(name)) else { continue };
        if option.kind == Kind::Keys {
            return Err(Error::config(format!(
                "{variable} cannot be read from the environment: it is a list of keys. Set it where the client is made."
            )));
        }
        if let Some(other) =
            alternatives(name).iter().find(|other| **other != name && found.contains_key(**other))
        {
            return Err(Error::config(format!(
                "{} and {variable} are both set; leave one of them.",
                variable_of(other)
            )));
        }
        found.insert(name.to_owned(), value_of(variable, text, option.kind)?);
    }
    for (variable, value) in variables {
        let Some(meant) = meant_by(variable).filter(|_| !value.is_empty()) else { continue };
        let there = alternatives(meant).iter().any(|other| found.contains_key(*other)) || is_given(meant);
        if !there {
            return Err(Error::config(format!(
                "the environment variable {variable} is not read, and nothing sets {meant}: the variable is called {}. \
                 Rename it.",
                variable_of(meant)
            )));
        }
    }
    if !found.contains_key("mchid") && !is_given("mchid") {
        return Err(Error::config(format!(
            "{PREFIX}MCHID is not set; there is no merchant number to work for."
        )));
    }
    Ok(Value::Object(found).to_string())
}

fn variable_of(option: &str) -> String {
    format!("{PREFIX}{}", option.to_ascii_uppercase())
}

/// The ways to say the same, the option itself among them.
fn alternatives(name: &str) -> Vec<&'static str> {
    let group = ALTERNATIVES.iter().find(|group| group.contains(&name)).copied();
    let alone = || names().filter(|option| *option == name).collect();
    group.map_or_else(alone, <[_]>::to_vec)
}

fn value_of(variable: &str, text: &str, kind: Kind) -> Result<Value> {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let (value, wanted) = match kind {
        // Keys do not get here: no variable can hold them.
        Kind::Text | Kind::Keys => return Ok(text.into()),
        Kind::Texts => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            return Ok(parts.collect::<Vec<_>>().into());
        }
        Kind::Seconds => (
            trimmed.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::from),
            "a number of seconds",
        ),
        Kind::Number => (trimmed.parse::<u64>().ok().map(Value::from), "a whole number"),
        Kind::Flag => {
            let flag = match lower.as_str() {
                "1" | "true" | "yes" | "on" => Some(true),
                "0" | "false" | "no" | "off" => Some(false),
                _ => None,
            };
            (flag.map(Value::from), "true or false")
        }
    };
    value.ok_or_else(|| Error::config(format!("{variable} is {text:?}; it must be {wanted}.")))
}

/// The option that a variable stands for although it has another name; none when it has the right one, or is not ours.
fn meant_by(variable: &str) -> Option<&'static str> {
    if names().any(|name| variable_of(name) == variable) {
        return None;
    }
    let squashed = squash(variable);
    let rest = squashed.strip_prefix("WECHATPAY")?;
    // WECHATPAY_PUBLIC_KEY: the prefix was taken for the first word of the option.
    let is = |name: &str| squash(name) == rest || squash(name) == squashed;
    let called_so = |other: &&str| squash(other) == rest;
    let mut called = OPTIONS.iter().filter(|option| option.other_names.iter().any(called_so));
    // A slip of the finger. Short names are near to too many others.
    let near = |name: &str| {
        let own = squash(name);
        own.len() > 4 && strsim::damerau_levenshtein(&own, rest) <= if own.len() > 9 { 2 } else { 1 }
    };
    let with_variable =
        || OPTIONS.iter().filter(|option| option.kind != Kind::Keys).map(|option| option.name);
    with_variable()
        .find(|name| is(name))
        .or_else(|| called.next().map(|option| option.name))
        .or_else(|| with_variable().find(|name| near(name)))
}

/// The same for the name of an option.
pub(super) fn meant_by_option(name: &str) -> Option<&'static str> {
    meant_by(&variable_of(name))
}

fn names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|option| option.name)
}

/// The name without what people get wrong most often.
fn squash(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests;

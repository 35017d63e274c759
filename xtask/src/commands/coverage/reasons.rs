//! Why the spec says something else than the facts: `spec/facts/differences.yaml`.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use wechatpay_codegen::parse::{self, Source};

use super::difference::{Difference, Kind};
use crate::facts::{FOLDER, Standing};

/// A reason and what it explains: every condition that is given must hold.
#[derive(Debug, Default)]
pub(crate) struct Reason {
    pub(crate) reason: String,
    kinds: Vec<Kind>,
    /// Patterns of operations and notifications; `*` stands for anything.
    operations: Vec<String>,
    /// Patterns of fields.
    fields: Vec<String>,
    sides: Vec<String>,
    standings: Vec<Standing>,
    facts: Vec<String>,
    specs: Vec<String>,
    /// The number that the facts say is above this one.
    fact_above: Option<u32>,
    /// None of these letters is among the field's sources.
    not_from: Option<String>,
    shared: Option<bool>,
    reused: Option<bool>,
    encrypted: Option<bool>,
    choice: Option<bool>,
}

impl Reason {
    pub(crate) fn explains(&self, difference: &Difference) -> bool {
        let any =
            |patterns: &[String], text: &str| patterns.is_empty() || patterns.iter().any(|p| fits(p, text));
        let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
        (self.kinds.is_empty() || self.kinds.contains(&difference.kind))
            && any(&self.operations, &difference.id)
            && any(&self.fields, &difference.field)
            && (self.sides.is_empty() || self.sides.iter().any(|side| side == difference.side))
            && (self.standings.is_empty() || self.standings.contains(&difference.standing))
            && any(&self.facts, &difference.fact)
            && any(&self.specs, &difference.spec)
            && self.fact_above.is_none_or(|limit| difference.fact.parse().is_ok_and(|max: u32| max > limit))
            && self
                .not_from
                .as_ref()
                .is_none_or(|letters| !letters.chars().any(|l| difference.from.contains(l)))
            && is(self.shared, difference.shared)
            && is(self.reused, difference.reused)
            && is(self.encrypted, difference.encrypted)
            && is(self.choice, difference.choice)
    }

    /// The operations, fields and kinds it names that none of these differences, which it explains, needs.
    pub(crate) fn idle(&self, explained: &[&Difference]) -> Vec<&str> {
        let idle = |pattern: &&String, text: fn(&Difference) -> &str| {
            !explained.iter().any(|difference| fits(pattern, text(difference)))
        };
        let operations = self.operations.iter().filter(|pattern| idle(pattern, |difference| &difference.id));
        let fields = self.fields.iter().filter(|pattern| idle(pattern, |difference| &difference.field));
        let kinds = self.kinds.iter().filter(|kind| !explained.iter().any(|d| d.kind == **kind));
        operations.chain(fields).map(String::as_str).chain(kinds.map(|kind| kind.name())).collect()
    }
}

/// Reads the reasons.
pub(crate) fn read(root: &Path) -> Result<Vec<Reason>> {
    let name = format!("{FOLDER}/differences.yaml");
    let text = std::fs::read_to_string(root.join(&name)).with_context(|| name.clone())?;
    parse_reasons(Source { name, text })
}

pub(crate) fn parse_reasons(source: Source) -> Result<Vec<Reason>> {
    let value = parse::to_json(&source)
        .map_err(|wrong| anyhow!(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let list = value.as_array().with_context(|| format!("{}: a list of reasons is wanted", source.name))?;
    list.iter().map(|value| reason(value).with_context(|| format!("{}: {value}", source.name))).collect()
}

fn reason(value: &Value) -> Result<Reason> {
    let mut reason = Reason::default();
    for (key, value) in value.as_object().context("a mapping is wanted")? {
        match key.as_str() {
            "reason" => reason.reason = text(value)?,
            "kind" => reason.kinds = named(value, &Kind::ALL.map(|kind| (kind.name(), kind)))?,
            "operation" => reason.operations = texts(value)?,
            "field" => reason.fields = texts(value)?,
            "side" => {
                let sides = ["request", "response", "notification"].map(|side| (side, side.to_owned()));
                reason.sides = named(value, &sides)?;
            }
            "standing" => reason.standings = named(value, &Standing::ALL.map(|s| (s.name(), s)))?,
            "fact" => reason.facts = texts(value)?,
            "spec" => reason.specs = texts(value)?,
            "fact_above" => {
                let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
                reason.fact_above = Some(limit.context("fact_above: a number is wanted")?);
            }
            "not_from" => reason.not_from = Some(text(value)?),
            "shared" => reason.shared = Some(flag(value)?),
            "reused" => reason.reused = Some(flag(value)?),
            "encrypted" => reason.encrypted = Some(flag(value)?),
            "choice" => reason.choice = Some(flag(value)?),
            key => bail!("nobody knows `{key}`"),
        }
    }
    if reason.reason.is_empty() {
        bail!("`reason` is what it is about");
    }
    if reason.kinds.is_empty() {
        bail!("`kind` says what it explains");
    }
    Ok(reason)
}

/// Whether a text fits a pattern, in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| fits(rest, &text[at..]))
}

fn named<T: Clone>(value: &Value, names: &[(&str, T)]) -> Result<Vec<T>> {
    let find = |text: String| {
        let found = names.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| value.clone()).with_context(|| format!("nobody knows `{text}`"))
    };
    texts(value)?.into_iter().map(find).collect()
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Result<Vec<String>> {
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        value => Ok(vec![text(value)?]),
    }
}

fn text(value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        value => bail!("{value} is no text"),
    }
}

fn flag(value: &Value) -> Result<bool> {
    value.as_bool().with_context(|| format!("{value} is neither true nor false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Reason>> {
        parse_reasons(Source { name: "r.yaml".into(), text: text.into() })
    }

    fn difference(kind: Kind, field: &str, fact: &str) -> Difference {
        Difference {
            kind,
            id: "refunds.create".into(),
            standing: Standing::Documented,
            side: "response",
            field: field.into(),
            fact: fact.into(),
            spec: "none".into(),
            from: "do".into(),
            shared: true,
            reused: false,
            encrypted: false,
            choice: false,
            at: String::new(),
            weight: 1,
            reason: None,
        }
    }

    #[test]
    fn every_condition_must_hold() {
        let reasons = parsed(
            "- { reason: r, kind: [max, type], operation: refunds.*, field: '*.total', fact_above: 214, shared: true }",
        )
        .unwrap();
        let explains = |difference: &Difference| reasons[0].explains(difference);
        let good = difference(Kind::Max, "amount.total", "215");
        assert!(explains(&good));
        assert!(!explains(&difference(Kind::Required, "amount.total", "215")));
        assert!(!explains(&difference(Kind::Max, "total", "215")));
        assert!(!explains(&difference(Kind::Max, "amount.total", "214")));
        assert!(!explains(&Difference { id: "bills.trade".into(), ..good.clone() }));
        assert!(!explains(&Difference { shared: false, ..good }));
    }

    #[test]
    fn sources_and_sides_are_conditions() {
        let of = |text: &str| parsed(text).unwrap().remove(0).explains(&difference(Kind::Extra, "a", "b"));
        assert!(of("- { reason: r, kind: extra, not_from: c, side: response, fact: b, spec: none }"));
        assert!(!of("- { reason: r, kind: extra, not_from: oc }"));
        assert!(!of("- { reason: r, kind: extra, side: request }"));
        assert!(!of("- { reason: r, kind: extra, standing: community }"));
        assert!(!of("- { reason: r, kind: extra, fact: c }"));
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for (text, said) in [
            ("- { reason: r, kind: maxx }", "nobody knows `maxx`"),
            ("- { reason: r, kind: max, wen: x }", "nobody knows `wen`"),
            ("- { kind: max }", "`reason`"),
            ("- { reason: r }", "`kind`"),
        ] {
            let failure = format!("{:#}", parsed(text).unwrap_err());
            assert!(failure.contains(said), "{failure}");
        }
    }
}

//! A spec with fewer families, to compare the whole with.

use wechatpay_codegen::ir::Spec;
use wechatpay_codegen::parse::{self, Source};

use anyhow::{Result, bail};

/// Families that hand-written code of the kernel and the bindings speaks of; all others can be left out.
const NEEDED: &[&str] =
    &["bills", "busifavor", "certificates", "global", "media", "payments", "refunds", "security"];

/// The family of a file of the spec; none for what all share.
fn family(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("spec/")?.strip_suffix(".yaml")?;
    let family = rest.split('/').next()?;
    (family != "glossary").then_some(family)
}

/// The needed families only.
pub(super) fn few(committed: &[Source]) -> Result<(Vec<Source>, Spec)> {
    of(committed, |family| NEEDED.contains(&family))
}

/// The needed families and every second of the others.
pub(super) fn half(committed: &[Source]) -> Result<(Vec<Source>, Spec)> {
    let mut others: Vec<&str> = committed.iter().filter_map(|source| family(&source.name)).collect();
    others.dedup();
    others.retain(|family| !NEEDED.contains(family));
    let kept: Vec<&str> = others.into_iter().step_by(2).collect();
    of(committed, |family| NEEDED.contains(&family) || kept.contains(&family))
}

/// The families that are wanted. What the rest says of the others (the query that confirms a payment, a word of the
/// glossary) is left out line by line, as the parser finds it.
fn of(committed: &[Source], wanted: impl Fn(&str) -> bool) -> Result<(Vec<Source>, Spec)> {
    let mut sources: Vec<Source> =
        committed.iter().filter(|source| family(&source.name).is_none_or(&wanted)).cloned().collect();
    // Each round may uncover some more, and there are few.
    for _ in 0..20 {
        let wrong = match parse::parse(&sources) {
            Ok(spec) => return Ok((sources, spec)),
            Err(wrong) => wrong,
        };
        for source in &mut sources {
            let lines: Vec<usize> = wrong
                .iter()
                .filter(|diagnostic| diagnostic.file == source.name)
                .map(|diagnostic| diagnostic.pos.line)
                .collect();
            if !lines.is_empty() {
                let kept = source.text.lines().enumerate().filter(|(index, _)| !lines.contains(&(index + 1)));
                source.text = kept.map(|(_, line)| format!("{line}\n")).collect();
            }
        }
    }
    match parse::parse(&sources) {
        Ok(spec) => Ok((sources, spec)),
        Err(wrong) => bail!("{}", wrong.first().map_or_else(String::new, ToString::to_string)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn fewer_families_are_a_spec_as_well() {
        let (committed, _) = parse::read_sources(&root()).unwrap();
        let count = |spec: &Spec| spec.operations().count();
        let whole = count(&parse::parse(&committed).ok().unwrap());
        let (few, half) = (count(&few(&committed).unwrap().1), count(&half(&committed).unwrap().1));
        assert!(few > 50 && few < half && half < whole, "{few}, {half} of {whole}");
    }
}

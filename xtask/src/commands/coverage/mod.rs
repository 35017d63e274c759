//! `cargo xtask coverage`: the spec beside the collected facts, and beside what the seed documents show.

mod compare;
mod difference;
mod notifications;
mod reach;
mod reasons;
mod report;
mod seeds;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};
use pico_args::Arguments;
use wechatpay_codegen::ir::{self, Spec};

use crate::facts::{self, Facts, Standing, endpoint, endpoint_of};
use crate::run::{headline, root};
use crate::usage;
use compare::Compared;
use difference::{Difference, Kind};
use reach::Typed;
use reasons::Reason;
use report::{Counts, Row};

pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let verbose = args.contains("--verbose");
    let family: Option<String> = args.opt_value_from_str("--family")?;
    usage::finish(args)?;
    report(family.as_deref(), verbose)
}

/// The part of `cargo xtask check`.
pub(crate) fn check() -> Result<()> {
    report(None, false)
}

/// Prints everything, and fails when the spec lacks what it should have.
fn report(family: Option<&str>, verbose: bool) -> Result<()> {
    let spec = super::codegen::load()?;
    let facts = facts::read(&root())?;
    let reasons = reasons::read(&root())?;
    if let Some(family) = family.filter(|family| !facts.products.contains_key(*family)) {
        return Err(usage::Usage(format!("there is no family `{family}`")).into());
    }
    let found = Found::new(&spec, &facts, &reasons, family);
    found.print(&facts, verbose, &reasons, family.is_none());
    let mut wrong = found.wrong(&reasons, family.is_none());
    if family.is_none() {
        headline("operations of the seeds");
        wrong.extend(seeds::report(&spec, verbose)?);
    }
    if wrong.is_empty() { Ok(()) } else { Err(anyhow!(wrong.join("\n"))) }
}

/// What the comparison found.
#[derive(Default)]
struct Found {
    rows: BTreeMap<String, Row>,
    by_standing: [Row; 3],
    /// Of notifications.
    resources: Counts,
    differences: Vec<Difference>,
    /// Operations that are not in the spec.
    untyped: Vec<String>,
    /// Notifications that are not in the spec.
    unnamed: Vec<String>,
    /// Operations of the spec that the facts do not know.
    unknown: Vec<String>,
    /// Operations that lack an example.
    unshown: Vec<String>,
    /// Fields that are named and not described.
    undescribed: Vec<String>,
}

impl Found {
    fn new(spec: &Spec, facts: &Facts, reasons: &[Reason], family: Option<&str>) -> Self {
        let mut found = Self::default();
        let all = Typed::new(spec);
        let chosen = |name: &str| family.is_none_or(|family| family == name);
        let typed: BTreeMap<String, (&ir::Module, &ir::Operation)> =
            spec.operations().map(|both| (endpoint(&both.1.method, &both.1.path), both)).collect();
        for (product, operations) in facts.products.iter().filter(|(product, _)| chosen(product)) {
            for known in operations {
                let mut row = Row { operations: 1, ..Row::default() };
                match typed.get(&endpoint_of(&known.http)) {
                    Some((module, operation)) => {
                        row.typed = 1;
                        if has_examples(operation) {
                            row.examples = 1;
                        } else {
                            let ir::Operation { id, line, .. } = operation;
                            found.unshown.push(format!("{}:{line}: {id} has no example", module.file));
                        }
                        let mut compared = compare::operation(&all, module, operation, known);
                        if known.standing != Standing::Community {
                            found.undescribed.append(&mut compared.undescribed);
                        }
                        row.fields = found.take(compared, reasons);
                    }
                    None => {
                        let all: usize = known.fields.iter().map(|fields| fields.0.len()).sum();
                        row.fields =
                            Counts { known: all, different: all, unexplained: all, ..Counts::default() };
                        let standing = known.standing.name();
                        found
                            .untyped
                            .push(format!("{product}: {} is not in the spec ({standing})", known.http));
                    }
                }
                found.by_standing[known.standing as usize].add(&row);
                found.rows.entry(product.clone()).or_default().add(&row);
            }
        }
        for known in &facts.notifications {
            let Some((module, notification)) = notifications::find(spec, known) else {
                if family.is_none() {
                    let name = known.title.as_deref().or(known.model.as_deref()).unwrap_or_default();
                    let page = known.docs.first().map_or("", String::as_str);
                    found.unnamed.push(format!("{} {name} {page}", known.events.join(" ")));
                }
                continue;
            };
            if chosen(module.family()) {
                let compared = compare::resource(&all, module, notification, known.standing, &known.resource);
                let counts = found.take(compared, reasons);
                found.resources.add(&counts);
                let row = Row { notifications: 1, notifications_typed: 1, ..Row::default() };
                found.by_standing[known.standing as usize].add(&row);
                found.rows.entry(module.family().to_owned()).or_default().add(&row);
            }
        }
        if family.is_none() {
            let known: BTreeSet<String> = facts.operations().map(|known| endpoint_of(&known.http)).collect();
            for (_, (module, operation)) in typed.iter().filter(|(endpoint, _)| !known.contains(*endpoint)) {
                let ir::Operation { id, line, method, path, .. } = operation;
                found
                    .unknown
                    .push(format!("{}:{line}: the facts do not know {id} ({method} {path})", module.file));
            }
        }
        found
    }

    /// Looks for the reasons of the differences, and counts.
    fn take(&mut self, mut compared: Compared, reasons: &[Reason]) -> Counts {
        for difference in &mut compared.differences {
            difference.reason = reasons.iter().position(|reason| reason.explains(difference));
        }
        let counts = Counts::of(&compared);
        self.differences.append(&mut compared.differences);
        counts
    }

    fn print(&self, facts: &Facts, verbose: bool, reasons: &[Reason], whole: bool) {
        headline("the spec beside the collected facts");
        println!("{}", Row::HEAD);
        let mut all = Row::default();
        for (product, row) in &self.rows {
            println!("{}", row.line(product));
            all.add(row);
        }
        for standing in Standing::ALL {
            println!("{}", self.by_standing[standing as usize].line(&format!("= {}", standing.name())));
        }
        println!("{}", all.line("= all"));

        self.print_differences(verbose, reasons);
        let stale = if whole { self.stale(reasons) } else { Vec::new() };
        let lines = [&self.untyped, &self.unknown, &self.unshown, &self.undescribed, &stale];
        for line in lines.into_iter().flatten() {
            println!("{line}");
        }
        println!("{} operations that others list are left out:", facts.left_out.len());
        let mut why: BTreeMap<&str, usize> = BTreeMap::new();
        for (http, reason) in &facts.left_out {
            *why.entry(reason).or_default() += 1;
            if verbose {
                println!("  {http}: {reason}");
            }
        }
        for (reason, count) in why {
            println!("{count:>5}  {reason}");
        }
        for line in &self.unnamed {
            println!("no notification of the spec: {line}");
        }

        headline("totals");
        println!("operations {}/{} typed, {} with examples", all.typed, all.operations, all.examples);
        for standing in Standing::ALL {
            println!("fields, {}: {}", standing.name(), self.by_standing[standing as usize].fields.line());
        }
        println!("fields, all: {}", all.fields.line());
        println!(
            "notifications {}/{} typed",
            all.notifications_typed,
            all.notifications + self.unnamed.len()
        );
        println!("their fields: {}", self.resources.line());
    }

    /// What must not be; with `whole`, when all products were compared.
    fn wrong(&self, reasons: &[Reason], whole: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut must_be_none = |count: usize, what: &str| {
            if count > 0 {
                wrong.push(format!("{count} {what}"));
            }
        };
        must_be_none(self.untyped.len(), "operations of the facts are neither typed nor left out");
        must_be_none(self.unknown.len(), "operations of the spec are not in the facts");
        must_be_none(self.unshown.len(), "operations have no example");
        must_be_none(self.unnamed.len(), "notifications of the facts are not in the spec");
        let documented = |d: &&Difference| {
            d.reason.is_none() && d.kind == Kind::Missing && d.from.contains('d') && d.side != "notification"
        };
        must_be_none(self.differences.iter().filter(documented).count(), "documented fields are missing");
        must_be_none(
            self.undescribed.len(),
            "fields of documented or retired operations have no description",
        );
        must_be_none(
            self.differences.iter().filter(|difference| difference.reason.is_none()).count(),
            "differences have no reason: mend the spec, or say in spec/facts/differences.yaml why it is right",
        );
        if whole {
            must_be_none(self.stale(reasons).len(), "reasons or parts of them explain nothing any more");
        }
        wrong
    }

    /// Reasons, and operations and fields of them, that no difference needs.
    fn stale(&self, reasons: &[Reason]) -> Vec<String> {
        let mut stale = Vec::new();
        for (index, reason) in reasons.iter().enumerate() {
            let explained: Vec<&Difference> =
                self.differences.iter().filter(|difference| difference.reason == Some(index)).collect();
            if explained.is_empty() {
                stale.push(format!("explains nothing any more: {}", reason.reason));
            } else {
                let idle = reason.idle(&explained);
                stale.extend(idle.into_iter().map(|part| format!("`{part}` is idle in: {}", reason.reason)));
            }
        }
        stale
    }

    /// Prints the differences: those without a reason, and with `verbose` all.
    fn print_differences(&self, verbose: bool, reasons: &[Reason]) {
        headline("differences");
        for (index, reason) in reasons.iter().enumerate() {
            let explained = || self.differences.iter().filter(|difference| difference.reason == Some(index));
            let count = explained().count();
            if count == 0 {
                continue;
            }
            println!("{count:>5}  {}", reason.reason);
            if verbose {
                explained().for_each(|difference| println!("         {difference}"));
            }
        }
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        for difference in self.differences.iter().filter(|difference| difference.reason.is_none()) {
            *kinds.entry(difference.kind).or_default() += 1;
            println!("{difference}");
        }
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
        println!("without a reason: {}", if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") });
    }
}

/// Whether everything that can have an example has one.
fn has_examples(operation: &ir::Operation) -> bool {
    (operation.request_type().is_none() || operation.example_request.is_some())
        && (operation.response_type().is_none() || operation.example_response.is_some())
}

#[cfg(test)]
mod tests;

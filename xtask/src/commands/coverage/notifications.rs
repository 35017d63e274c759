//! Which notification of the spec is the one that the facts describe: event types are shared, so fields decide.

use wechatpay_codegen::ir::{self, Spec};

use crate::facts::Notification;

/// The notification of the spec, with its module.
pub(crate) fn find<'a>(
    spec: &'a Spec,
    known: &Notification,
) -> Option<(&'a ir::Module, &'a ir::Notification)> {
    let common = |one: &[String], other: &[String]| one.iter().any(|text| other.contains(text));
    let candidates = spec.notifications().filter(|(_, typed)| {
        let originals = (&known.original_types, &typed.original_types);
        common(&known.events, &typed.events)
            && (originals.0.is_empty() || originals.1.is_empty() || common(originals.0, originals.1))
    });
    let page = |typed: &ir::Notification| typed.doc.as_ref().is_some_and(|page| known.docs.contains(page));
    let names: Vec<&str> = known.resource.children("").map(|(name, _)| name).collect();
    let both = |typed: &ir::Notification| {
        let fields = spec.fields(typed.resource);
        names.iter().filter(|name| fields.iter().any(|field| field.name == **name)).count()
    };
    // In thousandths: of all names on either side.
    let share = |typed: &ir::Notification| {
        let both = both(typed);
        both * 1000 / (names.len() + spec.fields(typed.resource).len() - both).max(1)
    };
    let best = candidates.max_by_key(|(_, typed)| (page(typed), both(typed), share(typed)))?;
    (names.is_empty() || share(best.1) >= 300).then_some(best)
}

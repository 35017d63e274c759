//! What all pages of an operation say together. The same operation stands on the pages of several products, for merchants
//! and for service providers.

use std::collections::{BTreeMap, BTreeSet};

use super::documented::{Documented, key};
use super::page::{ANY, Page};
use super::times;
use crate::facts::{Facts, Fields, Operation, Place, endpoint_of, join};

/// The operations of all pages, by endpoint. What is known of them helps where a page is careless.
pub(crate) fn merge(pages: &[Page], facts: &Facts) -> BTreeMap<String, Documented> {
    let known: BTreeMap<String, &Operation> =
        facts.operations().map(|known| (endpoint_of(&known.http), known)).collect();
    let mut by_endpoint: BTreeMap<String, Vec<&Page>> = BTreeMap::new();
    for page in pages.iter().filter(|page| !page.method.is_empty()) {
        by_endpoint.entry(page.endpoint()).or_default().push(page);
    }
    let merged = by_endpoint.into_iter().map(|(endpoint, pages)| {
        let operation = operation(&pages, known.get(&endpoint).copied());
        (endpoint, operation)
    });
    merged.collect()
}

/// What the pages of one operation say together.
pub(crate) fn operation(pages: &[&Page], known: Option<&Operation>) -> Documented {
    let mut errors: Vec<String> = pages.iter().flat_map(|page| page.errors.iter().cloned()).collect();
    errors.sort();
    errors.dedup();
    let labels = pages.iter().flat_map(|page| &page.labels);
    let nothing = Fields::default();
    let mut documented = Documented {
        http: pages.first().map(|page| format!("{} {}", page.method, page.path)).unwrap_or_default(),
        host: pages.iter().find_map(|page| page.host.clone()),
        docs: pages.iter().map(|page| page.id.clone()).collect(),
        errors,
        fields: Place::ALL.map(|place| fields(pages, place, known.map_or(&nothing, |known| known.of(place)))),
        labels: labels.map(|(place, path, label)| (key(*place, path), label.clone())).collect(),
        only_shown: Vec::new(),
        no_times: BTreeSet::new(),
    };
    let response = &documented.fields[Place::Response as usize];
    // An answer without a table has none of the fields that its sample shows.
    if !response.0.is_empty() {
        let shown: BTreeMap<&String, &String> =
            pages.iter().flat_map(|page| &page.shown).map(|(path, ty)| (path, ty)).collect();
        let only = shown.into_iter().filter(|(path, _)| response.get(path).is_none());
        documented.only_shown = only.map(|(path, ty)| (path.clone(), ty.clone())).collect();
    }
    let path = &mut documented.fields[Place::Path as usize];
    *path = in_path(std::mem::take(path), pages);
    times::settle(&mut documented, pages);
    documented
}

/// Without those that the path does not have.
fn in_path(fields: Fields, pages: &[&Page]) -> Fields {
    let is_there = |name: &str| pages.iter().any(|page| page.path.contains(&format!("{{{name}}}")));
    Fields(fields.0.into_iter().filter(|(name, _)| is_there(name)).collect())
}

/// All fields that a page has, in the order of the pages. A field is required when every page requires it that has its
/// parent: `sub_mchid` stands on the pages for service providers alone. Of lengths the largest counts, of types the most
/// particular, and all values are values.
fn fields(pages: &[&Page], place: Place, known: &Fields) -> Fields {
    let tables: Vec<Fields> = pages.iter().map(|page| page.fields[place as usize].clone()).collect();
    let tables = settle(&tables, known);
    let mut merged = Fields::default();
    for (path, field) in tables.iter().flat_map(|table| &table.0) {
        if merged.get(path).is_some() {
            continue;
        }
        let parent = path.rsplit_once('.').map(|(parent, _)| parent);
        let with_parent =
            tables.iter().filter(|table| parent.is_none_or(|parent| table.get(parent).is_some()));
        let mut field = field.clone();
        field.required = with_parent.clone().all(|table| table.get(path).is_some_and(|field| field.required));
        for other in tables.iter().filter_map(|table| table.get(path)) {
            field.max = field.max.max(other.max);
            if other.ty == "timestamp" && field.ty == "string" {
                field.ty.clone_from(&other.ty);
            }
            for value in &other.values {
                if !field.values.contains(value) {
                    field.values.push(value.clone());
                }
            }
        }
        merged.0.push((path.clone(), field));
    }
    let mut merged = nested(merged);
    for index in 0..merged.0.len() {
        let (path, field) = &merged.0[index];
        merged.0[index].1.ty = known_type(&field.ty, merged.weight(path) > 1);
    }
    merged
}

/// What a type is that the table does not tell, and what an object is that has no fields.
fn known_type(ty: &str, has_fields: bool) -> String {
    let (any, object) = if has_fields { ("object", "object") } else { ("string", "json") };
    ty.replace(ANY, any).replace("object", object)
}

/// The path of the object that a field is in, and the field's name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

/// On some pages the fields of an object stand beside it: `from`, `account` for `from`, `from.account`. When another page
/// or the facts have them where they belong, they are put there.
fn settle(tables: &[Fields], known: &Fields) -> Vec<Fields> {
    let home = |table: &Fields, index: usize| {
        let (parent, name) = split(&table.0[index].0);
        let above = table.0[..index].iter().rev().find_map(|(path, field)| {
            let may_hold = field.ty.contains("object") || field.ty.contains(ANY);
            (split(path).0 == parent && may_hold).then_some(path)
        })?;
        let is_empty = table.children(above).next().is_none();
        let home = join(above, name);
        let is_known = tables.iter().chain([known]).any(|other| other.get(&home).is_some());
        (is_empty && is_known).then_some(home)
    };
    let settled = |table: &Fields| {
        let rows = table.0.iter().enumerate();
        Fields(
            rows.map(|(index, (path, field))| {
                (home(table, index).unwrap_or_else(|| path.clone()), field.clone())
            })
            .collect(),
        )
    };
    tables.iter().map(settled).collect()
}

/// Every field behind its parent, as the facts have them, however the pages were ordered.
pub(crate) fn nested(fields: Fields) -> Fields {
    fn add(fields: &Fields, parent: &str, into: &mut Fields) {
        for (path, field) in fields.0.iter().filter(|(path, _)| split(path).0 == parent) {
            into.0.push((path.clone(), field.clone()));
            add(fields, path, into);
        }
    }
    let mut sorted = Fields::default();
    add(&fields, "", &mut sorted);
    sorted
}

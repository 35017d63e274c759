//! What the documentation says now and the facts do not: new, gone and changed.

use std::collections::{BTreeMap, BTreeSet};

use super::documented::{Documented, key};
use super::fields::type_now;
use super::notices::Notice;
use crate::facts::{Facts, Field, Fields, Operation, Place, Standing, endpoint_of};

/// One line of the report: sort, operation, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    pub(crate) sort: Sort,
    pub(crate) http: String,
    pub(crate) what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    NewOperation,
    GoneOperation,
    NewNotification,
    Page,
    Events,
    NewField,
    OnlyShown,
    GoneField,
    Type,
    Required,
    Max,
    Values,
    Errors,
}

impl Sort {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NewOperation => "new operation",
            Self::GoneOperation => "operation gone",
            Self::NewNotification => "new notification",
            Self::Page => "page",
            Self::Events => "events",
            Self::NewField => "new field",
            Self::OnlyShown => "only in samples",
            Self::GoneField => "field gone",
            Self::Type => "type",
            Self::Required => "required",
            Self::Max => "max",
            Self::Values => "enum",
            Self::Errors => "errors",
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} {}", self.sort.name(), self.http, self.what)
    }
}

/// Compares all pages with the facts.
pub(crate) fn find(facts: &Facts, documented: &BTreeMap<String, Documented>) -> Vec<Change> {
    let mut changes = Vec::new();
    let left_out: BTreeSet<String> = facts.left_out.iter().map(|(http, _)| endpoint_of(http)).collect();
    let known: BTreeMap<String, &Operation> =
        facts.operations().map(|known| (endpoint_of(&known.http), known)).collect();
    for (endpoint, now) in documented {
        match known.get(endpoint) {
            Some(known) => operation(known, now, &mut changes),
            None if left_out.contains(endpoint) => {}
            None => changes.push(Change {
                sort: Sort::NewOperation,
                http: now.http.clone(),
                what: now.docs.join(" "),
            }),
        }
    }
    let is_gone = |known: &&Operation| {
        known.standing == Standing::Documented && !documented.contains_key(&endpoint_of(&known.http))
    };
    changes.extend(facts.operations().filter(is_gone).map(|known| Change {
        sort: Sort::GoneOperation,
        http: known.http.clone(),
        what: known.docs.join(" "),
    }));
    changes.sort();
    changes
}

/// Compares the notifications with the facts.
pub(crate) fn find_in_notices(facts: &Facts, notices: &[Notice]) -> Vec<Change> {
    let mut changes = Vec::new();
    for notice in notices {
        let name = notice.events.join(" ");
        let Some(known) = notice.known(facts) else {
            let what = notice.documented.docs.join(" ");
            changes.push(Change { sort: Sort::NewNotification, http: name, what });
            continue;
        };
        lists(&name, Sort::Page, &known.docs, &notice.documented.docs, &mut changes);
        lists(&name, Sort::Events, &known.events, &notice.events, &mut changes);
        let original_types = notice.with_known(&known.original_types);
        lists(&name, Sort::Events, &known.original_types, &original_types, &mut changes);
        let mut in_resource = Vec::new();
        fields(&name, Place::Response, &known.resource, &notice.documented, &mut in_resource);
        for mut change in in_resource {
            change.what = change.what.replacen(Place::Response.name(), "resource", 1);
            changes.push(change);
        }
    }
    changes.sort();
    changes
}

fn operation(known: &Operation, now: &Documented, changes: &mut Vec<Change>) {
    let http = &known.http;
    lists(http, Sort::Page, &known.docs, &now.docs, changes);
    lists(http, Sort::Errors, &known.errors, &now.errors, changes);
    if known.standing != Standing::Documented {
        let what = format!("documented now, was {}", known.standing.name());
        changes.push(Change { sort: Sort::Page, http: http.clone(), what });
    }
    for place in Place::ALL {
        fields(http, place, known.of(place), now, changes);
    }
    for (path, ty) in now.only_shown.iter().filter(|(path, _)| known.of(Place::Response).get(path).is_none())
    {
        let what = format!("{} {ty}", key(Place::Response, path));
        changes.push(Change { sort: Sort::OnlyShown, http: http.clone(), what });
    }
}

/// What is new in a list and what is gone from it.
fn lists(http: &str, sort: Sort, before: &[String], now: &[String], changes: &mut Vec<Change>) {
    for (what, one, other) in [("new", now, before), ("gone", before, now)] {
        let found: Vec<&str> = one.iter().filter(|text| !other.contains(text)).map(String::as_str).collect();
        if !found.is_empty() {
            let what = format!("{what}: {}", found.join(", "));
            changes.push(Change { sort, http: http.to_owned(), what });
        }
    }
}

fn fields(http: &str, place: Place, before: &Fields, now: &Documented, changes: &mut Vec<Change>) {
    let mut add = |sort, what: String| changes.push(Change { sort, http: http.to_owned(), what });
    let after = &now.fields[place as usize];
    for (path, field) in &after.0 {
        let name = key(place, path);
        match before.get(path).filter(|before| before.is_documented()) {
            Some(before) => {
                for (sort, what) in field_changes(before, field, now.no_times.contains(&name)) {
                    add(sort, format!("{name}: {what}"));
                }
            }
            None => {
                let label = now.labels.get(&name).map_or("", String::as_str);
                add(Sort::NewField, format!("{name} {} {label}", field.ty));
            }
        }
    }
    for (path, _) in
        before.0.iter().filter(|(path, field)| field.is_documented() && after.get(path).is_none())
    {
        add(Sort::GoneField, key(place, path));
    }
}

/// What is another thing now.
fn field_changes(before: &Field, now: &Field, no_time: bool) -> Vec<(Sort, String)> {
    let mut changes = Vec::new();
    let ty = type_now(before, now, no_time);
    if before.ty != ty {
        changes.push((Sort::Type, format!("{} → {ty}", before.ty)));
    }
    if before.required != now.required {
        let word = |required: bool| if required { "required" } else { "optional" };
        changes.push((Sort::Required, format!("{} → {}", word(before.required), word(now.required))));
    }
    if before.max != now.max {
        let word = |max: Option<u32>| max.map_or_else(|| "none".to_owned(), |max| max.to_string());
        changes.push((Sort::Max, format!("{} → {}", word(before.max), word(now.max))));
    }
    // A page may say in prose what another has as a list, so values that are not listed are not gone.
    let new: Vec<&str> =
        now.values.iter().filter(|value| !before.values.contains(value)).map(String::as_str).collect();
    if !new.is_empty() {
        changes.push((Sort::Values, format!("new: {}", new.join(" "))));
    }
    changes
}

//! Notifications: pages that describe the same one, found by event and by fields, for products share events.

use super::documented::Documented;
use super::fields::taken_over;
use super::merge;
use super::page::Page;
use crate::facts::{Facts, Notification, Place, Standing};

/// A notification as its pages describe it.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) events: Vec<String>,
    pub(crate) original_types: Vec<String>,
    /// The fields of the resource are those of the answer here.
    pub(crate) documented: Documented,
}

impl Notice {
    /// The original types with those that are known; some pages have no sample with one.
    pub(crate) fn with_known(&self, known: &[String]) -> Vec<String> {
        let mut all = known.to_vec();
        all.extend(self.original_types.iter().filter(|text| !known.contains(text)).cloned());
        all
    }

    /// The one of the facts that has most of its pages.
    pub(crate) fn known<'a>(&self, facts: &'a Facts) -> Option<&'a Notification> {
        let common = |known: &Notification| {
            known.docs.iter().filter(|page| self.documented.docs.contains(page)).count()
        };
        let best = facts.notifications.iter().max_by_key(|known| common(known))?;
        (common(best) > 0).then_some(best)
    }
}

/// The notifications of all pages.
pub(crate) fn find(pages: &[Page]) -> Vec<Notice> {
    let mut groups: Vec<Vec<&Page>> = Vec::new();
    for page in pages.iter().filter(|page| !page.events.is_empty()) {
        match groups.iter_mut().find(|group| group.iter().any(|other| is_same(other, page))) {
            Some(group) => group.push(page),
            None => groups.push(vec![page]),
        }
    }
    groups.iter().map(|pages| notice(pages)).collect()
}

fn notice(pages: &[&Page]) -> Notice {
    let all = |list: fn(&Page) -> &Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for text in pages.iter().flat_map(|page| list(page)) {
            if !all.contains(text) {
                all.push(text.clone());
            }
        }
        all
    };
    Notice {
        events: all(|page| &page.events),
        original_types: all(|page| &page.original_types),
        documented: merge::operation(pages, None),
    }
}

/// Whether two pages describe one notification: an event in common, both for service providers or both not, and most
/// fields the same.
fn is_same(one: &Page, other: &Page) -> bool {
    let names = |page: &Page| -> Vec<String> {
        page.fields[Place::Response as usize].children("").map(|(name, _)| name.to_owned()).collect()
    };
    let (first, second) = (names(one), names(other));
    let both = first.iter().filter(|name| second.contains(name)).count();
    let provider = |names: &[String]| names.iter().any(|name| name == "sp_mchid");
    one.events.iter().any(|event| other.events.contains(event))
        && provider(&first) == provider(&second)
        && both * 5 >= (first.len() + second.len() - both) * 3
}

/// Puts the notifications of the documentation in the place of those that the facts have of it. Those whose pages have no
/// table stay as they are.
pub(crate) fn update(facts: &mut Facts, notices: &[Notice]) {
    let mut now = Vec::new();
    for notice in notices {
        let known = notice.known(facts);
        now.push(Notification {
            title: known.and_then(|known| known.title.clone()),
            standing: Standing::Documented,
            events: notice.events.clone(),
            original_types: notice.with_known(known.map_or(&[], |known| known.original_types.as_slice())),
            docs: notice.documented.docs.clone(),
            model: None,
            resource: taken_over(known.map(|known| &known.resource), &notice.documented, Place::Response),
        });
    }
    let has_page = |page: &String| notices.iter().any(|notice| notice.documented.docs.contains(page));
    now.extend(facts.notifications.drain(..).filter(|known| !known.docs.iter().any(has_page)));
    facts.notifications = now;
}

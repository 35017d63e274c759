//! Which texts are times: what a description says is checked with what the page shows.

use super::documented::{Documented, key};
use super::page::Page;
use crate::facts::{Field, Place};

/// `2026-11-01T09:10:10Z`
const SHORTEST: u32 = 20;

/// Makes times of what samples show as such, and texts of what cannot be one. Where a field of the same name shows a time,
/// a sample that shows none is a careless one.
pub(crate) fn settle(documented: &mut Documented, pages: &[&Page]) {
    for place in Place::ALL {
        for (path, field) in &mut documented.fields[place as usize].0 {
            let samples = pages.iter().flat_map(|page| &page.samples).filter(|(other, _)| other == path);
            let samples: Vec<&str> = samples.map(|(_, text)| text.as_str()).collect();
            let name = |path: &str| path.rsplit_once('.').map_or(path, |(_, name)| name).to_owned();
            let namesakes =
                pages.iter().flat_map(|page| &page.samples).filter(|(other, _)| name(other) == name(path));
            let often_time = namesakes.into_iter().any(|(_, text)| is_time(text));
            if let Some(is_time) = evidence(field, &samples).filter(|is_time| *is_time || !often_time) {
                let (time, text) = ("timestamp".to_owned(), "string".to_owned());
                field.ty = if is_time { time } else { text };
                if !is_time {
                    documented.no_times.insert(key(place, path));
                }
            }
        }
    }
}

/// Whether length and samples say that a value is a time, or that it is none; `None` when they say nothing.
fn evidence(field: &Field, samples: &[&str]) -> Option<bool> {
    let times = samples.iter().filter(|text| is_time(text)).count();
    match field.ty.as_str() {
        "string" | "timestamp" if field.max.is_some_and(|max| max < SHORTEST) => Some(false),
        _ if samples.is_empty() => None,
        "string" | "timestamp" if times == 0 => Some(false),
        "string" | "timestamp" | "int" if times == samples.len() => Some(true),
        _ => None,
    }
}

/// To the minute: some samples leave the seconds out.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().take(16).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00"
}

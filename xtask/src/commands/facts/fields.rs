//! Fields of the facts and of the documentation together.

use super::documented::{Documented, key};
use super::merge::nested;
use crate::facts::{Field, Fields, Place};

/// The type that it has now. A page that neither says nor shows that a text is a time does not deny it.
pub(crate) fn type_now<'a>(before: &'a Field, now: &'a Field, no_time: bool) -> &'a str {
    let silent =
        before.ty.contains("timestamp") && before.ty.replace("timestamp", "string") == now.ty && !no_time;
    if silent && !before.ty.starts_with('[') { &before.ty } else { &now.ty }
}

/// Fields as they are documented, with what others know of them.
pub(crate) fn taken_over(known: Option<&Fields>, now: &Documented, place: Place) -> Fields {
    let mut fields = known.cloned().unwrap_or_default();
    let documented = &now.fields[place as usize];
    for (path, field) in &mut fields.0 {
        match documented.get(path) {
            Some(found) => {
                let no_time = now.no_times.contains(&key(place, path));
                type_now(field, found, no_time).to_owned().clone_into(&mut field.ty);
                field.required = found.required;
                field.max = found.max;
                let new = found.values.iter().filter(|value| !field.values.contains(value));
                let new: Vec<String> = new.cloned().collect();
                field.values.extend(new);
                if !field.is_documented() {
                    field.from.insert(0, 'd');
                }
            }
            None => field.from = field.from.replace('d', ""),
        }
    }
    fields.0.retain(|(_, field)| !field.from.is_empty());
    let new = documented.0.iter().filter(|(path, _)| fields.get(path).is_none()).cloned();
    let new: Vec<(String, Field)> = new.collect();
    if new.is_empty() {
        return fields;
    }
    fields.0.extend(new);
    nested(fields)
}

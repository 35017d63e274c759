//! Which type a notification is of: by its event type, its original type and the members of its resource.
//!
//! Event and original type are not enough. A combined order's notification shares both with a direct payment's and has
//! no `out_trade_no` at its top: read as a direct payment it would be a payment of nothing, acknowledged and lost. So
//! a type is given only when the members are there that make it that type. This is the only place that decides it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::NotificationType;

/// The type among these: of several that fit, the one that asks for all that the others ask for and for more, or else the
/// only one that wants this original type. What could be two things is unknown.
pub(crate) fn type_among(
    types: impl Iterator<Item = NotificationType> + Clone,
    event_type: &str,
    original_type: &str,
    members: &Members<'_>,
) -> Option<NotificationType> {
    let fitting = types.filter(|kind| {
        kind.events().any(|event| event == event_type)
            && (kind.original_types().len() == 0
                || kind.original_types().any(|wanted| wanted == original_type))
            && kind.has().all(|name| members.has(name))
    });
    fitting
        .clone()
        .find(|kind| fitting.clone().filter(|other| other != kind).all(|other| beats(kind, &other)))
}

/// Whether the first is the better name for what both fit.
fn beats(one: &NotificationType, other: &NotificationType) -> bool {
    let within = |small: &NotificationType, large: &NotificationType| {
        small.has().len() < large.has().len()
            && small.has().all(|name| large.has().any(|there| there == name))
    };
    let takes_any = |kind: &NotificationType| kind.original_types().len() == 0;
    within(other, one) || (!within(one, other) && !takes_any(one) && takes_any(other))
}

/// Names of the members at the top of a resource, and whether each is something else than null.
#[derive(Debug, Default)]
pub(crate) struct Members<'r>(Vec<(Cow<'r, str>, bool)>);

impl<'r> Members<'r> {
    /// The members of a value; none when it is no object.
    pub(crate) fn of(resource: &'r Value) -> Self {
        let members = resource.as_object().into_iter().flatten();
        Self(members.map(|(name, value)| (Cow::Borrowed(name.as_str()), !value.is_null())).collect())
    }

    /// The members of JSON text, which is checked and not built up.
    #[cfg(feature = "host")]
    pub(crate) fn read(text: &'r str) -> Result<Self, serde_json::Error> {
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text);
        }
        let IgnoredAny = serde_json::from_str(text)?;
        Ok(Self::default())
    }

    /// Of two members with one name the last one counts, as it does for those who build the value up.
    fn has(&self, name: &str) -> bool {
        self.0.iter().rev().find(|(other, _)| other == name).is_some_and(|(_, given)| *given)
    }
}

impl<'de: 'r, 'r> Deserialize<'de> for Members<'r> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(TopLevel)
    }
}

struct TopLevel;

/// A name as it stands in the text, copied only when it has escapes in it.
#[derive(serde::Deserialize)]
struct Name<'r>(#[serde(borrow)] Cow<'r, str>);

impl<'de> Visitor<'de> for TopLevel {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, Option<IgnoredAny>>()? {
            members.push((name, value.is_some()));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests;

//! What a value must be besides its type and its longest length.

use crate::table::{Place, RuleRecord};

/// A rule for a value besides its type and its longest length. Client and sandbox read the same rules and check them
/// each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Fewest characters of a text, or elements of a list.
    Min(u32),
    /// Most characters of a text, or elements of a list. Only within [`Rule::Suspected`]; otherwise it is the field's `max`.
    Max(u32),
    /// Fewest bytes of a text in UTF-8.
    MinBytes(u32),
    /// Most bytes of a text in UTF-8.
    MaxBytes(u32),
    /// The only characters that may stand in a text.
    Characters(Characters),
    /// Least number.
    Minimum(i64),
    /// Largest number.
    Maximum(i64),
    /// A URL that WeChat Pay would send notifications to: http or https, a host, and neither query nor fragment nor
    /// blanks.
    NotifyUrl,
    /// Not certain: the sandbox warns of it, and the client lets the value pass.
    Suspected(Suspected),
}

/// A set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Characters {
    words: &'static str,
    pairs: &'static str,
}

impl Characters {
    /// The set in words: `digits, letters and _-|*`.
    pub const fn words(self) -> &'static str {
        self.words
    }

    /// The set as ranges: from, to; both included.
    pub fn ranges(self) -> impl Iterator<Item = (char, char)> + Clone {
        let mut characters = self.pairs.chars();
        std::iter::from_fn(move || Some((characters.next()?, characters.next()?)))
    }

    /// Whether the set has this character.
    pub fn contains(self, character: char) -> bool {
        self.ranges().any(|(from, to)| (from..=to).contains(&character))
    }
}

/// A rule that is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspected(Place);

impl Suspected {
    /// The rule.
    pub fn rule(self) -> Rule {
        read(self.0)
    }
}

pub(super) fn read(place: Place) -> Rule {
    match place.rule() {
        RuleRecord::Min(min) => Rule::Min(min),
        RuleRecord::Max(max) => Rule::Max(max),
        RuleRecord::MinBytes(min) => Rule::MinBytes(min),
        RuleRecord::MaxBytes(max) => Rule::MaxBytes(max),
        RuleRecord::Characters(words, pairs) => {
            Rule::Characters(Characters { words: place.text(words), pairs: place.text(pairs) })
        }
        RuleRecord::Minimum(minimum) => Rule::Minimum(minimum),
        RuleRecord::Maximum(maximum) => Rule::Maximum(maximum),
        RuleRecord::NotifyUrl => Rule::NotifyUrl,
        RuleRecord::Suspected(number) => Rule::Suspected(Suspected(place.beside(number))),
    }
}

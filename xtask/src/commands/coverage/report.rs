//! The table: a product of the facts in each line.

use super::compare::Compared;
use super::difference::{Difference, Kind};

/// Counts of a product, or of all.
#[derive(Debug, Default, Clone)]
pub(crate) struct Row {
    pub(crate) operations: usize,
    pub(crate) typed: usize,
    pub(crate) examples: usize,
    pub(crate) notifications: usize,
    pub(crate) notifications_typed: usize,
    pub(crate) fields: Counts,
}

/// Counts of fields.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    /// That the facts have.
    pub(crate) known: usize,
    /// That the spec has too …
    pub(crate) found: usize,
    /// … and describes.
    pub(crate) described: usize,
    /// Of the known ones, those that differ …
    pub(crate) different: usize,
    /// … without a reason.
    pub(crate) unexplained: usize,
}

impl Counts {
    pub(crate) fn of(compared: &Compared) -> Self {
        Self {
            known: compared.known,
            found: compared.found,
            described: compared.described,
            different: fields(&compared.differences, |_| true),
            unexplained: fields(&compared.differences, |difference| difference.reason.is_none()),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.known += other.known;
        self.found += other.found;
        self.described += other.described;
        self.different += other.different;
        self.unexplained += other.unexplained;
    }

    /// `fields 8,950 equal and 70 explained of 9,028 = 99.91 %`
    pub(crate) fn line(&self) -> String {
        let Self { known, different, unexplained, .. } = self;
        let (equal, explained) = (known - different, different - unexplained);
        let share = percent(known - unexplained, *known);
        format!(
            "{equal} equal and {explained} explained of {known} = {share}; {} equal",
            percent(equal, *known)
        )
    }
}

/// How many fields of the facts these differences concern; a field that differs twice counts once.
fn fields(differences: &[Difference], counts: impl Fn(&Difference) -> bool) -> usize {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut sum = 0;
    for difference in differences.iter().filter(|d| d.kind != Kind::Extra && counts(d)) {
        let place = (difference.side, difference.field.as_str());
        if !seen.contains(&place) {
            seen.push(place);
            sum += difference.weight;
        }
    }
    sum
}

fn percent(part: usize, of: usize) -> String {
    // Rounded down: 99.999 % is not all.
    let hundredths = (part * 10_000).checked_div(of).unwrap_or(10_000);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

impl Row {
    pub(crate) fn add(&mut self, other: &Self) {
        self.operations += other.operations;
        self.typed += other.typed;
        self.examples += other.examples;
        self.notifications += other.notifications;
        self.notifications_typed += other.notifications_typed;
        self.fields.add(&other.fields);
    }

    pub(crate) const HEAD: &str = "product              operations  examples  notifications           fields   described  explained  unexplained";

    pub(crate) fn line(&self, name: &str) -> String {
        let of = |part: usize, all: usize| format!("{part}/{all}");
        let Counts { known, found, described, different, unexplained } = self.fields;
        let notifications = match self.notifications {
            0 => String::new(),
            all => of(self.notifications_typed, all),
        };
        format!(
            "{name:<20} {:>10} {:>9} {notifications:>14} {:>16} {described:>11} {:>10} {unexplained:>12}",
            of(self.typed, self.operations),
            self.examples,
            of(found, known),
            different - unexplained
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down() {
        assert_eq!(percent(99_999, 100_000), "99.99 %");
        assert_eq!(percent(0, 0), "100.00 %");
    }
}

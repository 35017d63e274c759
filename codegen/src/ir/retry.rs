//! How often, and when, WeChat Pay sends a notification again.

use std::fmt;

/// The documented schedule; without waits the notification is not sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Each after the one before, the first after the first sending.
    pub waits: Vec<Wait>,
}

/// Sendings that follow each other at one distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// So long before each of them …
    pub seconds: u32,
    /// … and so many of them.
    pub times: u16,
}

/// As the spec has it: `15x2`, or `30` for one.
impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.times {
            1 => write!(f, "{}", self.seconds),
            times => write!(f, "{}x{times}", self.seconds),
        }
    }
}

impl Retry {
    /// `Sent again up to 15 times within 24 hours 4 minutes.`
    pub fn sentence(&self) -> String {
        let times: u64 = self.waits.iter().map(|wait| u64::from(wait.times)).sum();
        let seconds: u64 =
            self.waits.iter().map(|wait| u64::from(wait.seconds) * u64::from(wait.times)).sum();
        match times {
            0 => "Sent once only, and not again.".to_owned(),
            1 => format!("Sent again once, after {}.", span(seconds)),
            times => format!("Sent again up to {times} times within {}.", span(seconds)),
        }
    }
}

/// `1 hour 30 minutes`
fn span(seconds: u64) -> String {
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")];
    let words = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| match count {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_said_in_words() {
        let said = |waits: &[(u32, u16)]| {
            Retry {
                waits: waits
                    .iter()
                    .map(|(seconds, times)| Wait { seconds: *seconds, times: *times })
                    .collect(),
            }
            .sentence()
        };
        assert_eq!(said(&[]), "Sent once only, and not again.");
        assert_eq!(said(&[(300, 1)]), "Sent again once, after 5 minutes.");
        assert_eq!(said(&[(15, 2), (3601, 1)]), "Sent again up to 3 times within 1 hour 31 seconds.");
        let payment =
            [(15, 2), (30, 1), (180, 1), (600, 1), (1200, 1), (1800, 3), (3600, 1), (10800, 3), (21600, 2)];
        assert_eq!(said(&payment), "Sent again up to 15 times within 24 hours 4 minutes.");
    }
}

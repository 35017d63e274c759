//! Tests counted over all runners.

use std::fmt;

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Tally {
    /// Counts what another runner reports.
    pub(crate) fn add(&mut self, passed: u64, failed: u64, skipped: u64) {
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }

    /// Whether tests ran and none failed.
    pub(crate) fn is_success(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// Counts a closing line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn see(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.split(';') {
            let Some((number, what)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Counts a closing line of Maven Surefire: `[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1`. Lines of single classes tell the
    /// time too.
    pub(crate) fn see_surefire(&mut self, line: &str) {
        let Some((_, counts)) = line.split_once("Tests run: ").filter(|_| !line.contains("Time elapsed"))
        else {
            return;
        };
        let mut numbers = counts.split(',').map(|part| {
            part.trim().rsplit(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default()
        });
        let mut next = || numbers.next().unwrap_or_default();
        let (run, failures, errors, skipped) = (next(), next(), next(), next());
        self.passed += run.saturating_sub(failures + errors + skipped);
        self.failed += failures + errors;
        self.skipped += skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_surefire_are_added_up() {
        let mut tally = Tally::default();
        tally.see_surefire(
            "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in a.B",
        );
        tally.see_surefire("[ERROR] Tests run: 9, Failures: 1, Errors: 2, Skipped: 1");
        assert_eq!(tally, Tally { passed: 5, failed: 3, skipped: 1 });
    }

    #[test]
    fn closing_lines_are_added_up() {
        let mut tally = Tally::default();
        tally.see("running 3 tests");
        tally.see(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        tally.see("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.01s");
        assert_eq!(tally, Tally { passed: 5, failed: 1, skipped: 1 });
        assert_eq!(tally.to_string(), "5 passed, 1 failed, 1 skipped");
    }
}

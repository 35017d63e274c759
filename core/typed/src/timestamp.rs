//! Moments as WeChat Pay writes them.

use std::fmt;
use std::time::SystemTime;

use ref_cast::RefCast;
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment as RFC 3339 text, kept exactly as it came: `2018-06-08T10:34:56+08:00`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, RefCast)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Seconds since 1970 in UTC, fractions cut off; `None` when the text is not RFC 3339.
    pub fn unix_seconds(&self) -> Option<i64> {
        OffsetDateTime::parse(&self.0, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Beijing time with whole seconds, the form that WeChat Pay's own examples use.
impl From<SystemTime> for Timestamp {
    fn from(moment: SystemTime) -> Self {
        let beijing = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
        OffsetDateTime::from(moment)
            .checked_to_offset(beijing)
            .and_then(|moment| moment.replace_nanosecond(0).ok())
            .and_then(|moment| moment.format(&Rfc3339).ok())
            // Only a year beyond 9999 has no RFC 3339 text.
            .map_or_else(|| Self("9999-12-31T23:59:59+08:00".to_owned()), Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn reads_what_wechat_pay_writes() {
        for (text, seconds) in [
            ("2018-06-08T10:34:56+08:00", Some(1_528_425_296)),
            ("2018-06-08T02:34:56Z", Some(1_528_425_296)),
            ("2018-06-08T10:34:56.999+08:00", Some(1_528_425_296)),
            ("2018-06-08", None),
            ("", None),
        ] {
            let timestamp = Timestamp::from(text);
            assert_eq!(timestamp.unix_seconds(), seconds, "{text}");
            assert_eq!(timestamp.as_str(), text);
        }
    }

    #[test]
    fn is_made_from_the_system_clock() {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_528_425_296_789);
        assert_eq!(Timestamp::from(moment).as_str(), "2018-06-08T10:34:56+08:00");
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800 - 1);
        assert!(Timestamp::from(far).unix_seconds().is_some());
    }
}

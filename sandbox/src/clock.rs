//! The platform's clock: the machine's, moved by as many seconds as a test wants.

use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// China has had one time zone and no summer time since 1991.
const CHINA: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// The platform's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// Seconds that the platform is ahead of this machine; negative when it is behind.
    pub(crate) offset_seconds: i64,
}

impl Clock {
    /// Unix seconds.
    pub(crate) fn timestamp(self) -> i64 {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        i64::try_from(seconds).unwrap_or(i64::MAX).saturating_add(self.offset_seconds)
    }

    /// The moment in Chinese time, without fractions of a second.
    pub(crate) fn now(self) -> OffsetDateTime {
        at(self.timestamp())
    }
}

/// The moment of these Unix seconds in Chinese time.
pub(crate) fn at(timestamp: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(timestamp).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(CHINA)
}

/// RFC 3339 text in Chinese time, `2018-06-08T10:34:56+08:00`.
pub(crate) fn rfc3339(moment: OffsetDateTime) -> String {
    moment.to_offset(CHINA).format(&Rfc3339).unwrap_or_default()
}

/// A moment written as RFC 3339.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// The day of the moment in China, `2018-06-08`.
pub(crate) fn date(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(CHINA);
    format!("{:04}-{:02}-{:02}", moment.year(), u8::from(moment.month()), moment.day())
}

/// Date and time as bills write them, `2018-06-08 10:34:56`.
pub(crate) fn bill_time(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(CHINA);
    format!("{} {:02}:{:02}:{:02}", date(moment), moment.hour(), moment.minute(), moment.second())
}

/// Date and time without separators, `20180608103456`.
pub(crate) fn compact(moment: OffsetDateTime) -> String {
    bill_time(moment).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_chinese_time() {
        assert_eq!(rfc3339(at(1_528_425_296)), "2018-06-08T10:34:56+08:00");
        assert_eq!(bill_time(at(1_528_425_296)), "2018-06-08 10:34:56");
        assert_eq!(date(at(1_528_473_600)), "2018-06-09", "midnight in China, not in Greenwich");
    }
}

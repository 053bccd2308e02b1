//! Times as people read them.

use synesis_domain::Timestamp;
use time::OffsetDateTime;

/// A time in UTC, to the minute, as people read it.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000);
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    let month = u8::from(date.month());
    format!(
        "{}-{month:02}-{:02} {hour:02}:{minute:02} UTC",
        date.year(),
        date.day()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_the_minute() {
        let at = Timestamp::from_millis(1_767_323_099_999);
        assert_eq!(utc(at), "2026-01-02 03:04 UTC");
    }
}

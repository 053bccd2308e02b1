//! Days of the calendar, in UTC.

use synesis_domain::Timestamp;

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The day of a moment, as `2026-05-01`.
pub(crate) fn utc_date(at: Timestamp) -> String {
    let (year, month, day) = civil(at.as_millis().div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The Gregorian date of a day counted from 1970-01-01.
///
/// Years are taken to begin in March, so that the leap day is the last of its year; a cycle of
/// 400 years has 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let cycle = shifted.div_euclid(146_097);
    let in_cycle = shifted.rem_euclid(146_097);
    let year = (in_cycle - in_cycle / 1460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (cycle * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        let cases = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_453, "2025-12-31"),
            (20_574, "2026-05-01"),
            (47_541, "2100-03-01"),
        ];
        for (days, date) in cases {
            assert_eq!(utc_date(Timestamp::from_millis(days * DAY_MS + 5)), date);
        }
    }
}

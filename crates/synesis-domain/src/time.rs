//! Points in time, passed in by the host.

/// Milliseconds since the Unix epoch, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Timestamp {
    /// From Unix milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// As Unix milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later (earlier where `millis` is negative); stops at the ends of time.
    #[must_use]
    pub const fn plus_ms(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds that passed since `earlier`; negative where it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first moment of this moment's calendar month, in UTC: where billing periods begin.
    #[must_use]
    pub const fn month_start(self) -> Self {
        let day = self.0.div_euclid(DAY_MS);
        let back = day_of_month(day) - 1;
        Self((day - back).saturating_mul(DAY_MS))
    }
}

/// The day of the month, from 1, of a day counted from 1970-01-01 in the Gregorian calendar.
///
/// Years are taken to begin in March, so that the leap day is the last of its year; a cycle of
/// 400 years has 146,097 days.
const fn day_of_month(day: i64) -> i64 {
    let in_cycle = (day + 719_468).rem_euclid(146_097);
    let year = (in_cycle - in_cycle / 1460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    in_year - (153 * month + 2) / 5 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn day(days: i64) -> Timestamp {
        Timestamp::from_millis(days * DAY_MS)
    }

    #[test]
    fn months_begin_on_their_first_day() {
        // (a day, the first of its month), in days since 1970-01-01.
        let cases = [
            (0, 0),           // 1970-01-01
            (30, 0),          // 1970-01-31
            (31, 31),         // 1970-02-01
            (58, 31),         // 1970-02-28
            (59, 59),         // 1970-03-01
            (-1, -31),        // 1969-12-31
            (11_016, 10_988), // 2000-02-29
            (11_017, 11_017), // 2000-03-01
            (20_453, 20_423), // 2025-12-31
            (20_454, 20_454), // 2026-01-01
            (47_540, 47_513), // 2100-02-28
            (47_541, 47_541), // 2100-03-01, no leap day
        ];
        for (at, first) in cases {
            assert_eq!(day(at).plus_ms(5).month_start(), day(first), "day {at}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last.plus_ms(1), last);
        assert_eq!(last.since(Timestamp::from_millis(-5)), i64::MAX);
    }
}

//! The times of Stripe's thin events: RFC 3339 in UTC.

/// Seconds since 1970 of a text like `2026-09-26T17:46:22.134Z`, the fraction cut off.
pub(super) fn unix_seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let whole = match time.split_once('.') {
        Some((whole, part)) if !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()) => {
            whole
        }
        Some(_) => return None,
        None => time,
    };
    let [hour, minute, second] = numbers(whole, ':')?;
    let sound = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    sound.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits =
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|c| c.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Days since 1970 in the Gregorian calendar; years are taken to begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era = year / 400;
    let of_era = year % 400;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn a_time_is_read_or_it_is_none() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-09-26T17:46:22.134Z", Some(1_727_372_782)),
            ("2000-02-29T23:59:59.000Z", Some(951_868_799)),
            ("2026-11-28T07:47:31Z", Some(1_795_852_051)),
            ("2026-11-28 07:47:31Z", None),
            ("2026-11-28T07:47:31+01:00", None),
            ("2026-13-28T07:47:31Z", None),
            ("2026-11-28T07:47:31.Z", None),
            ("2026-11-28T07:47Z", None),
            ("99999999999999999999-11-28T07:47:31Z", None),
            ("", None),
        ] {
            assert_eq!(unix_seconds(text), seconds, "{text}");
        }
    }
}

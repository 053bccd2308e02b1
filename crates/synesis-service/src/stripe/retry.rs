//! When a request is tried again.

/// How often one request is tried before its host gives up for now.
pub const TRIES_MAX: u32 = 5;

const WAIT_MS_MIN: u64 = 500;
const WAIT_MS_MAX: u64 = 5_000;
/// A longer wish of Stripe's is not waited for in one go; the queue comes back to it.
const RETRY_AFTER_S_MAX: u32 = 60;

/// How long to wait after so many failed tries, of which there was at least one: half a second,
/// doubling to five, less a quarter at most by `jitter`, but never less than half a second or than
/// Stripe asked for.
#[must_use]
pub fn wait_ms(failed_tries: u32, jitter: u8, after_s: Option<u32>) -> u64 {
    let doublings = failed_tries.saturating_sub(1).min(8);
    let full = (WAIT_MS_MIN << doublings).min(WAIT_MS_MAX);
    let less = full / 4 * u64::from(jitter) / u64::from(u8::MAX);
    let asked = u64::from(after_s.unwrap_or(0).min(RETRY_AFTER_S_MAX)) * 1000;
    (full - less).max(WAIT_MS_MIN).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_five_seconds() {
        let waits: Vec<u64> = (1..8).map(|failed| wait_ms(failed, 0, None)).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 5000, 5000, 5000]);
        assert_eq!(wait_ms(u32::MAX, 0, None), 5000);
        assert_eq!(wait_ms(0, 0, None), 500);
    }

    #[test]
    fn jitter_spreads_and_stripes_own_wish_is_kept() {
        assert_eq!(wait_ms(3, 255, None), 1500);
        assert_eq!(wait_ms(3, 128, None), 1750);
        assert_eq!(wait_ms(1, 255, None), 500);
        assert_eq!(wait_ms(1, 255, Some(2)), 2000);
        assert_eq!(wait_ms(5, 0, Some(2)), 5000);
        assert_eq!(wait_ms(1, 0, Some(u32::MAX)), 60_000);
    }
}

//! A token bucket: so much a second, and a burst.

use core::time::Duration;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// A bucket that fills with time. Moments are durations since any fixed point of a monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    per_second: u64,
    burst: u64,
    /// Tokens times nanoseconds in a second, so that no fraction is lost.
    level: u128,
    at: Duration,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens into which `per_second` flow.
    #[must_use]
    pub fn full(per_second: u64, burst: u64) -> Self {
        Self {
            per_second,
            burst,
            level: u128::from(burst) * NANOS_PER_SECOND,
            at: Duration::ZERO,
        }
    }

    /// Takes `tokens` out.
    ///
    /// # Errors
    /// How long to wait until there are as many; nothing is taken then. More than the burst never
    /// is: that wait has no end.
    pub fn take(&mut self, now: Duration, tokens: u64) -> Result<(), Duration> {
        self.fill(now);
        let wanted = u128::from(tokens) * NANOS_PER_SECOND;
        if let Some(rest) = self.level.checked_sub(wanted) {
            self.level = rest;
            return Ok(());
        }
        if tokens > self.burst || self.per_second == 0 {
            return Err(Duration::MAX);
        }
        let nanos = (wanted - self.level).div_ceil(u128::from(self.per_second));
        Err(Duration::from_nanos(
            u64::try_from(nanos).unwrap_or(u64::MAX),
        ))
    }

    /// Whether nothing was taken that has not flown back.
    #[must_use]
    pub fn is_full(&mut self, now: Duration) -> bool {
        self.fill(now);
        self.level == u128::from(self.burst) * NANOS_PER_SECOND
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_nanos();
        let flown = passed.saturating_mul(u128::from(self.per_second));
        self.level = self
            .level
            .saturating_add(flown)
            .min(u128::from(self.burst) * NANOS_PER_SECOND);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn burst_then_rate_then_a_wait_that_is_exact() {
        let mut bucket = TokenBucket::full(10, 3);
        for _ in 0..3 {
            assert_eq!(bucket.take(ms(0), 1), Ok(()));
        }
        assert_eq!(bucket.take(ms(0), 1), Err(ms(100)));
        assert_eq!(bucket.take(ms(99), 1), Err(ms(1)));
        assert_eq!(bucket.take(ms(100), 1), Ok(()));
        assert!(!bucket.is_full(ms(399)));
        assert!(bucket.is_full(ms(400)));
        assert_eq!(bucket.take(ms(9_000), 4), Err(Duration::MAX));
        // A clock that goes back gives nothing.
        assert_eq!(bucket.take(ms(9_000), 3), Ok(()));
        assert_eq!(bucket.take(ms(0), 1), Err(ms(100)));
    }

    proptest! {
        #[test]
        fn never_more_than_rate_and_burst(steps in proptest::collection::vec((0_u64..500, 1_u64..5), 1..200)) {
            let mut bucket = TokenBucket::full(7, 20);
            let (mut now, mut taken) = (0, 0);
            for (wait, tokens) in steps {
                now += wait;
                if bucket.take(ms(now), tokens).is_ok() {
                    taken += tokens;
                }
                prop_assert!(taken * 1000 <= 20_000 + 7 * now);
            }
        }
    }
}

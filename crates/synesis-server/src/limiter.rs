//! How often something may be tried: a number in a window of time, for each key.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use synesis_domain::Timestamp;

use crate::limits::LIMITER_KEYS_MAX;

/// Counts tries by key. Its memory is bounded: where it is full, somebody's count is forgotten.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    window_ms: i64,
    tries_max: u32,
    counts: Mutex<HashMap<K, Count>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Timestamp,
    tries: u32,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    pub(crate) fn new(tries_max: u32, window_ms: i64) -> Self {
        Self {
            window_ms,
            tries_max,
            counts: Mutex::default(),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// In how many seconds the next try is counted, where this one is too many.
    pub(crate) fn take(&self, key: &K, now: Timestamp) -> Result<(), u64> {
        self.check(key, now)?;
        self.note(key, now);
        Ok(())
    }

    /// Whether one more try is allowed, without counting it.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub(crate) fn check(&self, key: &K, now: Timestamp) -> Result<(), u64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts
            .get(key)
            .filter(|count| self.counts_still(count, now))
        {
            Some(count) if count.tries >= self.tries_max => {
                let left = self.window_ms - now.since(count.since);
                Err(u64::try_from(left / 1000).unwrap_or(0) + 1)
            }
            _ => Ok(()),
        }
    }

    /// Counts a try that is over.
    pub(crate) fn note(&self, key: &K, now: Timestamp) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(key)
            && self.counts_still(count, now)
        {
            count.tries = count.tries.saturating_add(1);
            return;
        }
        if counts.len() >= LIMITER_KEYS_MAX {
            counts.retain(|_, count| self.counts_still(count, now));
        }
        if counts.len() >= LIMITER_KEYS_MAX
            && let Some(other) = counts.keys().next().cloned()
        {
            counts.remove(&other);
        }
        let first = Count {
            since: now,
            tries: 1,
        };
        counts.insert(key.clone(), first);
    }

    fn counts_still(&self, count: &Count, now: Timestamp) -> bool {
        (0..self.window_ms).contains(&now.since(count.since))
    }
}

/// One household, for counting: an IPv6 network has more addresses than anybody can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Household(IpAddr);

impl From<IpAddr> for Household {
    fn from(peer: IpAddr) -> Self {
        Self(match peer {
            IpAddr::V4(_) => peer,
            IpAddr::V6(v6) => {
                let network = v6.to_bits() & (u128::MAX << 64);
                IpAddr::V6(network.into())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn tries_are_counted_by_key_and_forgotten_after_the_window() {
        let limiter = Limiter::new(2, 10_000);
        assert_eq!(limiter.take(&"ann", at(0)), Ok(()));
        assert_eq!(limiter.take(&"ann", at(9_000)), Ok(()));
        assert_eq!(limiter.take(&"ann", at(9_500)), Err(1));
        assert_eq!(limiter.take(&"ann", at(1_000)), Err(10));
        assert_eq!(limiter.take(&"bob", at(9_500)), Ok(()));
        assert_eq!(limiter.take(&"ann", at(10_000)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new(1, 1_000);
        for key in 0..LIMITER_KEYS_MAX + 10 {
            assert_eq!(limiter.take(&key, at(0)), Ok(()));
        }
        assert_eq!(limiter.counts.lock().unwrap().len(), LIMITER_KEYS_MAX);
    }

    #[test]
    fn a_network_is_one_household() {
        let of = |text: &str| Household::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}

//! How often something took how long.

use super::Counter;

/// Counts of `N` bounds, and what was above the last.
#[derive(Debug)]
pub(super) struct Histogram<const N: usize> {
    below: [Counter; N],
    above: Counter,
    sum_ms: Counter,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self {
            below: std::array::from_fn(|_| Counter::default()),
            above: Counter::default(),
            sum_ms: Counter::default(),
        }
    }
}

impl<const N: usize> Histogram<N> {
    /// Counts one more; the bounds are in rising order.
    pub(super) fn record(&self, bounds_ms: &[u64; N], took_ms: u64) {
        let place = bounds_ms.iter().position(|bound| took_ms <= *bound);
        let counter = place.and_then(|place| self.below.get(place));
        counter.unwrap_or(&self.above).add(1);
        self.sum_ms.add(took_ms);
    }

    /// How many were at most as long as each bound, then how many there were.
    pub(super) fn cumulative(&self) -> (Vec<u64>, u64) {
        let mut so_far = 0;
        let below = self.below.iter().map(|counter| {
            so_far += counter.read();
            so_far
        });
        let below: Vec<_> = below.collect();
        (below, so_far + self.above.read())
    }

    pub(super) fn sum_ms(&self) -> u64 {
        self.sum_ms.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_on_a_bound_is_below_it_and_every_bound_holds_those_before() {
        let histogram = Histogram::<2>::default();
        for took in [0, 10, 11, 20, 21, 1_000] {
            histogram.record(&[10, 20], took);
        }
        assert_eq!(histogram.cumulative(), (vec![2, 4], 6));
        assert_eq!(histogram.sum_ms(), 1_062);
    }
}

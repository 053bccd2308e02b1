//! What the escalations of this process came to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use synesis_domain::{NanoUsd, TokenUsage};

/// The longest latency that is told apart, in microseconds (one hour).
const LATENCY_US_MAX: u64 = 3_600_000_000;

/// Counts and latencies since the client was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EscalationMetrics {
    /// Escalations begun.
    pub total: u64,
    /// Answered to the end.
    pub successful: u64,
    /// Refused or broken off.
    pub failed: u64,
    /// Cancelled here.
    pub cancelled: u64,
    /// Attempts after the first of each.
    pub retries: u64,
    /// Tokens of prompts and answers.
    pub total_tokens: u64,
    /// What was charged.
    pub total_cost: NanoUsd,
    /// The latency that half of the answered ones stayed below.
    pub latency_p50: Duration,
    /// The latency that 99 of 100 answered ones stayed below.
    pub latency_p99: Duration,
}

#[derive(Debug)]
pub(crate) struct Meter(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    total: u64,
    successful: u64,
    failed: u64,
    cancelled: u64,
    retries: u64,
    tokens: u64,
    cost: NanoUsd,
    /// Microseconds. `None` only if the histogram could not be made.
    latency: Option<Histogram<u64>>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Counts {
            total: 0,
            successful: 0,
            failed: 0,
            cancelled: 0,
            retries: 0,
            tokens: 0,
            cost: NanoUsd::ZERO,
            latency: Histogram::new_with_max(LATENCY_US_MAX, 2).ok(),
        }))
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Nothing panics while it holds the lock; counts stay counts in any case.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begun(&self) {
        self.counts().total += 1;
    }

    pub(crate) fn retried(&self) {
        self.counts().retries += 1;
    }

    pub(crate) fn cancelled(&self) {
        self.counts().cancelled += 1;
    }

    pub(crate) fn failed(&self) {
        self.counts().failed += 1;
    }

    pub(crate) fn charged(&self, usage: TokenUsage, cost: NanoUsd) {
        let mut counts = self.counts();
        counts.tokens += u64::from(usage.prompt()) + u64::from(usage.completion());
        counts.cost = counts.cost.saturating_add(cost);
    }

    pub(crate) fn answered(&self, latency: Duration) {
        let mut counts = self.counts();
        counts.successful += 1;
        if let Some(histogram) = &mut counts.latency {
            histogram.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        }
    }

    pub(crate) fn read(&self) -> EscalationMetrics {
        let counts = self.counts();
        let quantile = |quantile| {
            let latency = counts.latency.as_ref();
            Duration::from_micros(
                latency.map_or(0, |histogram| histogram.value_at_quantile(quantile)),
            )
        };
        EscalationMetrics {
            total: counts.total,
            successful: counts.successful,
            failed: counts.failed,
            cancelled: counts.cancelled,
            retries: counts.retries,
            total_tokens: counts.tokens,
            total_cost: counts.cost,
            latency_p50: quantile(0.5),
            latency_p99: quantile(0.99),
        }
    }
}

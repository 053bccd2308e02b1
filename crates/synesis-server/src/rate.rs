//! How much a device may ask for: a bucket of calls for each, filled by time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use synesis_domain::DeviceId;
use synesis_service::TokenBucket;

/// What something costs, in thousandths of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// A call that looks something up or starts something.
    Call,
    /// A call that is answered from memory.
    Ping,
    /// A one-way notice.
    Notice,
}

impl Cost {
    const fn milli_calls(self) -> u32 {
        match self {
            Self::Call => 1_000,
            Self::Notice => 500,
            Self::Ping => 100,
        }
    }
}

/// The buckets of all devices that asked for something lately.
#[derive(Debug)]
pub(crate) struct Rates {
    calls_per_second: u32,
    started: Instant,
    buckets: Mutex<HashMap<DeviceId, TokenBucket>>,
}

impl Rates {
    /// So many calls a second for each device, and twice as many at once.
    pub(crate) fn new(calls_per_second: u32) -> Self {
        Self {
            calls_per_second,
            started: Instant::now(),
            buckets: Mutex::default(),
        }
    }

    /// Takes something out of a device's bucket, or says how long it has to wait for it.
    pub(crate) fn take(&self, device: DeviceId, cost: Cost) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let per_second = u64::from(self.calls_per_second) * 1_000;
        buckets
            .entry(device)
            .or_insert_with(|| TokenBucket::full(per_second, 2 * per_second))
            .take(self.started.elapsed(), cost.milli_calls().into())
    }

    /// Forgets the buckets that are full again.
    pub(crate) fn prune(&self) {
        let now = self.started.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.retain(|_, bucket| !bucket.is_full(now));
    }
}

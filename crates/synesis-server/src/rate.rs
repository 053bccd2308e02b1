//! How much a device may ask for: a bucket of calls for each, filled by time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// What one device may still ask for, on all its connections together.
#[derive(Debug)]
pub(crate) struct Allowance {
    started: Instant,
    bucket: Mutex<TokenBucket>,
}

impl Allowance {
    /// Takes something out of the bucket, or says how long to wait for it.
    pub(crate) fn take(&self, cost: Cost) -> Result<(), Duration> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(self.started.elapsed(), cost.milli_calls().into())
    }

    fn is_full(&self) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.is_full(self.started.elapsed())
    }
}

/// The allowances of all devices that asked for something lately.
#[derive(Debug)]
pub(crate) struct Rates {
    calls_per_second: u32,
    allowances: Mutex<HashMap<DeviceId, Arc<Allowance>>>,
}

impl Rates {
    /// So many calls a second for each device, and twice as many at once.
    pub(crate) fn new(calls_per_second: u32) -> Self {
        Self {
            calls_per_second,
            allowances: Mutex::default(),
        }
    }

    /// What a device may ask for. A device that comes back soon finds what it left.
    pub(crate) fn of(&self, device: DeviceId) -> Arc<Allowance> {
        let per_second = u64::from(self.calls_per_second) * 1_000;
        let mut allowances = self.lock();
        let allowance = allowances.entry(device).or_insert_with(|| {
            Arc::new(Allowance {
                started: Instant::now(),
                bucket: Mutex::new(TokenBucket::full(per_second, 2 * per_second)),
            })
        });
        Arc::clone(allowance)
    }

    /// Forgets the allowances that nobody uses and that are full again.
    pub(crate) fn prune(&self) {
        self.lock()
            .retain(|_, allowance| Arc::strong_count(allowance) > 1 || !allowance.is_full());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceId, Arc<Allowance>>> {
        self.allowances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

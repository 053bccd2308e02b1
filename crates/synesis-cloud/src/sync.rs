//! While the device stays connected: its ledger is kept in line with the cloud's.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::billing::{BillingClient, Reconciliation, in_ledger};
use crate::error::CloudError;
use crate::ledger::Backlog;
use crate::limits::{SYNC_CALLS, SYNC_ESTIMATE, SYNC_INTERVAL, SYNC_LOOK_INTERVAL};
use crate::tunnel_events::{TunnelEvents, TunnelState};

/// What was done to keep the ledgers in line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncMetrics {
    /// Times that it was done.
    pub done: u64,
    /// Times that it failed.
    pub failed: u64,
    /// Escalations that were settled to what the cloud charged.
    pub settled: u64,
    /// Queued calls that the cloud recorded.
    pub recorded: u64,
    /// Queued calls that it does not take.
    pub refused: u64,
}

/// Keeps one ledger in line: on each connect, every minute, and as soon as enough is queued. Ends
/// when it is stopped or dropped.
#[derive(Debug)]
pub struct SyncService {
    metrics: Arc<Mutex<SyncMetrics>>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl SyncService {
    /// Starts as a task of the tokio runtime this is called in.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start(billing: BillingClient) -> Self {
        let metrics = Arc::new(Mutex::new(SyncMetrics::default()));
        let (stop, stopped) = watch::channel(false);
        let syncing = Syncing {
            events: billing.tunnel.events(),
            online: billing.tunnel.is_connected(),
            billing,
            schedule: Schedule::default(),
            metrics: Arc::clone(&metrics),
        };
        let task = tokio::spawn(syncing.run(stopped));
        Self {
            metrics,
            stop,
            task: Some(task),
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn metrics(&self) -> SyncMetrics {
        *self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it. What was being sent is either written down or stays queued.
    pub async fn stop(mut self) -> SyncMetrics {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // It ends by itself; a panic in it is no reason for another.
            let _ = task.await;
        }
        self.metrics()
    }
}

impl Drop for SyncService {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

struct Syncing {
    billing: BillingClient,
    events: TunnelEvents,
    online: bool,
    schedule: Schedule,
    metrics: Arc<Mutex<SyncMetrics>>,
}

impl Syncing {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = told_to_stop(&mut stop) => return,
                event = self.events.next() => match event {
                    Some(TunnelState::Connected { .. }) => {
                        self.online = true;
                        self.schedule.connected();
                        next = Instant::now();
                    }
                    Some(_) => self.online = false,
                    None => return,
                },
                () = sleep_until(next), if self.online => {
                    tokio::select! {
                        () = self.look() => {}
                        () = told_to_stop(&mut stop) => return,
                    }
                    next = Instant::now() + SYNC_LOOK_INTERVAL;
                }
            }
        }
    }

    /// Brings the ledgers in line where that is due.
    async fn look(&mut self) {
        let ledger = self.billing.ledger();
        let backlog = in_ledger(ledger, |ledger| ledger.backlog()).await;
        let done = match backlog {
            Ok(backlog) if !self.schedule.is_due(Instant::now(), backlog) => return,
            Ok(_) => self.billing.sync_with_cloud().await,
            Err(error) => Err(error),
        };
        self.schedule.tried(Instant::now(), done.is_ok());
        self.count(&done);
        if let Err(error) = done {
            tracing::warn!(%error, "the ledger could not be brought in line with the cloud's");
        }
    }

    fn count(&self, done: &Result<Reconciliation, CloudError>) {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(found) => {
                metrics.done += 1;
                metrics.settled += count(found.settled);
                metrics.recorded += count(found.recorded);
                metrics.refused += count(found.refused);
            }
            Err(_) => metrics.failed += 1,
        }
    }
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    // Nobody is left to tell: the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// When the ledgers are to be brought in line.
#[derive(Debug, Default)]
struct Schedule {
    /// The last try on this connection, and whether it succeeded.
    last: Option<(Instant, bool)>,
}

impl Schedule {
    fn connected(&mut self) {
        self.last = None;
    }

    fn tried(&mut self, now: Instant, succeeded: bool) {
        self.last = Some((now, succeeded));
    }

    /// After a failure the queue waits for its minute or for another connection, however long it
    /// is: what failed once fails again a second later.
    fn is_due(&self, now: Instant, backlog: Backlog) -> bool {
        let Some((last, succeeded)) = self.last else {
            return true;
        };
        let much = backlog.calls >= SYNC_CALLS || backlog.estimate >= SYNC_ESTIMATE;
        now.saturating_duration_since(last) >= SYNC_INTERVAL || (succeeded && much)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use synesis_domain::NanoUsd;

    use super::*;

    fn backlog(calls: u64, nano: i64) -> Backlog {
        Backlog {
            calls,
            estimate: NanoUsd::new(nano),
        }
    }

    #[test]
    fn a_minute_a_connect_a_hundred_calls_or_five_cents_make_it_due() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut schedule = Schedule::default();
        assert!(schedule.is_due(start, backlog(0, 0)));
        schedule.tried(start, true);
        let cases = [
            (1, backlog(99, 49_999_999), false),
            (1, backlog(100, 0), true),
            (1, backlog(1, 50_000_000), true),
            (59, backlog(0, 0), false),
            (60, backlog(0, 0), true),
        ];
        for (seconds, backlog, due) in cases {
            assert_eq!(schedule.is_due(after(seconds), backlog), due, "{backlog:?}");
        }
        schedule.tried(start, false);
        assert!(!schedule.is_due(after(1), backlog(1_000, 0)));
        assert!(schedule.is_due(after(60), backlog(1_000, 0)));
        schedule.connected();
        assert!(schedule.is_due(after(1), backlog(0, 0)));
    }
}

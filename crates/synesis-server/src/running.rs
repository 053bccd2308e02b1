//! Escalations that run, and those that just ended, by account and request id.
//!
//! One driver works on each (`drive.rs`); any number of readers follow it, each from its own
//! chunk on. A reader that leaves on purpose ends the answer when it was the last; one whose
//! connection was lost leaves it running for a while, so that the device can come back. The
//! provider is read only as fast as the fastest reader follows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use synesis_domain::{RequestId, UserId};
use synesis_service::{Caller, Escalation, StopReason, Transcript};
use synesis_wire::proto::StreamChunk;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::limits::{ESCALATIONS_MAX, ESCALATIONS_PER_USER_MAX, READER_LAG_CHUNKS_MAX};
use crate::stream::CallerGone;

/// Chunks that are copied for a reader at a time.
const CHUNKS_AT_ONCE: usize = 64;

/// The driver hears of every so many chunks that were delivered: often enough to wake it before
/// the reader has caught up.
const DELIVERED_STEP: u64 = READER_LAG_CHUNKS_MAX / 2;

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) last: u64,
    pub(crate) ended: bool,
}

/// Who follows an answer.
#[derive(Debug, Default, Clone)]
pub(crate) struct Readers {
    next: u64,
    delivered: HashMap<u64, u64>,
    /// When the last reader was lost.
    orphaned: Option<Instant>,
    /// What the driver is to stop for.
    stop: Option<StopReason>,
}

impl Readers {
    /// Whether the fastest reader follows closely enough to go on.
    pub(crate) fn keep_up(&self, last: u64) -> bool {
        let fastest = self.delivered.values().max();
        fastest.is_none_or(|delivered| last.saturating_sub(*delivered) <= READER_LAG_CHUNKS_MAX)
    }

    pub(crate) const fn orphaned(&self) -> Option<Instant> {
        self.orphaned
    }

    pub(crate) const fn stop(&self) -> Option<StopReason> {
        self.stop
    }
}

/// One escalation.
pub(crate) struct Running {
    pub(crate) caller: Caller,
    pub(crate) request: RequestId,
    escalation: Mutex<Escalation>,
    progress: watch::Sender<Progress>,
    readers: watch::Sender<Readers>,
}

impl Running {
    pub(crate) fn new(caller: Caller, request: RequestId, escalation: Escalation) -> Self {
        let (progress, _) = watch::channel(Progress {
            last: 0,
            ended: false,
        });
        Self {
            caller,
            request,
            escalation: Mutex::new(escalation),
            progress,
            readers: watch::channel(Readers::default()).0,
        }
    }

    /// The state machine itself, for a moment.
    pub(crate) fn escalation(&self) -> MutexGuard<'_, Escalation> {
        self.escalation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells readers how far the answer has come.
    pub(crate) fn publish(&self) {
        let progress = {
            let escalation = self.escalation();
            Progress {
                last: escalation.transcript().last_sequence(),
                ended: escalation.is_ended(),
            }
        };
        self.progress.send_if_modified(|known| {
            let changed = *known != progress;
            *known = progress;
            changed
        });
    }

    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Some of the chunks after a number.
    pub(crate) fn chunks_after(&self, sequence: u64) -> Vec<StreamChunk> {
        let escalation = self.escalation();
        escalation
            .transcript()
            .after(sequence)
            .take(CHUNKS_AT_ONCE)
            .collect()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.escalation().is_ended()
    }

    /// Changes among the readers.
    pub(crate) fn readers(&self) -> watch::Receiver<Readers> {
        self.readers.subscribe()
    }

    /// Ends the answer; what was generated is settled.
    pub(crate) fn stop(&self, reason: StopReason) {
        self.readers.send_modify(|readers| {
            readers.stop.get_or_insert(reason);
        });
    }

    /// Begins to follow the answer after a chunk.
    pub(crate) fn attach(self: Arc<Self>, after: u64) -> Attached {
        let mut number = 0;
        self.readers.send_modify(|readers| {
            number = readers.next;
            readers.next += 1;
            readers.delivered.insert(number, after);
            readers.orphaned = None;
        });
        Attached {
            running: self,
            number,
            gone: CallerGone::Lost,
        }
    }
}

/// A reader of one answer.
pub(crate) struct Attached {
    running: Arc<Running>,
    number: u64,
    gone: CallerGone,
}

impl Attached {
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// Chunks up to this one are on their way to the reader. The driver is only woken where it may
    /// be waiting for this.
    pub(crate) fn delivered(&self, sequence: u64) {
        self.running.readers.send_if_modified(|readers| {
            let before = readers.delivered.insert(self.number, sequence);
            before.unwrap_or(0) / DELIVERED_STEP != sequence / DELIVERED_STEP
        });
    }

    /// Leaves, and says how. A reader that is dropped without it counts as lost.
    pub(crate) fn leave(mut self, gone: CallerGone) {
        self.gone = gone;
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let gone = self.gone;
        self.running.readers.send_modify(|readers| {
            readers.delivered.remove(&self.number);
            let alone = readers.delivered.is_empty();
            match gone {
                CallerGone::Cancelled => {
                    readers.stop.get_or_insert(StopReason::Cancelled);
                }
                CallerGone::Left if alone => {
                    readers.stop.get_or_insert(StopReason::Cancelled);
                }
                CallerGone::Lost if alone => readers.orphaned = Some(Instant::now()),
                CallerGone::Left | CallerGone::Lost => {}
            }
        });
    }
}

/// Why no further escalation is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Crowded {
    #[error("the server runs {ESCALATIONS_MAX} calls already; try again in a moment")]
    Server,
    #[error("{ESCALATIONS_PER_USER_MAX} calls of this account already run")]
    User,
}

type Key = (UserId, RequestId);

/// All escalations in memory.
#[derive(Default)]
pub(crate) struct Escalations {
    by_request: Mutex<HashMap<Key, Arc<Running>>>,
}

impl Escalations {
    pub(crate) fn find(&self, user: UserId, request: RequestId) -> Option<Arc<Running>> {
        self.lock().get(&(user, request)).map(Arc::clone)
    }

    /// Adds a new one. Where another was added meanwhile that did not end in vain, that one is
    /// given back instead.
    pub(crate) fn add(&self, new: &Arc<Running>) -> Result<Option<Arc<Running>>, Crowded> {
        let user = new.caller.user;
        let key = (user, new.request);
        let mut all = self.lock();
        if let Some(known) = all.get(&key)
            && !(known.has_ended() && is_fruitless(known))
        {
            return Ok(Some(Arc::clone(known)));
        }
        let alive = || all.iter().filter(|(_, running)| !running.has_ended());
        if alive().count() >= ESCALATIONS_MAX {
            return Err(Crowded::Server);
        }
        if alive().filter(|((of, _), _)| *of == user).count() >= ESCALATIONS_PER_USER_MAX {
            return Err(Crowded::User);
        }
        all.insert(key, Arc::clone(new));
        Ok(None)
    }

    /// Forgets one that ended, unless its id was begun anew.
    pub(crate) fn forget(&self, ended: &Arc<Running>) {
        let mut all = self.lock();
        let key = (ended.caller.user, ended.request);
        if all.get(&key).is_some_and(|known| Arc::ptr_eq(known, ended)) {
            all.remove(&key);
        }
    }

    /// How many have not ended.
    pub(crate) fn running(&self) -> usize {
        let all = self.lock();
        all.values().filter(|running| !running.has_ended()).count()
    }

    /// Ends all that run.
    pub(crate) fn stop_all(&self, reason: StopReason) {
        for running in self.lock().values() {
            running.stop(reason);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Running>>> {
        self.by_request
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fruitless(running: &Running) -> bool {
    Transcript::is_fruitless(running.escalation().transcript())
}

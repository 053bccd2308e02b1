//! What Stripe is told: whole cents, queued once and confirmed once.
//!
//! An amount is queued and counted as told in one event, before anything is sent; its identifier
//! stays the same in every try. So a crash between two steps repeats a message that Stripe knows,
//! and never makes a second one.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Account, AccountEvent, Happened, Refusal};
use crate::id::UserId;
use crate::limits::{FLUSHES_MAX, UNQUEUED_MAX};
use crate::money::NanoUsd;
use crate::time::Timestamp;

/// An amount that was queued for Stripe and is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedFlush {
    /// The period that it is of.
    pub period: u32,
    /// How many cents.
    pub cents: u64,
    /// When it was queued: the time that Stripe is told, in every try.
    pub at: Timestamp,
    /// Whether Stripe refused it, so that it waits for a person.
    pub parked: bool,
}

/// What was queued, and what of that Stripe has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flushes {
    pub(super) queued: BTreeMap<u32, QueuedFlush>,
    /// The cents of closed periods that were never queued, oldest first.
    pub(super) unqueued: VecDeque<(u32, u64)>,
    pub(super) last: u32,
    pub(super) queued_cents: u64,
    pub(super) sent_cents: u64,
}

impl Flushes {
    pub(super) const EMPTY: Self = Self {
        queued: BTreeMap::new(),
        unqueued: VecDeque::new(),
        last: 0,
        queued_cents: 0,
        sent_cents: 0,
    };

    /// Notes the rest of a closed period. Where very many wait, the oldest two become one.
    pub(super) fn close(&mut self, period: u32, cents: u64) {
        if cents == 0 {
            return;
        }
        self.unqueued.push_back((period, cents));
        if self.unqueued.len() > UNQUEUED_MAX
            && let Some((_, oldest)) = self.unqueued.pop_front()
            && let Some((_, next)) = self.unqueued.front_mut()
        {
            *next = next.saturating_add(oldest);
        }
    }
}

/// The name under which Stripe knows a queued amount, for ever.
#[must_use]
pub fn flush_identifier(user: UserId, period: u32, number: u32) -> String {
    format!("syn-{user}-{period}-{number}")
}

impl Account {
    /// What was queued for Stripe and is not confirmed, oldest first.
    pub fn flushes(&self) -> impl Iterator<Item = (u32, &QueuedFlush)> {
        self.flushes
            .queued
            .iter()
            .map(|(number, flush)| (*number, flush))
    }

    /// Cents that were ever queued for Stripe.
    #[must_use]
    pub const fn queued_cents(&self) -> u64 {
        self.flushes.queued_cents
    }

    /// Cents that Stripe confirmed.
    #[must_use]
    pub const fn sent_cents(&self) -> u64 {
        self.flushes.sent_cents
    }

    /// What is charged and was not queued for Stripe, the open period's part of it in full.
    #[must_use]
    pub fn unbilled(&self) -> NanoUsd {
        let closed = self.flushes.unqueued.iter();
        closed.fold(self.unbilled_of_period(), |sum, (_, cents)| {
            sum.saturating_add(NanoUsd::from_whole_cents(*cents))
        })
    }

    fn unbilled_of_period(&self) -> NanoUsd {
        let flushed = NanoUsd::from_whole_cents(self.period.flushed_cents);
        self.period.charged.saturating_sub(flushed)
    }

    pub(super) fn decide_flush(&self, threshold: NanoUsd) -> Vec<Happened> {
        let room = FLUSHES_MAX.saturating_sub(self.flushes.queued.len());
        let unbilled = self.unbilled_of_period();
        let cents = unbilled.floor_cents();
        let open = (unbilled >= threshold && cents > 0).then_some((self.period.number, cents));
        let first = self.flushes.last.saturating_add(1);
        (first..)
            .zip(self.flushes.unqueued.iter().copied().chain(open))
            .take(room)
            .map(|(number, (period, cents))| Happened::FlushQueued {
                number,
                period,
                cents,
            })
            .collect()
    }

    pub(super) fn decide_confirm(&self, number: u32) -> Result<Option<Happened>, Refusal> {
        if self.flushes.queued.contains_key(&number) {
            return Ok(Some(Happened::FlushSent { number }));
        }
        self.known_flush(number)
    }

    pub(super) fn decide_park(&self, number: u32) -> Result<Option<Happened>, Refusal> {
        match self.flushes.queued.get(&number) {
            Some(flush) if !flush.parked => Ok(Some(Happened::FlushParked { number })),
            Some(_) => Ok(None),
            None => self.known_flush(number),
        }
    }

    fn known_flush(&self, number: u32) -> Result<Option<Happened>, Refusal> {
        if (1..=self.flushes.last).contains(&number) {
            Ok(None)
        } else {
            Err(Refusal::UnknownFlush)
        }
    }

    pub(super) fn flush_happened(&mut self, event: &AccountEvent) {
        match event.what {
            Happened::FlushQueued {
                number,
                period,
                cents,
            } => {
                let waiting = self.flushes.unqueued.front();
                if waiting.is_some_and(|(closed, _)| *closed == period) {
                    self.flushes.unqueued.pop_front();
                } else {
                    let flushed = &mut self.period.flushed_cents;
                    *flushed = flushed.saturating_add(cents);
                }
                let flush = QueuedFlush {
                    period,
                    cents,
                    at: event.at,
                    parked: false,
                };
                self.flushes.queued.insert(number, flush);
                self.flushes.last = number;
                self.flushes.queued_cents = self.flushes.queued_cents.saturating_add(cents);
            }
            Happened::FlushSent { number } => {
                if let Some(flush) = self.flushes.queued.remove(&number) {
                    let sent = &mut self.flushes.sent_cents;
                    *sent = sent.saturating_add(flush.cents);
                }
            }
            Happened::FlushParked { number } => {
                if let Some(flush) = self.flushes.queued.get_mut(&number) {
                    flush.parked = true;
                }
            }
            _ => {}
        }
    }
}

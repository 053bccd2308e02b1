//! Where credit came from, for as long as it may be taken back or delivered again.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use super::{CreditKind, GrantNumber};
use crate::id::ExternalId;
use crate::limits::SOURCES_MAX;
use crate::money::NanoUsd;

/// A payment or a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Which of the two.
    pub kind: CreditKind,
    /// What was paid or given.
    pub amount: NanoUsd,
    /// The grant that was made of it.
    pub grant: GrantNumber,
    /// What was given back since.
    pub refunded: NanoUsd,
    /// What banks took back.
    pub disputes: Vec<Dispute>,
}

/// A payment that its payer's bank took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Stripe's name of it.
    pub id: ExternalId,
    /// How much.
    pub amount: NanoUsd,
    /// Whether the money is away: it comes back where the dispute is won.
    pub withdrawn: bool,
}

impl Source {
    /// What went back of it, one way or the other.
    #[must_use]
    pub fn taken_back(&self) -> NanoUsd {
        let away = self.disputes.iter().filter(|dispute| dispute.withdrawn);
        away.fold(self.refunded, |sum, dispute| {
            sum.saturating_add(dispute.amount)
        })
    }
}

/// The latest sources, up to [`SOURCES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sources {
    known: BTreeMap<ExternalId, Source>,
    order: VecDeque<ExternalId>,
}

impl Sources {
    pub(super) const EMPTY: Self = Self {
        known: BTreeMap::new(),
        order: VecDeque::new(),
    };

    pub(super) fn get(&self, id: &ExternalId) -> Option<&Source> {
        self.known.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &ExternalId) -> Option<&mut Source> {
        self.known.get_mut(id)
    }

    pub(super) fn add(&mut self, id: ExternalId, source: Source) {
        if self.known.insert(id.clone(), source).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > SOURCES_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}

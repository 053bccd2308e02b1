//! Credits: value that was bought or given, and is spent before anything is charged.
//!
//! Promotional credit is spent before paid credit, and within each what expires first, then what
//! is oldest. A hold pins the credit that it will spend: pinned credit is neither spent by another
//! call, nor taken back, nor does it expire.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::money::NanoUsd;
use crate::time::Timestamp;

/// Where credit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreditKind {
    /// A gift: spent first.
    Promo,
    /// A top-up that was paid.
    Paid,
}

impl CreditKind {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promo => "promo",
            Self::Paid => "paid",
        }
    }
}

/// Which grant of an account: they are counted from 1 in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantNumber(u32);

impl GrantNumber {
    /// The grant of this count.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Credit that was granted at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Where it came from.
    pub kind: CreditKind,
    /// What it began with.
    pub granted: NanoUsd,
    /// What is neither spent, nor expired, nor taken back.
    pub left: NanoUsd,
    /// What of that is kept for calls that run.
    pub pinned: NanoUsd,
    /// When what is not pinned is lost.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    /// What can be spent or pinned now.
    #[must_use]
    pub const fn free(&self) -> NanoUsd {
        self.left.saturating_sub(self.pinned)
    }
}

/// A piece of one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditPart {
    /// The grant it is of.
    pub grant: GrantNumber,
    /// How much.
    pub amount: NanoUsd,
}

/// What pieces come to together.
#[must_use]
pub fn sum_of(parts: &[CreditPart]) -> NanoUsd {
    parts
        .iter()
        .fold(NanoUsd::ZERO, |sum, part| sum.saturating_add(part.amount))
}

/// The grants that have something left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credits {
    grants: BTreeMap<GrantNumber, Grant>,
    last: u32,
}

impl Credits {
    pub(super) const EMPTY: Self = Self {
        grants: BTreeMap::new(),
        last: 0,
    };

    pub(super) fn grants(&self) -> impl Iterator<Item = (GrantNumber, &Grant)> {
        self.grants.iter().map(|(number, grant)| (*number, grant))
    }

    pub(super) fn len(&self) -> usize {
        self.grants.len()
    }

    /// The number that the next grant gets.
    pub(super) const fn next(&self) -> GrantNumber {
        GrantNumber(self.last.saturating_add(1))
    }

    fn total(&self, of: impl Fn(&Grant) -> NanoUsd) -> NanoUsd {
        let add = |sum: NanoUsd, grant| sum.saturating_add(of(grant));
        self.grants.values().fold(NanoUsd::ZERO, add)
    }

    /// What is left of all grants.
    pub(super) fn left(&self) -> NanoUsd {
        self.total(|grant| grant.left)
    }

    /// What is pinned of all grants.
    pub(super) fn pinned(&self) -> NanoUsd {
        self.total(|grant| grant.pinned)
    }

    /// What can be spent or pinned now.
    pub(super) fn free(&self) -> NanoUsd {
        self.total(Grant::free)
    }

    /// Up to `amount` out of what is free, in the order of spending. `own` are pieces that count
    /// as free, because they are pinned for the one who asks.
    pub(super) fn take(&self, amount: NanoUsd, own: &[CreditPart]) -> Vec<CreditPart> {
        if self.grants.is_empty() {
            return Vec::new();
        }
        self.take_where(amount, own, |_, _| true)
    }

    /// The same out of the grants that `may` names.
    pub(super) fn take_where(
        &self,
        amount: NanoUsd,
        own: &[CreditPart],
        may: impl Fn(GrantNumber, &Grant) -> bool,
    ) -> Vec<CreditPart> {
        let mut order: Vec<(GrantNumber, &Grant)> = self
            .grants()
            .filter(|(number, grant)| may(*number, grant))
            .collect();
        let never = Timestamp::from_millis(i64::MAX);
        order.sort_by_key(|(number, grant)| {
            (grant.kind, grant.expires_at.unwrap_or(never), *number)
        });
        let mut missing = amount;
        let mut parts = Vec::new();
        for (number, grant) in order {
            let mine = own.iter().filter(|part| part.grant == number);
            let mine = mine.fold(NanoUsd::ZERO, |sum, part| sum.saturating_add(part.amount));
            let amount = grant.free().saturating_add(mine).min(missing);
            if amount > NanoUsd::ZERO {
                missing = missing.saturating_sub(amount);
                parts.push(CreditPart {
                    grant: number,
                    amount,
                });
            }
        }
        parts
    }

    /// Pieces of the grants that are past their time, as far as they are not pinned.
    pub(super) fn expired(&self, now: Timestamp) -> Vec<CreditPart> {
        let is_past = |grant: &Grant| grant.expires_at.is_some_and(|at| at <= now);
        self.grants()
            .filter(|(_, grant)| is_past(grant) && grant.free() > NanoUsd::ZERO)
            .map(|(number, grant)| CreditPart {
                grant: number,
                amount: grant.free(),
            })
            .collect()
    }

    pub(super) fn grant(
        &mut self,
        kind: CreditKind,
        amount: NanoUsd,
        expires_at: Option<Timestamp>,
    ) {
        let number = self.next();
        self.last = number.0;
        if amount > NanoUsd::ZERO {
            let grant = Grant {
                kind,
                granted: amount,
                left: amount,
                pinned: NanoUsd::ZERO,
                expires_at,
            };
            self.grants.insert(number, grant);
        }
    }

    pub(super) fn pin(&mut self, parts: &[CreditPart]) {
        for part in parts {
            if let Some(grant) = self.grants.get_mut(&part.grant) {
                grant.pinned = grant.pinned.saturating_add(part.amount);
            }
        }
    }

    pub(super) fn unpin(&mut self, parts: &[CreditPart]) {
        for part in parts {
            if let Some(grant) = self.grants.get_mut(&part.grant) {
                grant.pinned = grant.pinned.saturating_sub(part.amount);
            }
        }
    }

    /// Takes pieces away, whatever for. A grant of which nothing is left is forgotten.
    pub(super) fn remove(&mut self, parts: &[CreditPart]) {
        for part in parts {
            if let Some(grant) = self.grants.get_mut(&part.grant) {
                grant.left = grant.left.saturating_sub(part.amount);
                if grant.left <= NanoUsd::ZERO {
                    self.grants.remove(&part.grant);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credits(grants: &[(CreditKind, i64, Option<i64>)]) -> Credits {
        let mut credits = Credits::EMPTY;
        for (kind, amount, expires_at) in grants {
            let expires_at = expires_at.map(Timestamp::from_millis);
            credits.grant(*kind, NanoUsd::new(*amount), expires_at);
        }
        credits
    }

    fn taken(parts: &[CreditPart]) -> Vec<(u32, i64)> {
        parts
            .iter()
            .map(|part| (part.grant.get(), part.amount.get()))
            .collect()
    }

    #[test]
    fn promotional_before_paid_earliest_expiry_first_then_oldest() {
        use CreditKind::{Paid, Promo};
        let credits = credits(&[
            (Paid, 10, Some(5)),
            (Promo, 10, None),
            (Promo, 10, Some(9)),
            (Promo, 10, Some(8)),
            (Paid, 10, None),
            (Promo, 10, None),
        ]);
        let all = credits.take(NanoUsd::new(55), &[]);
        let expected = [(4, 10), (3, 10), (2, 10), (6, 10), (1, 10), (5, 5)];
        assert_eq!(taken(&all), expected);
    }

    #[test]
    fn pinned_credit_is_for_the_one_who_pinned_it() {
        let mut credits = credits(&[(CreditKind::Paid, 10, Some(5))]);
        let pins = credits.take(NanoUsd::new(7), &[]);
        credits.pin(&pins);
        assert_eq!(taken(&credits.take(NanoUsd::new(9), &[])), [(1, 3)]);
        assert_eq!(taken(&credits.take(NanoUsd::new(9), &pins)), [(1, 9)]);
        assert_eq!(
            taken(&credits.expired(Timestamp::from_millis(5))),
            [(1, 3)],
            "pinned credit does not expire"
        );
    }
}

//! What happened to an account.

use super::{Book, HeldCall, Leg};
use crate::id::{RequestId, UserId};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;
use crate::time::Timestamp;

/// An entry of an account's history, as it is stored and chained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountEvent {
    /// The account began.
    Opened {
        /// When.
        at: Timestamp,
        /// Whose it is.
        user: UserId,
        /// How costs become charges.
        tier: Tier,
        /// What may be charged and held in one period.
        ceiling: NanoUsd,
    },
    /// A month ended and the next began.
    PeriodOpened {
        /// When it was noticed.
        at: Timestamp,
        /// When the month began.
        started: Timestamp,
    },
    /// Money was kept back for a call.
    Held {
        /// When.
        at: Timestamp,
        /// The call's id.
        request: RequestId,
        /// What the call is.
        call: HeldCall,
        /// What was kept back.
        amount: NanoUsd,
        /// How long without a sign of life.
        ttl_ms: u32,
    },
    /// More was kept back.
    Extended {
        /// When.
        at: Timestamp,
        /// The call's id.
        request: RequestId,
        /// How much more.
        added: NanoUsd,
        /// How long without a sign of life, from now.
        ttl_ms: u32,
    },
    /// A call was charged.
    Settled {
        /// When.
        at: Timestamp,
        /// The call's id.
        request: RequestId,
        /// What was used.
        usage: TokenUsage,
        /// What came of it.
        entry: Entry,
    },
    /// A call ended and nothing was charged.
    Released {
        /// When.
        at: Timestamp,
        /// The call's id.
        request: RequestId,
    },
    /// A hold gave no sign of life.
    Expired {
        /// When it was noticed.
        at: Timestamp,
        /// The call's id.
        request: RequestId,
    },
}

/// What came of a call's cost: `provider + fee = charged + waived + absorbed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What the provider takes.
    pub provider: NanoUsd,
    /// What the tier adds.
    pub fee: NanoUsd,
    /// What the user owes.
    pub charged: NanoUsd,
    /// What a free tier gives.
    pub waived: NanoUsd,
    /// What lies beyond the ceiling: the operator's loss.
    pub absorbed: NanoUsd,
}

impl Entry {
    /// Whether no amount is negative and both sides are the same.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let parts = [
            self.provider,
            self.fee,
            self.charged,
            self.waived,
            self.absorbed,
        ];
        let sum = |parts: &[NanoUsd]| {
            parts
                .iter()
                .map(|part| i128::from(part.get()))
                .sum::<i128>()
        };
        parts.iter().all(|part| !part.is_negative()) && sum(&parts[..2]) == sum(&parts[2..])
    }
}

impl AccountEvent {
    /// When it happened, by the ledger's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Opened { at, .. }
            | Self::PeriodOpened { at, .. }
            | Self::Held { at, .. }
            | Self::Extended { at, .. }
            | Self::Settled { at, .. }
            | Self::Released { at, .. }
            | Self::Expired { at, .. } => *at,
        }
    }

    /// The request it is about, where it is about one.
    #[must_use]
    pub const fn request(&self) -> Option<RequestId> {
        match self {
            Self::Opened { .. } | Self::PeriodOpened { .. } => None,
            Self::Held { request, .. }
            | Self::Extended { request, .. }
            | Self::Settled { request, .. }
            | Self::Released { request, .. }
            | Self::Expired { request, .. } => Some(*request),
        }
    }

    /// The double entry: amounts that books gain or lose, which sum to zero. Holds move nothing,
    /// and neither does what is given away.
    #[must_use]
    pub fn legs(&self) -> [Leg; 3] {
        let entry = match self {
            Self::Settled { entry, .. } => *entry,
            _ => Entry::default(),
        };
        let earned = entry.charged.saturating_add(entry.absorbed);
        [
            Leg {
                book: Book::Receivable,
                amount: entry.charged,
            },
            Leg {
                book: Book::Absorbed,
                amount: entry.absorbed,
            },
            Leg {
                book: Book::Revenue,
                amount: NanoUsd::ZERO.saturating_sub(earned),
            },
        ]
    }
}

//! What happened to an account.

use alloc::vec::Vec;

use super::{Book, CreditPart, Gap, HeldCall, Leg, sum_of};
use crate::id::{ExternalId, InviteId, RequestId, UserId};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::{Payer, Tier};
use crate::time::Timestamp;

/// An entry of an account's history, as it is stored and chained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// When, by the ledger's clock.
    pub at: Timestamp,
    /// What happened.
    pub what: Happened,
}

/// What an entry of the history is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The account began.
    Opened {
        /// Whose it is.
        user: UserId,
        /// How costs become charges.
        tier: Tier,
        /// What may be charged and held in one period.
        ceiling: NanoUsd,
    },
    /// A period ended and the next began.
    PeriodClosed {
        /// When the next one began.
        ended: Timestamp,
        /// The bill of the period that ended: one rounding up of its charges.
        bill_cents: u64,
    },
    /// Other terms were agreed for a time to come.
    TierScheduled {
        /// The terms.
        tier: Tier,
        /// From when on.
        from: Timestamp,
    },
    /// Other terms began.
    TierChanged {
        /// The terms.
        tier: Tier,
        /// From when on they were agreed.
        from: Timestamp,
    },
    /// The ceiling was changed.
    CeilingSet {
        /// The new one.
        ceiling: NanoUsd,
    },
    /// What a guest may spend was set.
    QuotaSet {
        /// The guest's invite.
        guest: InviteId,
        /// In all.
        limit: NanoUsd,
    },
    /// Money was kept back for a call.
    Held {
        /// The call's id.
        request: RequestId,
        /// What the call is.
        call: HeldCall,
        /// What was kept back.
        amount: NanoUsd,
        /// What of that is credit.
        pins: Vec<CreditPart>,
        /// How long without a sign of life.
        ttl_ms: u32,
    },
    /// More was kept back.
    Extended {
        /// The call's id.
        request: RequestId,
        /// How much more.
        added: NanoUsd,
        /// What of that is credit.
        pins: Vec<CreditPart>,
        /// How long without a sign of life, from now.
        ttl_ms: u32,
    },
    /// A call was charged.
    Settled {
        /// The call's id.
        request: RequestId,
        /// What was used.
        usage: TokenUsage,
        /// What came of it.
        entry: Entry,
        /// The credit that was spent.
        spent: Vec<CreditPart>,
    },
    /// A call that nothing was held for was charged.
    Recorded {
        /// The call's id.
        request: RequestId,
        /// What the call was.
        call: HeldCall,
        /// When the device says it was.
        occurred_at: Timestamp,
        /// What was used.
        usage: TokenUsage,
        /// What came of it.
        entry: Entry,
        /// The credit that was spent.
        spent: Vec<CreditPart>,
    },
    /// A call ended and nothing was charged.
    Released {
        /// The call's id.
        request: RequestId,
    },
    /// A hold gave no sign of life.
    Expired {
        /// The call's id.
        request: RequestId,
    },
    /// Credit was bought.
    ToppedUp {
        /// The Checkout Session.
        payment: ExternalId,
        /// What was paid.
        amount: NanoUsd,
        /// What of that paid a debt.
        debt_paid: NanoUsd,
        /// When what is left is lost.
        expires_at: Option<Timestamp>,
    },
    /// Credit was given.
    PromoGranted {
        /// The promotion.
        promo: ExternalId,
        /// How much.
        amount: NanoUsd,
        /// When what is left is lost.
        expires_at: Option<Timestamp>,
    },
    /// Credit was lost by its date.
    CreditExpired {
        /// Which.
        parts: Vec<CreditPart>,
    },
    /// Paid credit that became free again paid a debt.
    DebtPaid {
        /// Which.
        parts: Vec<CreditPart>,
    },
    /// A payment was given back.
    Refunded {
        /// The Checkout Session.
        payment: ExternalId,
        /// How much, this time.
        amount: NanoUsd,
        /// The unspent credit that this took; the rest is debt.
        parts: Vec<CreditPart>,
    },
    /// The bank took a payment back.
    FundsWithdrawn {
        /// The Checkout Session.
        payment: ExternalId,
        /// The dispute.
        dispute: ExternalId,
        /// How much.
        amount: NanoUsd,
        /// The unspent credit that this took; the rest is debt.
        parts: Vec<CreditPart>,
    },
    /// The bank gave it back.
    FundsReinstated {
        /// The Checkout Session.
        payment: ExternalId,
        /// The dispute.
        dispute: ExternalId,
        /// How much.
        amount: NanoUsd,
        /// What of that paid a debt; the rest is credit again.
        debt_paid: NanoUsd,
    },
    /// Cents were queued for Stripe.
    FlushQueued {
        /// Counted from 1 within the account.
        number: u32,
        /// The period that they are of.
        period: u32,
        /// How many.
        cents: u64,
    },
    /// Stripe has them.
    FlushSent {
        /// Which.
        number: u32,
    },
    /// Stripe refused them.
    FlushParked {
        /// Which.
        number: u32,
    },
    /// A comparison with somebody else's books found a gap, another one, or that it is closed: then
    /// both sides are the same.
    Compared {
        /// What was compared.
        gap: Gap,
        /// What these books say, in cents.
        ours: u64,
        /// What the others say.
        theirs: u64,
    },
}

/// What came of a call's cost: `due = credit + charged + waived + absorbed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What the provider takes.
    pub provider: NanoUsd,
    /// What the tier adds.
    pub fee: NanoUsd,
    /// Who pays the provider.
    pub payer: Payer,
    /// What credit paid.
    pub credit: NanoUsd,
    /// What the user owes.
    pub charged: NanoUsd,
    /// What a free tier gives.
    pub waived: NanoUsd,
    /// What lies beyond the ceiling: the operator's loss.
    pub absorbed: NanoUsd,
}

impl Entry {
    /// What is to be paid here: the fee, and the provider's part where the operator pays that.
    #[must_use]
    pub const fn due(&self) -> NanoUsd {
        self.payer.due(self.provider, self.fee)
    }

    /// What the user pays, out of credit or later.
    #[must_use]
    pub const fn paid(&self) -> NanoUsd {
        self.credit.saturating_add(self.charged)
    }

    /// Whether no amount is negative and both sides are the same.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let wide = |amount: NanoUsd| i128::from(amount.get());
        let parts = [self.credit, self.charged, self.waived, self.absorbed];
        let due = match self.payer {
            Payer::Operator => wide(self.provider) + wide(self.fee),
            Payer::User => wide(self.fee),
        };
        let negative = |amount: &NanoUsd| amount.is_negative();
        !self.provider.is_negative()
            && !self.fee.is_negative()
            && !parts.iter().any(negative)
            && parts.iter().map(|part| wide(*part)).sum::<i128>() == due
    }
}

impl Happened {
    /// The name in exports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::PeriodClosed { .. } => "period-closed",
            Self::TierScheduled { .. } => "tier-scheduled",
            Self::TierChanged { .. } => "tier-changed",
            Self::CeilingSet { .. } => "ceiling-set",
            Self::QuotaSet { .. } => "quota-set",
            Self::Held { .. } => "held",
            Self::Extended { .. } => "extended",
            Self::Settled { .. } => "settled",
            Self::Recorded { .. } => "recorded",
            Self::Released { .. } => "released",
            Self::Expired { .. } => "expired",
            Self::ToppedUp { .. } => "topped-up",
            Self::PromoGranted { .. } => "promo-granted",
            Self::CreditExpired { .. } => "credit-expired",
            Self::DebtPaid { .. } => "debt-paid",
            Self::Refunded { .. } => "refunded",
            Self::FundsWithdrawn { .. } => "funds-withdrawn",
            Self::FundsReinstated { .. } => "funds-reinstated",
            Self::FlushQueued { .. } => "flush-queued",
            Self::FlushSent { .. } => "flush-sent",
            Self::FlushParked { .. } => "flush-parked",
            Self::Compared { .. } => "compared",
        }
    }
}

impl AccountEvent {
    /// The request it is about, where it is about one.
    #[must_use]
    pub const fn request(&self) -> Option<RequestId> {
        match &self.what {
            Happened::Held { request, .. }
            | Happened::Extended { request, .. }
            | Happened::Settled { request, .. }
            | Happened::Recorded { request, .. }
            | Happened::Released { request, .. }
            | Happened::Expired { request, .. } => Some(*request),
            _ => None,
        }
    }

    /// The double entry: amounts that books gain or lose, which sum to zero. Holds move nothing.
    #[must_use]
    pub fn legs(&self) -> Vec<Leg> {
        let post = |legs: &[(Book, NanoUsd)]| {
            legs.iter()
                .filter(|(_, amount)| *amount != NanoUsd::ZERO)
                .map(|(book, amount)| Leg {
                    book: *book,
                    amount: *amount,
                })
                .collect()
        };
        let less = |amount: NanoUsd| NanoUsd::ZERO.saturating_sub(amount);
        match &self.what {
            Happened::Settled { entry, .. } | Happened::Recorded { entry, .. } => post(&[
                (Book::Credit, entry.credit),
                (Book::Receivable, entry.charged),
                (Book::Promo, entry.waived),
                (Book::Absorbed, entry.absorbed),
                (Book::Revenue, less(entry.due())),
            ]),
            Happened::ToppedUp {
                amount, debt_paid, ..
            }
            | Happened::FundsReinstated {
                amount, debt_paid, ..
            } => post(&[
                (Book::Cash, *amount),
                (Book::Debt, less(*debt_paid)),
                (Book::Credit, debt_paid.saturating_sub(*amount)),
            ]),
            Happened::PromoGranted { amount, .. } => {
                post(&[(Book::Promo, *amount), (Book::Credit, less(*amount))])
            }
            Happened::CreditExpired { parts } => {
                let lost = sum_of(parts);
                post(&[(Book::Credit, lost), (Book::Breakage, less(lost))])
            }
            Happened::DebtPaid { parts } => {
                let paid = sum_of(parts);
                post(&[(Book::Credit, paid), (Book::Debt, less(paid))])
            }
            Happened::Refunded { amount, parts, .. }
            | Happened::FundsWithdrawn { amount, parts, .. } => {
                let taken = sum_of(parts);
                post(&[
                    (Book::Credit, taken),
                    (Book::Debt, amount.saturating_sub(taken)),
                    (Book::Cash, less(*amount)),
                ])
            }
            _ => Vec::new(),
        }
    }
}

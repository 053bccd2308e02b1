//! The account: what may be spent, and what was.
//!
//! An account holds before a call and settles after it, so a crash between the two can keep
//! money back but never lose it. What was charged and what is held together never pass the
//! ceiling; what a provider bills beyond is the operator's loss and goes to a book of its own.
//!
//! Nothing here knows who is paid, or what time it is. The account does not grow with history:
//! of a request that ended it remembers the result for 24 hours ([`ENDED_MS_MAX`]) and at most
//! [`ENDED_MAX`] results. Whoever stores the events therefore has one
//! duty: it keeps `(user, request)` of every [`Happened::Settled`] unique for ever, and looks
//! there before a [`AccountCommand::Hold`] or [`AccountCommand::Record`] whose request the account
//! answers with [`RequestState::Unknown`]. Without that a request repeated days later would be
//! charged again. The same goes for payments and promotions ([`SOURCES_MAX`]).
//!
//! [`SOURCES_MAX`]: crate::limits::SOURCES_MAX
//! [`ENDED_MS_MAX`]: crate::limits::ENDED_MS_MAX
//! [`ENDED_MAX`]: crate::limits::ENDED_MAX

mod apply;
mod books;
mod command;
mod credit;
mod decide;
mod event;
mod flush;
mod gap;
mod guest;
mod history;
mod receipt;
mod refusal;
mod source;
mod statement;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

pub use books::{Book, Books, Leg};
pub use command::AccountCommand;
pub use credit::{CreditKind, CreditPart, Grant, GrantNumber, sum_of};
pub use event::{AccountEvent, Entry, Happened};
pub use flush::{QueuedFlush, flush_identifier};
pub use gap::Gap;
pub use guest::Quota;
pub use history::{History, HistoryStep};
pub use receipt::Receipt;
pub use refusal::Refusal;
pub use source::{Dispute, Source};
pub use statement::{CreditReason, Statement, StatementKind, StatementLine, StatementTotals};

use crate::chain::Digest;
use crate::id::{DeviceId, ExternalId, InviteId, ModelName, RequestId, UserId};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::{Payer, Tier};
use crate::time::Timestamp;

/// One user's account, as its history made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    user: UserId,
    terms: Option<Terms>,
    period: Period,
    books: Books,
    changes: BTreeMap<Timestamp, Tier>,
    credits: credit::Credits,
    sources: source::Sources,
    guests: guest::Guests,
    flushes: flush::Flushes,
    gaps: gap::Gaps,
    holds: BTreeMap<RequestId, Hold>,
    /// What is held by calls that will be charged, their pinned credit included.
    held: NanoUsd,
    /// What is held by calls of a free tier.
    held_free: NanoUsd,
    ended: BTreeMap<RequestId, Ended>,
    ended_order: VecDeque<(Timestamp, RequestId)>,
    last_at: Timestamp,
}

/// What was agreed when the account was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How costs become charges.
    pub tier: Tier,
    /// What may be charged and held in one period.
    pub ceiling: NanoUsd,
}

/// The sums of the open period. Periods are calendar months in UTC, where none is closed earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Counted from 1 within the account.
    pub number: u32,
    /// When it began.
    pub started: Timestamp,
    /// What the user owes for it, after credit.
    pub charged: NanoUsd,
    /// What credit paid.
    pub credit: NanoUsd,
    /// What a free tier gave away.
    pub waived: NanoUsd,
    /// What lay beyond a ceiling or a quota.
    pub absorbed: NanoUsd,
    /// Cents of it that were queued for Stripe.
    pub flushed_cents: u64,
    /// Calls that were settled.
    pub calls: u64,
    /// Their prompt tokens.
    pub prompt_tokens: u64,
    /// Their completion tokens.
    pub completion_tokens: u64,
}

/// Money kept back for a call that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// What is asked and by whom, fixed when the hold began.
    pub call: HeldCall,
    /// The terms that the call is charged on, fixed when the hold began.
    pub tier: Tier,
    /// What is kept back now.
    pub amount: NanoUsd,
    /// What of that is credit.
    pub pins: Vec<CreditPart>,
    /// When it is taken for dead, unless it is extended before.
    pub expires_at: Timestamp,
}

/// The call a hold is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCall {
    /// A digest of what the request says: the same id with another digest is refused.
    pub content: Digest,
    /// The device that asked.
    pub device: DeviceId,
    /// The model that answers, as the price table names it.
    pub model: ModelName,
    /// The version of its prices that this call is settled by.
    pub price_version: u32,
    /// Who pays the provider.
    pub payer: Payer,
    /// The guest whose call it is, where it is a guest's.
    pub guest: Option<InviteId>,
}

/// How a call was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// When.
    pub at: Timestamp,
    /// The model that answered.
    pub model: ModelName,
    /// What was used.
    pub usage: TokenUsage,
    /// What came of it.
    pub entry: Entry,
}

/// What the account knows of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState<'a> {
    /// Nothing: it was never held, or ended longer ago than the account remembers.
    Unknown,
    /// It runs.
    Held(&'a Hold),
    /// It ended and was charged.
    Settled(&'a Settlement),
    /// It ended and nothing was charged. It may be held again.
    Released,
    /// Its hold died. It may still be settled, or held again.
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended {
    at: Timestamp,
    call: HeldCall,
    tier: Tier,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Settled(Settlement),
    Released,
    Expired,
}

impl Account {
    /// The account of a user of whom nothing is known yet: the state before the first event.
    #[must_use]
    pub const fn new(user: UserId) -> Self {
        Self {
            user,
            terms: None,
            period: Period {
                number: 0,
                started: Timestamp::from_millis(0),
                charged: NanoUsd::ZERO,
                credit: NanoUsd::ZERO,
                waived: NanoUsd::ZERO,
                absorbed: NanoUsd::ZERO,
                flushed_cents: 0,
                calls: 0,
                prompt_tokens: 0,
                completion_tokens: 0,
            },
            books: Books::EMPTY,
            changes: BTreeMap::new(),
            credits: credit::Credits::EMPTY,
            sources: source::Sources::EMPTY,
            guests: BTreeMap::new(),
            flushes: flush::Flushes::EMPTY,
            gaps: BTreeMap::new(),
            holds: BTreeMap::new(),
            held: NanoUsd::ZERO,
            held_free: NanoUsd::ZERO,
            ended: BTreeMap::new(),
            ended_order: VecDeque::new(),
            last_at: Timestamp::from_millis(i64::MIN),
        }
    }

    /// Whose account it is.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What was agreed; `None` before the account is opened.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        self.terms.as_ref()
    }

    /// The sums of the open period.
    #[must_use]
    pub const fn period(&self) -> &Period {
        &self.period
    }

    /// The balances of the double entry since the account was opened.
    #[must_use]
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// The terms in force; the usual ones before the account is opened.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.terms.map_or(Tier::MANAGED, |terms| terms.tier)
    }

    /// The changes of the tier that lie ahead.
    pub fn tier_changes(&self) -> impl Iterator<Item = (Timestamp, Tier)> {
        self.changes.iter().map(|(from, tier)| (*from, *tier))
    }

    /// What is kept back for calls that run, pinned credit included.
    #[must_use]
    pub const fn held(&self) -> NanoUsd {
        self.held.saturating_add(self.held_free)
    }

    /// The holds that are open.
    pub fn holds(&self) -> impl Iterator<Item = (&RequestId, &Hold)> {
        self.holds.iter()
    }

    /// The credit that is left, with what is pinned of it.
    #[must_use]
    pub fn credit(&self) -> NanoUsd {
        self.credits.left()
    }

    /// The credit that is kept for calls that run.
    #[must_use]
    pub fn pinned_credit(&self) -> NanoUsd {
        self.credits.pinned()
    }

    /// The grants that have something left, oldest first.
    pub fn grants(&self) -> impl Iterator<Item = (GrantNumber, &Grant)> {
        self.credits.grants()
    }

    /// A payment or promotion, while it is remembered.
    #[must_use]
    pub fn source(&self, id: &ExternalId) -> Option<&Source> {
        self.sources.get(id)
    }

    /// What the user owes for money that was taken back after it was spent.
    #[must_use]
    pub const fn debt(&self) -> NanoUsd {
        self.books.balance(Book::Debt)
    }

    /// What may be charged or given in one period: the ceiling, or a free tier's monthly limit
    /// where that is less.
    #[must_use]
    pub fn limit(&self) -> NanoUsd {
        let ceiling = self.terms.map_or(NanoUsd::ZERO, |terms| terms.ceiling);
        match self.terms.map(|terms| terms.tier) {
            Some(Tier::Free {
                monthly_limit_cents,
            }) => ceiling.min(NanoUsd::from_cents(monthly_limit_cents)),
            _ => ceiling,
        }
    }

    /// What may still be held on the terms in force: credit that is free, and the ceiling less what
    /// was charged and what is held beyond credit. Nothing while there is a debt.
    #[must_use]
    pub fn room(&self) -> NanoUsd {
        if self.debt() > NanoUsd::ZERO {
            return NanoUsd::ZERO;
        }
        self.room_on(&self.tier())
    }

    fn room_on(&self, tier: &Tier) -> NanoUsd {
        match tier {
            Tier::Free { .. } => self.free_room(tier),
            _ => self.credits.free().saturating_add(self.charge_room()),
        }
    }

    /// What a free tier can still give in this period.
    fn free_room(&self, tier: &Tier) -> NanoUsd {
        let ceiling = self.terms.map_or(NanoUsd::ZERO, |terms| terms.ceiling);
        let limit = match tier {
            Tier::Free {
                monthly_limit_cents,
            } => ceiling.min(NanoUsd::from_cents(*monthly_limit_cents)),
            _ => ceiling,
        };
        limit
            .saturating_sub(self.period.waived)
            .saturating_sub(self.held_free)
            .max(NanoUsd::ZERO)
    }

    /// What can still be charged beyond credit in this period.
    fn charge_room(&self) -> NanoUsd {
        let ceiling = self.terms.map_or(NanoUsd::ZERO, |terms| terms.ceiling);
        ceiling
            .saturating_sub(self.period.charged)
            .saturating_sub(self.held_beyond_credit())
            .max(NanoUsd::ZERO)
    }

    /// What is held of calls that will be charged, less their pinned credit.
    #[must_use]
    pub fn held_beyond_credit(&self) -> NanoUsd {
        self.held.saturating_sub(self.credits.pinned())
    }

    /// What a request asks or asked, while it is remembered.
    #[must_use]
    pub fn call(&self, request: &RequestId) -> Option<&HeldCall> {
        let held = self.holds.get(request).map(|hold| &hold.call);
        held.or_else(|| self.ended.get(request).map(|ended| &ended.call))
    }

    /// What became of a request.
    #[must_use]
    pub fn request(&self, request: &RequestId) -> RequestState<'_> {
        if let Some(hold) = self.holds.get(request) {
            return RequestState::Held(hold);
        }
        match self.ended.get(request).map(|ended| &ended.outcome) {
            None => RequestState::Unknown,
            Some(Outcome::Settled(settlement)) => RequestState::Settled(settlement),
            Some(Outcome::Released) => RequestState::Released,
            Some(Outcome::Expired) => RequestState::Expired,
        }
    }
}

//! The account: what may be spent, and what was.
//!
//! An account holds before a call and settles after it, so a crash between the two can keep
//! money back but never lose it. What was charged and what is held together never pass the
//! ceiling; what a provider bills beyond is the operator's loss and goes to a book of its own.
//!
//! Nothing here knows who is paid, or what time it is. The account does not grow with history:
//! of a request that ended it remembers the result for 24 hours
//! ([`ENDED_MS_MAX`]) and at most
//! [`ENDED_MAX`] results. Whoever stores the events therefore has one
//! duty: it keeps `(user, request)` of every [`AccountEvent::Settled`] unique for ever, and looks
//! there before a [`AccountCommand::Hold`] whose request the account answers with
//! [`RequestState::Unknown`]. Without that a request repeated days later would be charged again.

mod books;
mod command;
mod decide;
mod event;
mod refusal;

use alloc::collections::{BTreeMap, VecDeque};

pub use books::{Book, Books, Leg};
pub use command::AccountCommand;
pub use event::{AccountEvent, Entry};
pub use refusal::Refusal;

use crate::chain::Digest;
use crate::id::{DeviceId, ModelName, RequestId, UserId};
use crate::limits::{ENDED_MAX, ENDED_MS_MAX};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;
use crate::time::Timestamp;

/// One user's account, as its history made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    user: UserId,
    terms: Option<Terms>,
    period: Period,
    books: Books,
    holds: BTreeMap<RequestId, Hold>,
    held: NanoUsd,
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

/// The sums of the open period. Periods are calendar months in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// When it began.
    pub started: Timestamp,
    /// What the user owes for it.
    pub charged: NanoUsd,
    /// What a free tier gave away.
    pub waived: NanoUsd,
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
    /// What is kept back now.
    pub amount: NanoUsd,
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
                started: Timestamp::from_millis(0),
                charged: NanoUsd::ZERO,
                waived: NanoUsd::ZERO,
                calls: 0,
                prompt_tokens: 0,
                completion_tokens: 0,
            },
            books: Books::EMPTY,
            holds: BTreeMap::new(),
            held: NanoUsd::ZERO,
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

    /// What is kept back for calls that run.
    #[must_use]
    pub const fn held(&self) -> NanoUsd {
        self.held
    }

    /// The holds that are open.
    pub fn holds(&self) -> impl Iterator<Item = (&RequestId, &Hold)> {
        self.holds.iter()
    }

    /// What may be charged or given in one period: the ceiling, or a free tier's monthly limit
    /// where that is less.
    #[must_use]
    pub fn limit(&self) -> NanoUsd {
        match self.terms {
            None => NanoUsd::ZERO,
            Some(Terms {
                tier: Tier::Free {
                    monthly_limit_cents,
                },
                ceiling,
            }) => ceiling.min(NanoUsd::from_cents(monthly_limit_cents)),
            Some(Terms { ceiling, .. }) => ceiling,
        }
    }

    /// What may still be held: the limit, less what was spent and what is held.
    #[must_use]
    pub fn room(&self) -> NanoUsd {
        let spent = self.period.charged.saturating_add(self.period.waived);
        self.limit().saturating_sub(spent).saturating_sub(self.held)
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

    /// Takes in what happened. Events come in the order in which they were decided; sums that
    /// could not be counted were refused before, so nothing here can fail.
    pub fn apply(&mut self, event: &AccountEvent) {
        let at = event.at();
        self.last_at = self.last_at.max(at);
        match event {
            AccountEvent::Opened { tier, ceiling, .. } => {
                self.terms = Some(Terms {
                    tier: *tier,
                    ceiling: *ceiling,
                });
                self.period.started = at;
            }
            AccountEvent::PeriodOpened { started, .. } => {
                self.period = Period {
                    started: *started,
                    ..Period::default()
                };
            }
            AccountEvent::Held {
                request,
                call,
                amount,
                ttl_ms,
                ..
            } => {
                let expires_at = at.plus_ms(i64::from(*ttl_ms));
                self.ended.remove(request);
                self.held = self.held.saturating_add(*amount);
                let hold = Hold {
                    call: call.clone(),
                    amount: *amount,
                    expires_at,
                };
                self.holds.insert(*request, hold);
            }
            AccountEvent::Extended {
                request,
                added,
                ttl_ms,
                ..
            } => {
                if let Some(hold) = self.holds.get_mut(request) {
                    hold.amount = hold.amount.saturating_add(*added);
                    hold.expires_at = hold.expires_at.max(at.plus_ms(i64::from(*ttl_ms)));
                    self.held = self.held.saturating_add(*added);
                }
            }
            AccountEvent::Settled {
                request,
                usage,
                entry,
                ..
            } => {
                self.settle(at, *request, *usage, *entry);
            }
            AccountEvent::Released { request, .. } => {
                self.end(at, *request, |_| Outcome::Released);
            }
            AccountEvent::Expired { request, .. } => self.end(at, *request, |_| Outcome::Expired),
        }
        for leg in event.legs() {
            self.books.post(leg);
        }
        self.forget(at);
    }

    fn settle(&mut self, at: Timestamp, request: RequestId, usage: TokenUsage, entry: Entry) {
        let period = &mut self.period;
        period.charged = period.charged.saturating_add(entry.charged);
        period.waived = period.waived.saturating_add(entry.waived);
        period.calls = period.calls.saturating_add(1);
        period.prompt_tokens = period
            .prompt_tokens
            .saturating_add(u64::from(usage.prompt()));
        period.completion_tokens = period
            .completion_tokens
            .saturating_add(u64::from(usage.completion()));
        self.end(at, request, |call| {
            Outcome::Settled(Settlement {
                at,
                model: call.model.clone(),
                usage,
                entry,
            })
        });
    }

    /// Ends a request that is held, or that expired and is settled late.
    fn end(
        &mut self,
        at: Timestamp,
        request: RequestId,
        outcome: impl FnOnce(&HeldCall) -> Outcome,
    ) {
        let call = if let Some(hold) = self.holds.remove(&request) {
            self.held = self.held.saturating_sub(hold.amount);
            hold.call
        } else if let Some(ended) = self.ended.remove(&request) {
            ended.call
        } else {
            return;
        };
        let outcome = outcome(&call);
        self.ended.insert(request, Ended { at, call, outcome });
        self.ended_order.push_back((at, request));
    }

    /// Drops results that are too old or too many.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, request)) = self.ended_order.front().copied() {
            if now.since(at) < ENDED_MS_MAX && self.ended_order.len() <= ENDED_MAX {
                return;
            }
            self.ended_order.pop_front();
            // A request that was held again since then has ended later, or not yet.
            if self.ended.get(&request).is_some_and(|ended| ended.at == at) {
                self.ended.remove(&request);
            }
        }
    }
}

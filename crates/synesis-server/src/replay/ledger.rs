//! One user's account in memory, with what its host has to know for ever.

use std::collections::{HashMap, HashSet};

use synesis_domain::account::{Entry, Happened, HeldCall, RequestState};
use synesis_domain::limits::CEILING_DEFAULT;
use synesis_domain::{
    Account, AccountCommand, AccountEvent, ChainHead, ExternalId, NanoUsd, Refusal, RequestId,
    Tier, Timestamp, TokenUsage, UserId,
};

/// A period that ended.
pub(super) struct Bill {
    pub(super) period: u32,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) charged: NanoUsd,
    pub(super) credit: NanoUsd,
    pub(super) waived: NanoUsd,
    pub(super) absorbed: NanoUsd,
    pub(super) calls: u64,
    pub(super) cents: u64,
}

/// A request that was charged.
#[derive(PartialEq)]
struct Charged {
    call: Option<HeldCall>,
    usage: TokenUsage,
    cost: NanoUsd,
}

pub(super) struct Ledger {
    pub(super) account: Account,
    pub(super) head: ChainHead,
    pub(super) bills: Vec<Bill>,
    charged: HashMap<RequestId, Charged>,
    credited: HashSet<ExternalId>,
}

/// What came of an operation.
pub(super) enum Done {
    /// So much happened.
    Events(Vec<AccountEvent>),
    /// It was done before.
    Exists,
    Refused(Refusal),
}

impl Ledger {
    pub(super) fn new(user: UserId) -> Self {
        Self {
            account: Account::new(user),
            head: ChainHead::EMPTY,
            bills: Vec::new(),
            charged: HashMap::new(),
            credited: HashSet::new(),
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.account.terms().is_some()
    }

    /// Opens the account on the usual terms.
    pub(super) fn open(&mut self, at: Timestamp) -> Result<(), Refusal> {
        let open = AccountCommand::Open {
            tier: Tier::MANAGED,
            ceiling: CEILING_DEFAULT,
        };
        self.decide(at, &open).map(drop)
    }

    /// Puts a command; what is due by then happens too.
    pub(super) fn put(&mut self, at: Timestamp, command: &AccountCommand) -> Done {
        let due = self.decide(at, &AccountCommand::Tick).unwrap_or_default();
        if let Some(done) = self.known_for_ever(command) {
            return done;
        }
        match self.decide(at, command) {
            Err(refusal) => Done::Refused(refusal),
            Ok(events) if events.is_empty() && !matches!(command, AccountCommand::Tick) => {
                Done::Exists
            }
            Ok(events) => Done::Events(due.into_iter().chain(events).collect()),
        }
    }

    fn decide(
        &mut self,
        at: Timestamp,
        command: &AccountCommand,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        let events = self.account.decide(at, command)?;
        for event in &events {
            self.note(event, command);
            self.account.apply(event);
            self.head = self.head.after(&event.encode());
        }
        Ok(events)
    }

    /// What the account itself has forgotten.
    fn known_for_ever(&self, command: &AccountCommand) -> Option<Done> {
        match command {
            AccountCommand::Hold { request, .. } | AccountCommand::Record { request, .. }
                if matches!(self.account.request(request), RequestState::Unknown) =>
            {
                let before = self.charged.get(request)?;
                let same = match command {
                    AccountCommand::Record {
                        call, usage, cost, ..
                    } => {
                        before.call.as_ref() == Some(call)
                            && before.usage == *usage
                            && before.cost == *cost
                    }
                    _ => return Some(Done::Refused(Refusal::AlreadySettled)),
                };
                Some(if same {
                    Done::Exists
                } else {
                    Done::Refused(Refusal::OtherContent)
                })
            }
            AccountCommand::TopUp { payment: id, .. }
            | AccountCommand::GrantPromo { promo: id, .. }
                if self.account.source(id).is_none() && self.credited.contains(id) =>
            {
                Some(Done::Exists)
            }
            _ => None,
        }
    }

    fn note(&mut self, event: &AccountEvent, command: &AccountCommand) {
        match &event.what {
            Happened::Settled {
                request,
                usage,
                entry,
                ..
            } => {
                let charged = Charged {
                    call: None,
                    usage: *usage,
                    cost: entry.provider,
                };
                self.charged.insert(*request, charged);
            }
            Happened::Recorded {
                request,
                call,
                usage,
                ..
            } => {
                if let AccountCommand::Record { cost, .. } = command {
                    let charged = Charged {
                        call: Some(call.clone()),
                        usage: *usage,
                        cost: *cost,
                    };
                    self.charged.insert(*request, charged);
                }
            }
            Happened::ToppedUp { payment: id, .. } | Happened::PromoGranted { promo: id, .. } => {
                self.credited.insert(id.clone());
            }
            Happened::PeriodClosed { ended, bill_cents } => {
                let period = self.account.period();
                self.bills.push(Bill {
                    period: period.number,
                    started: period.started,
                    ended: *ended,
                    charged: period.charged,
                    credit: period.credit,
                    waived: period.waived,
                    absorbed: period.absorbed,
                    calls: period.calls,
                    cents: *bill_cents,
                });
            }
            _ => {}
        }
    }
}

/// What came of a call, where something did.
pub(super) fn entry_of(events: &[AccountEvent]) -> Option<&Entry> {
    events.iter().find_map(|event| match &event.what {
        Happened::Settled { entry, .. } | Happened::Recorded { entry, .. } => Some(entry),
        _ => None,
    })
}

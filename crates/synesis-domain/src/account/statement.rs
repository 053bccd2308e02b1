//! The statement of a period: every movement of money with its lines and sums.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{CreditPart, Entry, Happened, HistoryStep, sum_of};
use crate::chain::ChainHead;
use crate::id::UserId;
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::time::Timestamp;

/// All that moved money in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose account.
    pub account: UserId,
    /// Which period, counted from 1.
    pub period: u32,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it is open.
    pub ended: Option<Timestamp>,
    /// In the order of the ledger.
    pub lines: Vec<StatementLine>,
    /// The sums of the calls.
    pub totals: StatementTotals,
    /// What is to be paid for the period: its charges, rounded up to the cent once.
    pub bill_cents: i64,
    /// Where the history ended when this was drawn up.
    pub head: ChainHead,
}

/// A movement of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// When, by the ledger.
    pub at: Timestamp,
    /// What it is about: a call's id, a payment, a promotion.
    pub reference: String,
    /// What it is.
    pub kind: StatementKind,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// A call.
    Call {
        /// The model that answered.
        model: String,
        /// The device that asked.
        device: String,
        /// What was used.
        usage: TokenUsage,
        /// What came of it.
        entry: Entry,
    },
    /// Credit that came or went, negative where it went.
    Credit {
        /// Why.
        reason: CreditReason,
        /// How much.
        amount: NanoUsd,
        /// What of it paid a debt, or became one where it went.
        debt: NanoUsd,
    },
}

/// Why credit came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditReason {
    /// It was bought.
    TopUp,
    /// It was given.
    Promotion,
    /// Its date passed.
    Expired,
    /// The payment was given back.
    Refund,
    /// The bank took the payment back.
    Dispute,
    /// The bank gave it back.
    Reinstated,
    /// It paid a debt.
    DebtPaid,
}

impl CreditReason {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopUp => "top-up",
            Self::Promotion => "promotion",
            Self::Expired => "expired",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Reinstated => "reinstated",
            Self::DebtPaid => "debt-paid",
        }
    }
}

/// The sums of a statement's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementTotals {
    /// How many.
    pub calls: u64,
    /// Tokens of their prompts.
    pub prompt_tokens: u64,
    /// Tokens of their answers.
    pub completion_tokens: u64,
    /// What the providers took.
    pub provider: NanoUsd,
    /// What the tier added.
    pub fee: NanoUsd,
    /// What credit paid.
    pub credit: NanoUsd,
    /// What is owed.
    pub charged: NanoUsd,
    /// What a free tier gave.
    pub waived: NanoUsd,
    /// What the operator bore.
    pub absorbed: NanoUsd,
}

impl StatementTotals {
    fn add(&mut self, usage: TokenUsage, entry: &Entry) {
        self.calls = self.calls.saturating_add(1);
        self.prompt_tokens = self.prompt_tokens.saturating_add(usage.prompt().into());
        self.completion_tokens = self
            .completion_tokens
            .saturating_add(usage.completion().into());
        self.provider = self.provider.saturating_add(entry.provider);
        self.fee = self.fee.saturating_add(entry.fee);
        self.credit = self.credit.saturating_add(entry.credit);
        self.charged = self.charged.saturating_add(entry.charged);
        self.waived = self.waived.saturating_add(entry.waived);
        self.absorbed = self.absorbed.saturating_add(entry.absorbed);
    }
}

impl Statement {
    /// A statement in which nothing moved yet.
    #[must_use]
    pub const fn new(account: UserId, period: u32) -> Self {
        Self {
            account,
            period,
            from: Timestamp::from_millis(0),
            ended: None,
            lines: Vec::new(),
            totals: StatementTotals {
                calls: 0,
                prompt_tokens: 0,
                completion_tokens: 0,
                provider: NanoUsd::ZERO,
                fee: NanoUsd::ZERO,
                credit: NanoUsd::ZERO,
                charged: NanoUsd::ZERO,
                waived: NanoUsd::ZERO,
                absorbed: NanoUsd::ZERO,
            },
            bill_cents: 0,
            head: ChainHead::EMPTY,
        }
    }

    /// Takes in an event of the account's history; all of them, in order, also those of other
    /// periods. `head` is where the history ends after it.
    pub fn add(&mut self, step: &HistoryStep, head: ChainHead) {
        self.head = head;
        let at = step.event.at;
        match &step.event.what {
            Happened::Opened { .. } if self.period == 1 => self.from = at,
            Happened::PeriodClosed { ended, .. } => {
                if step.period.saturating_add(1) == self.period {
                    self.from = *ended;
                } else if step.period == self.period {
                    self.ended = Some(*ended);
                }
            }
            _ => {}
        }
        if step.period != self.period {
            return;
        }
        if let Some(line) = line(step) {
            if let StatementKind::Call { usage, entry, .. } = &line.kind {
                self.totals.add(*usage, entry);
                self.bill_cents = self.totals.charged.ceil_cents();
            }
            self.lines.push(line);
        }
    }
}

/// The line of an event that moved money.
fn line(step: &HistoryStep) -> Option<StatementLine> {
    let (reference, kind) = call(step)
        .or_else(|| came(&step.event.what))
        .or_else(|| went(&step.event.what))?;
    Some(StatementLine {
        at: step.event.at,
        reference,
        kind,
    })
}

/// A call that was charged.
fn call(step: &HistoryStep) -> Option<(String, StatementKind)> {
    let (request, usage, entry) = match &step.event.what {
        Happened::Settled {
            request,
            usage,
            entry,
            ..
        }
        | Happened::Recorded {
            request,
            usage,
            entry,
            ..
        } => (request, usage, entry),
        _ => return None,
    };
    let (model, device) = step.call.as_ref().map_or_else(Default::default, |call| {
        (call.model.as_str().to_string(), call.device.to_string())
    });
    let kind = StatementKind::Call {
        model,
        device,
        usage: *usage,
        entry: *entry,
    };
    Some((request.to_string(), kind))
}

/// Credit that came.
fn came(what: &Happened) -> Option<(String, StatementKind)> {
    let (reference, reason, amount, debt) = match what {
        Happened::ToppedUp {
            payment,
            amount,
            debt_paid,
            ..
        } => (payment, CreditReason::TopUp, *amount, *debt_paid),
        Happened::PromoGranted { promo, amount, .. } => {
            (promo, CreditReason::Promotion, *amount, NanoUsd::ZERO)
        }
        Happened::FundsReinstated {
            dispute,
            amount,
            debt_paid,
            ..
        } => (dispute, CreditReason::Reinstated, *amount, *debt_paid),
        _ => return None,
    };
    let kind = StatementKind::Credit {
        reason,
        amount,
        debt,
    };
    Some((reference.as_str().to_string(), kind))
}

/// Credit that went.
fn went(what: &Happened) -> Option<(String, StatementKind)> {
    let beyond = |amount: &NanoUsd, parts: &[CreditPart]| amount.saturating_sub(sum_of(parts));
    let (reference, reason, parts, debt) = match what {
        Happened::CreditExpired { parts } => ("", CreditReason::Expired, parts, NanoUsd::ZERO),
        Happened::DebtPaid { parts } => ("", CreditReason::DebtPaid, parts, sum_of(parts)),
        Happened::Refunded {
            payment,
            amount,
            parts,
        } => {
            let debt = beyond(amount, parts);
            (payment.as_str(), CreditReason::Refund, parts, debt)
        }
        Happened::FundsWithdrawn {
            dispute,
            amount,
            parts,
            ..
        } => {
            let debt = beyond(amount, parts);
            (dispute.as_str(), CreditReason::Dispute, parts, debt)
        }
        _ => return None,
    };
    let kind = StatementKind::Credit {
        reason,
        amount: NanoUsd::ZERO.saturating_sub(sum_of(parts)),
        debt,
    };
    Some((reference.to_string(), kind))
}

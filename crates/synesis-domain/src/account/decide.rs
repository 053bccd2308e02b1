//! How an account answers a command.

mod call;
mod credit;

use alloc::vec::Vec;

use super::{Account, AccountCommand, AccountEvent, CreditKind, Happened, Refusal, Terms};
use crate::id::InviteId;
use crate::limits::{GUESTS_MAX, HOLD_TTL_MS_MAX, TIER_CHANGES_MAX};
use crate::money::NanoUsd;
use crate::tier::Tier;
use crate::time::Timestamp;

type Decision = Result<Option<Happened>, Refusal>;

impl Account {
    /// What a command makes happen. Nothing changes until the events are applied.
    ///
    /// What is due by `now` comes first: holds that died end, credit expires, agreed terms begin,
    /// the month begins. A repeated command adds nothing to that. A `now` before the last event
    /// counts as that event's time.
    ///
    /// # Errors
    /// The first [`Refusal`] that applies; then nothing happens, not even what is due.
    pub fn decide(
        &self,
        now: Timestamp,
        command: &AccountCommand,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        let now = now.max(self.last_at);
        command.check()?;
        if let AccountCommand::Open { tier, ceiling } = command {
            return self.decide_open(now, *tier, *ceiling);
        }
        if self.terms.is_none() {
            return Err(Refusal::NotOpen);
        }
        let (mut events, then) = self.due(now);
        let account = then.as_ref().unwrap_or(self);
        let decided = account.decide_now(now, command)?;
        for what in decided {
            let event = AccountEvent { at: now, what };
            if !event.legs().iter().all(|leg| account.books.can_post(*leg)) {
                return Err(Refusal::Amount(command.amount()));
            }
            events.push(event);
        }
        Ok(events)
    }

    fn decide_open(
        &self,
        at: Timestamp,
        tier: Tier,
        ceiling: NanoUsd,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        match self.terms {
            None => {
                let user = self.user;
                let what = Happened::Opened {
                    user,
                    tier,
                    ceiling,
                };
                Ok([AccountEvent { at, what }].into())
            }
            Some(terms) if terms == (Terms { tier, ceiling }) => Ok(Vec::new()),
            Some(_) => Err(Refusal::AlreadyOpen),
        }
    }

    /// What is due, and the account after it; none where nothing is.
    fn due(&self, now: Timestamp) -> (Vec<AccountEvent>, Option<Self>) {
        if !self.is_something_due(now) {
            return (Vec::new(), None);
        }
        let mut then = self.clone();
        let mut events = Vec::new();
        let steps: [fn(&Self, Timestamp) -> Vec<Happened>; 5] = [
            Self::dead_holds,
            Self::expired_credit,
            Self::payable_debt,
            Self::agreed_tiers,
            Self::ended_month,
        ];
        for step in steps {
            for what in step(&then, now) {
                let event = AccountEvent { at: now, what };
                then.apply(&event);
                events.push(event);
            }
        }
        (events, Some(then))
    }

    fn is_something_due(&self, now: Timestamp) -> bool {
        self.holds.values().any(|hold| hold.expires_at <= now)
            || now.month_start() > self.period.started
            || self.changes.keys().any(|from| *from <= now)
            || !self.credits.expired(now).is_empty()
            || !self.payable_debt(now).is_empty()
    }

    fn dead_holds(&self, now: Timestamp) -> Vec<Happened> {
        let dead = self.holds.iter().filter(|(_, hold)| hold.expires_at <= now);
        dead.map(|(request, _)| Happened::Expired { request: *request })
            .collect()
    }

    fn expired_credit(&self, now: Timestamp) -> Vec<Happened> {
        let parts = self.credits.expired(now);
        let lost = (!parts.is_empty()).then_some(Happened::CreditExpired { parts });
        lost.into_iter().collect()
    }

    /// Paid credit that is free while there is a debt: it was pinned when the money was taken back.
    fn payable_debt(&self, _now: Timestamp) -> Vec<Happened> {
        let debt = self.debt();
        if debt <= NanoUsd::ZERO {
            return Vec::new();
        }
        let parts = self
            .credits
            .take_where(debt, &[], |_, grant| grant.kind == CreditKind::Paid);
        let paid = (!parts.is_empty()).then_some(Happened::DebtPaid { parts });
        paid.into_iter().collect()
    }

    fn agreed_tiers(&self, now: Timestamp) -> Vec<Happened> {
        let begun = self.changes.range(..=now);
        begun
            .map(|(from, tier)| Happened::TierChanged {
                tier: *tier,
                from: *from,
            })
            .collect()
    }

    fn ended_month(&self, now: Timestamp) -> Vec<Happened> {
        let month = now.month_start();
        let ended = (month > self.period.started).then(|| self.closing(month));
        ended.into_iter().collect()
    }

    fn closing(&self, ended: Timestamp) -> Happened {
        Happened::PeriodClosed {
            ended,
            bill_cents: u64::try_from(self.period.charged.ceil_cents()).unwrap_or(0),
        }
    }

    fn decide_now(
        &self,
        now: Timestamp,
        command: &AccountCommand,
    ) -> Result<Vec<Happened>, Refusal> {
        let decided = match command {
            AccountCommand::Open { .. } | AccountCommand::Tick => None,
            AccountCommand::Flush { threshold } => return Ok(self.decide_flush(*threshold)),
            AccountCommand::ConfirmFlush { number } => self.decide_confirm(*number)?,
            AccountCommand::ParkFlush { number } => self.decide_park(*number)?,
            AccountCommand::NoteGap { gap, ours, theirs } => self.decide_gap(*gap, *ours, *theirs),
            AccountCommand::SetTier { tier, from } => self.decide_tier(now, *tier, *from)?,
            AccountCommand::SetCeiling { ceiling } => self.decide_ceiling(*ceiling),
            AccountCommand::SetQuota { guest, limit } => self.decide_quota(*guest, *limit)?,
            AccountCommand::ClosePeriod => (now > self.period.started).then(|| self.closing(now)),
            AccountCommand::Hold { .. }
            | AccountCommand::Extend { .. }
            | AccountCommand::Settle { .. }
            | AccountCommand::Release { .. }
            | AccountCommand::Record { .. } => self.decide_call(now, command)?,
            AccountCommand::TopUp { .. }
            | AccountCommand::GrantPromo { .. }
            | AccountCommand::Refund { .. }
            | AccountCommand::WithdrawFunds { .. }
            | AccountCommand::ReinstateFunds { .. } => self.decide_credit(command)?,
        };
        Ok(decided.into_iter().collect())
    }

    fn decide_tier(&self, now: Timestamp, tier: Tier, from: Timestamp) -> Decision {
        if from <= now {
            let changed = tier != self.tier();
            return Ok(changed.then_some(Happened::TierChanged { tier, from }));
        }
        if self.changes.get(&from) == Some(&tier) {
            return Ok(None);
        }
        if self.changes.len() >= TIER_CHANGES_MAX && !self.changes.contains_key(&from) {
            let max = TIER_CHANGES_MAX;
            return Err(Refusal::TooMany { max });
        }
        Ok(Some(Happened::TierScheduled { tier, from }))
    }

    fn decide_ceiling(&self, ceiling: NanoUsd) -> Option<Happened> {
        let same = self.terms.is_some_and(|terms| terms.ceiling == ceiling);
        (!same).then_some(Happened::CeilingSet { ceiling })
    }

    fn decide_quota(&self, guest: InviteId, limit: NanoUsd) -> Decision {
        match self.guests.get(&guest) {
            Some(quota) if quota.limit == limit => Ok(None),
            None if self.guests.len() >= GUESTS_MAX => {
                let max = GUESTS_MAX;
                Err(Refusal::TooMany { max })
            }
            _ => Ok(Some(Happened::QuotaSet { guest, limit })),
        }
    }
}

impl AccountCommand {
    /// The amount that it is about; zero where it is about none.
    const fn amount(&self) -> NanoUsd {
        match self {
            Self::Open { ceiling, .. } | Self::SetCeiling { ceiling } => *ceiling,
            Self::Hold { amount, .. }
            | Self::TopUp { amount, .. }
            | Self::GrantPromo { amount, .. }
            | Self::WithdrawFunds { amount, .. } => *amount,
            Self::Extend { total, .. } | Self::Refund { total, .. } => *total,
            Self::Settle { cost, .. } | Self::Record { cost, .. } => *cost,
            Self::SetQuota { limit, .. } => *limit,
            Self::Flush { threshold } => *threshold,
            Self::Release { .. }
            | Self::SetTier { .. }
            | Self::ReinstateFunds { .. }
            | Self::ClosePeriod
            | Self::ConfirmFlush { .. }
            | Self::ParkFlush { .. }
            | Self::NoteGap { .. }
            | Self::Tick => NanoUsd::ZERO,
        }
    }

    /// What is wrong with the command, whatever the account.
    const fn check(&self) -> Result<(), Refusal> {
        let amount = self.amount();
        if amount.is_negative() {
            return Err(Refusal::Amount(amount));
        }
        match self {
            Self::Hold { ttl_ms, .. } | Self::Extend { ttl_ms, .. }
                if *ttl_ms == 0 || *ttl_ms > HOLD_TTL_MS_MAX =>
            {
                Err(Refusal::Ttl(*ttl_ms))
            }
            _ => Ok(()),
        }
    }
}

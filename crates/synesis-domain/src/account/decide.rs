//! How an account answers a command.

use alloc::vec::Vec;

use super::{Account, AccountCommand, AccountEvent, Entry, HeldCall, Outcome, Refusal, Terms};
use crate::id::RequestId;
use crate::limits::{HOLD_TTL_MS_MAX, HOLDS_MAX};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;
use crate::time::Timestamp;

type Decision = Result<Option<AccountEvent>, Refusal>;

impl Account {
    /// What a command makes happen. Nothing changes until the events are applied.
    ///
    /// What is due by `now` comes first: holds that died end, the month begins. A repeated
    /// command adds nothing to that. A `now` before the last event counts as that event's time.
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
        let terms = self.terms.ok_or(Refusal::NotOpen)?;
        let mut events = self.due(now);
        let decided = if events.is_empty() {
            self.decide_now(now, &terms, command)?
        } else {
            let mut then = self.clone();
            events.iter().for_each(|event| then.apply(event));
            then.decide_now(now, &terms, command)?
        };
        events.extend(decided);
        Ok(events)
    }

    fn decide_open(
        &self,
        at: Timestamp,
        tier: Tier,
        ceiling: NanoUsd,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        match self.terms {
            None => Ok([AccountEvent::Opened {
                at,
                user: self.user,
                tier,
                ceiling,
            }]
            .into()),
            Some(terms) if terms == (Terms { tier, ceiling }) => Ok(Vec::new()),
            Some(_) => Err(Refusal::AlreadyOpen),
        }
    }

    fn due(&self, now: Timestamp) -> Vec<AccountEvent> {
        let started = now.month_start();
        let turn = (started > self.period.started)
            .then_some(AccountEvent::PeriodOpened { at: now, started });
        let dead = self.holds.iter().filter(|(_, hold)| hold.expires_at <= now);
        let expired = dead.map(|(request, _)| AccountEvent::Expired {
            at: now,
            request: *request,
        });
        expired.chain(turn).collect()
    }

    fn decide_now(&self, at: Timestamp, terms: &Terms, command: &AccountCommand) -> Decision {
        match command {
            AccountCommand::Open { .. } | AccountCommand::ExpireHolds => Ok(None),
            AccountCommand::Hold {
                request,
                call,
                amount,
                ttl_ms,
            } => self.decide_hold(at, *request, call, *amount, *ttl_ms),
            AccountCommand::Extend {
                request,
                total,
                ttl_ms,
            } => self.decide_extend(at, *request, *total, *ttl_ms),
            AccountCommand::Settle {
                request,
                usage,
                cost,
            } => self.decide_settle(at, terms, *request, *usage, *cost),
            AccountCommand::Release { request } => self.decide_release(at, *request),
        }
    }

    fn decide_hold(
        &self,
        at: Timestamp,
        request: RequestId,
        call: &HeldCall,
        amount: NanoUsd,
        ttl_ms: u32,
    ) -> Decision {
        if let Some(hold) = self.holds.get(&request) {
            let same = hold.call.content == call.content;
            return if same {
                Ok(None)
            } else {
                Err(Refusal::OtherContent)
            };
        }
        if let Some(ended) = self.ended.get(&request) {
            if ended.call.content != call.content {
                return Err(Refusal::OtherContent);
            }
            if matches!(ended.outcome, Outcome::Settled(_)) {
                return Err(Refusal::AlreadySettled);
            }
        }
        if self.holds.len() >= HOLDS_MAX {
            return Err(Refusal::TooManyHolds { max: HOLDS_MAX });
        }
        self.check_room(amount)?;
        Ok(Some(AccountEvent::Held {
            at,
            request,
            call: call.clone(),
            amount,
            ttl_ms,
        }))
    }

    fn decide_extend(
        &self,
        at: Timestamp,
        request: RequestId,
        total: NanoUsd,
        ttl_ms: u32,
    ) -> Decision {
        let Some(hold) = self.holds.get(&request) else {
            return Err(self.not_held(request));
        };
        let gained_ms = at.plus_ms(i64::from(ttl_ms)).since(hold.expires_at);
        if total <= hold.amount && gained_ms < i64::from(ttl_ms / 2).max(1) {
            return Ok(None);
        }
        let added = total.max(hold.amount).saturating_sub(hold.amount);
        self.check_room(added)?;
        Ok(Some(AccountEvent::Extended {
            at,
            request,
            added,
            ttl_ms,
        }))
    }

    fn decide_settle(
        &self,
        at: Timestamp,
        terms: &Terms,
        request: RequestId,
        usage: TokenUsage,
        cost: NanoUsd,
    ) -> Decision {
        let held = match self.holds.get(&request) {
            Some(hold) => hold.amount,
            None => match self.ended.get(&request).map(|ended| &ended.outcome) {
                Some(Outcome::Settled(first)) => {
                    let same = first.usage == usage && first.entry.provider == cost;
                    return if same {
                        Ok(None)
                    } else {
                        Err(Refusal::OtherContent)
                    };
                }
                Some(Outcome::Expired) => NanoUsd::ZERO,
                Some(Outcome::Released) | None => return Err(Refusal::NothingHeld),
            },
        };
        let line = terms.tier.line(cost);
        let within = line.total().min(self.room().saturating_add(held));
        let absorbed = line.total().saturating_sub(within);
        let (charged, waived) = match terms.tier {
            Tier::Free { .. } => (NanoUsd::ZERO, within),
            Tier::Managed { .. } | Tier::Byok { .. } => (within, NanoUsd::ZERO),
        };
        let entry = Entry {
            provider: line.provider,
            fee: line.fee,
            charged,
            waived,
            absorbed,
        };
        let event = AccountEvent::Settled {
            at,
            request,
            usage,
            entry,
        };
        let countable =
            entry.is_balanced() && event.legs().iter().all(|leg| self.books.can_post(*leg));
        if countable {
            Ok(Some(event))
        } else {
            Err(Refusal::Amount(cost))
        }
    }

    fn decide_release(&self, at: Timestamp, request: RequestId) -> Decision {
        if self.holds.contains_key(&request) {
            return Ok(Some(AccountEvent::Released { at, request }));
        }
        match self.ended.get(&request).map(|ended| &ended.outcome) {
            Some(Outcome::Released | Outcome::Expired) => Ok(None),
            Some(Outcome::Settled(_)) => Err(Refusal::AlreadySettled),
            None => Err(Refusal::NothingHeld),
        }
    }

    fn not_held(&self, request: RequestId) -> Refusal {
        match self.ended.get(&request).map(|ended| &ended.outcome) {
            Some(Outcome::Settled(_)) => Refusal::AlreadySettled,
            Some(Outcome::Released | Outcome::Expired) | None => Refusal::NothingHeld,
        }
    }

    fn check_room(&self, amount: NanoUsd) -> Result<(), Refusal> {
        let room = self.room();
        if amount <= room {
            return Ok(());
        }
        Err(Refusal::Ceiling {
            excess: amount.saturating_sub(room),
            room,
        })
    }
}

impl AccountCommand {
    /// What is wrong with the command, whatever the account.
    fn check(&self) -> Result<(), Refusal> {
        let (amount, ttl_ms) = match self {
            Self::Open { ceiling, .. } => (*ceiling, None),
            Self::Hold { amount, ttl_ms, .. } => (*amount, Some(*ttl_ms)),
            Self::Extend { total, ttl_ms, .. } => (*total, Some(*ttl_ms)),
            Self::Settle { cost, .. } => (*cost, None),
            Self::Release { .. } | Self::ExpireHolds => return Ok(()),
        };
        if amount.is_negative() {
            return Err(Refusal::Amount(amount));
        }
        match ttl_ms {
            Some(ttl) if ttl == 0 || ttl > HOLD_TTL_MS_MAX => Err(Refusal::Ttl(ttl)),
            _ => Ok(()),
        }
    }
}

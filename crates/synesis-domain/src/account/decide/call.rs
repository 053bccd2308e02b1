//! Holds and what becomes of them.

use super::Decision;
use crate::account::{
    Account, AccountCommand, CreditPart, Entry, Happened, HeldCall, Hold, Outcome, Refusal, sum_of,
};
use crate::id::{InviteId, RequestId};
use crate::limits::HOLDS_MAX;
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// What a call that ends has to be paid out of.
struct Means<'a> {
    tier: Tier,
    call: &'a HeldCall,
    held: NanoUsd,
    pins: &'a [CreditPart],
}

impl Account {
    pub(super) fn decide_call(&self, now: Timestamp, command: &AccountCommand) -> Decision {
        match command {
            AccountCommand::Hold {
                request,
                call,
                amount,
                ttl_ms,
            } => self.decide_hold(*request, call, *amount, *ttl_ms),
            AccountCommand::Extend {
                request,
                total,
                ttl_ms,
            } => self.decide_extend(now, *request, *total, *ttl_ms),
            AccountCommand::Settle {
                request,
                usage,
                cost,
            } => self.decide_settle(*request, *usage, *cost),
            AccountCommand::Release { request } => self.decide_release(*request),
            AccountCommand::Record {
                request,
                call,
                occurred_at,
                usage,
                cost,
            } => self.decide_record(*request, call, *occurred_at, *usage, *cost),
            _ => Ok(None),
        }
    }

    fn decide_hold(
        &self,
        request: RequestId,
        call: &HeldCall,
        amount: NanoUsd,
        ttl_ms: u32,
    ) -> Decision {
        if let Some(hold) = self.holds.get(&request) {
            return if hold.call.content == call.content {
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
        self.check_guest(call.guest)?;
        if self.holds.len() >= HOLDS_MAX {
            return Err(Refusal::TooManyHolds { max: HOLDS_MAX });
        }
        self.check_debt()?;
        let pins = self.keep_back(&self.tier(), call.guest, amount)?;
        Ok(Some(Happened::Held {
            request,
            call: call.clone(),
            amount,
            pins,
            ttl_ms,
        }))
    }

    fn decide_extend(
        &self,
        now: Timestamp,
        request: RequestId,
        total: NanoUsd,
        ttl_ms: u32,
    ) -> Decision {
        let Some(hold) = self.holds.get(&request) else {
            return Err(self.not_held(request));
        };
        let gained_ms = now.plus_ms(i64::from(ttl_ms)).since(hold.expires_at);
        if total <= hold.amount && gained_ms < i64::from(ttl_ms / 2).max(1) {
            return Ok(None);
        }
        let added = total.max(hold.amount).saturating_sub(hold.amount);
        let pins = self.keep_back(&hold.tier, hold.call.guest, added)?;
        Ok(Some(Happened::Extended {
            request,
            added,
            pins,
            ttl_ms,
        }))
    }

    fn decide_settle(&self, request: RequestId, usage: TokenUsage, cost: NanoUsd) -> Decision {
        let means = match (self.holds.get(&request), self.ended.get(&request)) {
            (Some(hold), _) => Means::of(hold),
            (None, Some(ended)) => match &ended.outcome {
                Outcome::Settled(first) => {
                    let same = first.usage == usage && first.entry.provider == cost;
                    return if same {
                        Ok(None)
                    } else {
                        Err(Refusal::OtherContent)
                    };
                }
                Outcome::Expired => Means {
                    tier: ended.tier,
                    call: &ended.call,
                    held: NanoUsd::ZERO,
                    pins: &[],
                },
                Outcome::Released => return Err(Refusal::NothingHeld),
            },
            (None, None) => return Err(Refusal::NothingHeld),
        };
        let (entry, spent) = self.entry(&means, cost);
        if !entry.is_balanced() {
            return Err(Refusal::Amount(cost));
        }
        Ok(Some(Happened::Settled {
            request,
            usage,
            entry,
            spent,
        }))
    }

    fn decide_release(&self, request: RequestId) -> Decision {
        if self.holds.contains_key(&request) {
            return Ok(Some(Happened::Released { request }));
        }
        match self.ended.get(&request).map(|ended| &ended.outcome) {
            Some(Outcome::Released | Outcome::Expired) => Ok(None),
            Some(Outcome::Settled(_)) => Err(Refusal::AlreadySettled),
            None => Err(Refusal::NothingHeld),
        }
    }

    fn decide_record(
        &self,
        request: RequestId,
        call: &HeldCall,
        occurred_at: Timestamp,
        usage: TokenUsage,
        cost: NanoUsd,
    ) -> Decision {
        if self.holds.contains_key(&request) {
            return Err(Refusal::OtherContent);
        }
        if let Some(ended) = self.ended.get(&request) {
            let same = match &ended.outcome {
                Outcome::Settled(first) => first.usage == usage && first.entry.provider == cost,
                Outcome::Released | Outcome::Expired => true,
            };
            if ended.call.content != call.content || !same {
                return Err(Refusal::OtherContent);
            }
            if matches!(ended.outcome, Outcome::Settled(_)) {
                return Ok(None);
            }
        }
        self.check_guest(call.guest)?;
        self.check_debt()?;
        let tier = self.tier();
        let due = tier.line(cost).due(call.payer);
        self.keep_back(&tier, call.guest, due)?;
        let means = Means {
            tier,
            call,
            held: NanoUsd::ZERO,
            pins: &[],
        };
        let (entry, spent) = self.entry(&means, cost);
        if !entry.is_balanced() {
            return Err(Refusal::Amount(cost));
        }
        Ok(Some(Happened::Recorded {
            request,
            call: call.clone(),
            occurred_at,
            usage,
            entry,
            spent,
        }))
    }

    /// The credit that an amount would pin, where there is room for all of it.
    fn keep_back(
        &self,
        tier: &Tier,
        guest: Option<InviteId>,
        amount: NanoUsd,
    ) -> Result<Vec<CreditPart>, Refusal> {
        if let Some(room) = self.guest_room(guest)
            && amount > room
        {
            let excess = amount.saturating_sub(room);
            return Err(Refusal::Quota { excess, room });
        }
        let room = self.room_on(tier);
        if amount > room {
            let excess = amount.saturating_sub(room);
            return Err(Refusal::Ceiling { excess, room });
        }
        if tier.is_free() {
            return Ok(Vec::new());
        }
        Ok(self.credits.take(amount, &[]))
    }

    /// What comes of a call's cost: credit pays first, then it is charged as far as there is room,
    /// and the rest is the operator's loss.
    fn entry(&self, means: &Means<'_>, cost: NanoUsd) -> (Entry, Vec<CreditPart>) {
        let line = means.tier.line(cost);
        let payer = means.call.payer;
        let due = line.due(payer);
        let guest = self.guest_room(means.call.guest);
        let within = guest.map_or(due, |room| due.min(room.saturating_add(means.held)));
        let mut entry = Entry {
            provider: line.provider,
            fee: line.fee,
            payer,
            ..Entry::default()
        };
        if means.tier.is_free() {
            let room = self.free_room(&means.tier).saturating_add(means.held);
            entry.waived = within.min(room);
            entry.absorbed = due.saturating_sub(entry.waived);
            return (entry, Vec::new());
        }
        let spent = self.credits.take(within, means.pins);
        entry.credit = sum_of(&spent);
        let held_beyond = means.held.saturating_sub(sum_of(means.pins));
        let room = self.charge_room().saturating_add(held_beyond);
        entry.charged = within.saturating_sub(entry.credit).min(room);
        entry.absorbed = due.saturating_sub(entry.paid());
        (entry, spent)
    }

    fn guest_room(&self, guest: Option<InviteId>) -> Option<NanoUsd> {
        guest.map(|guest| {
            self.quota(&guest)
                .map_or(NanoUsd::ZERO, crate::account::Quota::room)
        })
    }

    fn check_guest(&self, guest: Option<InviteId>) -> Result<(), Refusal> {
        match guest {
            Some(guest) if !self.guests.contains_key(&guest) => Err(Refusal::UnknownGuest),
            _ => Ok(()),
        }
    }

    fn check_debt(&self) -> Result<(), Refusal> {
        match self.debt() {
            owed if owed > NanoUsd::ZERO => Err(Refusal::Debt { owed }),
            _ => Ok(()),
        }
    }

    fn not_held(&self, request: RequestId) -> Refusal {
        match self.ended.get(&request).map(|ended| &ended.outcome) {
            Some(Outcome::Settled(_)) => Refusal::AlreadySettled,
            Some(Outcome::Released | Outcome::Expired) | None => Refusal::NothingHeld,
        }
    }
}

impl<'a> Means<'a> {
    fn of(hold: &'a Hold) -> Self {
        Self {
            tier: hold.tier,
            call: &hold.call,
            held: hold.amount,
            pins: &hold.pins,
        }
    }
}

//! How what happened changes an account. Nothing here can fail: sums that could not be counted
//! were refused before.

use alloc::vec::Vec;

use super::{
    Account, AccountEvent, CreditKind, CreditPart, Dispute, Ended, Entry, Happened, HeldCall, Hold,
    Outcome, Period, Settlement, Source, Terms,
};
use crate::id::{ExternalId, RequestId};
use crate::limits::{ENDED_MAX, ENDED_MS_MAX};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::time::Timestamp;

impl Account {
    /// Takes in what happened. Events come in the order in which they were decided.
    pub fn apply(&mut self, event: &AccountEvent) {
        self.last_at = self.last_at.max(event.at);
        match &event.what {
            Happened::Opened { .. }
            | Happened::PeriodClosed { .. }
            | Happened::TierScheduled { .. }
            | Happened::TierChanged { .. }
            | Happened::CeilingSet { .. }
            | Happened::QuotaSet { .. } => self.terms_happened(event),
            Happened::Held { .. }
            | Happened::Extended { .. }
            | Happened::Settled { .. }
            | Happened::Recorded { .. }
            | Happened::Released { .. }
            | Happened::Expired { .. } => self.call_happened(event),
            Happened::ToppedUp { .. }
            | Happened::PromoGranted { .. }
            | Happened::CreditExpired { .. }
            | Happened::DebtPaid { .. }
            | Happened::Refunded { .. }
            | Happened::FundsWithdrawn { .. }
            | Happened::FundsReinstated { .. } => self.credit_happened(event),
            Happened::FlushQueued { .. }
            | Happened::FlushSent { .. }
            | Happened::FlushParked { .. } => self.flush_happened(event),
            Happened::Compared { gap, ours, theirs } => {
                self.gaps.insert(*gap, (*ours, *theirs));
            }
        }
        for leg in event.legs() {
            self.books.post(leg);
        }
        self.forget(event.at);
    }

    fn terms_happened(&mut self, event: &AccountEvent) {
        match &event.what {
            Happened::Opened { tier, ceiling, .. } => {
                self.terms = Some(Terms {
                    tier: *tier,
                    ceiling: *ceiling,
                });
                self.period.number = 1;
                self.period.started = event.at;
            }
            Happened::PeriodClosed { ended, bill_cents } => {
                let rest = bill_cents.saturating_sub(self.period.flushed_cents);
                self.flushes.close(self.period.number, rest);
                self.period = Period {
                    number: self.period.number.saturating_add(1),
                    started: *ended,
                    ..Period::default()
                };
            }
            Happened::TierScheduled { tier, from } => {
                self.changes.insert(*from, *tier);
            }
            Happened::TierChanged { tier, from } => {
                self.changes.remove(from);
                if let Some(terms) = &mut self.terms {
                    terms.tier = *tier;
                }
            }
            Happened::CeilingSet { ceiling } => {
                if let Some(terms) = &mut self.terms {
                    terms.ceiling = *ceiling;
                }
            }
            Happened::QuotaSet { guest, limit } => {
                let quota = self.guests.entry(*guest).or_default();
                quota.limit = *limit;
            }
            _ => {}
        }
    }

    fn call_happened(&mut self, event: &AccountEvent) {
        let at = event.at;
        match &event.what {
            Happened::Held {
                request,
                call,
                amount,
                pins,
                ttl_ms,
            } => self.hold(at, *request, call, *amount, pins, *ttl_ms),
            Happened::Extended {
                request,
                added,
                pins,
                ttl_ms,
            } => self.extend(at, *request, *added, pins, *ttl_ms),
            Happened::Settled {
                request,
                usage,
                entry,
                spent,
            } => self.settle(at, *request, *usage, *entry, spent),
            Happened::Recorded {
                request,
                call,
                usage,
                entry,
                spent,
                ..
            } => {
                self.count(*usage, *entry);
                self.credits.remove(spent);
                let settlement = Settlement {
                    at,
                    model: call.model.clone(),
                    usage: *usage,
                    entry: *entry,
                };
                self.remember(
                    *request,
                    Ended {
                        at,
                        call: call.clone(),
                        tier: self.tier(),
                        outcome: Outcome::Settled(settlement),
                    },
                );
            }
            Happened::Released { request } => self.end(at, *request, |_| Outcome::Released),
            Happened::Expired { request } => self.end(at, *request, |_| Outcome::Expired),
            _ => {}
        }
    }

    fn hold(
        &mut self,
        at: Timestamp,
        request: RequestId,
        call: &HeldCall,
        amount: NanoUsd,
        pins: &[CreditPart],
        ttl_ms: u32,
    ) {
        self.ended.remove(&request);
        self.credits.pin(pins);
        self.guest_held(call.guest, amount);
        let hold = Hold {
            call: call.clone(),
            tier: self.tier(),
            amount,
            pins: pins.to_vec(),
            expires_at: at.plus_ms(i64::from(ttl_ms)),
        };
        self.count_held(&hold);
        self.holds.insert(request, hold);
    }

    fn extend(
        &mut self,
        at: Timestamp,
        request: RequestId,
        added: NanoUsd,
        pins: &[CreditPart],
        ttl_ms: u32,
    ) {
        let Some(mut hold) = self.holds.remove(&request) else {
            return;
        };
        self.count_unheld(&hold);
        self.credits.pin(pins);
        self.guest_held(hold.call.guest, added);
        hold.amount = hold.amount.saturating_add(added);
        hold.pins.extend_from_slice(pins);
        hold.expires_at = hold.expires_at.max(at.plus_ms(i64::from(ttl_ms)));
        self.count_held(&hold);
        self.holds.insert(request, hold);
    }

    fn settle(
        &mut self,
        at: Timestamp,
        request: RequestId,
        usage: TokenUsage,
        entry: Entry,
        spent: &[CreditPart],
    ) {
        self.count(usage, entry);
        let mut guest = None;
        self.end(at, request, |call| {
            guest = call.guest;
            Outcome::Settled(Settlement {
                at,
                model: call.model.clone(),
                usage,
                entry,
            })
        });
        self.guest_spent(guest, entry.paid().saturating_add(entry.waived));
        self.credits.remove(spent);
    }

    fn count(&mut self, usage: TokenUsage, entry: Entry) {
        let period = &mut self.period;
        period.charged = period.charged.saturating_add(entry.charged);
        period.credit = period.credit.saturating_add(entry.credit);
        period.waived = period.waived.saturating_add(entry.waived);
        period.absorbed = period.absorbed.saturating_add(entry.absorbed);
        period.calls = period.calls.saturating_add(1);
        let add = |sum: u64, tokens: u32| sum.saturating_add(u64::from(tokens));
        period.prompt_tokens = add(period.prompt_tokens, usage.prompt());
        period.completion_tokens = add(period.completion_tokens, usage.completion());
    }

    /// Ends a request that is held, or that expired and is settled late.
    fn end(
        &mut self,
        at: Timestamp,
        request: RequestId,
        outcome: impl FnOnce(&HeldCall) -> Outcome,
    ) {
        let (call, tier) = if let Some(hold) = self.holds.remove(&request) {
            self.count_unheld(&hold);
            self.credits.unpin(&hold.pins);
            self.guest_unheld(hold.call.guest, hold.amount);
            (hold.call, hold.tier)
        } else if let Some(ended) = self.ended.remove(&request) {
            (ended.call, ended.tier)
        } else {
            return;
        };
        let outcome = outcome(&call);
        let ended = Ended {
            at,
            call,
            tier,
            outcome,
        };
        self.remember(request, ended);
    }

    fn remember(&mut self, request: RequestId, ended: Ended) {
        self.ended_order.push_back((ended.at, request));
        self.ended.insert(request, ended);
    }

    const fn count_held(&mut self, hold: &Hold) {
        let sum = if hold.tier.is_free() {
            &mut self.held_free
        } else {
            &mut self.held
        };
        *sum = sum.saturating_add(hold.amount);
    }

    const fn count_unheld(&mut self, hold: &Hold) {
        let sum = if hold.tier.is_free() {
            &mut self.held_free
        } else {
            &mut self.held
        };
        *sum = sum.saturating_sub(hold.amount);
    }

    fn credit_happened(&mut self, event: &AccountEvent) {
        match &event.what {
            Happened::ToppedUp {
                payment,
                amount,
                debt_paid,
                expires_at,
            } => {
                let credited = amount.saturating_sub(*debt_paid);
                self.credited(payment, CreditKind::Paid, *amount, credited, *expires_at);
            }
            Happened::PromoGranted {
                promo,
                amount,
                expires_at,
            } => self.credited(promo, CreditKind::Promo, *amount, *amount, *expires_at),
            Happened::CreditExpired { parts } | Happened::DebtPaid { parts } => {
                self.credits.remove(parts);
            }
            Happened::Refunded {
                payment,
                amount,
                parts,
            } => {
                self.credits.remove(parts);
                if let Some(source) = self.sources.get_mut(payment) {
                    source.refunded = source.refunded.saturating_add(*amount);
                }
            }
            Happened::FundsWithdrawn {
                payment,
                dispute,
                amount,
                parts,
            } => {
                self.credits.remove(parts);
                if let Some(source) = self.sources.get_mut(payment) {
                    source.disputes.push(Dispute {
                        id: dispute.clone(),
                        amount: *amount,
                        withdrawn: true,
                    });
                }
            }
            Happened::FundsReinstated {
                payment,
                dispute,
                amount,
                debt_paid,
            } => {
                let back = amount.saturating_sub(*debt_paid);
                self.credits.grant(CreditKind::Paid, back, None);
                let source = self.sources.get_mut(payment);
                let disputes = source.into_iter().flat_map(|source| &mut source.disputes);
                for dispute in disputes.filter(|known| known.id == *dispute) {
                    dispute.withdrawn = false;
                }
            }
            _ => {}
        }
    }

    fn credited(
        &mut self,
        id: &ExternalId,
        kind: CreditKind,
        amount: NanoUsd,
        credited: NanoUsd,
        expires_at: Option<Timestamp>,
    ) {
        let source = Source {
            kind,
            amount,
            grant: self.credits.next(),
            refunded: NanoUsd::ZERO,
            disputes: Vec::new(),
        };
        self.credits.grant(kind, credited, expires_at);
        self.sources.add(id.clone(), source);
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

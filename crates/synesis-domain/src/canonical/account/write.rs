//! The fields of account events, written.

use super::super::Writer;
use super::{GAP_PAYMENTS, GAP_USAGE, TIER_BYOK, TIER_FREE, TIER_MANAGED};
use crate::account::{CreditPart, Entry, Gap, Happened, HeldCall};
use crate::price::TokenUsage;
use crate::tier::{Payer, Tier};

impl Writer {
    pub(super) fn happened(&mut self, what: &Happened) {
        match what {
            Happened::Held {
                request,
                call,
                amount,
                pins,
                ttl_ms,
            } => {
                self.bare(request.as_bytes());
                self.call(call);
                self.money(*amount);
                self.parts(pins);
                self.unsigned(u64::from(*ttl_ms));
            }
            Happened::Extended {
                request,
                added,
                pins,
                ttl_ms,
            } => {
                self.bare(request.as_bytes());
                self.money(*added);
                self.parts(pins);
                self.unsigned(u64::from(*ttl_ms));
            }
            Happened::Settled {
                request,
                usage,
                entry,
                spent,
            } => {
                self.bare(request.as_bytes());
                self.usage(*usage);
                self.entry(entry);
                self.parts(spent);
            }
            Happened::Recorded {
                request,
                call,
                occurred_at,
                usage,
                entry,
                spent,
            } => {
                self.bare(request.as_bytes());
                self.call(call);
                self.time(*occurred_at);
                self.usage(*usage);
                self.entry(entry);
                self.parts(spent);
            }
            Happened::Released { request } | Happened::Expired { request } => {
                self.bare(request.as_bytes());
            }
            _ => self.terms_or_money(what),
        }
    }

    fn terms_or_money(&mut self, what: &Happened) {
        match what {
            Happened::Opened {
                user,
                tier,
                ceiling,
            } => {
                self.bare(user.as_bytes());
                self.tier(*tier);
                self.money(*ceiling);
            }
            Happened::PeriodClosed { ended, bill_cents } => {
                self.time(*ended);
                self.unsigned(*bill_cents);
            }
            Happened::TierScheduled { tier, from } | Happened::TierChanged { tier, from } => {
                self.tier(*tier);
                self.time(*from);
            }
            Happened::CeilingSet { ceiling } => self.money(*ceiling),
            Happened::QuotaSet { guest, limit } => {
                self.bare(guest.as_bytes());
                self.money(*limit);
            }
            Happened::ToppedUp {
                payment,
                amount,
                debt_paid,
                expires_at,
            } => {
                self.text(payment.as_str());
                self.money(*amount);
                self.money(*debt_paid);
                self.optional_time(*expires_at);
            }
            Happened::PromoGranted {
                promo,
                amount,
                expires_at,
            } => {
                self.text(promo.as_str());
                self.money(*amount);
                self.optional_time(*expires_at);
            }
            Happened::CreditExpired { parts } | Happened::DebtPaid { parts } => self.parts(parts),
            _ => self.taken_or_flushed(what),
        }
    }

    fn taken_or_flushed(&mut self, what: &Happened) {
        match what {
            Happened::Refunded {
                payment,
                amount,
                parts,
            } => {
                self.text(payment.as_str());
                self.money(*amount);
                self.parts(parts);
            }
            Happened::FundsWithdrawn {
                payment,
                dispute,
                amount,
                parts,
            } => {
                self.text(payment.as_str());
                self.text(dispute.as_str());
                self.money(*amount);
                self.parts(parts);
            }
            Happened::FundsReinstated {
                payment,
                dispute,
                amount,
                debt_paid,
            } => {
                self.text(payment.as_str());
                self.text(dispute.as_str());
                self.money(*amount);
                self.money(*debt_paid);
            }
            Happened::FlushQueued {
                number,
                period,
                cents,
            } => {
                self.unsigned(u64::from(*number));
                self.unsigned(u64::from(*period));
                self.unsigned(*cents);
            }
            Happened::FlushSent { number } | Happened::FlushParked { number } => {
                self.unsigned(u64::from(*number));
            }
            Happened::Compared { gap, ours, theirs } => {
                self.unsigned(match gap {
                    Gap::Usage => GAP_USAGE,
                    Gap::Payments => GAP_PAYMENTS,
                });
                self.unsigned(*ours);
                self.unsigned(*theirs);
            }
            // Written before this is reached.
            Happened::Opened { .. }
            | Happened::PeriodClosed { .. }
            | Happened::TierScheduled { .. }
            | Happened::TierChanged { .. }
            | Happened::CeilingSet { .. }
            | Happened::QuotaSet { .. }
            | Happened::Held { .. }
            | Happened::Extended { .. }
            | Happened::Settled { .. }
            | Happened::Recorded { .. }
            | Happened::Released { .. }
            | Happened::Expired { .. }
            | Happened::ToppedUp { .. }
            | Happened::PromoGranted { .. }
            | Happened::CreditExpired { .. }
            | Happened::DebtPaid { .. } => {}
        }
    }

    fn tier(&mut self, tier: Tier) {
        let (kind, value) = match tier {
            Tier::Free {
                monthly_limit_cents,
            } => (TIER_FREE, monthly_limit_cents),
            Tier::Managed { markup } => (TIER_MANAGED, u32::from(markup.get())),
            Tier::Byok { licensing } => (TIER_BYOK, u32::from(licensing.get())),
        };
        self.unsigned(kind);
        self.unsigned(u64::from(value));
    }

    fn call(&mut self, call: &HeldCall) {
        self.bare(call.content.as_bytes());
        self.bare(call.device.as_bytes());
        self.text(call.model.as_str());
        self.unsigned(u64::from(call.price_version));
        self.payer(call.payer);
        self.unsigned(u64::from(call.guest.is_some()));
        if let Some(guest) = call.guest {
            self.bare(guest.as_bytes());
        }
    }

    fn payer(&mut self, payer: Payer) {
        self.unsigned(u64::from(payer == Payer::User));
    }

    fn usage(&mut self, usage: TokenUsage) {
        for tokens in [usage.prompt(), usage.cached_prompt(), usage.completion()] {
            self.unsigned(u64::from(tokens));
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let Entry {
            provider,
            fee,
            payer,
            credit,
            charged,
            waived,
            absorbed,
        } = *entry;
        self.payer(payer);
        for amount in [provider, fee, credit, charged, waived, absorbed] {
            self.money(amount);
        }
    }

    fn parts(&mut self, parts: &[CreditPart]) {
        self.unsigned(parts.len() as u64);
        for part in parts {
            self.unsigned(u64::from(part.grant.get()));
            self.money(part.amount);
        }
    }
}

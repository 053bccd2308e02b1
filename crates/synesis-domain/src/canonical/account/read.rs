//! The fields of account events, read.

use alloc::vec::Vec;

use super::super::{DecodeError, Reader};
use super::{
    CEILING_SET, CREDIT_EXPIRED, DEBT_PAID, EXPIRED, EXTENDED, FLUSH_PARKED, FLUSH_QUEUED,
    FLUSH_SENT, FUNDS_REINSTATED, FUNDS_WITHDRAWN, GAP_PAYMENTS, GAP_USAGE, HELD, OPENED,
    PERIOD_CLOSED, PROMO_GRANTED, QUOTA_SET, RECORDED, REFUNDED, RELEASED, SETTLED, TIER_BYOK,
    TIER_CHANGED, TIER_FREE, TIER_MANAGED, TIER_SCHEDULED, TOPPED_UP,
};
use crate::account::{CreditPart, Entry, Gap, GrantNumber, Happened, HeldCall};
use crate::chain::Digest;
use crate::id::{DeviceId, ExternalId, InviteId, RequestId, UserId};
use crate::limits::GRANTS_MAX;
use crate::money::{BasisPoints, NanoUsd};
use crate::price::TokenUsage;
use crate::tier::{Payer, Tier};

impl Reader<'_> {
    pub(super) fn happened(&mut self, kind: u8) -> Result<Happened, DecodeError> {
        Ok(match kind {
            OPENED => Happened::Opened {
                user: UserId::from_bytes(self.bare()?),
                tier: self.tier()?,
                ceiling: self.amount("ceiling")?,
            },
            PERIOD_CLOSED => Happened::PeriodClosed {
                ended: self.time("ended")?,
                bill_cents: self.unsigned("bill_cents")?,
            },
            TIER_SCHEDULED => Happened::TierScheduled {
                tier: self.tier()?,
                from: self.time("from")?,
            },
            TIER_CHANGED => Happened::TierChanged {
                tier: self.tier()?,
                from: self.time("from")?,
            },
            CEILING_SET => Happened::CeilingSet {
                ceiling: self.amount("ceiling")?,
            },
            QUOTA_SET => Happened::QuotaSet {
                guest: InviteId::from_bytes(self.bare()?),
                limit: self.amount("limit")?,
            },
            HELD | EXTENDED | SETTLED | RECORDED | RELEASED | EXPIRED => self.of_call(kind)?,
            _ => self.of_money(kind)?,
        })
    }

    fn of_call(&mut self, kind: u8) -> Result<Happened, DecodeError> {
        let request = RequestId::from_bytes(self.bare()?);
        Ok(match kind {
            HELD => Happened::Held {
                request,
                call: self.call()?,
                amount: self.amount("amount")?,
                pins: self.parts()?,
                ttl_ms: self.small("ttl_ms")?,
            },
            EXTENDED => Happened::Extended {
                request,
                added: self.amount("added")?,
                pins: self.parts()?,
                ttl_ms: self.small("ttl_ms")?,
            },
            SETTLED => Happened::Settled {
                request,
                usage: self.usage()?,
                entry: self.entry()?,
                spent: self.parts()?,
            },
            RECORDED => Happened::Recorded {
                request,
                call: self.call()?,
                occurred_at: self.time("occurred_at")?,
                usage: self.usage()?,
                entry: self.entry()?,
                spent: self.parts()?,
            },
            RELEASED => Happened::Released { request },
            _ => Happened::Expired { request },
        })
    }

    fn of_money(&mut self, kind: u8) -> Result<Happened, DecodeError> {
        Ok(match kind {
            TOPPED_UP => Happened::ToppedUp {
                payment: self.external("payment")?,
                amount: self.amount("amount")?,
                debt_paid: self.amount("debt_paid")?,
                expires_at: self.optional_time("expires_at")?,
            },
            PROMO_GRANTED => Happened::PromoGranted {
                promo: self.external("promo")?,
                amount: self.amount("amount")?,
                expires_at: self.optional_time("expires_at")?,
            },
            CREDIT_EXPIRED => Happened::CreditExpired {
                parts: self.parts()?,
            },
            DEBT_PAID => Happened::DebtPaid {
                parts: self.parts()?,
            },
            REFUNDED => Happened::Refunded {
                payment: self.external("payment")?,
                amount: self.amount("amount")?,
                parts: self.parts()?,
            },
            FUNDS_WITHDRAWN => Happened::FundsWithdrawn {
                payment: self.external("payment")?,
                dispute: self.external("dispute")?,
                amount: self.amount("amount")?,
                parts: self.parts()?,
            },
            FUNDS_REINSTATED => Happened::FundsReinstated {
                payment: self.external("payment")?,
                dispute: self.external("dispute")?,
                amount: self.amount("amount")?,
                debt_paid: self.amount("debt_paid")?,
            },
            FLUSH_QUEUED => Happened::FlushQueued {
                number: self.small("number")?,
                period: self.small("period")?,
                cents: self.unsigned("cents")?,
            },
            FLUSH_SENT => Happened::FlushSent {
                number: self.small("number")?,
            },
            FLUSH_PARKED => Happened::FlushParked {
                number: self.small("number")?,
            },
            _ => Happened::Compared {
                gap: match self.unsigned("gap")? {
                    GAP_USAGE => Gap::Usage,
                    GAP_PAYMENTS => Gap::Payments,
                    _ => return Err(DecodeError::Field("gap")),
                },
                ours: self.unsigned("ours")?,
                theirs: self.unsigned("theirs")?,
            },
        })
    }

    /// Money that cannot be negative.
    fn amount(&mut self, field: &'static str) -> Result<NanoUsd, DecodeError> {
        match self.money(field)? {
            amount if amount.is_negative() => Err(DecodeError::Field(field)),
            amount => Ok(amount),
        }
    }

    fn external(&mut self, field: &'static str) -> Result<ExternalId, DecodeError> {
        ExternalId::new(self.text(field)?).map_err(|_| DecodeError::Field(field))
    }

    fn tier(&mut self) -> Result<Tier, DecodeError> {
        match self.unsigned("tier")? {
            TIER_FREE => Ok(Tier::Free {
                monthly_limit_cents: self.small("monthly_limit_cents")?,
            }),
            TIER_MANAGED => Ok(Tier::Managed {
                markup: BasisPoints::new(self.small("markup")?),
            }),
            TIER_BYOK => Ok(Tier::Byok {
                licensing: BasisPoints::new(self.small("licensing")?),
            }),
            _ => Err(DecodeError::Field("tier")),
        }
    }

    fn call(&mut self) -> Result<HeldCall, DecodeError> {
        Ok(HeldCall {
            content: Digest::from_bytes(self.bare()?),
            device: DeviceId::from_bytes(self.bare()?),
            model: self.name("model")?,
            price_version: self.small("price_version")?,
            payer: self.payer()?,
            guest: if self.flag("guest")? {
                Some(InviteId::from_bytes(self.bare()?))
            } else {
                None
            },
        })
    }

    fn payer(&mut self) -> Result<Payer, DecodeError> {
        Ok(if self.flag("payer")? {
            Payer::User
        } else {
            Payer::Operator
        })
    }

    fn usage(&mut self) -> Result<TokenUsage, DecodeError> {
        let prompt = self.small("prompt")?;
        let cached = self.small("cached_prompt")?;
        let usage = TokenUsage::new(prompt, cached, self.small("completion")?);
        if usage.cached_prompt() == cached {
            Ok(usage)
        } else {
            Err(DecodeError::Field("cached_prompt"))
        }
    }

    fn entry(&mut self) -> Result<Entry, DecodeError> {
        let entry = Entry {
            payer: self.payer()?,
            provider: self.money("provider")?,
            fee: self.money("fee")?,
            credit: self.money("credit")?,
            charged: self.money("charged")?,
            waived: self.money("waived")?,
            absorbed: self.money("absorbed")?,
        };
        if entry.is_balanced() {
            Ok(entry)
        } else {
            Err(DecodeError::Field("entry"))
        }
    }

    fn parts(&mut self) -> Result<Vec<CreditPart>, DecodeError> {
        let count: usize = self.small("parts")?;
        if count > GRANTS_MAX * 2 {
            return Err(DecodeError::Field("parts"));
        }
        (0..count)
            .map(|_| {
                Ok(CreditPart {
                    grant: GrantNumber::new(self.small("grant")?),
                    amount: self.amount("part")?,
                })
            })
            .collect()
    }
}

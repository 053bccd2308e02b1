//! Account events as bytes.

mod read;
mod write;

use alloc::vec::Vec;

use super::{DecodeError, Reader, Writer};
use crate::account::{AccountEvent, Happened};

const OPENED: u8 = 1;
const PERIOD_CLOSED: u8 = 2;
const HELD: u8 = 3;
const EXTENDED: u8 = 4;
const SETTLED: u8 = 5;
const RELEASED: u8 = 6;
const EXPIRED: u8 = 7;
const RECORDED: u8 = 8;
const TIER_SCHEDULED: u8 = 9;
const TIER_CHANGED: u8 = 10;
const CEILING_SET: u8 = 11;
const QUOTA_SET: u8 = 12;
const TOPPED_UP: u8 = 13;
const PROMO_GRANTED: u8 = 14;
const CREDIT_EXPIRED: u8 = 15;
const DEBT_PAID: u8 = 16;
const REFUNDED: u8 = 17;
const FUNDS_WITHDRAWN: u8 = 18;
const FUNDS_REINSTATED: u8 = 19;
const FLUSH_QUEUED: u8 = 20;
const FLUSH_SENT: u8 = 21;
const FLUSH_PARKED: u8 = 22;
const COMPARED: u8 = 23;

const GAP_USAGE: u64 = 1;
const GAP_PAYMENTS: u64 = 2;

const TIER_FREE: u64 = 1;
const TIER_MANAGED: u64 = 2;
const TIER_BYOK: u64 = 3;

const fn kind(what: &Happened) -> u8 {
    match what {
        Happened::Opened { .. } => OPENED,
        Happened::PeriodClosed { .. } => PERIOD_CLOSED,
        Happened::Held { .. } => HELD,
        Happened::Extended { .. } => EXTENDED,
        Happened::Settled { .. } => SETTLED,
        Happened::Released { .. } => RELEASED,
        Happened::Expired { .. } => EXPIRED,
        Happened::Recorded { .. } => RECORDED,
        Happened::TierScheduled { .. } => TIER_SCHEDULED,
        Happened::TierChanged { .. } => TIER_CHANGED,
        Happened::CeilingSet { .. } => CEILING_SET,
        Happened::QuotaSet { .. } => QUOTA_SET,
        Happened::ToppedUp { .. } => TOPPED_UP,
        Happened::PromoGranted { .. } => PROMO_GRANTED,
        Happened::CreditExpired { .. } => CREDIT_EXPIRED,
        Happened::DebtPaid { .. } => DEBT_PAID,
        Happened::Refunded { .. } => REFUNDED,
        Happened::FundsWithdrawn { .. } => FUNDS_WITHDRAWN,
        Happened::FundsReinstated { .. } => FUNDS_REINSTATED,
        Happened::FlushQueued { .. } => FLUSH_QUEUED,
        Happened::FlushSent { .. } => FLUSH_SENT,
        Happened::FlushParked { .. } => FLUSH_PARKED,
        Happened::Compared { .. } => COMPARED,
    }
}

impl AccountEvent {
    /// The event's stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::event(kind(&self.what));
        out.time(self.at);
        out.happened(&self.what);
        out.0
    }

    /// Reads a stored form.
    ///
    /// # Errors
    /// When the bytes are not exactly one event of an account.
    pub fn decode(stored: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut from) = Reader::event(stored)?;
        if !(OPENED..=COMPARED).contains(&kind) {
            return Err(DecodeError::Kind(kind));
        }
        let at = from.time("at")?;
        let what = from.happened(kind)?;
        from.end(Self { at, what })
    }
}

//! What can be asked of an account.

use super::{Gap, HeldCall};
use crate::id::{ExternalId, InviteId, RequestId};
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;
use crate::time::Timestamp;

/// Something an account is asked to do. Each may be delivered twice: the second delivery changes
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountCommand {
    /// Begin, on these terms.
    Open {
        /// How costs become charges.
        tier: Tier,
        /// What may be charged and held in one period.
        ceiling: NanoUsd,
    },
    /// Keep money back before a call. Where the request is held already, the hold stands as it
    /// is, whatever amount is asked: its amount is in [`super::Account::request`].
    Hold {
        /// The call's id, made on the device.
        request: RequestId,
        /// What the call is.
        call: HeldCall,
        /// What to keep back.
        amount: NanoUsd,
        /// How long the hold lives without a sign of life.
        ttl_ms: u32,
    },
    /// Keep back `total` where less is held, and give the hold its whole life again. Where that
    /// much is held already it is a sign of life only, and counts once half the life is over.
    Extend {
        /// The call's id.
        request: RequestId,
        /// What is to be held in all.
        total: NanoUsd,
        /// How long the hold lives from now.
        ttl_ms: u32,
    },
    /// End a hold by what was used. Also ends one that expired.
    Settle {
        /// The call's id.
        request: RequestId,
        /// What was used.
        usage: TokenUsage,
        /// What it costs at the provider, by the price version that the hold names.
        cost: NanoUsd,
    },
    /// End a hold without a charge.
    Release {
        /// The call's id.
        request: RequestId,
    },
    /// Charge a call that nothing was held for, because the device made it without the cloud. It is
    /// charged whole or refused.
    Record {
        /// The call's id, made on the device.
        request: RequestId,
        /// What the call was.
        call: HeldCall,
        /// When the device says it was: a remark, the ledger's own time counts.
        occurred_at: Timestamp,
        /// What was used.
        usage: TokenUsage,
        /// What it costs at the provider.
        cost: NanoUsd,
    },
    /// Use other terms from a moment on. One that has passed means now; nothing in the past changes.
    SetTier {
        /// How costs become charges from then on.
        tier: Tier,
        /// When it begins.
        from: Timestamp,
    },
    /// Change what may be charged and held in one period.
    SetCeiling {
        /// The new ceiling.
        ceiling: NanoUsd,
    },
    /// Let a guest spend up to `limit` in all on this account, or change that.
    SetQuota {
        /// The invite by which the guest came.
        guest: InviteId,
        /// What all calls of the guest together may come to.
        limit: NanoUsd,
    },
    /// Credit what was paid. A debt is paid first.
    TopUp {
        /// The Checkout Session.
        payment: ExternalId,
        /// What was paid.
        amount: NanoUsd,
        /// When what is left of it is lost.
        expires_at: Option<Timestamp>,
    },
    /// Credit a gift.
    GrantPromo {
        /// The promotion: once for an account.
        promo: ExternalId,
        /// What is given.
        amount: NanoUsd,
        /// When what is left of it is lost.
        expires_at: Option<Timestamp>,
    },
    /// A payment was given back, up to `total` in all.
    Refund {
        /// The Checkout Session that paid.
        payment: ExternalId,
        /// What was given back of it since it was paid.
        total: NanoUsd,
    },
    /// The bank took a payment back while it is disputed.
    WithdrawFunds {
        /// The Checkout Session that paid.
        payment: ExternalId,
        /// The dispute.
        dispute: ExternalId,
        /// What was taken.
        amount: NanoUsd,
    },
    /// The bank gave back what it had taken: the dispute was won.
    ReinstateFunds {
        /// The Checkout Session that paid.
        payment: ExternalId,
        /// The dispute.
        dispute: ExternalId,
    },
    /// End the open period now instead of with the month.
    ClosePeriod,
    /// Queue what is due at Stripe: the rest of closed periods, and of the open one whole cents once
    /// `threshold` is unbilled.
    Flush {
        /// From which unbilled amount of the open period on.
        threshold: NanoUsd,
    },
    /// Stripe has a queued amount: it said so, or said that it already had it.
    ConfirmFlush {
        /// Which.
        number: u32,
    },
    /// Stripe refused a queued amount; it waits for a person.
    ParkFlush {
        /// Which.
        number: u32,
    },
    /// Note what a comparison with somebody else's books found. No gap, or one that is known, changes
    /// nothing.
    NoteGap {
        /// What was compared.
        gap: Gap,
        /// What these books say, in cents.
        ours: u64,
        /// What the others say.
        theirs: u64,
    },
    /// Do what is due by now: end holds that died and credits that expired, begin the month.
    Tick,
}

//! What can be asked of an account.

use super::HeldCall;
use crate::id::RequestId;
use crate::money::NanoUsd;
use crate::price::TokenUsage;
use crate::tier::Tier;

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
    /// Do what is due by now: end holds that died, begin the month.
    ExpireHolds,
}

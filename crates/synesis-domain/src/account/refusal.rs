//! Why an account does not do what it is asked.

use thiserror::Error;

use crate::money::NanoUsd;

/// Every way to be refused. Where several apply, the one that stands first here is given: a
/// command that is wrong in itself, then an account that is not there, then the request's own
/// state, then what it refers to, then limits, and money last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Refusal {
    /// An amount is negative, more than there was, or larger than an account can count.
    #[error("the amount {0} cannot be booked")]
    Amount(NanoUsd),
    /// The life asked for a hold is zero or longer than a hold may live.
    #[error("a hold cannot live {0} ms")]
    Ttl(u32),
    /// The account was never opened.
    #[error("the account is not open")]
    NotOpen,
    /// The account was opened on other terms.
    #[error("the account is already open on other terms")]
    AlreadyOpen,
    /// The same id was used for something else.
    #[error("this id was used for something else")]
    OtherContent,
    /// The request was settled: it is not held, extended or released any more.
    #[error("this request was already settled")]
    AlreadySettled,
    /// The request is not held.
    #[error("nothing is held for this request")]
    NothingHeld,
    /// No such payment or dispute is known.
    #[error("this payment is not known")]
    UnknownPayment,
    /// No such amount was ever queued for Stripe.
    #[error("this amount was never queued")]
    UnknownFlush,
    /// The guest has no quota here.
    #[error("this guest may spend nothing here")]
    UnknownGuest,
    /// Too many calls run.
    #[error("{max} calls already run on this account")]
    TooManyHolds {
        /// How many can run.
        max: usize,
    },
    /// Too many grants, guests, disputes or dated changes.
    #[error("an account has at most {max} of these")]
    TooMany {
        /// How many there can be.
        max: usize,
    },
    /// Money that was spent was taken back: that is paid first.
    #[error("{owed} are owed from payments that were taken back")]
    Debt {
        /// What is owed.
        owed: NanoUsd,
    },
    /// It would pass what the guest may spend.
    #[error("the guest's quota would be passed by {excess}")]
    Quota {
        /// By how much.
        excess: NanoUsd,
        /// What is left.
        room: NanoUsd,
    },
    /// It would pass the ceiling.
    #[error("the credit ceiling would be passed by {excess}")]
    Ceiling {
        /// By how much.
        excess: NanoUsd,
        /// What is left.
        room: NanoUsd,
    },
}

impl Refusal {
    /// The name on the wire, in reports and in `account replay`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Amount(_) => "bad_amount",
            Self::Ttl(_) => "bad_ttl",
            Self::NotOpen => "not_open",
            Self::AlreadyOpen => "already_open",
            Self::OtherContent => "other_content",
            Self::AlreadySettled => "already_settled",
            Self::NothingHeld => "nothing_held",
            Self::UnknownPayment => "unknown_payment",
            Self::UnknownFlush => "unknown_flush",
            Self::UnknownGuest => "unknown_guest",
            Self::TooManyHolds { .. } => "too_many_holds",
            Self::TooMany { .. } => "too_many",
            Self::Debt { .. } => "debt",
            Self::Quota { .. } => "quota_exceeded",
            Self::Ceiling { .. } => "credit_ceiling_exceeded",
        }
    }
}

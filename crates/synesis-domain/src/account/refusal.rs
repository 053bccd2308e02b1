//! Why an account does not do what it is asked.

use thiserror::Error;

use crate::money::NanoUsd;

/// Every way to be refused. Where several apply, the one that stands first here is given: a
/// command that is wrong in itself, then an account that is not there, then the request's own
/// state, then limits, and money last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Refusal {
    /// An amount is negative, or larger than an account can count.
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
    /// The same request id was used for something else.
    #[error("this request id was used for another request")]
    OtherContent,
    /// The request was settled: it is not held, extended or released any more.
    #[error("this request was already settled")]
    AlreadySettled,
    /// The request is not held.
    #[error("nothing is held for this request")]
    NothingHeld,
    /// Too many calls run.
    #[error("{max} calls already run on this account")]
    TooManyHolds {
        /// How many can run.
        max: usize,
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

//! Why a request is not done, or not done to its end.

use synesis_domain::{NanoUsd, Refusal};
use synesis_wire::ErrorCode;
use synesis_wire::proto::CallError;
use thiserror::Error;

/// Every way a request can fail here, with what the caller needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// A field makes no sense.
    #[error("the field {field} {problem}")]
    BadField {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something is over its limit.
    #[error("{what}: {size} {unit}, and the limit is {max}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        size: usize,
        /// How large it may be.
        max: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A model that has no row in the operator's table, or no price.
    #[error("this cloud has no model for {0}")]
    UnknownModel(String),
    /// An adapter that the caller has not here.
    #[error("this cloud has no adapter named {0}")]
    UnknownAdapter(String),
    /// The ceiling leaves no room.
    #[error(
        "the credit ceiling leaves {room}, which is not enough to go on; local answers still work"
    )]
    CreditCeiling {
        /// What is left.
        room: NanoUsd,
    },
    /// The guest's quota leaves no room.
    #[error("the guest's quota leaves {room}, which is not enough to go on; the host can raise it")]
    GuestQuota {
        /// What is left.
        room: NanoUsd,
    },
    /// Money that was spent was taken back.
    #[error(
        "{owed} are owed from payments that were taken back; `synesis cloud topup` pays them, local \
         answers still work"
    )]
    Debt {
        /// What is owed.
        owed: NanoUsd,
    },
    /// The invite allows no calls.
    #[error("this guest may make no calls on the host's account")]
    GuestUnknown,
    /// Too many calls of this account run.
    #[error("{max} calls of this account already run")]
    TooManyCalls {
        /// How many can run.
        max: usize,
    },
    /// The request id was used for something else.
    #[error("this request id was used for another request")]
    OtherContent,
    /// The request was answered and charged, and the answer is not kept any more.
    #[error("this request was answered and charged before, and its answer is no longer kept")]
    AnswerForgotten,
    /// There is nothing to resume.
    #[error("nothing after chunk {resume_after} of this request is kept; ask again with a new id")]
    NothingToResume {
        /// Where the caller wants to go on.
        resume_after: u64,
    },
    /// The provider refused or broke off.
    #[error("the model's provider failed: {0}")]
    ProviderFailed(String),
    /// The provider was silent for too long.
    #[error("the model's provider did not answer in time")]
    ProviderTimeout,
    /// The provider wants fewer calls.
    #[error("the model's provider has too much to do")]
    ProviderBusy {
        /// When it can be tried again, where that was said.
        retry_after_ms: Option<u32>,
    },
    /// The call's time is over.
    #[error("the call's deadline passed")]
    Deadline,
    /// The caller wants no more.
    #[error("the call was cancelled")]
    Cancelled,
    /// The server goes away.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The books could not be written, or said something that cannot be.
    #[error("the account could not be kept up to date")]
    Internal,
}

impl Rejection {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadField { .. } | Self::UnknownAdapter(_) | Self::NothingToResume { .. } => {
                ErrorCode::BadRequest
            }
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::UnknownModel(_) => ErrorCode::UnknownModel,
            Self::CreditCeiling { .. }
            | Self::GuestQuota { .. }
            | Self::Debt { .. }
            | Self::GuestUnknown => ErrorCode::CreditCeilingExceeded,
            Self::TooManyCalls { .. } | Self::ProviderBusy { .. } => ErrorCode::RateLimited,
            Self::OtherContent | Self::AnswerForgotten => ErrorCode::DuplicateRequest,
            Self::ProviderFailed(_) => ErrorCode::ProviderFailed,
            Self::ProviderTimeout => ErrorCode::ProviderTimeout,
            Self::Deadline => ErrorCode::Deadline,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::ShuttingDown => ErrorCode::ShuttingDown,
            Self::Internal => ErrorCode::Internal,
        }
    }

    /// As the answer to a call.
    #[must_use]
    pub fn to_call_error(&self) -> CallError {
        let retry_after_ms = match self {
            Self::ProviderBusy { retry_after_ms } => *retry_after_ms,
            _ => None,
        };
        CallError {
            code: self.code().as_str().into(),
            message: self.to_string(),
            retry_after_ms,
        }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Ceiling { room, .. } => Self::CreditCeiling { room },
            Refusal::TooManyHolds { max } => Self::TooManyCalls { max },
            Refusal::OtherContent => Self::OtherContent,
            Refusal::AlreadySettled => Self::AnswerForgotten,
            Refusal::Quota { room, .. } => Self::GuestQuota { room },
            Refusal::Debt { owed } => Self::Debt { owed },
            Refusal::UnknownGuest => Self::GuestUnknown,
            Refusal::Amount(_)
            | Refusal::Ttl(_)
            | Refusal::NotOpen
            | Refusal::AlreadyOpen
            | Refusal::NothingHeld
            | Refusal::UnknownPayment
            | Refusal::UnknownFlush
            | Refusal::TooMany { .. } => Self::Internal,
        }
    }
}

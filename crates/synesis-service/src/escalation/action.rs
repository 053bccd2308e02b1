//! What an escalation asks its host to do, and what the host can answer.

use synesis_core::ChatMessage;
use synesis_domain::account::{Entry, RequestState, Settlement};
use synesis_domain::{
    Account, AccountCommand, LoraId, NanoUsd, Refusal, RequestId, Timestamp, TokenUsage,
};
use synesis_wire::proto::{self, StreamChunk};

use crate::auth::Caller;
use crate::limits::PROVIDER_MESSAGE_CHARS_MAX;
use crate::model::ProviderId;
use crate::rejection::Rejection;

/// Something the host does. They are done in the order in which they are given.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Put a command to the caller's account and tell the answer.
    Account(AccountCommand),
    /// Call the provider, and tell what it writes and how it ends.
    CallProvider(ProviderCall),
    /// Send a chunk to whoever listens. It is in the transcript already.
    Send(StreamChunk),
    /// Stop the provider. Nothing it says from here on counts.
    StopProvider,
    /// All is done; nothing comes after it.
    Done(Box<Record>),
}

/// A call to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderCall {
    /// Whom to call.
    pub provider: ProviderId,
    /// What the provider calls the model.
    pub model_id: String,
    /// The adapter to answer with, where one was named.
    pub lora: Option<LoraId>,
    /// What the model is told.
    pub messages: Vec<ChatMessage>,
    /// The most tokens it may write.
    pub max_tokens: u32,
}

/// What an account answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountReply {
    /// The request is held.
    Held {
        /// What is held for it in all.
        amount: NanoUsd,
        /// What could still be held.
        room: NanoUsd,
    },
    /// The request is settled.
    Settled {
        /// How.
        settlement: Settlement,
        /// That the ledger has it, where the host signs that.
        receipt: Option<Box<proto::Receipt>>,
    },
    /// Nothing is held for the request.
    NotHeld,
}

impl AccountReply {
    /// The answer about a request, after the events of a command were stored and applied.
    #[must_use]
    pub fn of(account: &Account, request: &RequestId) -> Self {
        match account.request(request) {
            RequestState::Held(hold) => Self::Held {
                amount: hold.amount,
                room: account.room(),
            },
            RequestState::Settled(settlement) => Self::Settled {
                settlement: settlement.clone(),
                receipt: None,
            },
            RequestState::Unknown | RequestState::Released | RequestState::Expired => Self::NotHeld,
        }
    }

    /// Puts a signed receipt to the answer about a request that is settled.
    #[must_use]
    pub fn with_receipt(self, signed: impl FnOnce() -> proto::Receipt) -> Self {
        match self {
            Self::Settled { settlement, .. } => Self::Settled {
                settlement,
                receipt: Some(Box::new(signed())),
            },
            other => other,
        }
    }
}

/// Why an account did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountFailure {
    /// It refused.
    Refused(Refusal),
    /// It could not be asked, or its events could not be stored.
    Unavailable,
}

/// How an answer ended that was not broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The most tokens were written.
    Length,
    /// The caller wanted no more.
    Cancelled,
}

impl Finish {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a provider gave no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderFailure {
    /// It refused or broke off; what it said about it, without secrets.
    Failed(String),
    /// It was silent for too long.
    Timeout,
    /// It wants fewer calls.
    Busy {
        /// When it can be tried again, where it said so.
        retry_after_ms: Option<u32>,
    },
}

impl From<ProviderFailure> for Rejection {
    fn from(failure: ProviderFailure) -> Self {
        match failure {
            ProviderFailure::Failed(message) => {
                Self::ProviderFailed(message.chars().take(PROVIDER_MESSAGE_CHARS_MAX).collect())
            }
            ProviderFailure::Timeout => Self::ProviderTimeout,
            ProviderFailure::Busy { retry_after_ms } => Self::ProviderBusy { retry_after_ms },
        }
    }
}

/// Why the host ends an escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The caller cancelled or went away.
    Cancelled,
    /// The server goes away.
    ShuttingDown,
}

/// What became of an escalation.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub caller: Caller,
    /// Who served it.
    pub provider: ProviderId,
    /// The model that was asked.
    pub model_id: String,
    /// What was used; `None` where nothing was charged.
    pub usage: Option<TokenUsage>,
    /// What came of it; `None` where nothing was charged.
    pub entry: Option<Entry>,
    /// How it ended.
    pub outcome: Result<Finish, Rejection>,
    /// When it began.
    pub started: Timestamp,
    /// When the first words came.
    pub first_text_at: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// A settlement that the account could not take in. The host puts it again until it does: a
    /// repeated settlement changes nothing.
    pub unsettled: Option<AccountCommand>,
}

//! What the cloud does with a request, whoever hosts it.
//!
//! A host reads a call, [`authenticate`]s the caller, parses an [`EscalationRequest`] into a
//! [`ValidRequest`], asks [`admit`] whether it is new, and then carries an [`Escalation`] out:
//! money is held, a provider is called, its words go out as numbered chunks, what was used is
//! settled. Each of these is a function or a state machine over values.
//!
//! Promises: a request id is charged at most once; nobody passes a ceiling; what was generated
//! before a cut is settled and what was not is never charged; chunks are numbered from 1 without
//! gaps and can be sent again.
//!
//! Absent: sockets, HTTP, SQL, clocks, randomness, async. Identity never comes from a message.
//!
//! [`EscalationRequest`]: synesis_wire::proto::EscalationRequest

pub mod limits;
pub mod stripe;

mod admission;
mod auth;
mod bucket;
mod device_grant;
mod escalation;
mod estimate;
mod model;
mod prompt;
mod rejection;
mod request;
mod transcript;

pub use admission::{Admission, Known, admit};
pub use auth::{AuthRefusal, Caller, Claims, SpiffeError, authenticate, parse_spiffe, spiffe};
pub use bucket::TokenBucket;
pub use device_grant::{
    DEVICE_GRANT_TYPE, DeviceAuthorization, DeviceAuthorizationRequest, GrantError, GrantErrorBody,
    GrantedToken, TokenRequest,
};
pub use escalation::{
    AccountFailure, AccountReply, Action, Escalation, EscalationInput, Finish, ProviderCall,
    ProviderFailure, Record, StopReason,
};
pub use estimate::PromptEstimate;
pub use model::{ModelRow, ModelTable, ModelTableError, ProviderId, Route, model_name};
pub use prompt::messages;
pub use rejection::Rejection;
pub use request::{Speaker, Turn, ValidRequest};
pub use transcript::{Transcript, TranscriptError};

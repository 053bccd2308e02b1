//! The device's side of the cloud: identity, tunnel, escalation, ledger.
//!
//! - [`Identity`] is what proves this device to its cloud; [`enrol`] gets one.
//! - [`CloudTunnel`] keeps one connection alive and comes back by itself: QUIC with mutual TLS, or a
//!   WebSocket where UDP does not get through.
//! - [`EscalationClient`] sends redacted questions and streams the answers; a stream that was cut
//!   goes on where it stopped, under the same request id.
//! - [`LocalLedger`] has every escalation on disk before it is sent, and every call of the user's
//!   own key before it is recorded; [`BillingClient`] asks the cloud what became of them, keeps what
//!   the cloud signs, and audits the cloud's ledger against it.
//!
//! Absent, on purpose: nothing here prints, reads the environment, or looks for the home folder.
//! No raw text can be escalated: the types take [`synesis_privacy::Redacted`] only, and the
//! encoded frame passes a [`synesis_privacy::LastGate`] before a byte of it is written. Money is
//! never a float.

mod assembly;
mod audit;
mod billing;
mod call;
mod connection;
mod controls;
mod date;
mod devices;
mod dial;
mod enrol;
mod error;
mod escalation;
mod heartbeat;
mod history;
mod https;
mod identity;
mod keys;
mod ledger;
pub mod limits;
mod liveness;
mod login;
mod metrics;
pub mod policy;
mod prewarm;
mod prober;
mod receipt;
mod refusal;
mod renewal;
mod silent;
#[cfg(test)]
mod simulation;
mod statement;
mod streaming;
mod supervisor;
mod surroundings;
mod sync;
mod tls;
mod trust;
mod tunnel;
mod tunnel_events;
mod tunnel_metrics;
mod vitals;
mod watch;

pub use audit::{AuditReport, CallSum, Finding, Findings};
pub use billing::{
    Balance, BillingClient, Credit, NextTerms, Reconciliation, Terms, TierOffer, TopUpPage,
    TopUpState,
};
pub use call::OutgoingCall;
pub use connection::AnswerStream;
pub use devices::DeviceSummary;
pub use enrol::{EnrolError, Enrolment, enrol, make_device_key};
pub use error::{AuthCause, Cause, CloudError, Mend};
pub use escalation::{
    Egress, Escalation, EscalationAnswer, EscalationClient, EscalationConfig, Speaker, Turn,
};
pub use heartbeat::{Acknowledged, HeartbeatMetrics, HeartbeatService};
pub use history::HistoryPage;
pub use identity::{Identity, IdentityError, certificate_not_after};
pub use keys::KeysClient;
pub use ledger::{
    Backlog, DayTotals, LedgerError, LocalLedger, ModelTotals, Opening, Period, ProjectTotals,
    RecordState, RecordedCall, Settlement, Totals, UsageRecord,
};
pub use login::{LoginEnd, LoginOffer, PendingLogin, PollAnswer, PollStep, Poller};
pub use metrics::EscalationMetrics;
pub use prewarm::{PrewarmTarget, StressDetector};
pub use receipt::{AlarmKind, ReceiptAlarm, SignedReceipt};
pub use statement::SignedStatements;
pub use streaming::{Agent, Ended, Finish, Phase, StreamChunk, StreamFailure, StreamingResponse};
pub use sync::{SyncMetrics, SyncService};
pub use synesis_transport::Transport;
pub use synesis_wire::proto::DeviceVitals;
pub use synesis_wire::proto::{ApiKeyInfo, KeyCreateRequest};
pub use trust::Trust;
pub use tunnel::{CloudTunnel, TransportChoice, TunnelConfig};
pub use tunnel_events::{TunnelEvents, TunnelState};
pub use tunnel_metrics::{LineMetrics, QuicMetrics, TunnelMetrics};
pub use vitals::{Activity, DefaultVitalsCollector, Running, VitalsCollector};

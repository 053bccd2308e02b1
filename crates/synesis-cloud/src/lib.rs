//! The device's side of the cloud: identity, tunnel, escalation, ledger.
//!
//! - [`Identity`] is what proves this device to its cloud; [`enrol`] gets one.
//! - [`CloudTunnel`] keeps one connection alive and comes back by itself: QUIC with mutual TLS, or a
//!   WebSocket where UDP does not get through.
//! - [`EscalationClient`] sends redacted questions and streams the answers; a stream that was cut
//!   goes on where it stopped, under the same request id.
//! - [`LocalLedger`] has every escalation on disk before it is sent; [`BillingClient`] asks the
//!   cloud what became of those that were left open.
//!
//! Absent, on purpose: nothing here prints, reads the environment, or looks for the home folder.
//! No raw text can be escalated: the types take [`synesis_privacy::Redacted`] only, and the
//! encoded frame passes a [`synesis_privacy::LastGate`] before a byte of it is written. Money is
//! never a float.

mod assembly;
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
mod refusal;
mod renewal;
mod silent;
#[cfg(test)]
mod simulation;
mod streaming;
mod supervisor;
mod surroundings;
mod tls;
mod trust;
mod tunnel;
mod tunnel_events;
mod tunnel_metrics;
mod vitals;
mod watch;

pub use billing::{Balance, BillingClient, Reconciliation};
pub use call::OutgoingCall;
pub use connection::AnswerStream;
pub use devices::DeviceSummary;
pub use enrol::{EnrolError, Enrolment, enrol, make_device_key};
pub use error::{AuthCause, Cause, CloudError, Mend};
pub use escalation::{
    Egress, Escalation, EscalationAnswer, EscalationClient, EscalationConfig, Speaker, Turn,
};
pub use heartbeat::{Acknowledged, HeartbeatMetrics, HeartbeatService};
pub use identity::{Identity, IdentityError, certificate_not_after};
pub use keys::KeysClient;
pub use ledger::{
    DayTotals, LedgerError, LocalLedger, ModelTotals, Opening, Period, Settlement, Totals,
};
pub use login::{LoginEnd, LoginOffer, PendingLogin, PollAnswer, PollStep, Poller};
pub use metrics::EscalationMetrics;
pub use prewarm::{PrewarmTarget, StressDetector};
pub use streaming::{Agent, Ended, Finish, Phase, StreamChunk, StreamFailure, StreamingResponse};
pub use synesis_transport::Transport;
pub use synesis_wire::proto::DeviceVitals;
pub use synesis_wire::proto::{ApiKeyInfo, KeyCreateRequest};
pub use trust::Trust;
pub use tunnel::{CloudTunnel, TransportChoice, TunnelConfig};
pub use tunnel_events::{TunnelEvents, TunnelState};
pub use tunnel_metrics::{LineMetrics, QuicMetrics, TunnelMetrics};
pub use vitals::{Activity, DefaultVitalsCollector, Running, VitalsCollector};

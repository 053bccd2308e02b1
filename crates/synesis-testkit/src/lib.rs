//! A world for tests: a cloud that answers from a script, a line that can be cut, a clock and
//! random numbers that obey.
//!
//! [`MockCloudServer`] is a real QUIC endpoint with mutual TLS and an authority of its own; only
//! its answers are scripted. [`StripeDouble`] is a Stripe that remembers. Nothing here sleeps to synchronise: a test waits for what it needs
//! ([`Hold::reached`], [`MockCloudServer::cancelled`]) and releases what it holds back.
//!
//! Absent: rules of the cloud. What a real server decides is tested against the real server.
//! Used as a dev-dependency only, so its failures are panics.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a double that cannot do its part fails the test that uses it"
)]

mod authority;
mod clock;
mod enrolment;
mod mock;
mod postgres;
mod relay;
mod script;
#[cfg(feature = "model")]
mod scripted_model;
mod seed;
mod stripe;

pub use authority::{Authority, ClientCertificate, Validity};
pub use clock::FakeClock;
pub use enrolment::MockEnrolment;
pub use mock::MockCloudServer;
pub use mock::books::Lie;
pub use postgres::ThrowawayPostgres;
pub use relay::UdpRelay;
pub use script::{BillingEvent, Hold, Plan};
#[cfg(feature = "model")]
pub use scripted_model::ScriptedModel;
pub use seed::SeededRng;
pub use stripe::{ReceivedCall, StripeDouble, StripeFault, Webhook, WebhookSignature};

//! The way to Stripe: settings of the operator, and a client that sends what
//! [`synesis_service::stripe`] says.
//!
//! Promises: the key goes into one header of one host and never into a log; every try of a request
//! is the same bytes under the same idempotency key; every answer has a bound.
//!
//! Absent: what a payment does to an account, and the queue of what is to be reported.

mod client;
mod settings;

pub use client::{StripeClient, StripeError, StripeOutcome, TryFailure};
pub use settings::{StripeSecrets, StripeSettings};

pub(crate) use settings::StripeSection;

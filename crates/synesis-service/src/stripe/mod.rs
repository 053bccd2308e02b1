//! Stripe, as values: requests that a host sends, answers that it got, webhooks that arrived.
//!
//! Only the calls that this system makes, each typed by its reply. A [`StripeRequest`] says what to
//! send, the same bytes in every try; [`StripeRequest::judge`] says what an answer means;
//! [`receive`] checks a webhook's signature and reads it.
//!
//! Promises: usage cannot be reported without an identifier; an identifier that Stripe has already
//! seen counts as sent; only a session that Stripe calls paid reads as paid; what is wrong in an
//! answer or a webhook is an error and never a panic. Fields that are not needed are not looked at.
//!
//! Absent: sockets, clocks, randomness, and the ledger. What a payment or a dispute does to an
//! account is said in `synesis_domain`.

mod amount;
mod answer;
mod calls;
mod date;
mod event;
mod id;
mod metadata;
mod object;
mod refusal;
mod request;
mod retry;
mod secret;
mod signature;

pub use amount::{AmountError, TopUpCents};
pub use answer::{StripeAnswer, Verdict};
pub use calls::{
    NewCustomer, NewTopUp, SummaryWindow, UsageReport, WindowError, cancel_usage, create_customer,
    create_top_up, report_usage, retrieve_charge, retrieve_dispute, retrieve_session,
    sessions_of_payment, usage_summary,
};
pub use event::{
    Dispute, EventError, InvoiceChange, InvoiceEvent, NotPaid, StripeEvent, StripeEventKind,
    parse_event,
};
pub use id::{
    ChargeId, CheckoutSessionId, CustomerId as StripeCustomerId, DisputeId, EventId,
    IdempotencyKey, InvoiceId, MeterEventIdentifier, MeterEventName, MeterId, PaymentIntentId,
    StripeIdError,
};
pub use metadata::{METADATA_USER, Metadata, MetadataError};
pub use object::{
    Charge, CheckoutSession, Customer, DisputeStatus, MeterEvent, PaidSession, PaidSessionError,
    PaymentStatus, SessionList, SessionStatus, StripeDispute, UsageCancelled, UsageSummary,
};
pub use refusal::{RefusalKind, StripeRefusal};
pub use request::{Method, Reply, StripeRequest};
pub use retry::{TRIES_MAX, wait_ms};
pub use secret::{SecretError, StripeSecretKey, WebhookSecret};
pub use signature::{
    SIGNATURE_HEADER, SignatureError, TOLERANCE_SECONDS, WebhookError, receive, verify,
};

/// The version of Stripe's API that all of this is written for, pinned in every request.
pub const API_VERSION: &str = "2026-09-30.endive";

/// The largest webhook that is read, in bytes.
pub const WEBHOOK_BYTES_MAX: usize = 256 * 1024;

/// The largest answer that is read, in bytes.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

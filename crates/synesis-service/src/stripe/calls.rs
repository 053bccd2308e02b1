//! The calls that we make.

use std::borrow::Cow;

use synesis_domain::{EmailAddress, Timestamp, UserId};

use super::amount::TopUpCents;
use super::id::{
    ChargeId, CheckoutSessionId, CustomerId, DisputeId, IdempotencyKey, MeterEventIdentifier,
    MeterEventName, MeterId, PaymentIntentId,
};
use super::metadata::Metadata;
use super::object::{
    Charge, CheckoutSession, Customer, MeterEvent, SessionList, StripeDispute, UsageCancelled,
    UsageSummary,
};
use super::request::{Reply, StripeRequest};

/// Somebody whom Stripe is to know.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// Where Stripe sends receipts.
    pub email: Option<EmailAddress>,
    /// Whose account it is, and other notes.
    pub metadata: Metadata,
}

/// A top-up that somebody wants to pay for.
#[derive(Debug, Clone)]
pub struct NewTopUp {
    /// Who pays.
    pub customer: CustomerId,
    /// For whose account.
    pub user: UserId,
    /// How much, in US cents.
    pub amount: TopUpCents,
    /// What stands on the page and on the receipt.
    pub product_name: String,
    /// Where the browser goes afterwards; may hold `{CHECKOUT_SESSION_ID}`. That it gets there
    /// proves nothing.
    pub success_url: String,
    /// Where the browser goes when the person turns back.
    pub cancel_url: String,
}

/// Usage that is to be billed. All of it is fixed before the first try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// Under which name the meter takes it.
    pub event_name: MeterEventName,
    /// Who is billed.
    pub customer: CustomerId,
    /// Whole cents.
    pub cents: u64,
    /// By which name Stripe takes it once.
    pub identifier: MeterEventIdentifier,
    /// When it was queued.
    pub timestamp: Timestamp,
}

/// Why a time is no window of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window begins before it ends, and not before 1970")]
pub struct WindowError;

/// Whole minutes, which is what Stripe adds usage up over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryWindow {
    start_s: i64,
    end_s: i64,
}

const MINUTE_MS: i64 = 60_000;

impl SummaryWindow {
    /// The smallest window in which both moments lie.
    ///
    /// # Errors
    /// When `from` does not lie before `to`.
    pub const fn covering(from: Timestamp, to: Timestamp) -> Result<Self, WindowError> {
        let (from, to) = (from.as_millis(), to.as_millis());
        if from < 0 || from > to || to > i64::MAX - MINUTE_MS {
            return Err(WindowError);
        }
        Ok(Self {
            start_s: from / MINUTE_MS * 60,
            end_s: (to / MINUTE_MS + 1) * 60,
        })
    }
}

/// `POST /v1/customers`
#[must_use]
pub fn create_customer(customer: &NewCustomer, key: IdempotencyKey) -> StripeRequest<Customer> {
    let mut request = StripeRequest::post("/v1/customers", key);
    if let Some(email) = &customer.email {
        request = request.with("email", email.as_str());
    }
    noted(request, "metadata", &customer.metadata)
}

/// `POST /v1/checkout/sessions`: a page on which a top-up is paid.
#[must_use]
pub fn create_top_up(top_up: &NewTopUp, key: IdempotencyKey) -> StripeRequest<CheckoutSession> {
    let user = Metadata::of(top_up.user);
    let request = StripeRequest::post("/v1/checkout/sessions", key)
        .with("mode", "payment")
        .with("customer", top_up.customer.as_str())
        .with("client_reference_id", top_up.user.to_string())
        .with("line_items[0][quantity]", "1")
        .with("line_items[0][price_data][currency]", "usd")
        .with(
            "line_items[0][price_data][unit_amount]",
            top_up.amount.get().to_string(),
        )
        .with(
            "line_items[0][price_data][product_data][name]",
            top_up.product_name.as_str(),
        )
        .with("success_url", top_up.success_url.as_str())
        .with("cancel_url", top_up.cancel_url.as_str());
    let request = noted(request, "metadata", &user);
    noted(request, "payment_intent_data[metadata]", &user)
}

/// `GET /v1/checkout/sessions/{id}`
#[must_use]
pub fn retrieve_session(session: &CheckoutSessionId) -> StripeRequest<CheckoutSession> {
    StripeRequest::get(format!("/v1/checkout/sessions/{session}"))
}

/// `GET /v1/checkout/sessions`: which session a payment, its refund or its dispute belongs to.
#[must_use]
pub fn sessions_of_payment(payment: &PaymentIntentId) -> StripeRequest<SessionList> {
    StripeRequest::get("/v1/checkout/sessions".to_owned()).with("payment_intent", payment.as_str())
}

/// `POST /v1/billing/meter_events`. One at a time for each customer: Stripe refuses a second one
/// that is under way.
#[must_use]
pub fn report_usage(report: &UsageReport) -> StripeRequest<MeterEvent> {
    let key = IdempotencyKey::from(&report.identifier);
    StripeRequest::post("/v1/billing/meter_events", key)
        .with("event_name", report.event_name.as_str())
        .with("payload[stripe_customer_id]", report.customer.as_str())
        .with("payload[value]", report.cents.to_string())
        .with("identifier", report.identifier.as_str())
        .with("timestamp", seconds(report.timestamp).to_string())
        .reporting(report.identifier.clone())
}

/// `POST /v1/billing/meter_event_adjustments`: takes a report of the last 24 hours back.
#[must_use]
pub fn cancel_usage(
    event_name: &MeterEventName,
    identifier: &MeterEventIdentifier,
    key: IdempotencyKey,
) -> StripeRequest<UsageCancelled> {
    StripeRequest::post("/v1/billing/meter_event_adjustments", key)
        .with("event_name", event_name.as_str())
        .with("type", "cancel")
        .with("cancel[identifier]", identifier.as_str())
}

/// `GET /v1/billing/meters/{id}/event_summaries`: what Stripe added up, some minutes late.
#[must_use]
pub fn usage_summary(
    meter: &MeterId,
    customer: &CustomerId,
    window: SummaryWindow,
) -> StripeRequest<UsageSummary> {
    StripeRequest::get(format!("/v1/billing/meters/{meter}/event_summaries"))
        .with("customer", customer.as_str())
        .with("start_time", window.start_s.to_string())
        .with("end_time", window.end_s.to_string())
}

/// `GET /v1/charges/{id}`: what of a payment was refunded by now.
#[must_use]
pub fn retrieve_charge(charge: &ChargeId) -> StripeRequest<Charge> {
    StripeRequest::get(format!("/v1/charges/{charge}"))
}

/// `GET /v1/disputes/{id}`: how a dispute stands by now.
#[must_use]
pub fn retrieve_dispute(dispute: &DisputeId) -> StripeRequest<StripeDispute> {
    StripeRequest::get(format!("/v1/disputes/{dispute}"))
}

fn noted<T: Reply>(request: StripeRequest<T>, under: &str, notes: &Metadata) -> StripeRequest<T> {
    notes.iter().fold(request, |request, (key, value)| {
        request.with(Cow::Owned(format!("{under}[{key}]")), value)
    })
}

const fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

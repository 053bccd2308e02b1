//! What happened at Stripe, as a webhook tells it.
//!
//! Webhooks come at least once and in any order: the id is the same in each delivery, and what an
//! event does is keyed by the object it names. How something stands by now is asked afresh.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::WEBHOOK_BYTES_MAX;
use super::date::unix_seconds;
use super::id::{
    ChargeId, CheckoutSessionId, CustomerId, DisputeId, EventId, InvoiceId, MeterId,
    PaymentIntentId,
};
use super::object::{Charge, CheckoutSession, DisputeStatus, PaidSession, StripeDispute};

const TYPE_BYTES_MAX: usize = 200;

/// Why a webhook cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Longer than what is read.
    #[error("it is longer than {WEBHOOK_BYTES_MAX} bytes")]
    TooLong,
    /// No event at all.
    #[error("it is no event: {0}")]
    Envelope(String),
    /// An event whose object is not what its type says.
    #[error("the object of {kind} cannot be used: {problem}")]
    Object {
        /// The event's type.
        kind: String,
        /// What is wrong.
        problem: String,
    },
}

/// Something that happened at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeEvent {
    /// The same in every delivery.
    pub id: EventId,
    /// When it happened, in seconds since 1970. The order of events is not the order of these.
    pub created: i64,
    /// What.
    pub kind: StripeEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripeEventKind {
    /// A session was paid. Several events say so of the same session.
    CheckoutPaid(PaidSession),
    /// A session was used or ended, and there is no money.
    CheckoutNotPaid {
        /// Which.
        session: CheckoutSessionId,
        /// Why.
        why: NotPaid,
    },
    /// Money went back to the payer.
    Refunded {
        /// Of which payment.
        payment_intent: PaymentIntentId,
        /// Of which charge.
        charge: ChargeId,
        /// All of the charge that went back until then, in cents, not only this time.
        amount_refunded_total_cents: u64,
    },
    /// A bank asks about a payment; the money is still here.
    DisputeOpened(Dispute),
    /// A bank took money back.
    FundsWithdrawn(Dispute),
    /// A bank gave back what it had taken.
    FundsReinstated(Dispute),
    /// A dispute is over.
    DisputeClosed {
        /// Which.
        dispute: Dispute,
        /// Whether the money is the operator's: won, or nothing was ever taken.
        won: bool,
    },
    /// Something about the bill of a customer.
    Invoice(InvoiceEvent),
    /// Usage that Stripe had taken turned out to fit no meter or no customer.
    MeterError {
        /// Of which meter; none where there is none of that name.
        meter: Option<MeterId>,
    },
    /// Nothing that concerns us.
    Other {
        /// The event's type.
        kind: String,
    },
}

/// Why there is no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPaid {
    /// The bank has not said yet; another event will follow.
    Pending,
    /// The bank said no.
    Failed,
    /// Nobody paid in time.
    Expired,
}

/// A payment that its payer's bank took back, or asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Its name.
    pub dispute: DisputeId,
    /// Of which payment.
    pub payment_intent: PaymentIntentId,
    /// About how much, in cents.
    pub amount_cents: u64,
}

/// Something about the bill of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceEvent {
    /// Which.
    pub invoice: InvoiceId,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// What became of it.
    pub change: InvoiceChange,
    /// What is to be paid, in cents.
    pub amount_due_cents: u64,
    /// What was paid, in cents.
    pub amount_paid_cents: u64,
}

/// What became of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceChange {
    /// It can no longer change.
    Finalized,
    /// It was paid.
    Paid,
    /// Paying it failed; Stripe tries again.
    PaymentFailed,
    /// It does not count.
    Voided,
}

#[derive(Deserialize)]
struct Envelope {
    id: EventId,
    #[serde(rename = "type")]
    kind: String,
    created: Created,
    data: Option<Value>,
    related_object: Option<Value>,
}

/// Thin events carry a date where the others carry seconds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Created {
    Seconds(i64),
    Date(String),
}

#[derive(Deserialize)]
struct Invoice {
    id: InvoiceId,
    customer: Option<CustomerId>,
    amount_due: u64,
    amount_paid: u64,
}

/// Reads a webhook whose signature was checked.
///
/// # Errors
/// When it is no event, or its object is not what its type says. What is not needed is not looked
/// at.
pub fn parse_event(body: &[u8]) -> Result<StripeEvent, EventError> {
    if body.len() > WEBHOOK_BYTES_MAX {
        return Err(EventError::TooLong);
    }
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| EventError::Envelope(error.to_string()))?;
    if envelope.kind.len() > TYPE_BYTES_MAX {
        return Err(EventError::Envelope("its type is too long".to_owned()));
    }
    let created = match &envelope.created {
        Created::Seconds(seconds) => Some(*seconds),
        Created::Date(date) => unix_seconds(date),
    };
    let created = created.ok_or_else(|| EventError::Envelope("created is no time".to_owned()))?;
    let id = envelope.id.clone();
    let name = envelope.kind.clone();
    let kind = envelope.read().map_err(|problem| EventError::Object {
        kind: name,
        problem,
    })?;
    Ok(StripeEvent { id, created, kind })
}

impl Envelope {
    fn read(self) -> Result<StripeEventKind, String> {
        use StripeEventKind as Kind;
        match self.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                self.session(NotPaid::Pending)
            }
            "checkout.session.async_payment_failed" => self.session(NotPaid::Failed),
            "checkout.session.expired" => self.session(NotPaid::Expired),
            "charge.refunded" => self.refund(),
            "charge.dispute.created" => self.dispute(|dispute, _| Kind::DisputeOpened(dispute)),
            "charge.dispute.funds_withdrawn" => {
                self.dispute(|dispute, _| Kind::FundsWithdrawn(dispute))
            }
            "charge.dispute.funds_reinstated" => {
                self.dispute(|dispute, _| Kind::FundsReinstated(dispute))
            }
            "charge.dispute.closed" => self.dispute(|dispute, status| Kind::DisputeClosed {
                dispute,
                won: status != DisputeStatus::Lost,
            }),
            "invoice.finalized" => self.invoice(InvoiceChange::Finalized),
            "invoice.paid" => self.invoice(InvoiceChange::Paid),
            "invoice.payment_failed" => self.invoice(InvoiceChange::PaymentFailed),
            "invoice.voided" => self.invoice(InvoiceChange::Voided),
            "v1.billing.meter.error_report_triggered" | "v1.billing.meter.no_meter_found" => {
                self.meter()
            }
            _ => Ok(self.other()),
        }
    }

    fn other(self) -> StripeEventKind {
        StripeEventKind::Other { kind: self.kind }
    }

    fn object<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let object = self
            .data
            .as_mut()
            .and_then(|data| data.get_mut("object"))
            .map(Value::take)
            .ok_or("it has no data.object")?;
        serde_json::from_value(object).map_err(|error| error.to_string())
    }

    fn session(mut self, why: NotPaid) -> Result<StripeEventKind, String> {
        let session: CheckoutSession = self.object()?;
        if !session.is_payment() {
            return Ok(self.other());
        }
        let ended = why != NotPaid::Pending;
        let paid = session.paid().map_err(|error| error.to_string())?;
        Ok(match paid.filter(|_| !ended) {
            Some(paid) => StripeEventKind::CheckoutPaid(paid),
            None => StripeEventKind::CheckoutNotPaid {
                session: session.id,
                why,
            },
        })
    }

    fn refund(mut self) -> Result<StripeEventKind, String> {
        let charge: Charge = self.object()?;
        let Some(payment_intent) = charge.payment_intent else {
            return Ok(self.other());
        };
        Ok(StripeEventKind::Refunded {
            payment_intent,
            charge: charge.id,
            amount_refunded_total_cents: charge.amount_refunded,
        })
    }

    fn dispute(
        mut self,
        kind: fn(Dispute, DisputeStatus) -> StripeEventKind,
    ) -> Result<StripeEventKind, String> {
        let dispute: StripeDispute = self.object()?;
        let Some(payment_intent) = dispute.payment_intent else {
            return Ok(self.other());
        };
        let named = Dispute {
            dispute: dispute.id,
            payment_intent,
            amount_cents: dispute.amount,
        };
        Ok(kind(named, dispute.status))
    }

    fn invoice(mut self, change: InvoiceChange) -> Result<StripeEventKind, String> {
        let invoice: Invoice = self.object()?;
        Ok(StripeEventKind::Invoice(InvoiceEvent {
            invoice: invoice.id,
            customer: invoice.customer,
            change,
            amount_due_cents: invoice.amount_due,
            amount_paid_cents: invoice.amount_paid,
        }))
    }

    fn meter(self) -> Result<StripeEventKind, String> {
        let meter = self
            .related_object
            .as_ref()
            .and_then(|object| object.get("id"))
            .map(|id| serde_json::from_value(id.clone()).map_err(|error| error.to_string()))
            .transpose()?;
        Ok(StripeEventKind::MeterError { meter })
    }
}

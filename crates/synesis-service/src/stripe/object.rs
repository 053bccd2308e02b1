//! What Stripe answers with: of each object only what is needed.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use synesis_domain::UserId;

use super::id::{
    ChargeId, CheckoutSessionId, CustomerId, DisputeId, MeterEventIdentifier, PaymentIntentId,
};
use super::metadata::METADATA_USER;
use super::request::{Reply, sealed::Sealed};

/// Somebody whom Stripe knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Customer {
    /// By which name.
    pub id: CustomerId,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Its page can be used.
    Open,
    /// Its page was used; that alone is no payment.
    Complete,
    /// Its page is gone.
    Expired,
    /// Something that this version of the API does not know.
    #[serde(other)]
    Unknown,
}

/// Whether a session was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The money is there.
    Paid,
    /// It is not, or not yet.
    Unpaid,
    /// Nothing was to be paid.
    NoPaymentRequired,
    /// Something that this version of the API does not know.
    #[serde(other)]
    Unknown,
}

/// A page on which something is paid, or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckoutSession {
    /// Its name: what a credit is keyed by.
    pub id: CheckoutSessionId,
    /// Where the page is, while it can be used.
    pub url: Option<String>,
    /// `payment`, or what another system of the operator sells by.
    mode: String,
    /// Where it stands.
    pub status: Option<SessionStatus>,
    /// Whether it was paid.
    pub payment_status: PaymentStatus,
    payment_intent: Option<PaymentIntentId>,
    customer: Option<CustomerId>,
    client_reference_id: Option<String>,
    amount_total: Option<u64>,
    currency: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

/// A session that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidSession {
    /// What the credit is keyed by: one session is one credit, however often it is told.
    pub session: CheckoutSessionId,
    /// What refunds and disputes will name.
    pub payment_intent: PaymentIntentId,
    /// Who paid.
    pub customer: Option<CustomerId>,
    /// What was given when the session was made.
    pub client_reference_id: Option<String>,
    /// What was paid, in whole cents of the currency.
    pub amount_cents: u64,
    /// Three small letters.
    pub currency: String,
    /// Whose account; none where another system of the operator made the session.
    pub user: Option<UserId>,
}

/// Why a session that calls itself paid cannot be credited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a paid session has no usable {0}")]
pub struct PaidSessionError(pub(super) &'static str);

impl CheckoutSession {
    /// Whether it takes a payment at all; other systems of the operator sell subscriptions by
    /// sessions too.
    #[must_use]
    pub fn is_payment(&self) -> bool {
        self.mode == "payment"
    }

    /// What was paid, where Stripe says that it was.
    ///
    /// # Errors
    /// When it says so and leaves out what a credit needs.
    pub fn paid(&self) -> Result<Option<PaidSession>, PaidSessionError> {
        if !self.is_payment() || self.payment_status != PaymentStatus::Paid {
            return Ok(None);
        }
        let user = self
            .metadata
            .as_ref()
            .and_then(|notes| notes.get(METADATA_USER))
            .map(|user| user.parse().map_err(|_| PaidSessionError(METADATA_USER)))
            .transpose()?;
        let currency = self
            .currency
            .as_ref()
            .filter(|code| code.len() == 3 && code.bytes().all(|c| c.is_ascii_lowercase()))
            .ok_or(PaidSessionError("currency"))?;
        Ok(Some(PaidSession {
            session: self.id.clone(),
            payment_intent: self
                .payment_intent
                .clone()
                .ok_or(PaidSessionError("payment_intent"))?,
            customer: self.customer.clone(),
            client_reference_id: self.client_reference_id.clone(),
            amount_cents: self.amount_total.ok_or(PaidSessionError("amount_total"))?,
            currency: currency.clone(),
            user,
        }))
    }
}

/// The sessions that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SessionList {
    /// Newest first; a payment has at most one.
    pub data: Vec<CheckoutSession>,
}

/// Usage that Stripe took.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MeterEvent {
    /// By our name.
    pub identifier: MeterEventIdentifier,
}

/// Usage that Stripe takes back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UsageCancelled {
    /// `pending` or `complete`.
    pub status: String,
}

/// What Stripe added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageSummary {
    /// Whole cents that it has.
    pub cents: u64,
    /// Whether that is all: Stripe splits long answers.
    pub complete: bool,
}

impl<'de> Deserialize<'de> for UsageSummary {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Part>,
            #[serde(default)]
            has_more: bool,
        }
        #[derive(Deserialize)]
        struct Part {
            aggregated_value: serde_json::Number,
        }
        let list = List::deserialize(from)?;
        let cents = list.data.iter().try_fold(0_u64, |sum, part| {
            sum.checked_add(whole(&part.aggregated_value)?)
        });
        Ok(Self {
            cents: cents.ok_or_else(|| D::Error::custom("a sum is no count of whole cents"))?,
            complete: !list.has_more,
        })
    }
}

/// Stripe writes its sums as floats: `1500` or `1500.0`. They are read as text, so that no cent is
/// lost on the way.
fn whole(number: &serde_json::Number) -> Option<u64> {
    let text = number.to_string();
    text.strip_suffix(".0").unwrap_or(&text).parse().ok()
}

/// Money that was taken, and what of it went back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// Its name.
    pub id: ChargeId,
    /// Which payment; none where it was made without one, and so not by us.
    pub payment_intent: Option<PaymentIntentId>,
    /// What was taken, in cents.
    pub amount: u64,
    /// All that went back until now, in cents.
    pub amount_refunded: u64,
}

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The money came back.
    Won,
    /// The money is gone.
    Lost,
    /// An inquiry that took no money is over.
    WarningClosed,
    /// It goes on, in one way or another.
    #[serde(other)]
    Open,
}

/// A charge that its payer's bank took back, or asks about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StripeDispute {
    /// Its name.
    pub id: DisputeId,
    /// Of which charge.
    pub charge: ChargeId,
    /// Of which payment; none where it was made without one, and so not by us.
    pub payment_intent: Option<PaymentIntentId>,
    /// About how much, in cents.
    pub amount: u64,
    /// How it stands.
    pub status: DisputeStatus,
}

macro_rules! replies {
    ($($name:ty),*) => {$(
        impl Sealed for $name {}
        impl Reply for $name {}
    )*};
}

replies!(
    Customer,
    CheckoutSession,
    SessionList,
    MeterEvent,
    UsageCancelled,
    UsageSummary,
    Charge,
    StripeDispute
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_without_floats() {
        let read = |json: &str| serde_json::from_str::<UsageSummary>(json).map(|sum| sum.cents);
        let one = |value: &str| read(&format!("{{\"data\":[{{\"aggregated_value\":{value}}}]}}"));
        assert_eq!(one("1500").unwrap(), 1500);
        assert_eq!(one("1500.0").unwrap(), 1500);
        assert_eq!(one("0").unwrap(), 0);
        for wrong in ["1500.5", "-1", "1e300", "\"1500\"", "null"] {
            assert!(one(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("{\"data\":[]}").unwrap(), 0);
        let most = u64::MAX;
        assert!(
            read(&format!(
                "{{\"data\":[{{\"aggregated_value\":{most}}},{{\"aggregated_value\":1}}]}}"
            ))
            .is_err()
        );
        let more = "{\"data\":[{\"aggregated_value\":7}],\"has_more\":true}";
        let more: UsageSummary = serde_json::from_str(more).unwrap();
        assert_eq!((more.cents, more.complete), (7, false));
    }
}

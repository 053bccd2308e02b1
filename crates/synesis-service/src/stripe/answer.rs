//! What an answer of Stripe's means.

use super::ANSWER_BYTES_MAX;
use super::refusal::StripeRefusal;
use super::request::{Reply, StripeRequest};

/// How Stripe says that it has a report already. There is a code for it too, which older versions
/// of the API leave out.
const SEEN_MESSAGE: &str = "An event already exists with identifier ";
const SEEN_CODE: &str = "duplicate_meter_event";

/// An answer as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct StripeAnswer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The header `Stripe-Should-Retry`.
    pub should_retry: Option<&'a str>,
    /// The header `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// What to make of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It was done, now or by an earlier try with the same key.
    Done(T),
    /// Stripe has this usage already: it is sent.
    AlreadyExists,
    /// The same again, later. Nobody knows whether it was done.
    Retry {
        /// Not before so many seconds have passed, where Stripe says so.
        after_s: Option<u32>,
    },
    /// It is not sent again by itself.
    Refused(Box<StripeRefusal>),
    /// It says that it was done and cannot be read.
    Unreadable(String),
}

impl<T: Reply> StripeRequest<T> {
    /// What an answer to this request means.
    #[must_use]
    pub fn judge(&self, answer: StripeAnswer<'_>) -> Verdict<T> {
        if answer.body.len() > ANSWER_BYTES_MAX {
            return Verdict::Unreadable(format!("it is longer than {ANSWER_BYTES_MAX} bytes"));
        }
        if (200..300).contains(&answer.status) {
            return match serde_json::from_slice(answer.body) {
                Ok(reply) => Verdict::Done(reply),
                Err(error) => Verdict::Unreadable(error.to_string()),
            };
        }
        let refusal = StripeRefusal::read(answer.status, answer.body);
        if self.has_been_seen(&refusal) {
            return Verdict::AlreadyExists;
        }
        let again = match answer.should_retry.map(str::trim) {
            Some("true") => true,
            Some("false") => false,
            _ => matches!(answer.status, 409 | 429 | 500..),
        };
        if again {
            let after_s = answer.retry_after.and_then(|text| text.trim().parse().ok());
            return Verdict::Retry { after_s };
        }
        Verdict::Refused(Box::new(refusal))
    }

    /// Whether Stripe refuses because it has this very report.
    fn has_been_seen(&self, refusal: &StripeRefusal) -> bool {
        let Some(identifier) = self.usage().filter(|_| refusal.status == 400) else {
            return false;
        };
        let named = refusal
            .message
            .strip_prefix(SEEN_MESSAGE)
            .and_then(|rest| rest.strip_prefix(identifier.as_str()))
            .is_some_and(|rest| rest.trim_end_matches(['.', ' ']).is_empty());
        named || refusal.code.as_deref() == Some(SEEN_CODE)
    }
}

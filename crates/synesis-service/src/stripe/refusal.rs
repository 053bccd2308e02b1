//! What Stripe says when it will not.

use std::fmt;

use serde::Deserialize;

const MESSAGE_CHARS_MAX: usize = 500;
const FIELD_CHARS_MAX: usize = 100;

/// What is wrong, in Stripe's sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The key is wrong or was withdrawn: nothing will work until the operator mends it.
    Authentication,
    /// The key may not do this: the operator gives it more rights, or another key.
    Permission,
    /// A parameter is wrong, or what it names is not there.
    InvalidRequest,
    /// The idempotency key was used with another body.
    Idempotency,
    /// The payer's card.
    Card,
    /// Stripe's own fault.
    Api,
    /// Something that this version of the API does not know.
    Other,
}

impl RefusalKind {
    /// Whether the same would happen to every request: then nothing of the single one is wrong.
    #[must_use]
    pub const fn is_about_the_key(self) -> bool {
        matches!(self, Self::Authentication | Self::Permission)
    }
}

/// A request that Stripe will not carry out, and that is not sent again by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeRefusal {
    /// The HTTP status. From 500 on nobody knows whether something was done.
    pub status: u16,
    /// What is wrong.
    pub kind: RefusalKind,
    /// Stripe's short word for it.
    pub code: Option<String>,
    /// Which parameter.
    pub param: Option<String>,
    /// Stripe's sentence about it, cut to a bounded length and one line.
    pub message: String,
}

impl fmt::Display for StripeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stripe answered {}: {}", self.status, self.message)?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        if let Some(param) = &self.param {
            write!(f, " (parameter {param})")?;
        }
        Ok(())
    }
}

impl std::error::Error for StripeRefusal {}

#[derive(Deserialize)]
struct Body {
    error: Inner,
}

#[derive(Default, Deserialize)]
struct Inner {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl StripeRefusal {
    /// Reads an answer that is no success, whatever stands in it.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let inner =
            serde_json::from_slice(body).map_or_else(|_| Inner::default(), |Body { error }| error);
        let kind = match (status, inner.kind.as_deref()) {
            (401, _) => RefusalKind::Authentication,
            (403, _) => RefusalKind::Permission,
            (_, Some("invalid_request_error")) => RefusalKind::InvalidRequest,
            (_, Some("idempotency_error")) => RefusalKind::Idempotency,
            (_, Some("card_error")) => RefusalKind::Card,
            (_, Some("api_error")) => RefusalKind::Api,
            _ => RefusalKind::Other,
        };
        let short = |text: Option<String>| text.map(|text| line(&text, FIELD_CHARS_MAX));
        Self {
            status,
            kind,
            code: short(inner.code),
            param: short(inner.param),
            message: inner.message.map_or_else(
                || "nothing more".to_owned(),
                |text| line(&text, MESSAGE_CHARS_MAX),
            ),
        }
    }
}

fn line(text: &str, chars_max: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(chars_max)
        .collect()
}

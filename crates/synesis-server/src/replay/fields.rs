//! The fields that an operation has on its line.

use std::str::FromStr;

use serde::Deserialize;
use synesis_domain::{NanoUsd, Timestamp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::operation::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceiling {
    pub(super) ceiling_nano: Nano,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quota {
    pub(super) guest: String,
    pub(super) limit_nano: Nano,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hold {
    pub(super) id: String,
    pub(super) amount_nano: Nano,
    pub(super) ttl_ms: Option<u32>,
    pub(super) model: Option<String>,
    pub(super) payer: Option<PayerName>,
    pub(super) guest: Option<String>,
    pub(super) content: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extend {
    pub(super) id: String,
    pub(super) total_nano: Nano,
    pub(super) ttl_ms: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refund {
    pub(super) payment: String,
    pub(super) total_nano: Nano,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dispute {
    pub(super) payment: String,
    pub(super) id: String,
    pub(super) amount_nano: Option<Nano>,
    pub(super) stage: Stage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flush {
    pub(super) threshold_nano: Option<Nano>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StripeReply {
    pub(super) flush: u32,
    pub(super) reply: Reply,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) model: String,
    pub(super) version: u32,
    pub(super) valid_from: Option<Time>,
    pub(super) prompt_pico: u64,
    pub(super) cached_prompt_pico: Option<u64>,
    pub(super) completion_pico: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    pub(super) tier: Option<TierName>,
    pub(super) markup_bp: Option<u16>,
    pub(super) licensing_bp: Option<u16>,
    pub(super) monthly_limit_cents: Option<u32>,
    pub(super) ceiling_nano: Option<Nano>,
    pub(super) from: Option<Time>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum TierName {
    Free,
    Managed,
    Byok,
}

/// A call: its tokens with a model, or its cost.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) model: Option<String>,
    pub(super) prompt: Option<u32>,
    pub(super) cached_prompt: Option<u32>,
    pub(super) completion: Option<u32>,
    pub(super) cost_nano: Option<Nano>,
    pub(super) payer: Option<PayerName>,
    pub(super) guest: Option<String>,
    pub(super) content: Option<String>,
    pub(super) occurred_at: Option<Time>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum PayerName {
    Operator,
    User,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credit {
    pub(super) id: String,
    pub(super) amount_nano: Nano,
    pub(super) expires_at: Option<Time>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    Withdrawn,
    Reinstated,
}

/// What Stripe said to a meter event.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Ok,
    AlreadyExists,
    Refused,
    Failed,
}

/// Milliseconds, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Millis(i64),
    Text(String),
}

impl Time {
    pub(super) fn parse(&self) -> Result<Timestamp, Problem> {
        let wrong = || Problem::Field {
            field: "at",
            problem: "is neither milliseconds nor a time such as 2026-01-31T12:00:00Z",
        };
        match self {
            Self::Millis(millis) => Ok(Timestamp::from_millis(*millis)),
            Self::Text(text) => {
                let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
                let millis = at.unix_timestamp_nanos() / 1_000_000;
                let millis = i64::try_from(millis).map_err(|_| wrong())?;
                Ok(Timestamp::from_millis(millis))
            }
        }
    }
}

/// Nano-dollars: a number, or digits in quotes, because not every program reads 64 bits.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Nano {
    Number(i64),
    Text(String),
}

impl Nano {
    pub(super) fn parse(&self) -> Result<NanoUsd, Problem> {
        let nano = match self {
            Self::Number(nano) => Ok(*nano),
            Self::Text(text) => i64::from_str(text),
        };
        nano.map(NanoUsd::new).map_err(|_| Problem::Field {
            field: "…_nano",
            problem: "is no count of nano-dollars",
        })
    }
}

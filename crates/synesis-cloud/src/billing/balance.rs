//! The account, as the cloud has it.

use synesis_domain::{NanoUsd, Timestamp};
use synesis_wire::proto::{self, BalanceRequest, answer, call};

use super::BillingClient;
use crate::error::CloudError;

/// The account, as the cloud has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balance {
    /// The name of the tier.
    pub tier: String,
    /// Charged in the open period.
    pub charged: NanoUsd,
    /// Held for calls that run now.
    pub held: NanoUsd,
    /// What may be spent in a period.
    pub ceiling: NanoUsd,
    /// What may still be spent.
    pub room: NanoUsd,
    /// Calls of the period.
    pub calls: u64,
    /// Tokens of the prompts of the period.
    pub prompt_tokens: u64,
    /// Tokens of the answers of the period.
    pub completion_tokens: u64,
    /// The first moment of the period.
    pub period_started: Timestamp,
    /// Credit that is left.
    pub credit: NanoUsd,
    /// What of that is kept for calls that run.
    pub pinned: NanoUsd,
    /// What a refund or a dispute took back after it was spent. While there is any, no call is held.
    pub debt: NanoUsd,
    /// What was charged and not yet reported to Stripe.
    pub unbilled: NanoUsd,
    /// Hundredths of a per cent on top of what the provider takes.
    pub rate_bp: u32,
    /// The credits that are left, in the order in which they are spent.
    pub credits: Vec<Credit>,
    /// Whether a top-up can be paid at this cloud.
    pub can_top_up: bool,
}

/// Credit that was granted at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credit {
    /// "paid" or "promo".
    pub kind: String,
    /// What it began with.
    pub granted: NanoUsd,
    /// What is left.
    pub left: NanoUsd,
    /// When what is left is lost.
    pub expires_at: Option<Timestamp>,
}

impl From<proto::BalanceResponse> for Balance {
    fn from(told: proto::BalanceResponse) -> Self {
        Self {
            tier: told.tier,
            charged: NanoUsd::new(told.charged_nano_usd),
            held: NanoUsd::new(told.held_nano_usd),
            ceiling: NanoUsd::new(told.ceiling_nano_usd),
            room: NanoUsd::new(told.room_nano_usd),
            calls: told.calls,
            prompt_tokens: told.prompt_tokens,
            completion_tokens: told.completion_tokens,
            period_started: Timestamp::from_millis(told.period_started),
            credit: NanoUsd::new(told.credit_nano_usd),
            pinned: NanoUsd::new(told.pinned_nano_usd),
            debt: NanoUsd::new(told.debt_nano_usd),
            unbilled: NanoUsd::new(told.unbilled_nano_usd),
            rate_bp: told.rate_bp,
            credits: told.credits.into_iter().map(Credit::from).collect(),
            can_top_up: told.can_top_up,
        }
    }
}

impl From<proto::CreditInfo> for Credit {
    fn from(told: proto::CreditInfo) -> Self {
        Self {
            kind: told.kind,
            granted: NanoUsd::new(told.granted_nano_usd),
            left: NanoUsd::new(told.left_nano_usd),
            expires_at: told.expires_at.map(Timestamp::from_millis),
        }
    }
}

impl BillingClient {
    /// The balance in the cloud.
    ///
    /// # Errors
    /// When the cloud cannot be reached or refuses.
    pub async fn get_balance(&self) -> Result<Balance, CloudError> {
        let asked = call::Body::Balance(BalanceRequest {});
        match self.ask(asked).await? {
            answer::Body::Balance(mut balance) => {
                self.keep(balance.receipt.take()).await;
                Ok(balance.into())
            }
            _ => Err(CloudError::Protocol(
                "a balance was asked for, something else came",
            )),
        }
    }
}

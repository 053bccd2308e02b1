//! What the account is charged by, and what it may change to.

use synesis_domain::{NanoUsd, Timestamp};
use synesis_wire::proto::{self, ProviderKeyRequest, TierRequest, answer, call};

use super::BillingClient;
use crate::error::CloudError;

/// What the account is charged by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// The tier that is in force.
    pub tier: String,
    /// Hundredths of a per cent on top of what the provider takes.
    pub rate_bp: u32,
    /// What may be used in a month, where the tier has such a limit.
    pub monthly_limit: Option<NanoUsd>,
    /// The tier that was agreed for later.
    pub next: Option<NextTerms>,
    /// What the cloud offers.
    pub offers: Vec<TierOffer>,
    /// Whether the cloud keeps a key of the user's own for the model's provider.
    pub own_key: bool,
}

/// A tier that was agreed for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextTerms {
    /// The tier.
    pub tier: String,
    /// From when on.
    pub from: Timestamp,
}

/// A tier that a cloud offers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TierOffer {
    /// The tier.
    pub tier: String,
    /// Hundredths of a per cent on top of what the provider takes.
    pub rate_bp: u32,
    /// What may be used in a month, where the tier has such a limit.
    pub monthly_limit: Option<NanoUsd>,
}

impl From<proto::TierResponse> for Terms {
    fn from(told: proto::TierResponse) -> Self {
        let next = told.next_from.map(|from| NextTerms {
            tier: told.next_tier,
            from: Timestamp::from_millis(from),
        });
        Self {
            tier: told.tier,
            rate_bp: told.rate_bp,
            monthly_limit: told.monthly_limit_nano_usd.map(NanoUsd::new),
            next,
            offers: told.offers.into_iter().map(TierOffer::from).collect(),
            own_key: told.own_key,
        }
    }
}

impl From<proto::TierOffer> for TierOffer {
    fn from(told: proto::TierOffer) -> Self {
        Self {
            tier: told.tier,
            rate_bp: told.rate_bp,
            monthly_limit: told.monthly_limit_nano_usd.map(NanoUsd::new),
        }
    }
}

impl BillingClient {
    /// What the account is charged by, and what the cloud offers.
    ///
    /// # Errors
    /// When the cloud cannot be reached or refuses.
    pub async fn tier(&self) -> Result<Terms, CloudError> {
        self.terms(TierRequest::default()).await
    }

    /// Changes the tier, now or from a moment on. What was before never changes.
    ///
    /// # Errors
    /// When the cloud cannot be reached, does not offer this tier, or does not take the moment.
    pub async fn set_tier(
        &self,
        tier: String,
        from: Option<Timestamp>,
    ) -> Result<Terms, CloudError> {
        let from = from.map(Timestamp::as_millis);
        self.terms(TierRequest { tier, from }).await
    }

    /// Has the cloud keep the user's own key for the model's provider, encrypted, or forget it. Says
    /// whether there is one now.
    ///
    /// # Errors
    /// When the cloud cannot be reached, or its model takes no key.
    pub async fn set_provider_key(&self, key: Option<String>) -> Result<bool, CloudError> {
        let key = key.unwrap_or_default();
        let asked = ProviderKeyRequest { key };
        match self.ask(call::Body::ProviderKey(asked)).await? {
            answer::Body::ProviderKey(kept) => Ok(kept.own_key),
            _ => Err(CloudError::Protocol("a key was sent, something else came")),
        }
    }

    async fn terms(&self, asked: TierRequest) -> Result<Terms, CloudError> {
        match self.ask(call::Body::Tier(asked)).await? {
            answer::Body::Tier(terms) => Ok(terms.into()),
            _ => Err(CloudError::Protocol(
                "the tier was asked for, something else came",
            )),
        }
    }
}

//! Credit that is bought on a page.

use synesis_domain::NanoUsd;
use synesis_wire::proto::{TopUpRequest, TopUpStateRequest, answer, call};

use super::BillingClient;
use crate::error::CloudError;
use crate::escalation::Escalation;

/// A page on which credit can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopUpPage {
    /// Its name, for the question what became of it.
    pub session_id: String,
    /// Where it is.
    pub url: String,
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopUpState {
    /// It can be paid.
    Open,
    /// It was paid, and the credit is there.
    Credited(NanoUsd),
    /// It can be paid no more.
    Expired,
}

impl BillingClient {
    /// Has the cloud make a page on which so many cents of credit can be bought. A connection that
    /// breaks does not make a second page.
    ///
    /// # Errors
    /// When the cloud cannot be reached, takes no payments, or does not take the amount.
    pub async fn add_credits(&self, cents: u64) -> Result<TopUpPage, CloudError> {
        let asked = call::Body::TopUp(TopUpRequest {
            request_id: Escalation::new_id()?.to_string(),
            cents,
        });
        match self.ask(asked).await? {
            answer::Body::TopUp(page) => Ok(TopUpPage {
                session_id: page.session_id,
                url: page.url,
            }),
            _ => Err(CloudError::Protocol(
                "a page was asked for, something else came",
            )),
        }
    }

    /// What became of a page.
    ///
    /// # Errors
    /// When the cloud cannot be reached or does not know the page.
    pub async fn top_up_state(&self, session_id: &str) -> Result<TopUpState, CloudError> {
        let asked = call::Body::TopUpState(TopUpStateRequest {
            session_id: session_id.to_owned(),
        });
        let answer::Body::TopUpState(told) = self.ask(asked).await? else {
            return Err(CloudError::Protocol(
                "a page was asked about, something else came",
            ));
        };
        match told.state.as_str() {
            "open" => Ok(TopUpState::Open),
            "credited" => Ok(TopUpState::Credited(NanoUsd::new(told.credited_nano_usd))),
            "expired" => Ok(TopUpState::Expired),
            _ => Err(CloudError::Protocol("a page is in an unknown state")),
        }
    }
}

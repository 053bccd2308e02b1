//! The device's view of the money: the account in the cloud, and the local ledger beside it.

mod balance;
mod reconcile;
mod terms;
mod top_up;

use synesis_domain::TokenUsage;
use synesis_wire::proto::{self, answer, call};

pub use balance::{Balance, Credit};
pub use reconcile::Reconciliation;
pub use terms::{NextTerms, Terms, TierOffer};
pub use top_up::{TopUpPage, TopUpState};

use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::ledger::{
    DayTotals, LedgerError, LocalLedger, ModelTotals, Period, ProjectTotals, RecordState, Totals,
    UsageRecord,
};
use crate::receipt;
use crate::tunnel::CloudTunnel;

/// The device's view of the money.
#[derive(Debug, Clone)]
pub struct BillingClient {
    pub(crate) tunnel: CloudTunnel,
    pub(crate) ledger: LocalLedger,
}

impl BillingClient {
    /// A client of this tunnel and this ledger.
    #[must_use]
    pub fn new(tunnel: CloudTunnel, ledger: LocalLedger) -> Self {
        Self { tunnel, ledger }
    }

    /// The ledger of this device.
    #[must_use]
    pub fn ledger(&self) -> &LocalLedger {
        &self.ledger
    }

    /// Puts a call that was made by the user's own key into the queue; it is on disk when this
    /// returns, and sent by [`sync_with_cloud`](Self::sync_with_cloud). The same again changes
    /// nothing and says where it stands.
    ///
    /// # Errors
    /// When the ledger refuses: the id stands for another call, or the disk is full.
    pub async fn record_usage(&self, record: UsageRecord) -> Result<RecordState, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.queue_record(&record)).await
    }

    /// What a period came to, by the local ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn current_usage(&self, period: Period) -> Result<Totals, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.totals(period)).await
    }

    /// What each day of a period came to, by the local ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn usage_by_day(&self, period: Period) -> Result<Vec<DayTotals>, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.totals_by_day(period)).await
    }

    /// What each model came to in a period, by the local ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn usage_by_model(&self, period: Period) -> Result<Vec<ModelTotals>, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.totals_by_model(period)).await
    }

    /// What each project came to in a period, by the local ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn usage_by_project(&self, period: Period) -> Result<Vec<ProjectTotals>, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.totals_by_project(period)).await
    }

    /// A question that can be asked again after a broken connection: nothing happens twice.
    pub(crate) async fn ask(&self, body: call::Body) -> Result<answer::Body, CloudError> {
        let call = OutgoingCall::encode(body, self.tunnel.config().request_timeout, true)?;
        self.tunnel.request(&call).await
    }

    /// Checks and keeps the receipt of an answer.
    pub(crate) async fn keep(&self, told: Option<proto::Receipt>) {
        receipt::keep(&self.tunnel, &self.ledger, told).await;
    }
}

pub(crate) fn usage(told: Option<&proto::TokenUsage>) -> TokenUsage {
    told.map_or_else(TokenUsage::default, |told| {
        TokenUsage::new(told.prompt, 0, told.completion)
    })
}

/// Uses the ledger where a flush may block.
pub(crate) async fn in_ledger<T: Send + 'static>(
    ledger: &LocalLedger,
    work: impl FnOnce(&LocalLedger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, CloudError> {
    let ledger = ledger.clone();
    match tokio::task::spawn_blocking(move || work(&ledger)).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(CloudError::system(error)),
    }
}

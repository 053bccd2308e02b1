//! What was spent: the cloud's balance, and the device's ledger brought in line with it.

use std::collections::HashMap;

use synesis_domain::{ModelName, NanoUsd, RequestId, Timestamp, TokenUsage};
use synesis_wire::limits::DEADLINE_MS_MAX;
use synesis_wire::proto::{self, UsageEntry, answer};

use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::ledger::{LedgerError, LocalLedger, Period, Settlement, Totals};
use crate::limits::RECONCILE_MAX;
use crate::supervisor::wall_clock;
use crate::tunnel::CloudTunnel;

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
        }
    }
}

/// What a reconciliation found out about the escalations that were open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// Now settled to what the cloud charged.
    pub settled: usize,
    /// Cost nothing.
    pub released: usize,
    /// Still open: running, or too young to be given up.
    pub open: usize,
}

/// The device's view of the money.
#[derive(Debug, Clone)]
pub struct BillingClient {
    tunnel: CloudTunnel,
    ledger: LocalLedger,
}

impl BillingClient {
    /// A client of this tunnel and this ledger.
    #[must_use]
    pub fn new(tunnel: CloudTunnel, ledger: LocalLedger) -> Self {
        Self { tunnel, ledger }
    }

    /// The balance in the cloud.
    ///
    /// # Errors
    /// When the cloud cannot be reached or refuses.
    pub async fn get_balance(&self) -> Result<Balance, CloudError> {
        let call = OutgoingCall::balance(self.tunnel.config().request_timeout)?;
        match self.tunnel.request(&call).await? {
            answer::Body::Balance(balance) => Ok(balance.into()),
            _ => Err(CloudError::Protocol(
                "a balance was asked for, something else came",
            )),
        }
    }

    /// Records in the local ledger what an escalation cost.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn record_usage(&self, settlement: Settlement) -> Result<(), CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.settle(&settlement)).await
    }

    /// What a period came to, by the local ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn current_usage(&self, period: Period) -> Result<Totals, CloudError> {
        in_ledger(&self.ledger, move |ledger| ledger.totals(period)).await
    }

    /// Asks the cloud what became of the escalations that are open in the local ledger, and
    /// closes those that have ended. To be done after each connect.
    ///
    /// # Errors
    /// When the cloud cannot be reached, or the ledger refuses.
    pub async fn sync_with_cloud(&self) -> Result<Reconciliation, CloudError> {
        let open = in_ledger(&self.ledger, |ledger| ledger.open_calls(RECONCILE_MAX)).await?;
        if open.is_empty() {
            return Ok(Reconciliation::default());
        }
        let ids = open.iter().map(|(id, _)| id.to_string()).collect();
        let call = OutgoingCall::usage(ids, self.tunnel.config().request_timeout)?;
        let answer::Body::Usage(usage) = self.tunnel.request(&call).await? else {
            return Err(CloudError::Protocol(
                "usage was asked for, something else came",
            ));
        };
        in_ledger(&self.ledger, move |ledger| {
            reconcile(ledger, &open, usage.entries, wall_clock())
        })
        .await
    }
}

/// Closes what has ended. One entry that the ledger refuses does not hold up the rest.
fn reconcile(
    ledger: &LocalLedger,
    open: &[(RequestId, Timestamp)],
    entries: Vec<UsageEntry>,
    now: Timestamp,
) -> Result<Reconciliation, LedgerError> {
    let mut told: HashMap<String, UsageEntry> = entries
        .into_iter()
        .map(|entry| (entry.request_id.clone(), entry))
        .collect();
    let mut found = Reconciliation::default();
    for (request_id, opened_at) in open {
        let entry = told.remove(&request_id.to_string());
        let state = entry
            .as_ref()
            .map_or("unknown", |entry| entry.state.as_str());
        // No call runs longer than the longest deadline, so an older one was never sent.
        let given_up = now.since(*opened_at) > i64::from(DEADLINE_MS_MAX);
        match (state, &entry) {
            ("settled", Some(entry)) => match ledger.settle(&settlement(*request_id, entry)) {
                Ok(()) => found.settled += 1,
                Err(LedgerError::Conflict { request_id }) => {
                    tracing::warn!(%request_id, "the cloud's figures differ from the local ones");
                }
                Err(error) => return Err(error),
            },
            ("released", _) => {
                ledger.release(*request_id, now)?;
                found.released += 1;
            }
            ("unknown", _) if given_up => {
                ledger.release(*request_id, now)?;
                found.released += 1;
            }
            _ => found.open += 1,
        }
    }
    Ok(found)
}

fn settlement(request_id: RequestId, entry: &UsageEntry) -> Settlement {
    Settlement {
        request_id,
        at: Timestamp::from_millis(entry.settled_at),
        model: ModelName::new(entry.model_used.as_str()).ok(),
        usage: usage(entry.tokens_used.as_ref()),
        cost: NanoUsd::new(entry.cost_nano_usd),
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

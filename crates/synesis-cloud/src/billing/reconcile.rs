//! The device's ledger, brought in line with the cloud's.

use std::collections::{BTreeMap, HashMap};

use synesis_domain::{ModelName, NanoUsd, RequestId, Timestamp};
use synesis_wire::limits::DEADLINE_MS_MAX;
use synesis_wire::proto::{
    self, RecordRequest, RecordResult, UsageEntry, UsageRequest, answer, call,
};

use super::{BillingClient, in_ledger, usage};
use crate::error::CloudError;
use crate::ledger::{LedgerError, LocalLedger, QueuedRecord, RecordOutcome, Settlement};
use crate::limits::{RECONCILE_MAX, RECORDS_SENT_MAX};
use crate::supervisor::wall_clock;

/// What a reconciliation found out about the escalations that were open, and about the calls that
/// waited to be recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciliation {
    /// Now settled to what the cloud charged.
    pub settled: usize,
    /// Cost nothing.
    pub released: usize,
    /// Still open: running, or too young to be given up.
    pub open: usize,
    /// Queued calls that the cloud has recorded now, or had recorded before.
    pub recorded: usize,
    /// Queued calls that it does not take.
    pub refused: usize,
}

impl BillingClient {
    /// Asks the cloud what became of the escalations that are open in the local ledger, and closes
    /// those that have ended; then sends the calls that wait to be recorded. What the cloud does
    /// not answer for stays as it is. To be done after each connect.
    ///
    /// # Errors
    /// When the cloud cannot be reached, or the ledger refuses. What was answered before stays
    /// written down.
    pub async fn sync_with_cloud(&self) -> Result<Reconciliation, CloudError> {
        let mut found = Reconciliation::default();
        loop {
            let some = self.close_ended().await?;
            found.settled += some.settled;
            found.released += some.released;
            found.open = some.open;
            let ended = some.settled + some.released;
            // As many as fit into one question, and room was made: there may be more behind them.
            if ended == 0 || ended + some.open < RECONCILE_MAX {
                break;
            }
        }
        self.send_queued(&mut found).await?;
        Ok(found)
    }

    async fn close_ended(&self) -> Result<Reconciliation, CloudError> {
        let open = in_ledger(&self.ledger, |ledger| ledger.open_calls(RECONCILE_MAX)).await?;
        if open.is_empty() {
            return Ok(Reconciliation::default());
        }
        let request_ids = open.iter().map(|(id, _)| id.to_string()).collect();
        let asked = call::Body::Usage(UsageRequest { request_ids });
        let answer::Body::Usage(usage) = self.ask(asked).await? else {
            return Err(CloudError::Protocol(
                "usage was asked for, something else came",
            ));
        };
        in_ledger(&self.ledger, move |ledger| {
            reconcile(ledger, &open, usage.entries, wall_clock())
        })
        .await
    }

    /// Sends the queue from its beginning to its end, once.
    async fn send_queued(&self, found: &mut Reconciliation) -> Result<(), CloudError> {
        let mut last = 0;
        loop {
            let queued = in_ledger(&self.ledger, move |ledger| {
                ledger.queued_after(last, RECORDS_SENT_MAX)
            })
            .await?;
            let Some(end) = queued.last() else {
                return Ok(());
            };
            last = end.number;
            let records = queued.iter().map(to_wire).collect();
            let sent = call::Body::Record(RecordRequest { records });
            let answer::Body::Record(answered) = self.ask(sent).await? else {
                return Err(CloudError::Protocol(
                    "usage was recorded, something else came",
                ));
            };
            self.keep(answered.receipt).await;
            let outcomes = outcomes(&queued, answered.results);
            for outcome in outcomes.values() {
                match outcome {
                    RecordOutcome::Recorded { .. } => found.recorded += 1,
                    RecordOutcome::Refused { .. } => found.refused += 1,
                }
            }
            let account = self.tunnel.config().account;
            in_ledger(&self.ledger, move |ledger| {
                ledger.answer_records(account, &outcomes)
            })
            .await?;
        }
    }
}

fn to_wire(queued: &QueuedRecord) -> proto::UsageRecord {
    let record = &queued.record;
    proto::UsageRecord {
        request_id: record.request_id.to_string(),
        model: record.model.to_string(),
        prompt_tokens: record.usage.prompt(),
        cached_prompt_tokens: record.usage.cached_prompt(),
        completion_tokens: record.usage.completion(),
        occurred_at: record.occurred_at.as_millis(),
    }
}

/// What was answered for the records that were sent; words that are newer than this version are no
/// answer.
fn outcomes(
    sent: &[QueuedRecord],
    results: Vec<RecordResult>,
) -> BTreeMap<RequestId, RecordOutcome> {
    let mut told: HashMap<String, RecordResult> = results
        .into_iter()
        .map(|result| (result.request_id.clone(), result))
        .collect();
    let answered = sent.iter().filter_map(|queued| {
        let request_id = queued.record.request_id;
        let result = told.remove(&request_id.to_string())?;
        let outcome = match result.state.as_str() {
            "recorded" | "exists" => RecordOutcome::Recorded {
                cost: NanoUsd::new(result.cost_nano_usd),
                at: Timestamp::from_millis(result.recorded_at),
            },
            "refused" => RecordOutcome::Refused {
                code: result.code,
                message: result.message,
            },
            _ => return None,
        };
        Some((request_id, outcome))
    });
    answered.collect()
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

//! Calls that were made by the user's own key: on disk before anything else, queued until the cloud
//! has said what became of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, TransactionBehavior, params};
use synesis_domain::{
    ModelName, NanoUsd, ProjectId, RequestId, SessionId, Timestamp, TokenUsage, UserId,
};

use super::{LedgerError, LocalLedger};
use crate::limits::{RECORD_MESSAGE_CHARS_MAX, RECORD_NANO_PER_TOKEN};

/// A call that was made without the cloud, by the user's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecord {
    /// Made on this device, once for the call.
    pub request_id: RequestId,
    /// A name of the cloud's price table.
    pub model: ModelName,
    /// The tokens.
    pub usage: TokenUsage,
    /// When it was, by this device's clock.
    pub occurred_at: Timestamp,
    /// The conversation it belongs to.
    pub session: Option<SessionId>,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordState {
    /// The cloud has not answered for it yet.
    Queued,
    /// It is in the cloud's ledger.
    Recorded {
        /// What the user pays for it.
        cost: NanoUsd,
        /// When, by the cloud's clock.
        at: Timestamp,
    },
    /// The cloud does not take it.
    Refused {
        /// The code of the refusal.
        code: String,
        /// The cloud's own words.
        message: String,
    },
}

/// A record and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// The call.
    pub record: UsageRecord,
    /// What became of it.
    pub state: RecordState,
}

/// What waits to be recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many calls.
    pub calls: u64,
    /// What they may cost, by what calls on the same models did.
    pub estimate: NanoUsd,
}

/// A record with its place in the queue.
#[derive(Debug, Clone)]
pub(crate) struct QueuedRecord {
    pub(crate) number: i64,
    pub(crate) record: UsageRecord,
}

/// The cloud's answer to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecordOutcome {
    Recorded { cost: NanoUsd, at: Timestamp },
    Refused { code: String, message: String },
}

impl LocalLedger {
    /// Puts a call into the queue, and says where it stands. The same again changes nothing; the
    /// time of the first counts.
    ///
    /// # Errors
    /// [`LedgerError::OtherContent`] when the id stands for another call.
    pub fn queue_record(&self, record: &UsageRecord) -> Result<RecordState, LedgerError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(known) = find(&transaction, record.request_id)? {
            let same = UsageRecord {
                occurred_at: known.record.occurred_at,
                ..record.clone()
            };
            if known.record != same {
                return Err(LedgerError::OtherContent {
                    request_id: record.request_id,
                });
            }
            return Ok(known.state);
        }
        transaction.execute(
            "INSERT INTO records (request_id, occurred_at, session, project, model, prompt_tokens,
               cached_prompt_tokens, completion_tokens, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued')",
            params![
                record.request_id.to_string(),
                record.occurred_at.as_millis(),
                record.session.as_ref().map(SessionId::as_str),
                record.project.as_ref().map(ProjectId::as_str),
                record.model.as_str(),
                record.usage.prompt(),
                record.usage.cached_prompt(),
                record.usage.completion(),
            ],
        )?;
        transaction.commit()?;
        Ok(RecordState::Queued)
    }

    /// A record, where this device made it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn record(&self, request_id: RequestId) -> Result<Option<RecordedCall>, LedgerError> {
        find(&self.lock(), request_id)
    }

    /// How many calls wait to be recorded.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn queued_records(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT COUNT(*) FROM records WHERE state = 'queued'";
        let count: i64 = self.lock().query_row(sql, [], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// The newest calls that the cloud did not take, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn refused_records(&self, count_max: usize) -> Result<Vec<RecordedCall>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {RECORD} FROM records WHERE state = 'refused' ORDER BY number DESC LIMIT ?1"
        ))?;
        let mut rows = statement.query([i64::try_from(count_max).unwrap_or(i64::MAX)])?;
        let mut refused = Vec::new();
        while let Some(row) = rows.next()? {
            refused.push(recorded_call(row)?);
        }
        Ok(refused)
    }

    /// What waits to be recorded, and what that may cost.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn backlog(&self) -> Result<Backlog, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT model, COUNT(*), SUM(prompt_tokens + completion_tokens) FROM records
             WHERE state = 'queued' GROUP BY model",
        )?;
        let mut rows = statement.query([])?;
        let mut backlog = Backlog::default();
        while let Some(row) = rows.next()? {
            let (model, calls, tokens): (String, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            backlog.calls += calls.cast_unsigned();
            let estimate = estimate(&connection, &model, tokens)?;
            backlog.estimate = backlog.estimate.saturating_add(estimate);
        }
        Ok(backlog)
    }

    /// The next records of the queue after this place.
    pub(crate) fn queued_after(
        &self,
        number: i64,
        count_max: usize,
    ) -> Result<Vec<QueuedRecord>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {RECORD}, number FROM records WHERE state = 'queued' AND number > ?1
             ORDER BY number LIMIT ?2"
        ))?;
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let mut rows = statement.query([number, count_max])?;
        let mut queued = Vec::new();
        while let Some(row) = rows.next()? {
            queued.push(QueuedRecord {
                number: row.get(13)?,
                record: recorded_call(row)?.record,
            });
        }
        Ok(queued)
    }

    /// Writes down what the cloud answered. Only what is queued changes.
    pub(crate) fn answer_records(
        &self,
        account: Option<UserId>,
        outcomes: &BTreeMap<RequestId, RecordOutcome>,
    ) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let account = account.map(|account| account.to_string());
        for (request_id, outcome) in outcomes {
            let id = request_id.to_string();
            match outcome {
                RecordOutcome::Recorded { cost, at } => transaction.execute(
                    "UPDATE records SET state = 'recorded', account = ?2, cost_nano_usd = ?3,
                       ended_at = ?4 WHERE request_id = ?1 AND state = 'queued'",
                    params![id, account, cost.get(), at.as_millis()],
                )?,
                RecordOutcome::Refused { code, message } => {
                    let message: String = message.chars().take(RECORD_MESSAGE_CHARS_MAX).collect();
                    transaction.execute(
                        "UPDATE records SET state = 'refused', account = ?2, code = ?3,
                           message = ?4 WHERE request_id = ?1 AND state = 'queued'",
                        params![id, account, code, message],
                    )?
                }
            };
        }
        transaction.commit()?;
        Ok(())
    }
}

/// What so many tokens may cost: as the last calls on this model did, or as on a dear one.
fn estimate(connection: &Connection, model: &str, tokens: i64) -> Result<NanoUsd, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT SUM(cost_nano_usd), SUM(tokens) FROM (
           SELECT cost_nano_usd, prompt_tokens + completion_tokens AS tokens FROM records
           WHERE state = 'recorded' AND model = ?1 ORDER BY number DESC LIMIT 100)",
    )?;
    let (cost, of): (Option<i64>, Option<i64>) =
        statement.query_row([model], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let tokens = i128::from(tokens);
    let nano = match (cost, of) {
        (Some(cost), Some(of)) if of > 0 => tokens * i128::from(cost) / i128::from(of),
        _ => tokens * i128::from(RECORD_NANO_PER_TOKEN),
    };
    Ok(NanoUsd::new(i64::try_from(nano).unwrap_or(i64::MAX)))
}

const RECORD: &str = "request_id, occurred_at, session, project, model, prompt_tokens, \
    cached_prompt_tokens, completion_tokens, state, code, message, cost_nano_usd, ended_at";

fn find(
    connection: &Connection,
    request_id: RequestId,
) -> Result<Option<RecordedCall>, LedgerError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {RECORD} FROM records WHERE request_id = ?1"
    ))?;
    let mut rows = statement.query([request_id.to_string()])?;
    rows.next()?.map(recorded_call).transpose()
}

/// The columns of [`RECORD`].
fn recorded_call(row: &Row<'_>) -> Result<RecordedCall, LedgerError> {
    let damaged = LedgerError::Damaged("a record holds what was never written");
    let text = |column| row.get::<_, String>(column);
    let maybe = |column| row.get::<_, Option<String>>(column);
    let named = |name: Option<String>| name.map(|name| name.parse()).transpose();
    let record = UsageRecord {
        request_id: text(0)?.parse().map_err(|_| damaged.clone())?,
        occurred_at: Timestamp::from_millis(row.get(1)?),
        session: named(maybe(2)?).map_err(|_| damaged.clone())?,
        project: maybe(3)?
            .map(|name| name.parse())
            .transpose()
            .map_err(|_| damaged.clone())?,
        model: text(4)?.parse().map_err(|_| damaged.clone())?,
        usage: TokenUsage::new(row.get(5)?, row.get(6)?, row.get(7)?),
    };
    let state = match text(8)?.as_str() {
        "queued" => RecordState::Queued,
        "recorded" => RecordState::Recorded {
            cost: NanoUsd::new(row.get(11)?),
            at: Timestamp::from_millis(row.get(12)?),
        },
        "refused" => RecordState::Refused {
            code: maybe(9)?.unwrap_or_default(),
            message: maybe(10)?.unwrap_or_default(),
        },
        _ => return Err(damaged),
    };
    Ok(RecordedCall { record, state })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::Period;

    fn record(number: u8, tokens: u32) -> UsageRecord {
        UsageRecord {
            request_id: RequestId::from_bytes([number; 16]),
            model: ModelName::new("m").unwrap(),
            usage: TokenUsage::new(tokens, 0, 1),
            occurred_at: Timestamp::from_millis(5),
            session: None,
            project: None,
        }
    }

    fn answer(ledger: &LocalLedger, number: u8, outcome: RecordOutcome) {
        let outcomes = [(record(number, 0).request_id, outcome)].into();
        ledger.answer_records(None, &outcomes).unwrap();
    }

    fn charged(nano: i64) -> RecordOutcome {
        RecordOutcome::Recorded {
            cost: NanoUsd::new(nano),
            at: Timestamp::from_millis(9),
        }
    }

    #[test]
    fn the_time_of_the_first_counts_and_every_field_reads_back() {
        let ledger = LocalLedger::in_memory().unwrap();
        let whole = UsageRecord {
            usage: TokenUsage::new(10, 4, 5),
            session: "talk".parse().ok(),
            project: "boats".parse().ok(),
            ..record(1, 0)
        };
        ledger.queue_record(&whole).unwrap();
        let later = UsageRecord {
            occurred_at: Timestamp::from_millis(99),
            ..whole.clone()
        };
        assert_eq!(ledger.queue_record(&later).unwrap(), RecordState::Queued);
        let known = ledger.record(whole.request_id).unwrap().unwrap();
        assert_eq!(known.record, whole);
        assert_eq!(ledger.queued_after(0, 9).unwrap()[0].record, whole);
        let other_project = UsageRecord {
            project: None,
            ..whole
        };
        assert!(matches!(
            ledger.queue_record(&other_project),
            Err(LedgerError::OtherContent { .. })
        ));
    }

    #[test]
    fn an_estimate_follows_what_calls_on_the_model_did_cost() {
        let ledger = LocalLedger::in_memory().unwrap();
        ledger.queue_record(&record(1, 99)).unwrap();
        let dear = Backlog {
            calls: 1,
            estimate: NanoUsd::new(100 * RECORD_NANO_PER_TOKEN),
        };
        assert_eq!(ledger.backlog().unwrap(), dear);
        answer(&ledger, 1, charged(200));
        assert_eq!(ledger.backlog().unwrap(), Backlog::default());
        ledger.queue_record(&record(2, 999)).unwrap();
        assert_eq!(ledger.backlog().unwrap().estimate, NanoUsd::new(2_000));
    }

    #[test]
    fn what_was_answered_once_is_not_answered_again() {
        let ledger = LocalLedger::in_memory().unwrap();
        ledger.queue_record(&record(1, 1)).unwrap();
        let refused = RecordOutcome::Refused {
            code: "unknown_model".to_owned(),
            message: "é".repeat(RECORD_MESSAGE_CHARS_MAX + 1),
        };
        answer(&ledger, 1, refused);
        answer(&ledger, 1, charged(7));
        let known = ledger.record(record(1, 1).request_id).unwrap().unwrap();
        let RecordState::Refused { message, .. } = known.state else {
            panic!("{known:?}");
        };
        assert_eq!(message.chars().count(), RECORD_MESSAGE_CHARS_MAX);
        assert_eq!(ledger.totals(Period::ALL).unwrap().calls, 0);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Queue(u8, u32),
        Record(u8, i64),
        Refuse(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u8..6, 0_u32..3).prop_map(|(number, tokens)| Step::Queue(number, tokens)),
            (0_u8..6, 0_i64..1_000).prop_map(|(number, nano)| Step::Record(number, nano)),
            (0_u8..6).prop_map(Step::Refuse),
        ]
    }

    proptest! {
        /// Against a table in memory: no call is lost, counted twice, or changed by a repetition.
        #[test]
        fn the_queue_is_a_table_of_calls_that_are_answered_once(
            steps in proptest::collection::vec(step(), 0..40),
        ) {
            let ledger = LocalLedger::in_memory().unwrap();
            let mut table: BTreeMap<u8, (u32, Option<i64>, bool)> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Queue(number, tokens) => {
                        let done = ledger.queue_record(&record(number, tokens));
                        let first = table.entry(number).or_insert((tokens, None, false)).0;
                        prop_assert_eq!(done.is_ok(), first == tokens);
                    }
                    Step::Record(number, nano) => {
                        answer(&ledger, number, charged(nano));
                        if let Some((_, cost @ None, false)) = table.get_mut(&number) {
                            *cost = Some(nano);
                        }
                    }
                    Step::Refuse(number) => {
                        let code = "bad_request".to_owned();
                        answer(&ledger, number, RecordOutcome::Refused { code, message: String::new() });
                        if let Some((_, None, refused)) = table.get_mut(&number) {
                            *refused = true;
                        }
                    }
                }
            }
            let queued = table.values().filter(|(_, cost, refused)| cost.is_none() && !refused);
            prop_assert_eq!(ledger.queued_records().unwrap(), queued.count() as u64);
            let totals = ledger.totals(Period::ALL).unwrap();
            let costs: Vec<i64> = table.values().filter_map(|(_, cost, _)| *cost).collect();
            prop_assert_eq!(totals.calls, costs.len() as u64);
            prop_assert_eq!(totals.cost.get(), costs.iter().sum::<i64>());
            let refused = table.values().filter(|(_, _, refused)| *refused).count();
            prop_assert_eq!(ledger.refused_records(9).unwrap().len(), refused);
        }
    }
}

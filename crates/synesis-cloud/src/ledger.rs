//! The device's own book: every escalation is in it before it is sent, and stays open until the
//! cloud has said what it cost.
//!
//! SQLite in WAL mode, flushed with every change, shared by as many processes as like. Amounts
//! are nano-dollars in integers. The cloud's ledger is the authoritative one; this one makes sure
//! that nothing is sent that the person could not find again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};
use synesis_domain::{ModelName, NanoUsd, ProjectId, RequestId, SessionId, Timestamp, TokenUsage};
use synesis_wire::proto::CloudModel;

use crate::date::{DAY_MS, utc_date};
use crate::error::Cause;
use crate::limits::LEDGER_BUSY_MAX;

/// The version of the tables below.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE escalations (
  request_id TEXT PRIMARY KEY,
  opened_at INTEGER NOT NULL,
  session TEXT,
  project TEXT,
  state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released')),
  model TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL DEFAULT 0,
  completion_tokens INTEGER NOT NULL DEFAULT 0,
  cost_nano_usd INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX escalations_open ON escalations (opened_at) WHERE state = 'open';
CREATE INDEX escalations_settled ON escalations (ended_at) WHERE state = 'settled';
PRAGMA user_version = 1;
";

/// Why the ledger could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file cannot be opened as a ledger.
    #[error("{} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        cause: Cause,
    },
    /// A newer Synesis wrote it.
    #[error("the ledger was written by a newer version ({found}, this one knows {known})")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Another process kept writing for too long.
    #[error("another process keeps the ledger busy")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// This request was settled before, with other figures.
    #[error("request {request_id} was settled before with other figures")]
    Conflict {
        /// The request.
        request_id: RequestId,
    },
    /// A row holds something that was never written.
    #[error("the ledger is damaged: {0}")]
    Damaged(&'static str),
    /// SQLite refused.
    #[error("the ledger refused")]
    Sql(#[source] Cause),
}

impl LedgerError {
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sql(Cause::new(error)),
        }
    }
}

/// An escalation that is about to be sent.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its id, kept through every retry.
    pub request_id: RequestId,
    /// When.
    pub at: Timestamp,
    /// The model that was asked for.
    pub model: CloudModel,
    /// The conversation it belongs to.
    pub session: Option<SessionId>,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
}

/// What the cloud charged for one escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which one.
    pub request_id: RequestId,
    /// When the cloud settled it.
    pub at: Timestamp,
    /// The model that answered, where the cloud named it.
    pub model: Option<ModelName>,
    /// The tokens.
    pub usage: TokenUsage,
    /// The charge.
    pub cost: NanoUsd,
}

/// From a moment up to, not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment in it.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Period {
    /// The last so many days in UTC, today included.
    #[must_use]
    pub fn days(count: u32, now: Timestamp) -> Self {
        let today = now.as_millis().div_euclid(DAY_MS);
        let first = today - i64::from(count.max(1)) + 1;
        Self {
            from: Timestamp::from_millis(first * DAY_MS),
            to: Timestamp::from_millis((today + 1) * DAY_MS),
        }
    }
}

/// The settled escalations of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub calls: u64,
    /// Tokens of the prompts.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// The charge.
    pub cost: NanoUsd,
}

/// The settled escalations of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotals {
    /// The day in UTC, as `2026-05-01`.
    pub day: String,
    /// What it came to.
    pub totals: Totals,
}

/// The settled escalations on one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelTotals {
    /// The model.
    pub model: String,
    /// What it came to.
    pub totals: Totals,
}

const TOTALS: &str = "COUNT(*), COALESCE(SUM(prompt_tokens), 0), \
    COALESCE(SUM(completion_tokens), 0), COALESCE(SUM(cost_nano_usd), 0)";

/// The device's ledger. Its methods block for as long as a flush takes; handles share one
/// connection.
#[derive(Debug, Clone)]
pub struct LocalLedger {
    connection: Arc<Mutex<Connection>>,
}

/// How long the other process, which does the same, is left alone.
const WRITE_AHEAD_RETRY: Duration = Duration::from_millis(5);

/// Turns the write-ahead log on. SQLite answers "busy" at once, whatever the timeout, while another
/// process does the same.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let until = Instant::now() + LEDGER_BUSY_MAX;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < until =>
            {
                std::thread::sleep(WRITE_AHEAD_RETRY);
            }
            done => return done,
        }
    }
}

impl LocalLedger {
    /// Opens the ledger in a file, and makes it where there is none.
    ///
    /// # Errors
    /// When the file is no ledger, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let failed = |error: rusqlite::Error| LedgerError::Open {
            path: path.to_owned(),
            cause: Cause::new(error),
        };
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(LEDGER_BUSY_MAX).map_err(failed)?;
        write_ahead(&connection).map_err(failed)?;
        Self::prepare(connection)
    }

    /// A ledger that is forgotten with the process, for tests.
    ///
    /// # Errors
    /// None in practice.
    pub fn in_memory() -> Result<Self, LedgerError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, LedgerError> {
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Two processes may come here at once; the second one waits and finds the tables.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match found {
            0 => transaction.execute_batch(SCHEMA)?,
            SCHEMA_VERSION => {}
            _ => {
                return Err(LedgerError::Newer {
                    found,
                    known: SCHEMA_VERSION,
                });
            }
        }
        transaction.commit()?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves a transaction that SQLite rolls back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that an escalation is about to be sent. Doing it again changes nothing.
    ///
    /// # Errors
    /// When it is not on disk: do not send.
    pub fn open_call(&self, opening: &Opening) -> Result<(), LedgerError> {
        let connection = self.lock();
        connection
            .prepare_cached(
                "INSERT INTO escalations (request_id, opened_at, session, project, state, model)
                 VALUES (?1, ?2, ?3, ?4, 'open', ?5) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                opening.request_id.to_string(),
                opening.at.as_millis(),
                opening.session.as_ref().map(SessionId::as_str),
                opening.project.as_ref().map(ProjectId::as_str),
                asked(opening.model),
            ])?;
        Ok(())
    }

    /// Records what an escalation cost. The same settlement again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when it was settled before with other figures.
    pub fn settle(&self, settlement: &Settlement) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = settlement.request_id.to_string();
        let (prompt, completion) = (settlement.usage.prompt(), settlement.usage.completion());
        let before = transaction
            .query_row(
                "SELECT prompt_tokens, completion_tokens, cost_nano_usd FROM escalations
                 WHERE request_id = ?1 AND state = 'settled'",
                [&id],
                |row| {
                    Ok((
                        row.get::<_, u32>(0)?,
                        row.get::<_, u32>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                },
            )
            .optional()?;
        if let Some(before) = before {
            if before == (prompt, completion, settlement.cost.get()) {
                return Ok(());
            }
            return Err(LedgerError::Conflict {
                request_id: settlement.request_id,
            });
        }
        transaction.execute(
            "INSERT INTO escalations
               (request_id, opened_at, state, model, prompt_tokens, completion_tokens, cost_nano_usd, ended_at)
             VALUES (?1, ?2, 'settled', COALESCE(?3, 'unknown'), ?4, ?5, ?6, ?2)
             ON CONFLICT (request_id) DO UPDATE SET state = 'settled', model = COALESCE(?3, model),
               prompt_tokens = ?4, completion_tokens = ?5, cost_nano_usd = ?6, ended_at = ?2",
            params![
                id,
                settlement.at.as_millis(),
                settlement.model.as_ref().map(ModelName::as_str),
                prompt,
                completion,
                settlement.cost.get(),
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Records that an escalation cost nothing. Of one that is settled this changes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn release(&self, request_id: RequestId, at: Timestamp) -> Result<(), LedgerError> {
        self.lock().execute(
            "UPDATE escalations SET state = 'released', ended_at = ?2
             WHERE request_id = ?1 AND state = 'open'",
            params![request_id.to_string(), at.as_millis()],
        )?;
        Ok(())
    }

    /// The oldest escalations that are still open, with the moment they were opened.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_calls(&self, count_max: usize) -> Result<Vec<(RequestId, Timestamp)>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT request_id, opened_at FROM escalations WHERE state = 'open'
             ORDER BY opened_at LIMIT ?1",
        )?;
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let mut rows = statement.query([count_max])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            let id = id
                .parse()
                .map_err(|_| LedgerError::Damaged("a request id is none"))?;
            open.push((id, Timestamp::from_millis(row.get(1)?)));
        }
        Ok(open)
    }

    /// What a period came to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals(&self, period: Period) -> Result<Totals, LedgerError> {
        let sql = format!(
            "SELECT {TOTALS} FROM escalations
             WHERE state = 'settled' AND ended_at >= ?1 AND ended_at < ?2"
        );
        let bounds = [period.from.as_millis(), period.to.as_millis()];
        Ok(self.lock().query_row(&sql, bounds, |row| totals(row, 0))?)
    }

    /// What each day of a period came to, oldest first; days without calls are left out.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals_by_day(&self, period: Period) -> Result<Vec<DayTotals>, LedgerError> {
        let key = format!("ended_at / {DAY_MS}");
        let rows = self.grouped(&key, period, |row| row.get::<_, i64>(0))?;
        Ok(rows
            .into_iter()
            .map(|(day, totals)| DayTotals {
                day: utc_date(Timestamp::from_millis(day * DAY_MS)),
                totals,
            })
            .collect())
    }

    /// What each model came to in a period, by name.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals_by_model(&self, period: Period) -> Result<Vec<ModelTotals>, LedgerError> {
        let rows = self.grouped("model", period, |row| row.get::<_, String>(0))?;
        Ok(rows
            .into_iter()
            .map(|(model, totals)| ModelTotals { model, totals })
            .collect())
    }

    fn grouped<K>(
        &self,
        key: &str,
        period: Period,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<K>,
    ) -> Result<Vec<(K, Totals)>, LedgerError> {
        let sql = format!(
            "SELECT {key}, {TOTALS} FROM escalations
             WHERE state = 'settled' AND ended_at >= ?1 AND ended_at < ?2
             GROUP BY 1 ORDER BY 1"
        );
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&sql)?;
        let bounds = [period.from.as_millis(), period.to.as_millis()];
        let rows = statement.query_map(bounds, |row| Ok((read(row)?, totals(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The name of a model until the cloud says which one answered.
fn asked(model: CloudModel) -> &'static str {
    match model {
        CloudModel::ClaudeSonnet => "claude-sonnet",
        CloudModel::ClaudeOpus => "claude-opus",
        CloudModel::Gpt4Turbo => "gpt-4-turbo",
        CloudModel::Auto | CloudModel::Unspecified => "auto",
    }
}

/// The four columns of [`TOTALS`], from this one on.
fn totals(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Totals> {
    Ok(Totals {
        calls: count(row, first)?,
        prompt_tokens: count(row, first + 1)?,
        completion_tokens: count(row, first + 2)?,
        cost: NanoUsd::new(row.get(first + 3)?),
    })
}

fn count(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

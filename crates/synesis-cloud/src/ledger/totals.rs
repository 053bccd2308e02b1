//! What was charged, added up.

use synesis_domain::{NanoUsd, Timestamp};

use super::{LedgerError, LocalLedger};
use crate::date::{DAY_MS, utc_date};

/// From a moment up to, not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment in it.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Period {
    /// From the beginning to the end.
    pub const ALL: Self = Self {
        from: Timestamp::from_millis(i64::MIN),
        to: Timestamp::from_millis(i64::MAX),
    };

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

/// What was charged in a period: escalations that were settled, and recorded calls.
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

/// What was charged on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotals {
    /// The day in UTC, as `2026-05-01`.
    pub day: String,
    /// What it came to.
    pub totals: Totals,
}

/// What was charged for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelTotals {
    /// The model.
    pub model: String,
    /// What it came to.
    pub totals: Totals,
}

/// What was charged for one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectTotals {
    /// The project; none for calls that belong to none.
    pub project: Option<String>,
    /// What it came to.
    pub totals: Totals,
}

const TOTALS: &str = "COUNT(*), COALESCE(SUM(prompt_tokens), 0), \
    COALESCE(SUM(completion_tokens), 0), COALESCE(SUM(cost_nano_usd), 0)";

impl LocalLedger {
    /// What a period came to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals(&self, period: Period) -> Result<Totals, LedgerError> {
        let sql = format!("SELECT {TOTALS} FROM spent WHERE ended_at >= ?1 AND ended_at < ?2");
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

    /// What each project came to in a period, by name; what belongs to none comes first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals_by_project(&self, period: Period) -> Result<Vec<ProjectTotals>, LedgerError> {
        let rows = self.grouped("project", period, |row| row.get::<_, Option<String>>(0))?;
        Ok(rows
            .into_iter()
            .map(|(project, totals)| ProjectTotals { project, totals })
            .collect())
    }

    fn grouped<K>(
        &self,
        key: &str,
        period: Period,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<K>,
    ) -> Result<Vec<(K, Totals)>, LedgerError> {
        let sql = format!(
            "SELECT {key}, {TOTALS} FROM spent WHERE ended_at >= ?1 AND ended_at < ?2
             GROUP BY 1 ORDER BY 1"
        );
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&sql)?;
        let bounds = [period.from.as_millis(), period.to.as_millis()];
        let rows = statement.query_map(bounds, |row| Ok((read(row)?, totals(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
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

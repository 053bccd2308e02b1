//! The tables, and the way from each older version to this one.

use rusqlite::Transaction;

use super::LedgerError;

/// The version that this program writes.
pub(super) const VERSION: i64 = 2;

/// What leads from the version of its place to the next.
const STEPS: [&str; 2] = [ESCALATIONS, RECORDS_AND_RECEIPTS];

const ESCALATIONS: &str = "
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
";

/// `account` of an escalation: whose it is; unknown of those that version 1 wrote.
const RECORDS_AND_RECEIPTS: &str = "
ALTER TABLE escalations ADD COLUMN account TEXT;
CREATE TABLE records (
  number INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  occurred_at INTEGER NOT NULL,
  session TEXT,
  project TEXT,
  model TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  cached_prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'recorded', 'refused')),
  account TEXT,
  code TEXT,
  message TEXT,
  cost_nano_usd INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER
) STRICT;
CREATE INDEX records_queued ON records (number) WHERE state = 'queued';
CREATE INDEX records_recorded ON records (ended_at) WHERE state = 'recorded';
CREATE INDEX records_by_model ON records (model, number) WHERE state = 'recorded';
CREATE VIEW spent AS
  SELECT ended_at, model, project, prompt_tokens, completion_tokens, cost_nano_usd
  FROM escalations WHERE state = 'settled'
  UNION ALL
  SELECT ended_at, model, project, prompt_tokens, completion_tokens, cost_nano_usd
  FROM records WHERE state = 'recorded';
CREATE TABLE receipt_keys (
  account TEXT PRIMARY KEY,
  key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE receipts (
  number INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  head BLOB NOT NULL,
  charged_nano_usd INTEGER NOT NULL,
  credit_nano_usd INTEGER NOT NULL,
  at INTEGER NOT NULL,
  signature BLOB NOT NULL,
  key BLOB NOT NULL,
  UNIQUE (account, sequence, at, head)
) STRICT;
CREATE TABLE alarms (
  number INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  found_at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  earlier BLOB,
  UNIQUE (account, kind, sequence)
) STRICT;
";

/// Brings the tables to this version; every row stays.
pub(super) fn bring_up_to_date(transaction: &Transaction<'_>) -> Result<(), LedgerError> {
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let newer = LedgerError::Newer {
        found,
        known: VERSION,
    };
    let done = usize::try_from(found).map_err(|_| newer.clone())?;
    for step in STEPS.get(done..).ok_or(newer)? {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use synesis_domain::Timestamp;

    use super::*;
    use crate::ledger::{LocalLedger, Period};

    #[test]
    fn ledger_of_version_1_keeps_every_row_and_gains_the_new_tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(ESCALATIONS).unwrap();
        old.execute_batch(
            "INSERT INTO escalations VALUES
               ('11111111-1111-4111-8111-111111111111', 5, 's', 'p', 'open', 'auto', 0, 0, 0, NULL),
               ('22222222-2222-4222-8222-222222222222', 6, NULL, NULL, 'settled', 'm', 10, 5, 700, 9),
               ('33333333-3333-4333-8333-333333333333', 7, NULL, NULL, 'released', 'm', 0, 0, 0, 9);
             PRAGMA user_version = 1;",
        )
        .unwrap();
        drop(old);
        for _ in 0..2 {
            let ledger = LocalLedger::open(&path).unwrap();
            let open = ledger.open_calls(9).unwrap();
            assert_eq!(open.len(), 1);
            assert_eq!(open[0].1, Timestamp::from_millis(5));
            let totals = ledger.totals(Period::ALL).unwrap();
            assert_eq!((totals.calls, totals.cost.get()), (1, 700));
            assert_eq!(ledger.queued_records().unwrap(), 0);
            let rows: i64 = ledger
                .lock()
                .query_row("SELECT COUNT(*) FROM escalations", [], |row| row.get(0))
                .unwrap();
            assert_eq!(rows, 3);
        }
    }

    #[test]
    fn an_empty_file_and_an_upgraded_one_have_the_same_tables() {
        let tables = |ledger: &LocalLedger| -> Vec<String> {
            let connection = ledger.lock();
            let mut statement = connection
                .prepare("SELECT name FROM sqlite_schema ORDER BY name")
                .unwrap();
            let names = statement.query_map([], |row| row.get(0)).unwrap();
            names.map(Result::unwrap).collect()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(ESCALATIONS).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        drop(old);
        let upgraded = LocalLedger::open(&path).unwrap();
        assert_eq!(
            tables(&upgraded),
            tables(&LocalLedger::in_memory().unwrap())
        );
    }
}

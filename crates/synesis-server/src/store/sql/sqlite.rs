//! One SQLite file.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use super::{LOCKING, Row, StoreError, Value};
use crate::store::schema;

/// How long a command beside the server waits for the writer's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than there are statements in the store.
const STATEMENTS_KEPT: usize = 128;

pub(in crate::store) struct Sqlite {
    connection: Connection,
    /// The version of the file as others left it.
    seen: i64,
}

impl Sqlite {
    /// Opens a file with the settings of a ledger: every commit is on disk before it is answered.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Open {
            path: path.to_owned(),
            source,
        };
        // SQLite gives its other files the mode of this one. Where it cannot be made, SQLite says
        // why.
        let _ = crate::files::create_private(path);
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA cache_size = -65536;
                 PRAGMA foreign_keys = ON;",
            )
            .map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        migrate(&mut connection)?;
        Ok(Self {
            connection,
            seen: 0,
        })
    }

    pub(super) fn execute(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(text)?;
        let changed = statement.execute(params_from_iter(values))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    pub(super) fn one<T>(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(alone(text))?;
        let mut rows = statement.query(params_from_iter(values))?;
        rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
    }

    pub(super) fn each(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(alone(text))?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            visit(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    pub(super) fn begin(&mut self) -> Result<bool, StoreError> {
        self.execute("BEGIN IMMEDIATE", &[])?;
        let version = self.version().inspect_err(|_| {
            let _ = self.connection.execute_batch("ROLLBACK");
        })?;
        Ok(std::mem::replace(&mut self.seen, version) != version)
    }

    /// SQLite may have undone a transaction by itself.
    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        if !self.in_transaction() {
            // SQLite undid all of it by itself, as it does when the disk is full.
            return Err(StoreError::Full);
        }
        let committed = self.execute("COMMIT", &[]);
        if committed.is_err() && self.in_transaction() {
            let _ = self.execute("ROLLBACK", &[]);
        }
        committed.map(drop)
    }

    pub(super) fn begin_piece(&mut self) -> Result<(), StoreError> {
        if !self.in_transaction() {
            return Err(StoreError::Full);
        }
        self.execute("SAVEPOINT piece", &[])?;
        Ok(())
    }

    pub(super) fn end_piece(&mut self, keep: bool) -> Result<(), StoreError> {
        if !keep && self.in_transaction() {
            self.execute("ROLLBACK TO piece", &[])?;
        }
        if self.in_transaction() {
            self.execute("RELEASE piece", &[])?;
        }
        Ok(())
    }

    /// A number that changes when another process wrote to the file.
    pub(super) fn version(&mut self) -> Result<i64, StoreError> {
        let mut statement = self.connection.prepare_cached("PRAGMA data_version")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    #[cfg(test)]
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// SQLite has one writer, whose rows nobody else can change.
fn alone(text: &'static str) -> &'static str {
    text.strip_suffix(LOCKING).unwrap_or(text)
}

/// A column of a row.
pub(super) fn value<'r>(
    row: &'r rusqlite::Row<'_>,
    column: usize,
) -> Result<Value<'r>, StoreError> {
    let damaged = StoreError::DamagedRow { column };
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(|_| damaged)?),
        ValueRef::Blob(bytes) => Value::Blob(bytes),
        ValueRef::Real(_) => return Err(damaged),
    })
}

/// Brings a file to this version; it has as many scripts applied as its `user_version` says.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for script in schema::missing(found)? {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", schema::known())?;
    Ok(transaction.commit()?)
}

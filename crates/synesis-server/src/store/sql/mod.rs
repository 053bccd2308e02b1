//! What the store's modules need of a database, so that each statement is written once.
//!
//! Statements are text of the program, never built: numbered parameters (`?1`), and what SQLite and
//! PostgreSQL have in common. A column of numbers is `INTEGER`, one of bytes `BLOB`, one of words
//! `TEXT`; `CAST(sum(x) AS INTEGER)`, because PostgreSQL's sum is no whole number; `ON CONFLICT`
//! names its table where it reads an old value. A row that is read in order to be changed, and that
//! is no event, ends its statement in ` FOR UPDATE` (see [`LOCKING`]).

mod connect;
mod dialect;
mod postgres;
mod sqlite;
mod tls;
mod watch;

use rusqlite::types::{ToSqlOutput, ValueRef};

use super::StoreError;
pub(super) use postgres::Postgres;
pub(super) use sqlite::Sqlite;
pub(super) use watch::Watch;

/// The end of a statement whose row nobody else may change until the commit. SQLite has one writer,
/// and is never shown it.
const LOCKING: &str = " FOR UPDATE";

/// What a parameter or a column can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// The parameters of a statement: `values![user.as_bytes(), now]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::sql::Value::from($value)),*]
    };
}
pub(super) use values;

impl Value<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "words",
            Self::Blob(_) => "bytes",
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What a column can be read as.
pub(super) trait Column<'r>: Sized {
    fn of(value: Value<'r>) -> Option<Self>;
}

impl Column<'_> for i64 {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl Column<'_> for u32 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value)?.try_into().ok()
    }
}

impl Column<'_> for bool {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).map(|number| number != 0)
    }
}

impl<'r> Column<'r> for &'r str {
    fn of(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Column<'_> for String {
    fn of(value: Value<'_>) -> Option<Self> {
        <&str>::of(value).map(str::to_owned)
    }
}

impl<'r> Column<'r> for &'r [u8] {
    fn of(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Column<'_> for Vec<u8> {
    fn of(value: Value<'_>) -> Option<Self> {
        <&[u8]>::of(value).map(<[u8]>::to_vec)
    }
}

impl<const N: usize> Column<'_> for [u8; N] {
    fn of(value: Value<'_>) -> Option<Self> {
        <&[u8]>::of(value)?.try_into().ok()
    }
}

impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    fn of(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

/// A row that was found.
pub(super) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// A column, counted from 0.
    pub(super) fn get<'r, T: Column<'r>>(&'r self, column: usize) -> Result<T, StoreError> {
        let value = match self {
            Self::Sqlite(row) => sqlite::value(row, column)?,
            Self::Postgres(row) => postgres::value(row, column)?,
        };
        T::of(value).ok_or(StoreError::DamagedRow { column })
    }
}

/// An open database.
pub(super) enum Sql {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Sql {
    /// Runs a statement and says how many rows it changed.
    pub(super) fn execute(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(text, values),
            Self::Postgres(postgres) => postgres.execute(text, values),
        }
    }

    /// Reads the first row, where there is one.
    pub(super) fn one<T>(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.one(text, values, read),
            Self::Postgres(postgres) => postgres.one(text, values, read),
        }
    }

    /// Gives every row to `visit`.
    pub(super) fn each(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.each(text, values, visit),
            Self::Postgres(postgres) => postgres.each(text, values, visit),
        }
    }

    /// Reads every row.
    pub(super) fn all<T>(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(text, values, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Begins a transaction, and says whether others may have written since the last one.
    pub(super) fn begin(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin(),
            Self::Postgres(postgres) => postgres.begin(),
        }
    }

    /// Ends the transaction: all of it is on disk, or none is.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commit(),
            Self::Postgres(postgres) => postgres.commit(),
        }
    }

    /// Begins a piece of the transaction that can be undone by itself.
    pub(super) fn begin_piece(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin_piece(),
            Self::Postgres(postgres) => postgres.begin_piece(),
        }
    }

    /// Ends a piece, or undoes it.
    pub(super) fn end_piece(&mut self, keep: bool) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.end_piece(keep),
            Self::Postgres(postgres) => {
                postgres.end_piece(keep);
                Ok(())
            }
        }
    }

    /// A number that changes when another process wrote to the file. Of PostgreSQL it is told
    /// ([`Watch`]), and not asked.
    pub(super) fn version(&mut self) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.version(),
            Self::Postgres(_) => Ok(0),
        }
    }

    /// Tells the other servers, once this is committed, that a device was put out by this one.
    pub(super) fn tell_revoked(&mut self, server: i32) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            self.one(
                "SELECT pg_notify('synesis_revocations', ?1)",
                &[Value::Text(&server.to_string())],
                |_| Ok(()),
            )?;
        }
        Ok(())
    }

    /// The numbers of the servers that live on this database.
    pub(super) fn servers(&mut self) -> Result<Vec<i64>, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            Self::Postgres(_) => self.all(
                "SELECT CAST(objid AS BIGINT) FROM pg_locks
                 WHERE locktype = 'advisory' AND granted AND classid = CAST(?1 AS BIGINT)
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                &[Value::Int(watch::LIVES.into())],
                |row| row.get(0),
            ),
        }
    }
}

#[cfg(test)]
impl Sql {
    /// The file's connection, for what only SQLite can be asked.
    pub(super) fn sqlite(&mut self) -> &mut rusqlite::Connection {
        match self {
            Self::Sqlite(sqlite) => sqlite.connection(),
            Self::Postgres(_) => unreachable!("this test is of SQLite"),
        }
    }
}

//! One connection to PostgreSQL.
//!
//! Nothing is sent before it has to be: the beginning of a transaction and of a piece goes out with
//! the first statement, the end of a piece with whatever comes next. A piece that asks nothing costs
//! nothing, and one that appends an event waits for the server three times.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use futures::TryStreamExt;
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{RowStream, Statement};

use super::connect::{self, Session};
use super::{Row, StoreError, Value, dialect};
use crate::database_url::DatabaseUrl;
use crate::store::schema;

/// The key of the lock under which tables are made.
const MIGRATION: i64 = 0x5359_4e01;
/// How long a lost server is left alone before it is tried again, at first and at most.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// The channel on which servers tell each other that a device was put out.
pub(super) const REVOCATIONS: &str = "synesis_revocations";

pub(in crate::store) struct Postgres {
    url: DatabaseUrl,
    runtime: Runtime,
    session: Option<Session>,
    /// The statements that the server of this session has prepared.
    prepared: HashMap<&'static str, Statement>,
    transaction: Transaction,
    retry: Retry,
}

/// How far the transaction at hand is on the wire.
#[derive(Default)]
struct Transaction {
    open: bool,
    begun: bool,
    piece: Savepoint,
    /// How the last piece ends.
    ending: &'static str,
    /// What goes out before the next statement.
    before: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    #[default]
    None,
    /// Begun, but not on the wire yet.
    Due,
    Set,
}

struct Retry {
    not_before: Instant,
    wait: Duration,
}

impl Transaction {
    /// Writes down what the server must hear before the next statement of a piece.
    fn advance(&mut self) {
        self.before.clear();
        if !std::mem::replace(&mut self.begun, true) {
            self.before.push_str("BEGIN;");
        }
        self.before.push_str(std::mem::take(&mut self.ending));
        if self.piece == Savepoint::Due {
            self.before.push_str("SAVEPOINT piece;");
            self.piece = Savepoint::Set;
        }
    }
}

impl Postgres {
    /// Connects, and brings the tables to this version.
    pub(in crate::store) fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut postgres = Self {
            url: url.clone(),
            runtime: connect::runtime()?,
            session: None,
            prepared: HashMap::new(),
            transaction: Transaction::default(),
            retry: Retry {
                not_before: Instant::now(),
                wait: RETRY_FIRST,
            },
        };
        postgres.connect()?;
        postgres.migrate()?;
        Ok(postgres)
    }

    /// Connects where there is no connection. A server that was just tried is not tried again yet.
    fn connect(&mut self) -> Result<(), StoreError> {
        if let Some(session) = &self.session {
            if session.stands(&self.runtime) {
                return Ok(());
            }
            self.disconnect();
        }
        if Instant::now() < self.retry.not_before {
            return Err(StoreError::Disconnected);
        }
        match self.runtime.block_on(Session::open(&self.url)) {
            Ok((session, _)) => {
                self.session = Some(session);
                self.retry.wait = RETRY_FIRST;
                Ok(())
            }
            Err(error) => {
                self.retry.not_before = Instant::now() + self.retry.wait;
                self.retry.wait = (self.retry.wait * 2).min(RETRY_MAX);
                Err(error)
            }
        }
    }

    fn disconnect(&mut self) {
        self.prepared.clear();
        self.transaction.open = false;
        if let Some(session) = self.session.take() {
            session.cut(&self.runtime);
        }
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let session = self.session.as_ref().ok_or(StoreError::Disconnected)?;
        self.runtime.block_on(async {
            let client = &session.client;
            // Whoever comes second finds the tables made.
            let begin = format!(
                "BEGIN; SELECT pg_advisory_xact_lock({MIGRATION});
                 CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version SELECT 0
                 WHERE NOT EXISTS (SELECT 1 FROM schema_version);"
            );
            client.batch_execute(&begin).await?;
            let row = client.query_one("SELECT version FROM schema_version", &[]);
            for script in schema::missing(row.await?.try_get(0)?)? {
                client.batch_execute(&dialect::script(script)).await?;
            }
            let known = schema::known();
            let end = format!("UPDATE schema_version SET version = {known}; COMMIT;");
            Ok(client.batch_execute(&end).await?)
        })
    }

    pub(super) fn execute(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let statement = self.prepare(text)?;
        self.transaction.advance();
        let before = &self.transaction.before;
        let client = &self
            .session
            .as_ref()
            .ok_or(StoreError::Disconnected)?
            .client;
        let executing = client.execute_raw(&statement, values.iter().map(as_parameter));
        Ok(self
            .runtime
            .block_on(connect::after(client, before, executing))?)
    }

    pub(super) fn one<T>(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut rows = self.query(text, values)?;
        let first = self.runtime.block_on(rows.try_next())?;
        first.map(|row| read(&Row::Postgres(&row))).transpose()
    }

    pub(super) fn each(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut rows = self.query(text, values)?;
        while let Some(row) = self.runtime.block_on(rows.try_next())? {
            visit(&Row::Postgres(&row))?;
        }
        Ok(())
    }

    fn query(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> Result<std::pin::Pin<Box<RowStream>>, StoreError> {
        let statement = self.prepare(text)?;
        self.transaction.advance();
        let before = &self.transaction.before;
        let client = &self
            .session
            .as_ref()
            .ok_or(StoreError::Disconnected)?
            .client;
        let asking = client.query_raw(&statement, values.iter().map(as_parameter));
        let rows = self
            .runtime
            .block_on(connect::after(client, before, asking))?;
        Ok(Box::pin(rows))
    }

    fn prepare(&mut self, text: &'static str) -> Result<Statement, StoreError> {
        if let Some(known) = self.prepared.get(text) {
            return Ok(known.clone());
        }
        let session = self.session.as_ref().ok_or(StoreError::Disconnected)?;
        let translated = dialect::statement(text);
        let statement = self.runtime.block_on(session.client.prepare(&translated))?;
        self.prepared.insert(text, statement.clone());
        Ok(statement)
    }

    pub(super) fn begin(&mut self) -> Result<bool, StoreError> {
        self.transaction = Transaction {
            before: std::mem::take(&mut self.transaction.before),
            ..Transaction::default()
        };
        self.connect()?;
        self.transaction.open = true;
        // Another server may always have written.
        Ok(true)
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.transaction.open) {
            return Err(StoreError::Disconnected);
        }
        if !self.transaction.begun {
            return Ok(());
        }
        self.transaction.advance();
        self.transaction.before.push_str("COMMIT");
        let session = self.session.as_ref().ok_or(StoreError::Disconnected)?;
        let committing = session.client.batch_execute(&self.transaction.before);
        let committed = self.runtime.block_on(committing);
        if committed.is_err() {
            // Whatever the server still holds of it goes with the connection.
            self.disconnect();
        }
        Ok(committed?)
    }

    pub(super) fn begin_piece(&mut self) -> Result<(), StoreError> {
        if !self.transaction.open {
            return Err(StoreError::Disconnected);
        }
        self.transaction.piece = Savepoint::Due;
        Ok(())
    }

    pub(super) fn end_piece(&mut self, keep: bool) {
        let piece = std::mem::take(&mut self.transaction.piece);
        if piece == Savepoint::Set {
            self.transaction.ending = if keep {
                "RELEASE piece;"
            } else {
                "ROLLBACK TO piece;RELEASE piece;"
            };
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.disconnect();
    }
}

fn as_parameter<'a>(value: &'a Value<'_>) -> &'a (dyn ToSql + Sync) {
    value
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            (value, kind) => Err(format!("{kind} cannot be {}", value.kind()).into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value<'a> {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(kind, raw)?.into()),
            Type::TEXT => Self::Text(<&str>::from_sql(kind, raw)?),
            _ => Self::Blob(<&[u8]>::from_sql(kind, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8 | Type::INT4 | Type::BOOL | Type::TEXT | Type::BYTEA
        )
    }
}

/// A column of a row.
pub(super) fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value<'_>, StoreError> {
    Ok(row.try_get(column)?)
}

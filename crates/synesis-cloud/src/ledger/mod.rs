//! The device's own book: every escalation is in it before it is sent, and stays open until the
//! cloud has said what it cost; every call that was made by the user's own key waits in it until
//! the cloud has recorded it; and what the cloud signed is kept in it.
//!
//! SQLite in WAL mode, flushed with every change, shared by as many processes as like. Amounts
//! are nano-dollars in integers. The cloud's ledger is the authoritative one; this one makes sure
//! that nothing is sent that the person could not find again, and that nothing is changed in the
//! cloud afterwards without being noticed.

mod calls;
mod error;
mod receipts;
mod records;
mod schema;
mod totals;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};

pub(crate) use calls::CallState;
pub use calls::{Opening, Settlement};
pub use error::LedgerError;
pub use records::{Backlog, RecordState, RecordedCall, UsageRecord};
pub(crate) use records::{QueuedRecord, RecordOutcome};
pub use totals::{DayTotals, ModelTotals, Period, ProjectTotals, Totals};

use crate::error::Cause;
use crate::limits::LEDGER_BUSY_MAX;

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
        schema::bring_up_to_date(&transaction)?;
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
}

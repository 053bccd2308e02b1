//! Why something could not be kept or found.

use std::path::PathBuf;

use synesis_domain::DecodeError;
use tokio_postgres::error::SqlState;

use crate::database_url::DatabaseUrl;

/// Why something could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the quota, is full. Nothing was changed.
    #[error("the disk of the server is full")]
    Full,
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// PostgreSQL failed.
    #[error("the database failed")]
    Postgres(#[source] tokio_postgres::Error),
    /// PostgreSQL cannot be reached, or does not let this server in.
    #[error("failed to connect to {url}")]
    Connect {
        /// Where it was looked for; without the password.
        url: DatabaseUrl,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The connection to PostgreSQL was lost, and is not back yet.
    #[error("the database cannot be reached")]
    Disconnected,
    /// Another server uses the database under the number of this data folder.
    #[error("another server already uses the database as this data folder's server")]
    Twin,
    /// A thread could not be started.
    #[error("failed to start a thread of the database")]
    Thread(#[source] std::io::Error),
    /// A stored event cannot be read.
    #[error("event {version} of {stream} in the database is damaged")]
    Damaged {
        /// Whose history.
        stream: String,
        /// Its place in that history.
        version: u64,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A history does not hash to what was noted when it was written.
    #[error("the history of {stream} was changed after it was written")]
    Forged {
        /// Whose history.
        stream: String,
    },
    /// A column holds what it cannot hold.
    #[error("column {column} of a row in the database is damaged")]
    DamagedRow {
        /// Which column, from 0.
        column: usize,
    },
    /// A stored result cannot be read.
    #[error("a stored result is damaged")]
    DamagedResult(#[source] prost::DecodeError),
    /// The file was written by a newer version.
    #[error("the database has version {found}, this server knows up to {known}")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The version of this program.
        known: i64,
    },
    /// There is no such file: the folder holds no cloud.
    #[error("there is no cloud here: {} is missing", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened.
    #[error("failed to open the database {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Somebody else changed the same thing again and again.
    #[error("the same thing is being changed by too many at once")]
    Conflict,
    /// The commit failed for another piece of work in the same group, or the writer has ended.
    #[error("the database takes no more work")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::DISK_FULL) => Self::Full,
            // The version of a history was taken, or two waited for each other.
            Some(
                &SqlState::UNIQUE_VIOLATION
                | &SqlState::T_R_SERIALIZATION_FAILURE
                | &SqlState::T_R_DEADLOCK_DETECTED,
            ) => Self::Conflict,
            None if error.is_closed() => Self::Disconnected,
            _ => Self::Postgres(error),
        }
    }
}

impl StoreError {
    /// The same failure for each piece of work of a group; the log has the database's own words.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Full => Self::Full,
            _ => Self::Closed,
        }
    }
}

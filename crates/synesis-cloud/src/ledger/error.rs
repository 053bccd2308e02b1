//! Why the ledger could not be read or written.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use synesis_domain::RequestId;

use crate::error::Cause;

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
    /// A record of this id was made before, with other content.
    #[error("record {request_id} was made before with other content")]
    OtherContent {
        /// The record.
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

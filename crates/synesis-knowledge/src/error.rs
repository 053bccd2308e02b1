//! What can go wrong.

use std::path::PathBuf;

use serde::Serialize;

/// Why the knowledge base could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// The database could not be read or written.
    #[error("failed to use the knowledge base at {}", path.display())]
    Store {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The database was written by a newer Synesis.
    #[error(
        "the knowledge base at {} has format {found}, and this version knows up to {known}",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// A path to add does not exist or cannot be read.
    #[error("failed to read {}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// More files than one call takes in.
    #[error("there are more than {files_max} files; add smaller folders")]
    TooManyFiles {
        /// The limit.
        files_max: usize,
    },
}

/// Why a file was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum SkipReason {
    /// It holds bytes that are no text.
    Binary,
    /// It is too large.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// It holds nothing.
    Empty,
    /// It is of a form that is not read, such as PDF or HTML.
    Form {
        /// The ending of its name.
        extension: String,
    },
    /// Its name is not Unicode.
    Name,
    /// It could not be read.
    Unreadable {
        /// What the system says.
        message: String,
    },
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SkipReason::Binary => f.write_str("it is not text"),
            SkipReason::TooLarge { bytes, bytes_max } => {
                write!(f, "it has {bytes} bytes, at most {bytes_max} are taken in")
            }
            SkipReason::Empty => f.write_str("it is empty"),
            SkipReason::Form { extension } => write!(f, "files of type {extension} are not read"),
            SkipReason::Name => f.write_str("its name is not Unicode"),
            SkipReason::Unreadable { message } => f.write_str(message),
        }
    }
}

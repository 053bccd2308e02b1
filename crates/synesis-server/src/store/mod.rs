//! What the cloud remembers: one SQLite file, written by one thread.
//!
//! Work is a function that runs inside a transaction on that thread; its answer is given only after
//! the commit is on disk. Work that waits is committed together (up to [`STORE_GROUP_MAX`] pieces
//! or [`STORE_GROUP_TIME`]), each piece in a savepoint of its own, so one that fails undoes only
//! itself. Events are appended and never changed; what a process killed in the middle had not
//! committed is gone, and nobody was told that it was there.
//!
//! There are no rules here: aggregates decide, this keeps.

mod account;
mod beat;
mod device;
mod event;
mod key;
mod login;
mod person;
mod result;
mod schema;
mod token;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use synesis_domain::{Account, DecodeError, UserId};
use tokio::sync::{mpsc, oneshot};

pub(crate) use account::{Charge, UsageState};
pub(crate) use login::LoginCode;
pub(crate) use person::{MailedLink, Session};
pub(crate) use result::{StoredResult, StoredTranscript};
pub(crate) use token::{NewToken, TokenUses};

use crate::limits::{STORE_GROUP_MAX, STORE_GROUP_TIME, STORE_QUEUE_MAX};

/// Why something could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the quota, is full. Nothing was changed.
    #[error("the disk of the server is full")]
    Full,
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
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

impl StoreError {
    /// The same failure for each piece of work of a group: SQLite's own error goes to the first.
    fn again(&self) -> Self {
        match self {
            Self::Full => Self::Full,
            _ => Self::Closed,
        }
    }
}

/// What work sees: the open transaction and the accounts in memory.
pub(crate) struct Books {
    connection: Connection,
    accounts: HashMap<UserId, Account>,
    touched: Vec<UserId>,
}

type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&mut Books) -> Reply + Send>;

/// The handle to the writer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    jobs: mpsc::Sender<Job>,
    failing: Arc<AtomicBool>,
}

impl Store {
    /// Opens the file, brings it to this version, and starts the writer.
    ///
    /// The writer ends when the last handle is dropped; join it to know that all is written.
    pub(crate) fn open(path: &Path) -> Result<(Self, JoinHandle<()>), StoreError> {
        let mut books = Books::open(path)?;
        let (jobs, mut queue) = mpsc::channel(STORE_QUEUE_MAX);
        let failing = Arc::new(AtomicBool::new(false));
        let failed = Arc::clone(&failing);
        let writer = std::thread::Builder::new()
            .name("synesis-store".into())
            .spawn(move || {
                while let Some(first) = queue.blocking_recv() {
                    let committed = books.commit_group(first, &mut queue);
                    failed.store(!committed, Ordering::Relaxed);
                }
            })
            .map_err(|_| StoreError::Closed)?;
        Ok((Self { jobs, failing }, writer))
    }

    /// Whether the database takes writes. After a failed commit it is tried.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        if self.failing.load(Ordering::Relaxed) {
            self.run(Books::probe).await?;
        }
        Ok(())
    }

    /// Runs work in a transaction and gives its answer once it is on disk.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Books) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |books| {
            let done = books.in_savepoint(work);
            Box::new(move |committed| {
                let _ = answer.send(committed.and(done));
            })
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

impl Books {
    /// Opens the file for this process alone, or for one that only notes a token beside a server.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = schema::open(path)?;
        Ok(Self {
            connection,
            accounts: HashMap::new(),
            touched: Vec::new(),
        })
    }

    /// Opens a file that a server made before.
    pub(crate) fn open_existing(path: &Path) -> Result<Self, StoreError> {
        if path.exists() {
            return Self::open(path);
        }
        Err(StoreError::Absent {
            path: path.to_owned(),
        })
    }

    /// Runs one piece of work in a transaction of its own, without a writer thread.
    pub(crate) fn once<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        let done = self.in_savepoint(work);
        self.commit()?;
        done
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.touched.clear();
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let committed = if self.connection.is_autocommit() {
            // SQLite undid the whole group by itself, as it does when the disk is full.
            Err(StoreError::Full)
        } else {
            self.connection.execute_batch("COMMIT").map_err(Into::into)
        };
        if committed.is_err() {
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            self.accounts.clear();
        }
        committed
    }

    /// Runs what waits as one transaction, and says whether it was committed.
    fn commit_group(&mut self, first: Job, queue: &mut mpsc::Receiver<Job>) -> bool {
        let began = self.begin();
        let started = Instant::now();
        let mut replies = vec![first(self)];
        while replies.len() < STORE_GROUP_MAX && started.elapsed() < STORE_GROUP_TIME {
            let Ok(next) = queue.try_recv() else { break };
            replies.push(next(self));
        }
        let committed = began.and_then(|()| self.commit());
        if let Err(error) = &committed {
            tracing::error!(error = %crate::error::chain(error), "the database did not commit");
        }
        for reply in replies {
            reply(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(error.again()),
            });
        }
        committed.is_ok()
    }

    fn in_savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.connection.is_autocommit() {
            return Err(StoreError::Full);
        }
        self.connection.execute_batch("SAVEPOINT piece")?;
        self.touched.clear();
        let done = work(self);
        if done.is_err() {
            for user in std::mem::take(&mut self.touched) {
                self.accounts.remove(&user);
            }
            if !self.connection.is_autocommit() {
                self.connection.execute_batch("ROLLBACK TO piece")?;
            }
        }
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("RELEASE piece")?;
        }
        done
    }

    /// A setting of this cloud, made by `make` on first use.
    pub(crate) fn setting(
        &mut self,
        name: &str,
        make: impl FnOnce() -> Vec<u8>,
    ) -> Result<Vec<u8>, StoreError> {
        use rusqlite::OptionalExtension;
        let known = self
            .connection
            .query_row(
                "SELECT value FROM settings WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let made = make();
        self.connection.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)",
            rusqlite::params![name, made],
        )?;
        Ok(made)
    }

    /// Writes a page, to see whether that works.
    fn probe(&mut self) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO settings (name, value) VALUES ('probe', x'00')
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [],
        )?;
        Ok(())
    }

    /// A number that changes when another process wrote to the file.
    pub(crate) fn foreign_changes(&mut self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(books: &mut Books) -> i64 {
        books
            .connection
            .query_row("SELECT count(*) FROM settings", [], |row| row.get(0))
            .unwrap()
    }

    #[tokio::test]
    async fn work_that_fails_undoes_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let (store, writer) = Store::open(&dir.path().join("cloud.db")).unwrap();
        let good = store.run(|books| books.setting("a", || vec![1]));
        let bad = store.run(|books| {
            books.setting("b", || vec![2])?;
            Err::<(), _>(StoreError::Closed)
        });
        let (good, bad) = tokio::join!(good, bad);
        assert_eq!(good.unwrap(), [1]);
        assert!(bad.is_err());
        assert_eq!(store.run(|books| Ok(count(books))).await.unwrap(), 1);
        drop(store);
        writer.join().unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_ends_when_there_is_room_again() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _writer) = Store::open(&dir.path().join("cloud.db")).unwrap();
        let set_pages = |pages: u32| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            store.run(move |books| Ok(books.connection.query_row(&sql, [], |_| Ok(()))?))
        };
        set_pages(1).await.unwrap();
        let full = store
            .run(|books| books.setting("big", || vec![0; 1 << 20]))
            .await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        set_pages(1 << 20).await.unwrap();
        store
            .run(|books| books.setting("big", || vec![0; 1 << 20]))
            .await
            .unwrap();
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cloud.db");
        let books = Books::open(&path).unwrap();
        books
            .connection
            .pragma_update(None, "user_version", 999)
            .unwrap();
        drop(books);
        assert!(matches!(
            Books::open(&path),
            Err(StoreError::Newer { found: 999, .. })
        ));
    }
}

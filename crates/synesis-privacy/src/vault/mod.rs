//! The vault: conversations that outlive the process, sealed at rest.
//!
//! Each value is one SQLite row under XChaCha20-Poly1305 with the conversation and the placeholder as associated
//! data, so a row that was changed or moved does not open. Rows are found by an HMAC of the value, never a plain
//! hash. A crash loses nothing that was returned; two processes may use a vault at once, and agree on every
//! placeholder. Conversations are stored under a keyed hash of their names. Nothing here knows what is private.

mod key;
mod rows;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, params};

pub use key::{KeyError, VaultKey};
use rows::{Rows, Seal};

use crate::conversation::{Conversation, ConversationId, StoreError};

/// How long a write waits for another process, in milliseconds.
const BUSY_WAIT_MS: u64 = 10_000;
const SCHEMA_VERSION: i64 = 1;
/// Reading is noted as use in steps of this length, so that most reads write nothing.
const USE_STEP_MS: i64 = 3_600_000;

/// What went wrong with a vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// SQLite failed.
    #[error("the vault's database failed")]
    Database(#[from] rusqlite::Error),
    /// The key does not open this vault.
    #[error("the key does not open this vault")]
    WrongKey,
    /// A row was changed by somebody without the key.
    #[error("a row of the vault was changed by somebody without the key")]
    Tampered,
    /// The file was written by a newer version.
    #[error("the vault has version {0}; this program knows up to {SCHEMA_VERSION}")]
    Version(i64),
    /// The file could not be made private to its owner.
    #[error("the vault file could not be made private")]
    File(#[source] std::io::Error),
    /// The operating system gave no randomness.
    #[error("the system gave no random bytes")]
    Random,
}

/// Conversations in a file. Cheap to clone; clones share one connection.
#[derive(Clone)]
pub struct TokenVault {
    inner: Arc<Inner>,
}

/// Turns the write-ahead log on. SQLite answers "busy" at once, whatever the timeout, while another
/// process does the same.
fn write_ahead(connection: &Connection) -> Result<(), rusqlite::Error> {
    const RETRY: Duration = Duration::from_millis(5);
    let until = Instant::now() + Duration::from_millis(BUSY_WAIT_MS);
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < until =>
            {
                std::thread::sleep(RETRY);
            }
            done => return done,
        }
    }
}

struct Inner {
    shared: Mutex<Shared>,
    /// Told when a batch ends.
    free: Condvar,
    seal: Seal,
}

/// The connection, and the thread whose writes become durable together.
struct Shared {
    connection: Connection,
    batch: Option<ThreadId>,
}

impl Deref for Shared {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Inner {
    /// The connection, once no other thread has a batch open.
    fn connection(&self) -> MutexGuard<'_, Shared> {
        let me = std::thread::current().id();
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        self.free
            .wait_while(shared, |shared| shared.batch.is_some_and(|id| id != me))
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch while it is open. Dropped without [`Batch::commit`], nothing of it is kept.
struct Batch<'v>(&'v Inner);

impl Batch<'_> {
    fn commit(self) -> Result<(), VaultError> {
        let shared = self.0.connection();
        if !shared.is_autocommit() {
            shared.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut shared = self.0.connection();
        shared.batch = None;
        if !shared.is_autocommit() {
            // The connection drops what was not committed, also where this fails.
            let _rolled_back = shared.execute_batch("ROLLBACK");
        }
        drop(shared);
        self.0.free.notify_all();
    }
}

impl TokenVault {
    /// Opens the vault in `path`, or makes it.
    ///
    /// # Errors
    /// When the file cannot be used, is newer, or belongs to another key.
    pub fn open(path: &Path, key: VaultKey) -> Result<Self, VaultError> {
        make_private(path).map_err(VaultError::File)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
        write_ahead(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        let seal = Seal::new(&key);
        prepare(&mut connection, &seal)?;
        Ok(Self {
            inner: Arc::new(Inner {
                shared: Mutex::new(Shared {
                    connection,
                    batch: None,
                }),
                free: Condvar::new(),
                seal,
            }),
        })
    }

    /// The conversation of that name, with every value it has so far. What is redacted in it is written through.
    ///
    /// # Errors
    /// When the vault cannot be read or a row does not open.
    pub fn conversation(&self, id: &ConversationId) -> Result<Conversation, VaultError> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|_| VaultError::Random)?;
        self.inner.connection().execute(
            "UPDATE conversation SET used_ms = ?2 WHERE name = ?1 AND used_ms < ?2 - ?3",
            params![
                self.inner.seal.conversation(id),
                millis(SystemTime::now()),
                USE_STEP_MS
            ],
        )?;
        let rows = Rows::new(Arc::clone(&self.inner), id);
        Conversation::stored(id.clone(), seed, Box::new(rows)).map_err(|StoreError(cause)| {
            cause
                .downcast::<VaultError>()
                .map_or(VaultError::Tampered, |error| *error)
        })
    }

    /// Runs `work` and makes all that this thread redacts in it durable at once: one wait for the disk instead of one
    /// for each text. Nothing of it may be shown before this returns. Not to be called within itself.
    ///
    /// # Errors
    /// When the values could not be kept: then none was, and the conversations that `work` used are to be opened anew.
    pub fn together<T>(&self, work: impl FnOnce() -> T) -> Result<T, VaultError> {
        self.inner.connection().batch = Some(std::thread::current().id());
        let batch = Batch(&self.inner);
        let done = work();
        batch.commit()?;
        Ok(done)
    }

    /// Removes a conversation and all its values for good. Answers how many values there were.
    ///
    /// # Errors
    /// When the vault cannot be written.
    pub fn forget(&self, id: &ConversationId) -> Result<usize, VaultError> {
        let name = self.inner.seal.conversation(id);
        let mut connection = self.inner.connection();
        let write =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let count = write.execute("DELETE FROM value WHERE conversation = ?1", params![name])?;
        write.execute("DELETE FROM conversation WHERE name = ?1", params![name])?;
        write.commit()?;
        clean_log(&connection)?;
        Ok(count)
    }

    /// Removes every conversation that nothing was added to or read from since `then`. Answers how many.
    ///
    /// # Errors
    /// When the vault cannot be written.
    pub fn forget_unused_since(&self, then: SystemTime) -> Result<usize, VaultError> {
        let then_ms = millis(then);
        let mut connection = self.inner.connection();
        let unused: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM conversation WHERE used_ms < ?1)",
            params![then_ms],
            |row| row.get(0),
        )?;
        if !unused {
            return Ok(0);
        }
        let write =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        write.execute(
            "DELETE FROM value WHERE conversation IN (SELECT name FROM conversation WHERE used_ms < ?1)",
            params![then_ms],
        )?;
        let count = write.execute(
            "DELETE FROM conversation WHERE used_ms < ?1",
            params![then_ms],
        )?;
        write.commit()?;
        clean_log(&connection)?;
        Ok(count)
    }

    /// Removes every conversation that was not used for `ttl`.
    ///
    /// # Errors
    /// When the vault cannot be written.
    pub fn expire(&self, ttl: Duration) -> Result<usize, VaultError> {
        self.forget_unused_since(SystemTime::now().checked_sub(ttl).unwrap_or(UNIX_EPOCH))
    }

    /// How many conversations it holds.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn count(&self) -> Result<usize, VaultError> {
        let count: i64 =
            self.inner
                .connection()
                .query_row("SELECT count(*) FROM conversation", [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Their names, the last used first.
    ///
    /// # Errors
    /// When the vault cannot be read or a row does not open.
    pub fn conversations(&self) -> Result<Vec<ConversationId>, VaultError> {
        let connection = self.inner.connection();
        let mut read = connection
            .prepare("SELECT name, title FROM conversation ORDER BY used_ms DESC, rowid DESC")?;
        let mut rows = read.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let name: Vec<u8> = row.get(0)?;
            let title: Vec<u8> = row.get(1)?;
            let title = self
                .inner
                .seal
                .open(&title, &name)
                .ok_or(VaultError::Tampered)?;
            all.push(ConversationId::new(title.as_str()).map_err(|_| VaultError::Tampered)?);
        }
        Ok(all)
    }
}

impl std::fmt::Debug for TokenVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenVault")
    }
}

fn prepare(connection: &mut Connection, seal: &Seal) -> Result<(), VaultError> {
    let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = write.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(VaultError::Version(version));
    }
    if version == 0 {
        write.execute_batch(
            "CREATE TABLE vault (proof BLOB NOT NULL);
             CREATE TABLE conversation (name BLOB PRIMARY KEY, title BLOB NOT NULL, used_ms INTEGER NOT NULL);
             CREATE TABLE value (
                 number INTEGER PRIMARY KEY AUTOINCREMENT,
                 conversation BLOB NOT NULL REFERENCES conversation(name),
                 placeholder TEXT NOT NULL,
                 kind TEXT NOT NULL,
                 mark BLOB NOT NULL,
                 sealed BLOB NOT NULL,
                 UNIQUE (conversation, mark),
                 UNIQUE (conversation, placeholder)
             );
             CREATE INDEX conversation_used ON conversation(used_ms);
             PRAGMA user_version = 1;",
        )?;
        let proof = seal
            .seal(PROOF, PROOF.as_bytes())
            .ok_or(VaultError::Random)?;
        write.execute("INSERT INTO vault (proof) VALUES (?1)", params![proof])?;
    }
    let proof: Option<Vec<u8>> = write
        .query_row("SELECT proof FROM vault", [], |row| row.get(0))
        .optional()?;
    let opened = proof.and_then(|proof| seal.open(&proof, PROOF.as_bytes()));
    if opened.is_none_or(|text| text.as_str() != PROOF) {
        return Err(VaultError::WrongKey);
    }
    write.commit()?;
    Ok(())
}

const PROOF: &str = "synesis vault 1";

/// Takes what was deleted out of the write-ahead log too, as far as other readers allow.
fn clean_log(connection: &Connection) -> Result<(), VaultError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn millis(time: SystemTime) -> i64 {
    let passed = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_millis());
    i64::try_from(passed).unwrap_or(i64::MAX)
}

/// Makes the file before SQLite does, readable by its owner only. SQLite gives its log the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

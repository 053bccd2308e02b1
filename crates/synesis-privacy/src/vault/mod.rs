//! The vault: conversations that outlive the process, sealed at rest.
//!
//! Each value is one SQLite row under XChaCha20-Poly1305 with the conversation and the placeholder as associated
//! data, so a row that was changed or moved does not open. Rows are found by an HMAC of the value, never a plain
//! hash. A crash loses nothing that was returned; two processes may use a vault at once, and agree on every
//! placeholder. Conversations are stored under a keyed hash of their names. Nothing here knows what is private.

mod key;
mod rows;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    connection: Mutex<Connection>,
    seal: Seal,
}

impl Inner {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
                connection: Mutex::new(connection),
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

    /// Begins a batch: what is written until its end becomes durable at once, at the price of one write.
    ///
    /// Other processes wait for the end of a batch, so it is to be short.
    ///
    /// # Errors
    /// When the vault cannot be written, or a batch is open already.
    pub fn batch(&self) -> Result<Batch, VaultError> {
        self.inner.connection().execute_batch("BEGIN IMMEDIATE")?;
        Ok(Batch {
            vault: Arc::clone(&self.inner),
        })
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

/// Writes that become durable together, or not at all: dropped without a commit, nothing of it stays.
#[must_use]
pub struct Batch {
    vault: Arc<Inner>,
}

impl Batch {
    /// Makes everything written since the batch began durable.
    ///
    /// # Errors
    /// When the disk refuses. Nothing is stored then, and the conversations that wrote are ahead of the vault.
    pub fn commit(self) -> Result<(), VaultError> {
        self.vault.connection().execute_batch("COMMIT")?;
        Ok(())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let connection = self.vault.connection();
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            // SQLite rolls back by itself when the connection closes.
            drop(error);
        }
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Batch")
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

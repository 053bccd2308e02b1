//! The rows of one conversation, and how they are sealed.

use std::sync::Arc;
use std::time::SystemTime;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rusqlite::{Connection, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::key::mac;
use super::{Inner, VaultError, VaultKey, millis};
use crate::conversation::{ConversationId, Entry, Store, StoreError, Value};
use crate::kind::EntityKind;
use crate::placeholder::{Placeholder, PlaceholderId};

const NONCE_BYTES: usize = 24;

/// The keys made of the vault's key: one seals, one marks.
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
}

impl Seal {
    pub(super) fn new(key: &VaultKey) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(key.derive("synesis vault seal").as_slice().into()),
            index: key.derive("synesis vault index"),
        }
    }

    /// The stored name of a conversation.
    pub(super) fn conversation(&self, id: &ConversationId) -> Vec<u8> {
        mac(
            self.index.as_slice(),
            &[b"conversation\0", id.as_str().as_bytes()].concat(),
        )
        .to_vec()
    }

    /// By which a value is found again within its conversation, and nowhere else.
    fn mark(&self, conversation: &[u8], value: &str) -> Vec<u8> {
        mac(
            self.index.as_slice(),
            &[b"value\0", conversation, value.as_bytes()].concat(),
        )
        .to_vec()
    }

    /// Nonce and ciphertext, or nothing when the system gives no randomness.
    pub(super) fn seal(&self, text: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload {
            msg: text.as_bytes(),
            aad: bound_to,
        };
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    pub(super) fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Option<Zeroizing<String>> {
        let (nonce, msg) = sealed.split_at_checked(NONCE_BYTES)?;
        let text = self
            .cipher
            .decrypt(XNonce::from_slice(nonce), Payload { msg, aad: bound_to })
            .ok()?;
        String::from_utf8(text).ok().map(Zeroizing::new)
    }
}

/// A conversation's view of the vault.
pub(super) struct Rows {
    vault: Arc<Inner>,
    id: ConversationId,
    name: Vec<u8>,
    seen: i64,
}

impl Rows {
    pub(super) fn new(vault: Arc<Inner>, id: &ConversationId) -> Self {
        let name = vault.seal.conversation(id);
        Self {
            vault,
            id: id.clone(),
            name,
            seen: 0,
        }
    }

    /// Reads the rows after the last one seen.
    fn read(&mut self, connection: &Connection) -> Result<Vec<Entry>, VaultError> {
        let mut read = connection.prepare_cached(
            "SELECT number, placeholder, kind, sealed FROM value WHERE conversation = ?1 AND number > ?2 ORDER BY number",
        )?;
        let mut rows = read.query(params![self.name, self.seen])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(1)?;
            let kind: String = row.get(2)?;
            let sealed: Vec<u8> = row.get(3)?;
            let bound_to = bound(&self.name, &id, &kind);
            let value = self
                .vault
                .seal
                .open(&sealed, &bound_to)
                .ok_or(VaultError::Tampered)?;
            let parsed = PlaceholderId::parse(id.as_bytes()).ok_or(VaultError::Tampered)?;
            let kind = EntityKind::from_name(&kind).ok_or(VaultError::Tampered)?;
            entries.push(Entry {
                placeholder: Placeholder::new(kind, parsed),
                value: Value::new(&value),
            });
            self.seen = row.get(0)?;
        }
        Ok(entries)
    }

    fn write(&mut self, write: &Connection, entries: &[Entry]) -> Result<(), VaultError> {
        let title = self
            .vault
            .seal
            .seal(self.id.as_str(), &self.name)
            .ok_or(VaultError::Random)?;
        write
            .prepare_cached(
                "INSERT INTO conversation (name, title, used_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET used_ms = excluded.used_ms",
            )?
            .execute(params![self.name, title, millis(SystemTime::now())])?;
        let mut insert = write.prepare_cached(
            "INSERT INTO value (conversation, placeholder, kind, mark, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for entry in entries {
            let id = entry.placeholder.id().to_string();
            let kind = entry.placeholder.kind().name();
            let bound_to = bound(&self.name, &id, kind);
            let sealed = self
                .vault
                .seal
                .seal(entry.value.as_str(), &bound_to)
                .ok_or(VaultError::Random)?;
            let mark = self.vault.seal.mark(&self.name, entry.value.as_str());
            insert.execute(params![self.name, id, kind, mark, sealed])?;
        }
        Ok(())
    }

    fn append_or_theirs(&mut self, entries: &[Entry]) -> Result<Vec<Entry>, VaultError> {
        let vault = Arc::clone(&self.vault);
        let mut connection = vault.connection();
        if connection.batch.is_none() {
            let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (theirs, last) = self.theirs_or_written(&write, entries)?;
            write.commit()?;
            self.seen = last;
            return Ok(theirs);
        }
        // The first write of a batch begins it: until then other processes may write.
        if connection.is_autocommit() {
            connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        let write = connection.savepoint()?;
        let (theirs, last) = self.theirs_or_written(&write, entries)?;
        write.commit()?;
        self.seen = last;
        Ok(theirs)
    }

    /// What others wrote; where they wrote nothing, the entries are written. With the number of the last row.
    fn theirs_or_written(
        &mut self,
        write: &Connection,
        entries: &[Entry],
    ) -> Result<(Vec<Entry>, i64), VaultError> {
        let theirs = self.read(write)?;
        if !theirs.is_empty() {
            return Ok((theirs, self.seen));
        }
        self.write(write, entries)?;
        Ok((theirs, write.last_insert_rowid()))
    }
}

/// What a sealed value belongs to.
fn bound(conversation: &[u8], placeholder: &str, kind: &str) -> Vec<u8> {
    [
        conversation,
        b"\0",
        placeholder.as_bytes(),
        b"\0",
        kind.as_bytes(),
    ]
    .concat()
}

impl Store for Rows {
    fn refresh(&mut self) -> Result<Vec<Entry>, StoreError> {
        let vault = Arc::clone(&self.vault);
        let connection = vault.connection();
        self.read(&connection)
            .map_err(|error| StoreError(Box::new(error)))
    }

    fn append(&mut self, entries: &[Entry]) -> Result<Vec<Entry>, StoreError> {
        self.append_or_theirs(entries)
            .map_err(|error| StoreError(Box::new(error)))
    }
}

//! API keys: their history, whose they are, and when they were last used.

use rusqlite::{OptionalExtension, params};
use synesis_domain::{ApiKey, KeyCommand, KeyEvent, KeyId, KeyRefusal, Timestamp, UserId};

use super::{Books, StoreError, event};

impl Books {
    /// A key, as its history made it.
    pub(crate) fn api_key(&mut self, id: KeyId) -> Result<ApiKey, StoreError> {
        let mut key = ApiKey::new(id);
        event::replay(&self.connection, *id.as_bytes(), |event: &KeyEvent| {
            key.apply(event);
        })?;
        Ok(key)
    }

    /// Does what a command asks of a key.
    pub(crate) fn key_command(
        &mut self,
        id: KeyId,
        now: Timestamp,
        command: &KeyCommand,
    ) -> Result<Result<(), KeyRefusal>, StoreError> {
        let events = match self.api_key(id)?.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for event in &events {
            if let KeyEvent::Created { user, .. } = event {
                self.connection.execute(
                    "INSERT INTO keys (id, user) VALUES (?1, ?2)",
                    params![id.as_bytes(), user.as_bytes()],
                )?;
            }
        }
        event::append(&self.connection, *id.as_bytes(), &events)?;
        Ok(Ok(()))
    }

    /// Every key of an account, in the order in which they were made.
    pub(crate) fn api_keys(&mut self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let ids: Vec<KeyId> = self
            .connection
            .prepare_cached("SELECT id FROM keys WHERE user = ?1 ORDER BY seq")?
            .query_map(params![user.as_bytes()], |row| {
                row.get(0).map(KeyId::from_bytes)
            })?
            .collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| self.api_key(id)).collect()
    }

    /// Notes that a key was used.
    pub(crate) fn note_key_use(&mut self, id: KeyId, now: Timestamp) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE keys SET used_at = ?2 WHERE id = ?1",
            params![id.as_bytes(), now.as_millis()],
        )?;
        Ok(())
    }

    /// When a key was last used.
    pub(crate) fn key_used_at(&mut self, id: KeyId) -> Result<Option<Timestamp>, StoreError> {
        let used: Option<Option<i64>> = self
            .connection
            .query_row(
                "SELECT used_at FROM keys WHERE id = ?1",
                params![id.as_bytes()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(used.flatten().map(Timestamp::from_millis))
    }
}

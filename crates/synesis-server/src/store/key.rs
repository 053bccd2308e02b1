//! API keys: their history, whose they are, and when they were last used.

use synesis_domain::{
    ApiKey, ChainHead, KeyCommand, KeyEvent, KeyId, KeyRefusal, Timestamp, UserId,
};

use super::sql::values;
use super::{Books, StoreError, event};

impl Books {
    /// A key, as its history made it.
    pub(crate) fn api_key(&mut self, id: KeyId) -> Result<ApiKey, StoreError> {
        self.key_and_head(id).map(|(key, _)| key)
    }

    fn key_and_head(&mut self, id: KeyId) -> Result<(ApiKey, ChainHead), StoreError> {
        let mut key = ApiKey::new(id);
        let head = event::replay(
            &mut self.sql,
            id.as_bytes(),
            ChainHead::EMPTY,
            |event: &KeyEvent| key.apply(event),
        )?;
        Ok((key, head))
    }

    /// Does what a command asks of a key.
    pub(crate) fn key_command(
        &mut self,
        id: KeyId,
        now: Timestamp,
        command: &KeyCommand,
    ) -> Result<Result<(), KeyRefusal>, StoreError> {
        let (key, head) = self.key_and_head(id)?;
        let events = match key.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for event in &events {
            if let KeyEvent::Created { user, .. } = event {
                self.sql.execute(
                    "INSERT INTO keys (id, user) VALUES (?1, ?2)",
                    values![id.as_bytes(), user.as_bytes()],
                )?;
            }
        }
        event::append(&mut self.sql, id.as_bytes(), head, &events)?;
        Ok(Ok(()))
    }

    /// Every key of an account, in the order in which they were made.
    pub(crate) fn api_keys(&mut self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let ids = self.sql.all(
            "SELECT id FROM keys WHERE user = ?1 ORDER BY seq",
            values![user.as_bytes()],
            |row| row.get(0).map(KeyId::from_bytes),
        )?;
        ids.into_iter().map(|id| self.api_key(id)).collect()
    }

    /// Notes that a key was used.
    pub(crate) fn note_key_use(&mut self, id: KeyId, now: Timestamp) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE keys SET used_at = ?2 WHERE id = ?1",
            values![id.as_bytes(), now.as_millis()],
        )?;
        Ok(())
    }

    /// When a key was last used.
    pub(crate) fn key_used_at(&mut self, id: KeyId) -> Result<Option<Timestamp>, StoreError> {
        let used: Option<Option<i64>> = self.sql.one(
            "SELECT used_at FROM keys WHERE id = ?1",
            values![id.as_bytes()],
            |row| row.get(0),
        )?;
        Ok(used.flatten().map(Timestamp::from_millis))
    }
}

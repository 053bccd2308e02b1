//! What request ids were answered: a retry, even after a restart, gets the same chunks again.

use prost::Message;
use synesis_domain::{Digest, RequestId, Timestamp, UserId};
use synesis_wire::proto::StreamChunk;

use super::sql::{Row, values};
use super::{Books, StoreError};

/// The chunks of one answer, in the order of their numbers.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StoredTranscript {
    #[prost(message, repeated, tag = "1")]
    pub(crate) chunks: Vec<StreamChunk>,
    /// Tokens of the prompt, as far as the provider or an estimate told.
    #[prost(uint32, tag = "2")]
    pub(crate) prompt_tokens: u32,
    /// Tokens of the answer that the chunks hold.
    #[prost(uint32, tag = "3")]
    pub(crate) completion_tokens: u32,
    /// The answer was complete when it was stored: only its end is missing.
    #[prost(bool, tag = "4")]
    pub(crate) whole: bool,
}

/// A request that was begun, and what it was answered so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredResult {
    pub(crate) user: UserId,
    pub(crate) request: RequestId,
    pub(crate) content: Digest,
    pub(crate) ended: bool,
    pub(crate) transcript: StoredTranscript,
    /// The server that answers, or answered.
    server: i64,
}

/// Who is at work on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnsweredBy {
    /// Nobody but this server: what is stored, and what it has in memory, is all.
    Nobody,
    /// Another server that shares the database.
    Another,
    /// A server that lives no more, before anybody ended its calls.
    Dead,
}

impl Books {
    /// The result of a request, finished or not.
    pub(crate) fn result(
        &mut self,
        user: UserId,
        request: RequestId,
    ) -> Result<Option<StoredResult>, StoreError> {
        self.sql
            .one(
                "SELECT user, request, content, ended_at, transcript, server FROM results
                 WHERE user = ?1 AND request = ?2",
                values![user.as_bytes(), request.as_bytes()],
                read,
            )?
            .map(Encoded::decode)
            .transpose()
    }

    /// Every request whose answer was begun by a server that lives no more. `ours` are this
    /// server's own among them: before it takes calls they can only be its predecessor's.
    pub(crate) fn unfinished_results(
        &mut self,
        ours: bool,
    ) -> Result<Vec<StoredResult>, StoreError> {
        let mut living = self.other_servers()?;
        if !ours {
            living.push(i64::from(self.server));
        }
        let rows = self.sql.all(
            "SELECT user, request, content, ended_at, transcript, server FROM results
             WHERE ended_at IS NULL",
            &[],
            read,
        )?;
        rows.into_iter()
            .filter(|row| !living.contains(&row.server))
            .map(Encoded::decode)
            .collect()
    }

    /// Which server an answer without an end has to be looked for at.
    pub(crate) fn server_of(&mut self, result: &StoredResult) -> Result<AnsweredBy, StoreError> {
        if result.ended || result.server == i64::from(self.server) {
            return Ok(AnsweredBy::Nobody);
        }
        Ok(if self.other_servers()?.contains(&result.server) {
            AnsweredBy::Another
        } else {
            AnsweredBy::Dead
        })
    }

    fn other_servers(&mut self) -> Result<Vec<i64>, StoreError> {
        let mut servers = self.sql.servers()?;
        servers.retain(|server| *server != i64::from(self.server));
        Ok(servers)
    }

    /// Notes what a request was answered so far, or for good (`ended`).
    pub(crate) fn put_result(
        &mut self,
        user: UserId,
        request: RequestId,
        content: Digest,
        now: Timestamp,
        ended: bool,
        transcript: &StoredTranscript,
    ) -> Result<(), StoreError> {
        let now = now.as_millis();
        self.sql.execute(
            "INSERT INTO results (user, request, content, started_at, ended_at, transcript,
                 server)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (user, request) DO UPDATE SET ended_at = excluded.ended_at,
                 transcript = excluded.transcript, server = excluded.server",
            values![
                user.as_bytes(),
                request.as_bytes(),
                content.as_bytes(),
                now,
                ended.then_some(now),
                transcript.encode_to_vec().as_slice(),
                i64::from(self.server),
            ],
        )?;
        Ok(())
    }

    /// Forgets a request that came to nothing.
    pub(crate) fn drop_result(
        &mut self,
        user: UserId,
        request: RequestId,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM results WHERE user = ?1 AND request = ?2",
            values![user.as_bytes(), request.as_bytes()],
        )?;
        Ok(())
    }

    /// Drops finished results that began before this moment.
    pub(crate) fn drop_old_results(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM results WHERE started_at < ?1 AND ended_at IS NOT NULL",
            values![before.as_millis()],
        )?;
        Ok(())
    }
}

struct Encoded {
    user: [u8; 16],
    request: [u8; 16],
    content: [u8; 32],
    ended: bool,
    transcript: Vec<u8>,
    server: i64,
}

fn read(row: &Row<'_>) -> Result<Encoded, StoreError> {
    Ok(Encoded {
        user: row.get(0)?,
        request: row.get(1)?,
        content: row.get(2)?,
        ended: row.get::<Option<i64>>(3)?.is_some(),
        transcript: row.get(4)?,
        server: row.get::<Option<i64>>(5)?.unwrap_or(0),
    })
}

impl Encoded {
    fn decode(self) -> Result<StoredResult, StoreError> {
        Ok(StoredResult {
            user: UserId::from_bytes(self.user),
            request: RequestId::from_bytes(self.request),
            content: Digest::from_bytes(self.content),
            ended: self.ended,
            transcript: StoredTranscript::decode(self.transcript.as_slice())
                .map_err(StoreError::DamagedResult)?,
            server: self.server,
        })
    }
}

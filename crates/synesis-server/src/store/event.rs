//! The log: events of one aggregate after the other, each linked to the one before.

use synesis_domain::{AccountEvent, ChainHead, DecodeError, DeviceEvent, KeyEvent};

use super::StoreError;
use super::sql::{Sql, values};
use crate::limits::HISTORY_EVENTS_MAX;

/// An event that the log can keep.
pub(super) trait Stored: Sized {
    /// The number of its aggregate's kind in the log.
    const KIND: i64;
    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError>;
}

impl Stored for AccountEvent {
    const KIND: i64 = 1;

    fn to_bytes(&self) -> Vec<u8> {
        self.encode()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(bytes)
    }
}

impl Stored for DeviceEvent {
    const KIND: i64 = 2;

    fn to_bytes(&self) -> Vec<u8> {
        self.encode()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(bytes)
    }
}

impl Stored for KeyEvent {
    const KIND: i64 = 3;

    fn to_bytes(&self) -> Vec<u8> {
        self.encode()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(bytes)
    }
}

/// Gives every event of a stream after `head` to `apply`, in order, checks the chain on the way,
/// and gives the last head.
pub(super) fn replay<E: Stored>(
    sql: &mut Sql,
    stream: &[u8; 16],
    mut head: ChainHead,
    mut apply: impl FnMut(&E),
) -> Result<ChainHead, StoreError> {
    let after = version(head);
    sql.each(
        "SELECT body, head FROM events WHERE kind = ?1 AND stream = ?2 AND version > ?3
         ORDER BY version",
        values![E::KIND, stream, after],
        |row| {
            let body: &[u8] = row.get(0)?;
            head = head.after(body);
            if head.hash.as_bytes() != row.get::<&[u8]>(1)? {
                return Err(StoreError::Forged {
                    stream: name(E::KIND, *stream),
                });
            }
            let event = E::from_bytes(body).map_err(|source| StoreError::Damaged {
                stream: name(E::KIND, *stream),
                version: head.sequence,
                source,
            })?;
            apply(&event);
            Ok(())
        },
    )?;
    Ok(head)
}

/// The stored bytes of the account's events after the one numbered `after`, as many as have room.
pub(super) fn page(
    sql: &mut Sql,
    stream: &[u8; 16],
    after: u64,
    bytes_max: usize,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let events_max = i64::try_from(HISTORY_EVENTS_MAX).unwrap_or(i64::MAX);
    let mut room = bytes_max;
    let mut full = false;
    let mut events = Vec::new();
    sql.each(
        "SELECT body FROM events WHERE kind = ?1 AND stream = ?2 AND version > ?3
         ORDER BY version LIMIT ?4",
        values![AccountEvent::KIND, stream, after, events_max],
        |row| {
            let body: &[u8] = row.get(0)?;
            full |= body.len() > room;
            if !full {
                room -= body.len();
                events.push(body.to_vec());
            }
            Ok(())
        },
    )?;
    Ok(events)
}

/// Appends events to a stream whose last head is `head`, and gives the new one. Where somebody else
/// appended in the meantime that is a conflict, and nothing is kept.
pub(super) fn append<E: Stored>(
    sql: &mut Sql,
    stream: &[u8; 16],
    mut head: ChainHead,
    events: &[E],
) -> Result<ChainHead, StoreError> {
    for event in events {
        let body = event.to_bytes();
        head = head.after(&body);
        sql.execute(
            "INSERT INTO events (kind, stream, version, body, head) VALUES (?1, ?2, ?3, ?4, ?5)",
            values![
                E::KIND,
                stream,
                version(head),
                body.as_slice(),
                head.hash.as_bytes()
            ],
        )?;
    }
    Ok(head)
}

fn version(head: ChainHead) -> i64 {
    i64::try_from(head.sequence).unwrap_or(i64::MAX)
}

fn name(kind: i64, stream: [u8; 16]) -> String {
    let kind = match kind {
        AccountEvent::KIND => "account",
        DeviceEvent::KIND => "device",
        _ => "API key",
    };
    format!("{kind} {}", synesis_domain::EventId::from_bytes(stream))
}

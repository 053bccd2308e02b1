//! The log: events of one aggregate after the other, each linked to the one before.

use rusqlite::{Connection, params};
use synesis_domain::{AccountEvent, ChainHead, DecodeError, DeviceEvent, Digest, KeyEvent};

use super::StoreError;

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

/// Gives every event of a stream to `apply`, in order, and checks the chain on the way.
pub(super) fn replay<E: Stored>(
    connection: &Connection,
    stream: [u8; 16],
    mut apply: impl FnMut(&E),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body, head FROM events WHERE kind = ?1 AND stream = ?2 ORDER BY version",
    )?;
    let mut rows = statement.query(params![E::KIND, stream])?;
    let mut head = ChainHead::EMPTY;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let noted = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        head = head.after(body);
        if head.hash.as_bytes() != noted {
            return Err(StoreError::Forged {
                stream: name(E::KIND, stream),
            });
        }
        let event = E::from_bytes(body).map_err(|source| StoreError::Damaged {
            stream: name(E::KIND, stream),
            version: head.sequence,
            source,
        })?;
        apply(&event);
    }
    Ok(())
}

/// Appends events to a stream.
pub(super) fn append<E: Stored>(
    connection: &Connection,
    stream: [u8; 16],
    events: &[E],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let mut head = head::<E>(connection, stream)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO events (kind, stream, version, body, head) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for event in events {
        let body = event.to_bytes();
        head = head.after(&body);
        let version = i64::try_from(head.sequence).unwrap_or(i64::MAX);
        statement.execute(params![
            E::KIND,
            stream,
            version,
            body,
            head.hash.as_bytes()
        ])?;
    }
    Ok(())
}

fn head<E: Stored>(connection: &Connection, stream: [u8; 16]) -> Result<ChainHead, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT version, head FROM events WHERE kind = ?1 AND stream = ?2
         ORDER BY version DESC LIMIT 1",
    )?;
    let mut rows = statement.query(params![E::KIND, stream])?;
    let Some(row) = rows.next()? else {
        return Ok(ChainHead::EMPTY);
    };
    let version: i64 = row.get(0)?;
    Ok(ChainHead {
        sequence: u64::try_from(version).unwrap_or(0),
        hash: Digest::from_bytes(row.get(1)?),
    })
}

fn name(kind: i64, stream: [u8; 16]) -> String {
    let kind = match kind {
        AccountEvent::KIND => "account",
        DeviceEvent::KIND => "device",
        _ => "API key",
    };
    format!("{kind} {}", synesis_domain::EventId::from_bytes(stream))
}

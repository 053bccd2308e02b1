//! The yardstick: what SQLite does with the same work and nothing else. An event is: read the
//! account, compare its ceiling, link the hash, append, update the account where its version is
//! still the one that was read.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::error::{Doing, MeasureError};

/// What one event carries.
const PAYLOAD_BYTES: usize = 160;
const CEILING: i64 = i64::MAX / 2;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -65536;
    CREATE TABLE accounts (
        user INTEGER PRIMARY KEY, version INTEGER NOT NULL, charged INTEGER NOT NULL,
        head BLOB NOT NULL
    ) STRICT;
    CREATE TABLE log (
        seq INTEGER PRIMARY KEY, user INTEGER NOT NULL, version INTEGER NOT NULL,
        body BLOB NOT NULL, head BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX log_of ON log (user, version);";

/// Events a second, `group` of them in one commit.
pub(super) fn events_per_second(
    folder: &Path,
    users: u32,
    group: usize,
    time: Duration,
) -> Result<f64, MeasureError> {
    let path = folder.join(format!("plain-{group}.db"));
    let mut connection = Connection::open(path).doing("opening plain SQLite")?;
    connection
        .execute_batch(SCHEMA)
        .doing("making plain tables")?;
    for user in 0..users {
        connection
            .execute(
                "INSERT INTO accounts VALUES (?1, 0, 0, ?2)",
                params![user, [0_u8; 32]],
            )
            .doing("making plain accounts")?;
    }
    let (started, mut events) = (Instant::now(), 0_u32);
    while started.elapsed() < time {
        let transaction = connection.transaction().doing("beginning")?;
        for _ in 0..group {
            // A prime step visits the users in no order that a page cache would like.
            let user = events.wrapping_mul(7919) % users;
            append(&transaction, user).doing("appending to plain SQLite")?;
            events += 1;
        }
        transaction.commit().doing("committing to plain SQLite")?;
    }
    Ok(f64::from(events) / started.elapsed().as_secs_f64())
}

fn append(connection: &Connection, user: u32) -> rusqlite::Result<()> {
    let (version, charged, head) = connection
        .prepare_cached("SELECT version, charged, head FROM accounts WHERE user = ?1")?
        .query_row([user], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })?;
    if charged >= CEILING {
        return Ok(());
    }
    let body = [version.to_le_bytes()[0]; PAYLOAD_BYTES];
    let head: [u8; 32] = Sha256::new()
        .chain_update(head)
        .chain_update(body)
        .finalize()
        .into();
    connection
        .prepare_cached("INSERT INTO log (user, version, body, head) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![user, version + 1, body, head])?;
    connection
        .prepare_cached(
            "UPDATE accounts SET version = ?2 + 1, charged = charged + 1, head = ?3
             WHERE user = ?1 AND version = ?2",
        )?
        .execute(params![user, version, head])?;
    Ok(())
}

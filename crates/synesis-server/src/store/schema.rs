//! The tables, one script a version.
//!
//! The scripts are SQLite's; PostgreSQL gets them with its own names of the types
//! (`sql/dialect.rs`). A script is never changed once it was released.

use super::StoreError;

/// One script a version; a database has the first so many applied.
const VERSIONS: &[&str] = &[FIRST, PRESENCE, PEOPLE, SERVERS, MONEY];

const FIRST: &str = "CREATE TABLE settings (
        name TEXT PRIMARY KEY NOT NULL,
        value BLOB NOT NULL
    ) STRICT;

    -- The history of every aggregate. Appended, never changed.
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        kind INTEGER NOT NULL,       -- 1 account, 2 device, 3 API key
        stream BLOB NOT NULL,        -- the aggregate's id
        version INTEGER NOT NULL,    -- from 1, without gaps
        body BLOB NOT NULL,          -- the event's canonical bytes
        head BLOB NOT NULL           -- SHA-256 over the head before and the body
    ) STRICT;
    CREATE UNIQUE INDEX events_of ON events (kind, stream, version);

    -- Each settled request once, for ever: a repetition years later is not charged again.
    CREATE TABLE settled (
        seq INTEGER PRIMARY KEY,
        user BLOB NOT NULL,
        request BLOB NOT NULL,
        at INTEGER NOT NULL,
        model TEXT NOT NULL,
        prompt INTEGER NOT NULL,
        completion INTEGER NOT NULL,
        charged INTEGER NOT NULL     -- nano-dollars
    ) STRICT;
    CREATE UNIQUE INDEX settled_once ON settled (user, request);

    CREATE TABLE tokens (
        hash BLOB PRIMARY KEY NOT NULL,
        user BLOB NOT NULL,
        once INTEGER NOT NULL,       -- 1: gone after one use
        expires_at INTEGER NOT NULL
    ) STRICT;

    -- What a request id was answered, for 24 hours. ended_at is null while it runs.
    CREATE TABLE results (
        seq INTEGER PRIMARY KEY,
        user BLOB NOT NULL,
        request BLOB NOT NULL,
        content BLOB NOT NULL,       -- digest of the request
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        transcript BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX results_of ON results (user, request);
    CREATE INDEX results_by_start ON results (started_at);";

const PRESENCE: &str = "
    -- Whose device is whose, drawn from the events.
    CREATE TABLE owned_devices (
        user BLOB NOT NULL,
        device BLOB NOT NULL,
        PRIMARY KEY (user, device)
    ) STRICT, WITHOUT ROWID;

    -- The last heartbeat of each device.
    CREATE TABLE beats (
        device BLOB PRIMARY KEY NOT NULL,
        at INTEGER NOT NULL,
        vitals BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;";

const PEOPLE: &str = "
    -- A token with a key enrols the device with that key only: SHA-256 of its public key.
    ALTER TABLE tokens ADD COLUMN key BLOB;

    CREATE TABLE addresses (
        email TEXT PRIMARY KEY NOT NULL,
        user BLOB NOT NULL,
        tied_at INTEGER NOT NULL
    ) STRICT;

    -- Links that were mailed, by the hash of their secret. Gone once used.
    CREATE TABLE links (
        hash BLOB PRIMARY KEY NOT NULL,
        email TEXT NOT NULL,
        user_code TEXT,              -- of the device that the person was about to answer
        expires_at INTEGER NOT NULL
    ) STRICT;

    -- Browsers that are signed in, by the hash of their cookie.
    CREATE TABLE sessions (
        hash BLOB PRIMARY KEY NOT NULL,
        user BLOB NOT NULL,
        email TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;

    -- Devices that wait for a person, for minutes.
    CREATE TABLE logins (
        code BLOB PRIMARY KEY NOT NULL, -- hash of the device's code
        user_code TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        name TEXT NOT NULL,
        place TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        stage INTEGER NOT NULL,      -- 0 pending, 1 approved, 2 denied, 3 redeemed
        user BLOB,
        polled_at INTEGER,
        interval_ms INTEGER NOT NULL
    ) STRICT;

    -- Whose API keys there are; what they may do is in their history.
    CREATE TABLE keys (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        user BLOB NOT NULL,
        used_at INTEGER
    ) STRICT;
    CREATE INDEX keys_of ON keys (user);";

const SERVERS: &str = "
    -- Which of the servers that share the database answers, and whose token file it is.
    ALTER TABLE results ADD COLUMN server INTEGER;
    ALTER TABLE tokens ADD COLUMN server INTEGER;";

const MONEY: &str = "
    -- What was asked: the same id with other content is refused, for ever.
    ALTER TABLE settled ADD COLUMN content BLOB;
    CREATE INDEX settled_by_time ON settled (user, at);

    -- Each payment and each promotion once, for ever.
    CREATE TABLE credited (
        user BLOB NOT NULL,
        source TEXT NOT NULL,
        amount INTEGER NOT NULL,     -- nano-dollars
        PRIMARY KEY (user, source)
    ) STRICT, WITHOUT ROWID;

    -- Under which name Stripe knows an account.
    CREATE TABLE customers (
        user BLOB PRIMARY KEY NOT NULL,
        customer TEXT NOT NULL UNIQUE
    ) STRICT, WITHOUT ROWID;

    -- The pages on which somebody wanted to buy credit.
    CREATE TABLE top_ups (
        session TEXT PRIMARY KEY NOT NULL,
        user BLOB NOT NULL,
        request BLOB NOT NULL,       -- the id under which it was asked for
        cents INTEGER NOT NULL,
        url TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        stage INTEGER NOT NULL,      -- 0 open, 1 credited, 2 nobody paid
        payment TEXT                 -- the payment intent, once it was paid
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX top_ups_once ON top_ups (user, request);
    CREATE INDEX top_ups_by_payment ON top_ups (payment);

    -- Webhooks that were taken, by their event. The body is dropped once it is done with.
    CREATE TABLE inbox (
        event TEXT PRIMARY KEY NOT NULL,
        received_at INTEGER NOT NULL,
        body BLOB,
        tries INTEGER NOT NULL,
        due_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX inbox_due ON inbox (due_at) WHERE body IS NOT NULL;

    -- Amounts that were queued for Stripe, written with the event that queued them.
    CREATE TABLE outbox (
        user BLOB NOT NULL,
        number INTEGER NOT NULL,
        cents INTEGER NOT NULL,
        queued_at INTEGER NOT NULL,
        stage INTEGER NOT NULL,      -- 0 queued, 1 Stripe has it, 2 Stripe refused it
        first_sent_at INTEGER,       -- before the first try
        due_at INTEGER NOT NULL,
        PRIMARY KEY (user, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX outbox_due ON outbox (due_at) WHERE stage = 0;

    -- Keys of users' own for the model's provider, encrypted with the account as context.
    CREATE TABLE provider_keys (
        user BLOB PRIMARY KEY NOT NULL,
        sealed BLOB NOT NULL,
        set_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What models cost. Added, never changed.
    CREATE TABLE prices (
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        prompt INTEGER NOT NULL,     -- pico-dollars a token, like the next two
        cached_prompt INTEGER NOT NULL,
        completion INTEGER NOT NULL,
        PRIMARY KEY (model, version)
    ) STRICT, WITHOUT ROWID;

    -- What one of the servers does now and then.
    CREATE TABLE turns (
        name TEXT PRIMARY KEY NOT NULL,
        due_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;";

/// The version that this program brings a database to.
pub(super) fn known() -> i64 {
    i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX)
}

/// The scripts that a database of this version lacks.
pub(super) fn missing(found: i64) -> Result<&'static [&'static str], StoreError> {
    let newer = StoreError::Newer {
        found,
        known: known(),
    };
    usize::try_from(found)
        .ok()
        .and_then(|applied| VERSIONS.get(applied..))
        .ok_or(newer)
}

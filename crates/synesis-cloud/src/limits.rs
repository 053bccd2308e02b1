//! Every bound of the device's side, with its unit in its name. The protocol's own bounds are in
//! `synesis_wire::limits`.

use std::time::Duration;

/// Commands that wait for the tunnel's thread.
pub(crate) const COMMANDS_MAX: usize = 32;

/// State changes kept for a listener that is slow; the oldest are dropped.
pub(crate) const EVENTS_KEPT_MAX: usize = 64;

/// TLS sessions kept to be resumed.
pub(crate) const SESSIONS_KEPT_MAX: usize = 8;

/// Addresses of one host name that are tried.
pub(crate) const ADDRESSES_MAX: usize = 4;

/// How much later each further address is tried.
pub(crate) const ADDRESS_STAGGER: Duration = Duration::from_millis(250);

/// The round trip that is assumed before one was measured.
pub(crate) const INITIAL_RTT: Duration = Duration::from_millis(100);

/// How long after a call was refused by a server that goes away it is asked again.
pub(crate) const DRAIN_NOTICED: Duration = Duration::from_millis(20);

/// How long after a renewal that failed it is tried again; the wait doubles from there.
pub(crate) const RENEWAL_RETRY_MIN: Duration = Duration::from_secs(5);

/// The longest wait between two tries of a renewal.
pub(crate) const RENEWAL_RETRY_MAX: Duration = Duration::from_secs(10 * 60);

/// How long QUIC may be without an answer before a WebSocket is tried beside it.
pub(crate) const FALLBACK_AFTER: Duration = Duration::from_millis(1_500);

/// The same where the last connection was a WebSocket: the network is likely the same.
pub(crate) const FALLBACK_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// How much longer QUIC may be without an answer where nobody listens over TCP.
pub(crate) const REFUSED_PATIENCE: Duration = Duration::from_secs(1);

/// How long after a fallback QUIC is tried again for the first time; the wait doubles from there.
pub(crate) const QUIC_PROBE_FIRST: Duration = Duration::from_secs(10);

/// The longest time a goodbye may take to leave the socket.
pub(crate) const GOODBYE_MAX: Duration = Duration::from_millis(500);

/// A call that takes longer than this asks the supervisor to watch the line.
pub(crate) const PATIENCE: Duration = Duration::from_millis(200);

/// How often the line is looked at while a call waits.
pub(crate) const WATCH_INTERVAL: Duration = Duration::from_millis(250);

/// How often is looked for sleep of the machine and for another network.
pub(crate) const SURROUNDINGS_INTERVAL: Duration = Duration::from_secs(2);

/// A difference between the wall clock and the monotonic one that means the machine slept.
pub(crate) const SLEEP_JUMP: Duration = Duration::from_secs(10);

/// Silence during a call after which the line is probed.
pub const SILENCE_PROBE: Duration = Duration::from_millis(400);

/// Silence during a call after which the socket is bound anew.
pub const SILENCE_REBIND: Duration = Duration::from_secs(1);

/// Silence during a call after which another connection races against this one.
pub const SILENCE_RACE: Duration = Duration::from_secs(3);

/// A connection that lived this long proves the line: the back-off starts again from the bottom.
pub const PROVEN_AFTER: Duration = Duration::from_secs(30);

/// The longest wait between two attempts.
pub const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(30);

/// The most request ids reconciled in one go; the rest waits for the next.
pub(crate) const RECONCILE_MAX: usize = synesis_wire::limits::USAGE_IDS_MAX;

/// How long a process waits for another one that writes the ledger.
pub(crate) const LEDGER_BUSY_MAX: Duration = Duration::from_secs(10);

/// The largest answer over HTTPS that is read.
pub(crate) const HTTPS_ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The longest wait between two polls of a login.
pub(crate) const LOGIN_INTERVAL_MAX: Duration = Duration::from_secs(60);

/// How much longer is waited each time the cloud asks for it (RFC 8628, section 3.5).
pub(crate) const LOGIN_INTERVAL_STEP: Duration = Duration::from_secs(5);

/// The longest a login is waited for, whatever the cloud says.
pub(crate) const LOGIN_LIFE_MAX: Duration = Duration::from_secs(30 * 60);

/// The most records that are sent in one go.
pub(crate) const RECORDS_SENT_MAX: usize = synesis_wire::limits::RECORDS_MAX;

/// Characters that are kept of why a record was refused.
pub(crate) const RECORD_MESSAGE_CHARS_MAX: usize = 500;

/// What a token is taken to cost on a model that nothing was recorded of yet: the fee on a dear one.
pub(crate) const RECORD_NANO_PER_TOKEN: i64 = 5_000;

/// Receipts that are kept; the oldest are dropped.
pub(crate) const RECEIPTS_MAX: i64 = 4_096;

/// Alarms about receipts that are kept: the first ones say what happened.
pub(crate) const ALARMS_MAX: i64 = 256;

/// From which difference of their times on the order of two receipts counts.
pub(crate) const RECEIPT_SLACK_MS: i64 = 5_000;

/// How often a connected device brings its ledger in line with the cloud's.
pub(crate) const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// How often a connected device looks whether enough is queued to be sent at once.
pub(crate) const SYNC_LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Queued calls that are sent at once.
pub(crate) const SYNC_CALLS: u64 = 100;

/// Queued calls that may cost so much are sent at once: five cents.
pub(crate) const SYNC_ESTIMATE: synesis_domain::NanoUsd = synesis_domain::NanoUsd::from_cents(5);

/// Differences that an audit names one by one; the rest is counted.
pub(crate) const FINDINGS_MAX: usize = 100;

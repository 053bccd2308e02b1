//! The bounds of this server, each with its unit in its name. Those of the protocol are in
//! `synesis_wire::limits`.

use std::time::Duration;

/// The live QUIC connections of the whole server.
pub(crate) const CONNECTIONS_MAX: usize = 20_000;

/// The live connections of one device: several processes may share its identity.
pub(crate) const CONNECTIONS_PER_DEVICE_MAX: usize = 8;

/// The streams of notices of one connection that are read at once.
pub(crate) const NOTICES_PER_CONNECTION_MAX: usize = 8;

/// How long a control message may take to leave; a device that reads none loses it.
pub(crate) const CONTROL_WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The control messages to one connection that are under way; what is more is dropped.
pub(crate) const CONTROLS_PER_CONNECTION_MAX: usize = 4;

/// The part of a certificate's life after which its device is reminded, in percent: a little later
/// than devices renew by themselves.
pub(crate) const CERTIFICATE_DUE_PERCENT: i64 = 75;

/// How long a device that revoked itself has to hear that it worked.
pub(crate) const ANSWER_BEFORE_CLOSE: Duration = Duration::from_millis(200);

/// How often the heartbeats that arrived are written down.
pub(crate) const PRESENCE_WRITE_INTERVAL: Duration = Duration::from_secs(5);

/// Handshakes under way above which a client must first prove its address (stateless retry).
pub(crate) const HANDSHAKES_BEFORE_RETRY: usize = 64;

/// Handshakes under way at once; the oldest makes room for one more.
pub(crate) const HANDSHAKES_MAX: usize = 1_024;

/// How long a QUIC or TLS handshake may take.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the first frame of a stream may take to arrive whole.
pub(crate) const CALL_FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a reader may leave an answer that is not an escalation unread.
pub(crate) const ANSWER_WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// The bytes that wait in one connection to be sent.
pub(crate) const SEND_WINDOW_BYTES: u64 = 1024 * 1024;

/// The HTTPS connections open at once; the oldest makes room for one more.
pub(crate) const HTTPS_CONNECTIONS_MAX: usize = 1_024;

/// The largest body of an HTTPS request.
pub(crate) const HTTPS_BODY_BYTES_MAX: usize = 64 * 1024;

/// How long one HTTPS request may take, its body included.
pub(crate) const HTTPS_REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an HTTPS connection may live.
pub(crate) const HTTPS_CONNECTION_LIFE: Duration = Duration::from_secs(300);

/// Wrong enrolment tokens and API keys a minute from one peer, above which enrolment answers 429.
pub(crate) const ENROLMENT_FAILURES_PER_MINUTE_MAX: u32 = 60;

/// Peers, addresses and sessions that each limiter keeps count of.
pub(crate) const LIMITER_KEYS_MAX: usize = 10_000;

/// Devices that may ask for a login from one peer in ten minutes.
pub(crate) const LOGINS_PER_PEER_MAX: u32 = 30;

/// Logins of devices that are kept at once.
pub(crate) const LOGINS_MAX: usize = 10_000;

/// How long a lapsed login is kept, so that its device hears why.
pub(crate) const LAPSED_LOGIN_LIFE_MS: i64 = 10 * 60 * 1000;

/// User codes that one browser may try in ten minutes.
pub(crate) const CODE_TRIES_PER_SESSION_MAX: u32 = 20;

/// User codes that one peer may try in ten minutes: a whole office may be behind its address.
pub(crate) const CODE_TRIES_PER_PEER_MAX: u32 = 60;

/// How long the grant of an approved login is good.
pub(crate) const GRANT_LIFE_MS: i64 = 10 * 60 * 1000;

/// How long a link in a mail is good.
pub(crate) const LINK_LIFE_MS: i64 = 15 * 60 * 1000;

/// Links that are mailed to one address in an hour.
pub(crate) const MAILS_PER_ADDRESS_MAX: u32 = 5;

/// Links that one peer may have mailed in an hour.
pub(crate) const MAILS_PER_PEER_MAX: u32 = 30;

/// Mails that wait to be sent.
pub(crate) const MAIL_QUEUE_MAX: usize = 256;

/// Mails that are kept in the outbox folder; older ones are removed.
pub(crate) const OUTBOX_MAILS_MAX: usize = 500;

/// How long one try to send a mail may take.
pub(crate) const MAIL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection to Stripe may take to be made.
pub(crate) const STRIPE_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one try of a request to Stripe may take, its answer included.
pub(crate) const STRIPE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a browser stays signed in: 14 days.
pub(crate) const SESSION_LIFE_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// The living API keys of one account.
pub(crate) const API_KEYS_MAX: usize = 100;

/// The longest name of a device, in bytes.
pub(crate) const DEVICE_NAME_BYTES_MAX: usize = 128;

/// Work that waits for the store's writer.
pub(crate) const STORE_QUEUE_MAX: usize = 1_024;

/// The most work in one commit.
pub(crate) const STORE_GROUP_MAX: usize = 64;

/// How long a commit may collect work before it is written.
pub(crate) const STORE_GROUP_TIME: Duration = Duration::from_millis(2);

/// How often work is done that somebody else's change at the same time undid.
pub(crate) const STORE_TRIES_MAX: u32 = 64;

/// The accounts kept in memory.
pub(crate) const ACCOUNTS_CACHED_MAX: usize = 10_000;

/// The escalations that run at once in the whole server.
pub(crate) const ESCALATIONS_MAX: usize = 256;

/// The escalations of one user that run at once.
pub(crate) const ESCALATIONS_PER_USER_MAX: usize = 16;

/// Chunks that the slowest reader of an escalation may lag before the provider is slowed.
pub(crate) const READER_LAG_CHUNKS_MAX: u64 = 64;

/// How long a finished escalation stays in memory for readers that reconnect; after that it is read
/// from the store.
pub(crate) const FINISHED_IN_MEMORY: Duration = Duration::from_secs(30);

/// How long the result of a request id is kept (SPEC section 7).
pub(crate) const RESULT_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// How often expired holds, results and tokens are swept.
pub(crate) const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// How long the provider may be silent.
pub(crate) const PROVIDER_SILENCE_MAX: Duration = Duration::from_secs(120);

/// The window over which drained devices are asked to come back.
pub(crate) const DRAIN_RETRY_AFTER_MS: u32 = 500;

/// How long answers that are on their way when a server goes away have to arrive.
pub(crate) const ARRIVAL: Duration = Duration::from_millis(250);

/// How long closing connections are given to tell their peers.
pub(crate) const WAIT_IDLE: Duration = Duration::from_secs(5);

/// How often a settlement is tried again that the database did not take.
pub(crate) const UNSETTLED_RETRY: Duration = Duration::from_secs(5);

/// How long stopped calls are given to settle at a shutdown.
pub(crate) const SETTLE_AT_SHUTDOWN: Duration = Duration::from_secs(3);

/// The most events in one answer about an account's history.
pub(crate) const HISTORY_EVENTS_MAX: usize = 4_096;

/// The most bytes of events in one answer about an account's history: below the largest frame.
pub(crate) const HISTORY_BYTES_MAX: usize = 512 * 1024;

/// The largest webhook of Stripe's that is read.
pub(crate) const WEBHOOK_BYTES_MAX: usize = 256 * 1024;

/// The pages for a top-up that one account may have open at once.
pub(crate) const TOP_UPS_OPEN_MAX: usize = 20;

/// How often webhooks and reports to Stripe are looked for that wait.
pub(crate) const BILLING_INTERVAL: Duration = Duration::from_secs(5);

/// How often one webhook is worked on before it waits for a person.
pub(crate) const WEBHOOK_TRIES_MAX: u32 = 40;

/// After so long without an answer a report is not sent again before Stripe's sums were compared.
pub(crate) const REPORT_UNANSWERED_MS_MAX: i64 = 24 * 60 * 60 * 1000;

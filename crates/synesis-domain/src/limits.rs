//! Every bound of the domain, with its unit in the name.

use crate::money::NanoUsd;

/// What a new account may spend in a period where its terms say nothing else: $100.
pub const CEILING_DEFAULT: NanoUsd = NanoUsd::new(100_000_000_000);

/// A hold whose call gave no sign of life for this long is taken for dead: 15 minutes.
pub const HOLD_TTL_MS: u32 = 15 * 60 * 1000;

/// The longest life a hold may ask for: one hour.
pub const HOLD_TTL_MS_MAX: u32 = 60 * 60 * 1000;

/// Calls of one account that can run at the same time.
pub const HOLDS_MAX: usize = 256;

/// How long an account remembers a request that ended: 24 hours.
pub const ENDED_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// How many ended requests an account remembers, however short ago they ended.
pub const ENDED_MAX: usize = 4096;

/// Grants of credit that can have something left at the same time.
pub const GRANTS_MAX: usize = 256;

/// Payments and promotions that an account remembers, to refund them or to know them again.
pub const SOURCES_MAX: usize = 512;

/// Disputes about one payment.
pub const DISPUTES_MAX: usize = 8;

/// Dated changes of the tier that can lie ahead.
pub const TIER_CHANGES_MAX: usize = 16;

/// Guests with a quota.
pub const GUESTS_MAX: usize = 256;

/// Amounts queued for Stripe that were not confirmed yet; while there are so many, what is unbilled
/// grows instead.
pub const FLUSHES_MAX: usize = 64;

/// Closed periods whose last cents were not queued yet: more than forty years of months.
pub const UNQUEUED_MAX: usize = 512;

/// From which unbilled amount on whole cents are queued for Stripe where no setting says otherwise: $5.
pub const FLUSH_THRESHOLD_DEFAULT: NanoUsd = NanoUsd::new(5_000_000_000);

/// Bytes of an identifier that another system gave: Stripe's longest.
pub const EXTERNAL_ID_BYTES_MAX: usize = 255;

/// The dearest price of one token: a cent, which is $10,000 a million.
pub const PRICE_PICO_MAX: u64 = 10_000_000_000;

/// Characters in a name (session, project, model, device).
pub const NAME_CHARS_MAX: usize = 64;

/// Certificates of one device that can be valid at the same time: after a renewal the old one
/// lives on to its end.
pub const CERTIFICATES_MAX: usize = 4;

/// Bytes of a certificate's serial number (RFC 5280, section 4.1.2.2).
pub const SERIAL_BYTES_MAX: usize = 20;

/// How long a device that asked to be let in waits for its owner: ten minutes (RFC 8628).
pub const LOGIN_LIFE_MS: i64 = 10 * 60 * 1000;

/// How long a device waits between two polls.
pub const LOGIN_INTERVAL_MS: u32 = 5 * 1000;

/// How much longer it waits each time it polled too soon (RFC 8628, section 3.5).
pub const LOGIN_INTERVAL_STEP_MS: u32 = 5 * 1000;

/// The longest wait between two polls that is asked of a device.
pub const LOGIN_INTERVAL_MS_MAX: u32 = 60 * 1000;

/// How much sooner than asked a poll may arrive: networks are not even.
pub const LOGIN_POLL_SLACK_MS: i64 = 500;

/// Bytes of an e-mail address (RFC 5321, section 4.5.3.1.3, without its brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Bytes of an e-mail address before its `@` (RFC 5321, section 4.5.3.1.1).
pub const EMAIL_LOCAL_BYTES_MAX: usize = 64;

//! What may be tried how often, by whom.

use synesis_domain::EmailAddress;

use crate::limiter::{Household, Limiter};
use crate::limits::{
    CODE_TRIES_PER_PEER_MAX, CODE_TRIES_PER_SESSION_MAX, ENROLMENT_FAILURES_PER_MINUTE_MAX,
    LOGINS_PER_PEER_MAX, MAILS_PER_ADDRESS_MAX, MAILS_PER_PEER_MAX,
};

const MINUTE_MS: i64 = 60 * 1000;

/// The counts of this process.
pub(super) struct Limits {
    /// Wrong enrolment tokens and API keys.
    pub(super) wrong_tokens: Limiter<Household>,
    /// Devices that ask to be let in.
    pub(super) logins: Limiter<Household>,
    /// User codes that were tried, by where they were tried.
    pub(super) codes_by_peer: Limiter<Household>,
    /// User codes that were tried, by the browser's session.
    pub(super) codes_by_session: Limiter<[u8; 32]>,
    /// Links that were mailed, by who asked.
    pub(super) mails_by_peer: Limiter<Household>,
    /// Links that were mailed, by whom to.
    pub(super) mails_by_address: Limiter<EmailAddress>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wrong_tokens: Limiter::new(ENROLMENT_FAILURES_PER_MINUTE_MAX, MINUTE_MS),
            logins: Limiter::new(LOGINS_PER_PEER_MAX, 10 * MINUTE_MS),
            codes_by_peer: Limiter::new(CODE_TRIES_PER_PEER_MAX, 10 * MINUTE_MS),
            codes_by_session: Limiter::new(CODE_TRIES_PER_SESSION_MAX, 10 * MINUTE_MS),
            mails_by_peer: Limiter::new(MAILS_PER_PEER_MAX, 60 * MINUTE_MS),
            mails_by_address: Limiter::new(MAILS_PER_ADDRESS_MAX, 60 * MINUTE_MS),
        }
    }
}

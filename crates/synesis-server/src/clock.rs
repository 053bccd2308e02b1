//! The wall clock: the one place where the server asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use synesis_domain::Timestamp;

/// Now, in milliseconds since 1970. A clock before 1970 reads as 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

//! What opens the numbers to a collector on another machine.

use sha2::{Digest, Sha256};

/// The shortest token that cannot be guessed, in bytes.
const TOKEN_BYTES_MIN: usize = 16;

/// A token for `/metrics`, of which only the hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken([u8; 32]);

/// The token could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has at least {TOKEN_BYTES_MIN} characters; `openssl rand -hex 32` makes a good one")]
pub struct MetricsTokenError;

impl MetricsToken {
    /// Takes a token that is long enough.
    ///
    /// # Errors
    /// When it is too short.
    pub fn new(token: &str) -> Result<Self, MetricsTokenError> {
        if token.len() < TOKEN_BYTES_MIN {
            return Err(MetricsTokenError);
        }
        Ok(Self(Sha256::digest(token).into()))
    }

    /// Whether this is the token. How long that takes says nothing of it: hashes are compared.
    pub(crate) fn is(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        given == self.0
    }
}

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken")
    }
}

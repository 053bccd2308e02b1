//! Enrolment tokens: only their SHA-256 is kept.

use subtle::ConstantTimeEq;
use synesis_domain::{Digest, Timestamp, UserId};

use super::sql::values;
use super::{Books, StoreError};

/// How often a token can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUses {
    /// Once, for one device.
    Once,
    /// Again and again while the server that made it runs: the token file of this machine.
    Bootstrap,
}

/// A token that was just made.
#[derive(Debug, Clone)]
pub(crate) struct NewToken {
    pub(crate) hash: [u8; 32],
    pub(crate) user: UserId,
    pub(crate) uses: TokenUses,
    /// The only public key that it enrols, as a hash; any where there is none.
    pub(crate) key: Option<Digest>,
    pub(crate) expires_at: Timestamp,
}

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FoundToken {
    pub(crate) user: UserId,
    pub(crate) key: Option<Digest>,
}

impl Books {
    /// Keeps a token. A new bootstrap token ends the one before of this server.
    pub(crate) fn add_token(&mut self, token: &NewToken) -> Result<(), StoreError> {
        let server = i64::from(self.server);
        let once = token.uses == TokenUses::Once;
        if !once {
            self.sql.execute(
                "DELETE FROM tokens WHERE once = 0 AND (server IS NULL OR server = ?1)",
                values![server],
            )?;
        }
        self.sql.execute(
            "INSERT INTO tokens (hash, user, once, expires_at, key, server)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            values![
                &token.hash,
                token.user.as_bytes(),
                once,
                token.expires_at.as_millis(),
                token.key.as_ref().map(Digest::as_bytes),
                server,
            ],
        )?;
        Ok(())
    }

    /// What a token opens, or `None` when it is unknown, used or expired.
    pub(crate) fn find_token(
        &mut self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<FoundToken>, StoreError> {
        let found = self.sql.one(
            "SELECT hash, user, expires_at, key FROM tokens WHERE hash = ?1 FOR UPDATE",
            values![&hash],
            |row| {
                let stored: [u8; 32] = row.get(0)?;
                let key: Option<[u8; 32]> = row.get(3)?;
                let found = FoundToken {
                    user: UserId::from_bytes(row.get(1)?),
                    key: key.map(Digest::from_bytes),
                };
                Ok((stored, found, row.get::<i64>(2)?))
            },
        )?;
        // The index compares hashes, which nobody can steer; the last word is constant-time.
        Ok(found
            .filter(|(stored, _, expires_at)| {
                bool::from(stored.ct_eq(&hash)) && *expires_at > now.as_millis()
            })
            .map(|(_, found, _)| found))
    }

    /// Ends a token that works once.
    pub(crate) fn spend_token(&mut self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM tokens WHERE hash = ?1 AND once = 1",
            values![&hash],
        )?;
        Ok(())
    }

    /// Drops tokens that expired.
    pub(crate) fn drop_expired_tokens(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM tokens WHERE expires_at <= ?1",
            values![now.as_millis()],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{World, on_both};

    on_both!(a_token_opens_once_and_not_after_its_end);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn token(hash: u8, uses: TokenUses) -> NewToken {
        NewToken {
            hash: [hash; 32],
            user: UserId::from_bytes([9; 16]),
            uses,
            key: None,
            expires_at: at(100),
        }
    }

    fn a_token_opens_once_and_not_after_its_end(world: &World) {
        let mut books = world.open();
        books
            .once(|books| {
                books.add_token(&token(1, TokenUses::Once))?;
                books.add_token(&token(2, TokenUses::Once))?;
                books.add_token(&token(3, TokenUses::Bootstrap))?;
                books.add_token(&token(4, TokenUses::Bootstrap))?;
                let mut redeem = |hash: u8, now| {
                    let user = books.find_token([hash; 32], at(now)).unwrap();
                    books.spend_token([hash; 32]).unwrap();
                    user
                };
                assert!(redeem(1, 99).is_some());
                assert_eq!(redeem(1, 99), None, "a second use");
                assert_eq!(redeem(2, 100), None, "expired");
                assert_eq!(redeem(3, 0), None, "an older bootstrap token");
                assert!(redeem(4, 0).is_some());
                assert!(redeem(4, 1).is_some(), "the bootstrap token stays");
                assert_eq!(redeem(7, 0), None, "unknown");
                Ok(())
            })
            .unwrap();
    }
}

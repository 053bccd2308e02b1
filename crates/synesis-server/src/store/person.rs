//! People: the addresses that belong to accounts, links that were mailed, browsers that are signed
//! in. Of links and sessions only hashes are kept.

use synesis_domain::{EmailAddress, Timestamp, UserCode, UserId};

use super::sql::values;
use super::{Books, StoreError};

/// A link that was mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailedLink {
    pub(crate) email: EmailAddress,
    /// The code of the device that the person was about to answer.
    pub(crate) user_code: Option<UserCode>,
    pub(crate) expires_at: Timestamp,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) user: UserId,
    pub(crate) email: EmailAddress,
    pub(crate) expires_at: Timestamp,
}

impl Books {
    /// The account that an address belongs to.
    pub(crate) fn user_of(&mut self, email: &EmailAddress) -> Result<Option<UserId>, StoreError> {
        self.sql.one(
            "SELECT user FROM addresses WHERE email = ?1",
            values![email.as_str()],
            |row| row.get(0).map(UserId::from_bytes),
        )
    }

    /// An address of an account: the one that was tied to it first.
    pub(crate) fn address_of(&mut self, user: UserId) -> Result<Option<EmailAddress>, StoreError> {
        let found = self.sql.one(
            "SELECT email FROM addresses WHERE user = ?1 ORDER BY tied_at LIMIT 1",
            values![user.as_bytes()],
            |row| row.get::<String>(0),
        )?;
        Ok(found.and_then(|email| email.parse().ok()))
    }

    /// The account that an address belongs to: `fresh` where it belonged to none.
    pub(crate) fn claim_address(
        &mut self,
        email: &EmailAddress,
        fresh: UserId,
        now: Timestamp,
    ) -> Result<UserId, StoreError> {
        self.sql.execute(
            "INSERT INTO addresses (email, user, tied_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (email) DO NOTHING",
            values![email.as_str(), fresh.as_bytes(), now.as_millis()],
        )?;
        Ok(self.user_of(email)?.unwrap_or(fresh))
    }

    /// Ties an address to an account. One that belonged to another moves, and its browsers have to
    /// sign in again.
    pub(crate) fn tie_address(
        &mut self,
        email: &EmailAddress,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.user_of(email)? == Some(user) {
            return Ok(());
        }
        self.sql.execute(
            "INSERT INTO addresses (email, user, tied_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (email) DO UPDATE SET user = excluded.user, tied_at = excluded.tied_at",
            values![email.as_str(), user.as_bytes(), now.as_millis()],
        )?;
        self.sql.execute(
            "DELETE FROM sessions WHERE email = ?1",
            values![email.as_str()],
        )?;
        Ok(())
    }

    /// Keeps a link that is about to be mailed.
    pub(crate) fn add_link(&mut self, hash: [u8; 32], link: &MailedLink) -> Result<(), StoreError> {
        let code = link.user_code.map(|code| code.letters());
        self.sql.execute(
            "INSERT INTO links (hash, email, user_code, expires_at) VALUES (?1, ?2, ?3, ?4)",
            values![
                &hash,
                link.email.as_str(),
                code.as_deref(),
                link.expires_at.as_millis()
            ],
        )?;
        Ok(())
    }

    /// A link that was mailed, or `None` when it is unknown, used or too old.
    pub(crate) fn link(
        &mut self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<MailedLink>, StoreError> {
        let found: Option<(String, Option<String>, i64)> = self.sql.one(
            "SELECT email, user_code, expires_at FROM links
             WHERE hash = ?1 AND expires_at > ?2 FOR UPDATE",
            values![&hash, now.as_millis()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        Ok(found.and_then(|(email, code, expires_at)| {
            Some(MailedLink {
                email: email.parse().ok()?,
                user_code: code.and_then(|code| code.parse().ok()),
                expires_at: Timestamp::from_millis(expires_at),
            })
        }))
    }

    /// Ends a link. The others to the same address stay: each was asked for.
    pub(crate) fn spend_link(&mut self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.sql
            .execute("DELETE FROM links WHERE hash = ?1", values![&hash])?;
        Ok(())
    }

    /// Keeps a browser that signed in.
    pub(crate) fn add_session(
        &mut self,
        hash: [u8; 32],
        session: &Session,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO sessions (hash, user, email, expires_at) VALUES (?1, ?2, ?3, ?4)",
            values![
                &hash,
                session.user.as_bytes(),
                session.email.as_str(),
                session.expires_at.as_millis()
            ],
        )?;
        Ok(())
    }

    /// Who is signed in, or `None`.
    pub(crate) fn session(
        &mut self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let found: Option<([u8; 16], String, i64)> = self.sql.one(
            "SELECT user, email, expires_at FROM sessions
             WHERE hash = ?1 AND expires_at > ?2",
            values![&hash, now.as_millis()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        Ok(found.and_then(|(user, email, expires_at)| {
            Some(Session {
                user: UserId::from_bytes(user),
                email: email.parse().ok()?,
                expires_at: Timestamp::from_millis(expires_at),
            })
        }))
    }

    /// Signs a browser out.
    pub(crate) fn drop_session(&mut self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.sql
            .execute("DELETE FROM sessions WHERE hash = ?1", values![&hash])?;
        Ok(())
    }

    /// Drops links and sessions that ended.
    pub(crate) fn drop_ended_sessions(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for ended in [
            "DELETE FROM links WHERE expires_at <= ?1",
            "DELETE FROM sessions WHERE expires_at <= ?1",
        ] {
            self.sql.execute(ended, values![now.as_millis()])?;
        }
        Ok(())
    }
}

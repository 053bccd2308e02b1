//! API keys: what a machine without a person enrols with.
//!
//! A key is shown once and kept as a hash. What it may do is its scopes; `admin` is all of them.
//! Its text carries a checksum, so that a mistyped key is told apart from a wrong one before it is
//! sent anywhere, and so that scanners of leaked secrets find it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::chain::Digest;
use crate::id::{KeyId, KeyName, UserId};
use crate::time::Timestamp;

const PREFIX: &str = "syn_key_";
const ID_CHARS: usize = 32;
const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;
const HASH_DOMAIN: &[u8] = b"synesis api key";

/// One thing that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See the account.
    Read,
    /// See the account, and enrol devices.
    Write,
    /// Have the cloud answer.
    Escalate,
    /// All of these, and manage keys and devices.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Escalate, Self::Admin];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Escalate => "escalate",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Escalate => 4,
            Self::Admin => 8,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a scope is read, write, escalate or admin")]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or(ScopeError)
    }
}

/// The scopes of one key: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything: what a person may do.
    pub const ALL: Self = Self(Scope::Admin.bit());

    /// Takes scopes together; `None` where there are none.
    #[must_use]
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let bits = scopes.into_iter().fold(0, |bits, scope| bits | scope.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// From the byte that [`Self::bits`] gave.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits != 0 && bits < 16 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// One bit a scope.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Each scope that was given.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.0 & scope.bit() != 0)
    }

    /// Whether these scopes let something happen that needs `needed`. Who may change something may
    /// see it.
    #[must_use]
    pub const fn allow(self, needed: Scope) -> bool {
        let given = match needed {
            Scope::Read => Scope::Read.bit() | Scope::Write.bit(),
            _ => needed.bit(),
        };
        self.0 & (given | Scope::Admin.bit()) != 0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// Why a text is no API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyTextError {
    /// Something else altogether.
    #[error("an API key begins with {PREFIX}")]
    NotAKey,
    /// A key that lost or changed characters on its way.
    #[error("the API key is damaged: its checksum does not fit")]
    Damaged,
}

/// An API key as its owner holds it. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret {
    id: KeyId,
    secret: [u8; SECRET_BYTES],
}

impl KeySecret {
    /// A key of random bytes.
    #[must_use]
    pub const fn new(id: KeyId, secret: [u8; SECRET_BYTES]) -> Self {
        Self { id, secret }
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What the cloud keeps of it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of_parts([HASH_DOMAIN, self.id.as_bytes(), &self.secret])
    }

    /// The key as text: to be shown once.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{PREFIX}{}_", hex(self.id.as_bytes()));
        text.push_str(&hex(&self.secret));
        let check = checksum(&text);
        text.push_str(&check);
        text
    }
}

impl FromStr for KeySecret {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let text = text.trim();
        let rest = text.strip_prefix(PREFIX).ok_or(KeyTextError::NotAKey)?;
        let damaged = KeyTextError::Damaged;
        let body_chars = text.len().checked_sub(2 * CHECK_BYTES).ok_or(damaged)?;
        let (body, check) = text.split_at_checked(body_chars).ok_or(damaged)?;
        if checksum(body) != check {
            return Err(damaged);
        }
        let (id, rest) = rest.split_at_checked(ID_CHARS).ok_or(damaged)?;
        let rest = rest.strip_prefix('_').ok_or(damaged)?;
        let (secret, _) = rest.split_at_checked(2 * SECRET_BYTES).ok_or(damaged)?;
        let key = Self {
            id: KeyId::from_bytes(unhex(id).ok_or(damaged)?),
            secret: unhex(secret).ok_or(damaged)?,
        };
        // One key has one text.
        if key.to_text() == text {
            Ok(key)
        } else {
            Err(damaged)
        }
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySecret")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = core::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

fn checksum(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    hex(hash.get(..CHECK_BYTES).unwrap_or_default())
}

/// Something that is asked of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyCommand {
    /// Come into being.
    Create {
        /// Whose key it is.
        user: UserId,
        /// What its owner calls it.
        name: KeyName,
        /// What it may do.
        scopes: Scopes,
        /// The hash of its secret.
        hash: Digest,
        /// When it ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// Never work again.
    Revoke,
}

/// What happened to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyEvent {
    /// It came into being.
    Created {
        /// When.
        at: Timestamp,
        /// Whose key it is.
        user: UserId,
        /// What its owner calls it.
        name: KeyName,
        /// What it may do.
        scopes: Scopes,
        /// The hash of its secret.
        hash: Digest,
        /// When it ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// It is out.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// Why a key does not work, or is not changed. Where several apply, the first here is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyRefusal {
    /// There is no such key, or its secret is another.
    #[error("there is no such API key")]
    Unknown,
    /// There is one already.
    #[error("the API key exists already")]
    Exists,
    /// Its end would lie in the past.
    #[error("the API key would have expired already")]
    EndsBeforeItBegins,
    /// It was revoked.
    #[error("the API key was revoked")]
    Revoked,
    /// It has ended.
    #[error("the API key has expired")]
    Expired,
    /// It may not do this.
    #[error("the API key needs the scope {needed}")]
    Scope {
        /// The scope that is missing.
        needed: Scope,
    },
}

/// One API key, as its history made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    id: KeyId,
    created: Option<CreatedKey>,
    revoked_at: Option<Timestamp>,
}

/// What a key was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// Since when.
    pub at: Timestamp,
    /// Whose key it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: KeyName,
    /// What it may do.
    pub scopes: Scopes,
    /// The hash of its secret.
    pub hash: Digest,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl ApiKey {
    /// A key of which nothing is known yet.
    #[must_use]
    pub const fn new(id: KeyId) -> Self {
        Self {
            id,
            created: None,
            revoked_at: None,
        }
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What it was made with; `None` before that.
    #[must_use]
    pub const fn created(&self) -> Option<&CreatedKey> {
        self.created.as_ref()
    }

    /// When it was revoked, if it was.
    #[must_use]
    pub const fn revoked_at(&self) -> Option<Timestamp> {
        self.revoked_at
    }

    /// Whose account may be used, for something that needs a scope.
    ///
    /// # Errors
    /// The first [`KeyRefusal`] that applies.
    pub fn allow(
        &self,
        presented: Digest,
        needed: Scope,
        now: Timestamp,
    ) -> Result<UserId, KeyRefusal> {
        let created = self.created.as_ref().ok_or(KeyRefusal::Unknown)?;
        if !same(created.hash, presented) {
            return Err(KeyRefusal::Unknown);
        }
        if self.revoked_at.is_some() {
            return Err(KeyRefusal::Revoked);
        }
        if created.expires_at.is_some_and(|end| end <= now) {
            return Err(KeyRefusal::Expired);
        }
        if !created.scopes.allow(needed) {
            return Err(KeyRefusal::Scope { needed });
        }
        Ok(created.user)
    }

    /// What a command makes happen. A repeated revocation makes nothing happen.
    ///
    /// # Errors
    /// The first [`KeyRefusal`] that applies.
    pub fn decide(
        &self,
        now: Timestamp,
        command: &KeyCommand,
    ) -> Result<Vec<KeyEvent>, KeyRefusal> {
        match command {
            KeyCommand::Create { .. } if self.created.is_some() => Err(KeyRefusal::Exists),
            KeyCommand::Create {
                expires_at: Some(end),
                ..
            } if *end <= now => Err(KeyRefusal::EndsBeforeItBegins),
            KeyCommand::Create {
                user,
                name,
                scopes,
                hash,
                expires_at,
            } => Ok(Vec::from([KeyEvent::Created {
                at: now,
                user: *user,
                name: name.clone(),
                scopes: *scopes,
                hash: *hash,
                expires_at: *expires_at,
            }])),
            KeyCommand::Revoke if self.created.is_none() => Err(KeyRefusal::Unknown),
            KeyCommand::Revoke if self.revoked_at.is_some() => Ok(Vec::new()),
            KeyCommand::Revoke => Ok(Vec::from([KeyEvent::Revoked { at: now }])),
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &KeyEvent) {
        match event {
            KeyEvent::Created {
                at,
                user,
                name,
                scopes,
                hash,
                expires_at,
            } => {
                self.created = Some(CreatedKey {
                    at: *at,
                    user: *user,
                    name: name.clone(),
                    scopes: *scopes,
                    hash: *hash,
                    expires_at: *expires_at,
                });
            }
            KeyEvent::Revoked { at } => self.revoked_at = Some(*at),
        }
    }
}

/// Compares without telling, by the time it takes, where two hashes differ.
fn same(one: Digest, other: Digest) -> bool {
    let differences = one.as_bytes().iter().zip(other.as_bytes());
    differences.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

//! The stored form of what happened to an API key.

use alloc::vec::Vec;

use super::{DecodeError, Reader, Writer};
use crate::chain::Digest;
use crate::id::UserId;
use crate::key::{KeyEvent, Scopes};

const CREATED: u8 = 129;
const REVOKED: u8 = 130;

impl KeyEvent {
    /// The bytes under which the event is chained and stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Created {
                at,
                user,
                name,
                scopes,
                hash,
                expires_at,
            } => {
                let mut out = Writer::event(CREATED);
                out.time(*at);
                out.bare(user.as_bytes());
                out.text(name.as_str());
                out.unsigned(scopes.bits().into());
                out.bare(hash.as_bytes());
                out.unsigned(expires_at.is_some().into());
                if let Some(end) = expires_at {
                    out.time(*end);
                }
                out.0
            }
            Self::Revoked { at } => {
                let mut out = Writer::event(REVOKED);
                out.time(*at);
                out.0
            }
        }
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(stored: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut fields) = Reader::event(stored)?;
        let at = fields.time("at")?;
        let event = match kind {
            CREATED => Self::Created {
                at,
                user: UserId::from_bytes(fields.bare()?),
                name: fields.name("name")?,
                scopes: Scopes::from_bits(fields.small("scopes")?)
                    .ok_or(DecodeError::Field("scopes"))?,
                hash: Digest::from_bytes(fields.bare()?),
                expires_at: match fields.small::<u8>("expires_at")? {
                    0 => None,
                    1 => Some(fields.time("expires_at")?),
                    _ => return Err(DecodeError::Field("expires_at")),
                },
            },
            REVOKED => Self::Revoked { at },
            other => return Err(DecodeError::Kind(other)),
        };
        fields.end(event)
    }
}

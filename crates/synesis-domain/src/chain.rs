//! The hash chain over a history, and digests of what was said.
//!
//! Each link is SHA-256 over the head before it and the event's stored bytes, so that whoever
//! keeps a head can tell whether the history up to it was changed.

use core::fmt;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// From 32 bytes that were computed before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest of a list of parts. Each part goes in with its length, so that moving a border
    /// between two parts gives another digest.
    #[must_use]
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a chain ends: how many events it has, and what they hash to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// How many events lie before this head.
    pub sequence: u64,
    /// The last link; 32 zero bytes before the first event.
    pub hash: Digest,
}

impl ChainHead {
    /// The head of a history in which nothing happened.
    pub const EMPTY: Self = Self {
        sequence: 0,
        hash: Digest([0; 32]),
    };

    /// The head after one more event, given its stored bytes.
    #[must_use]
    pub fn after(&self, stored: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update(self.hash.0)
            .chain_update(stored)
            .finalize();
        Self {
            sequence: self.sequence.saturating_add(1),
            hash: Digest(hash.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn head(events: &[&[u8]]) -> ChainHead {
        events
            .iter()
            .fold(ChainHead::EMPTY, |head, event| head.after(event))
    }

    #[test]
    fn a_link_is_the_sha256_of_head_and_event() {
        let mut bytes = std::vec![0; 32];
        bytes.extend_from_slice(b"abc");
        let expected: [u8; 32] = Sha256::digest(&bytes).into();
        assert_eq!(
            head(&[b"abc"]),
            ChainHead {
                sequence: 1,
                hash: Digest(expected)
            }
        );
    }

    #[test]
    fn changed_dropped_and_swapped_events_show() {
        let honest = head(&[b"a", b"b", b"c"]);
        assert_eq!(honest, head(&[b"a", b"b", b"c"]));
        assert_ne!(honest, head(&[b"a", b"x", b"c"]));
        assert_ne!(honest, head(&[b"a", b"c"]));
        assert_ne!(honest, head(&[b"b", b"a", b"c"]));
    }

    #[test]
    fn borders_between_parts_count() {
        let digest = |parts: &[&'static [u8]]| Digest::of_parts(parts.iter().copied());
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b""]), digest(&[]));
        assert_eq!(digest(&[]).to_string().len(), 64);
    }
}

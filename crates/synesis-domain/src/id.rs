//! Names of things: identifiers made elsewhere and passed in, and names that people choose.
//!
//! One type for each kind, so that a device cannot stand where a user is meant. Identifiers are
//! UUIDs; nothing here makes one, because randomness belongs to the host.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::limits::{EXTERNAL_ID_BYTES_MAX, NAME_CHARS_MAX};

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an identifier looks like 0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d")]
pub struct IdError;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing in it.
    #[error("a name has at least one character")]
    Empty,
    /// Longer than [`NAME_CHARS_MAX`].
    #[error("a name has at most {NAME_CHARS_MAX} characters")]
    TooLong,
    /// Begins with something other than a letter or a digit.
    #[error("a name begins with a letter or a digit")]
    Start,
    /// Holds a character that names of this kind cannot have.
    #[error("a name cannot hold the character {0:?}")]
    Character(char),
}

const DASHES: [usize; 4] = [8, 13, 18, 23];

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut nibbles = 0;
    for (at, byte) in text.bytes().enumerate() {
        if DASHES.contains(&at) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let nibble = char::from(byte).to_digit(16)?;
        let slot = bytes.get_mut(nibbles / 2)?;
        *slot = *slot << 4 | u8::try_from(nibble).ok()?;
        nibbles += 1;
    }
    Some(bytes)
}

fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From the sixteen bytes of a UUID.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes of the UUID.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_uuid(text).map(Self).ok_or(IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }
    )*};
}

uuid_id! {
    /// Who is billed.
    UserId
    /// A machine that was enrolled.
    DeviceId
    /// One escalation, from its first try to its last retry.
    RequestId
    /// One entry of a history.
    EventId
    /// An API key.
    KeyId
    /// An invitation, and the guest who came by it.
    InviteId
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident, $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the name, where it is one.
            ///
            /// # Errors
            /// When the text is empty, too long or holds what a name cannot.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let rule: fn(&str) -> Result<(), NameError> = $rule;
                if text.is_empty() {
                    return Err(NameError::Empty);
                }
                if text.chars().count() > NAME_CHARS_MAX {
                    return Err(NameError::TooLong);
                }
                rule(&text)?;
                Ok(Self(text))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

name! {
    /// A conversation whose context the cloud keeps.
    SessionId, |text| plain(text, "._-");
    /// A project, as its owner named it.
    ProjectId, |text| plain(text, "._-");
    /// A LoRA adapter, as the cloud names it.
    LoraId, |text| plain(text, "._-");
    /// A model, as the operator's price list names it.
    ModelName, |text| plain(text, "._-:/");
    /// A machine, as its owner calls it: any text of one line.
    DeviceName, one_line;
    /// An API key, as its owner calls it: any text of one line.
    KeyName, one_line;
    /// Where a request came from, as far as the cloud can tell: any text of one line.
    Place, one_line;
}

/// What another system calls something: a Checkout Session, a dispute, a promotion.
///
/// Printable ASCII without spaces, at most [`EXTERNAL_ID_BYTES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

/// Why a text is no identifier of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an identifier has 1 to {EXTERNAL_ID_BYTES_MAX} printable characters without spaces")]
pub struct ExternalIdError;

impl ExternalId {
    /// Takes the identifier, where it is one.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds something other than printable ASCII.
    pub fn new(text: impl Into<String>) -> Result<Self, ExternalIdError> {
        let text = text.into();
        let fits = (1..=EXTERNAL_ID_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(ExternalIdError)
        }
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = ExternalIdError;

    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        Self::new(text)
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn plain(text: &str, also: &str) -> Result<(), NameError> {
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err(NameError::Start);
    }
    match text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !also.contains(*c))
    {
        Some(wrong) => Err(NameError::Character(wrong)),
        None => Ok(()),
    }
}

fn one_line(text: &str) -> Result<(), NameError> {
    if text.starts_with(char::is_whitespace) {
        return Err(NameError::Start);
    }
    match text.chars().find(|c| c.is_control()) {
        Some(wrong) => Err(NameError::Character(wrong)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_hyphenated_uuids_are_identifiers() {
        let good = "0190A6B2-8f6e-7c3a-9d15-3b1f0a2c4e6d";
        let id: RequestId = good.parse().unwrap();
        assert_eq!(id.to_string(), good.to_ascii_lowercase());
        let bad = [
            "",
            "0190a6b28f6e7c3a9d153b1f0a2c4e6d",
            "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6",
            "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6g",
            "0190a6b2_8f6e-7c3a-9d15-3b1f0a2c4e6d",
            "+190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d",
            "é190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6",
        ];
        for text in bad {
            assert_eq!(text.parse::<RequestId>(), Err(IdError), "{text:?}");
        }
    }

    #[test]
    fn names_hold_what_their_kind_allows() {
        let long = "x".repeat(65);
        let cases = [
            ("demo", Ok(())),
            ("a.b_c-9", Ok(())),
            ("", Err(NameError::Empty)),
            (long.as_str(), Err(NameError::TooLong)),
            ("-x", Err(NameError::Start)),
            ("a b", Err(NameError::Character(' '))),
            ("a/b", Err(NameError::Character('/'))),
        ];
        for (text, expected) in cases {
            assert_eq!(SessionId::new(text).map(|_| ()), expected, "{text:?}");
        }
        assert!(ModelName::new("qwen2.5:0.5b/instruct").is_ok());
        assert!(DeviceName::new("Ann's Büro-PC").is_ok());
        assert_eq!(DeviceName::new("a\nb"), Err(NameError::Character('\n')));
    }

    proptest! {
        #[test]
        fn every_identifier_reads_back(bytes in any::<[u8; 16]>()) {
            let id = DeviceId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}

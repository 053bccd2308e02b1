//! Notes that Stripe keeps with an object and gives back with it.

use std::collections::BTreeMap;

use synesis_domain::UserId;

/// Under which name the account stands in the metadata of what we make.
pub const METADATA_USER: &str = "synesis_user";

const ENTRIES_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 40;
const VALUE_CHARS_MAX: usize = 500;

/// Why Stripe would not keep a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// There are as many as there can be.
    #[error("an object has at most {ENTRIES_MAX} notes")]
    Entries,
    /// Empty, too long, or with brackets, which would name another parameter.
    #[error("a note's name has 1 to {KEY_CHARS_MAX} characters and no brackets")]
    Key,
    /// Empty, which would remove the note, or too long.
    #[error("a note has 1 to {VALUE_CHARS_MAX} characters")]
    Value,
}

/// Notes that Stripe will keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Says whose it is.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        Self(BTreeMap::from([(
            METADATA_USER.to_owned(),
            user.to_string(),
        )]))
    }

    /// Adds a note, in place of one of the same name.
    ///
    /// # Errors
    /// When Stripe would not keep it.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), MetadataError> {
        let chars = key.chars().count();
        if chars == 0 || chars > KEY_CHARS_MAX || key.contains(['[', ']']) {
            return Err(MetadataError::Key);
        }
        if value.is_empty() || value.chars().count() > VALUE_CHARS_MAX {
            return Err(MetadataError::Value);
        }
        if self.0.len() >= ENTRIES_MAX && !self.0.contains_key(key) {
            return Err(MetadataError::Entries);
        }
        self.0.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// The notes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stripe_keeps_is_taken() {
        let mut notes = Metadata::of(UserId::from_bytes([1; 16]));
        assert_eq!(notes.insert("a[b]", "x"), Err(MetadataError::Key));
        assert_eq!(notes.insert(&"k".repeat(41), "x"), Err(MetadataError::Key));
        assert_eq!(notes.insert("a", ""), Err(MetadataError::Value));
        assert_eq!(
            notes.insert("a", &"v".repeat(501)),
            Err(MetadataError::Value)
        );
        for number in 1..50 {
            notes.insert(&format!("key{number}"), "x").unwrap();
        }
        assert_eq!(notes.insert("one more", "x"), Err(MetadataError::Entries));
        assert_eq!(notes.insert("key1", "y"), Ok(()));
        assert_eq!(notes.iter().count(), 50);
    }
}

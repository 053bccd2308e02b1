//! The type wall: text as the user has it, and text that may leave.
//!
//! [`Raw`] cannot be shown or serialised by accident; [`Redacted`] is made by the redactor and by nothing else,
//! and it is the only text behind [`CloudSafe`]. Nothing here decides what is private.

use std::fmt;

use zeroize::Zeroizing;

/// Text that may hold private values. It has no `Display` and no serialisation, and it is wiped when dropped.
pub struct Raw(Zeroizing<String>);

impl Raw {
    /// Takes the text behind the wall.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for use on this device.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How long the text is, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Raw {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}

/// Text in which every value that was found is a placeholder.
///
/// ```compile_fail
/// let forged = synesis_privacy::Redacted { text: String::from("not read by the redactor") };
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Redacted {
    text: String,
}

impl Redacted {
    /// Only the redactor says that a text is clean.
    pub(crate) fn by_redactor(text: String) -> Self {
        Self { text }
    }

    /// The text with its placeholders.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text with its placeholders, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted({:?})", self.text)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Redacted {}
}

/// What may cross the wire as text. Sealed: [`Redacted`] is the only one.
pub trait CloudSafe: sealed::Sealed {
    /// The text to send.
    fn cloud_text(&self) -> &str;
}

impl CloudSafe for Redacted {
    fn cloud_text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_raw_shows_a_length_only() {
        assert_eq!(format!("{:?}", Raw::new("hello".into())), "Raw(5 bytes)");
    }
}

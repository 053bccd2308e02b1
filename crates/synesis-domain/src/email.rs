//! E-mail addresses, in the plain form that mail can be sent to and that people type.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::limits::{EMAIL_BYTES_MAX, EMAIL_LOCAL_BYTES_MAX};

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an e-mail address looks like ann@example.org")]
pub struct EmailError;

/// An e-mail address in lower case, so that one mailbox is one account however it is typed.
///
/// Quoted local parts, comments and letters beyond ASCII are left out: hardly anybody has them, and
/// each is a way to make one mailbox look like another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(EmailError)?;
        let fits = text.len() <= EMAIL_BYTES_MAX && local.len() <= EMAIL_LOCAL_BYTES_MAX;
        let local_good = local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
                })
        });
        let domain_good = domain.split('.').all(is_label) && domain.contains('.');
        if fits && local_good && domain_good {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(EmailError)
        }
    }
}

/// One part of a host name.
fn is_label(label: &str) -> bool {
    let inner = label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn one_mailbox_is_one_address() {
        let ann: EmailAddress = "  Ann.Lee+syn@Example.ORG ".parse().unwrap();
        assert_eq!(ann.to_string(), "ann.lee+syn@example.org");
        assert_eq!(ann.domain(), "example.org");
        let long = std::format!("{}@example.org", "a".repeat(65));
        for wrong in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@example",
            "ann@-example.org",
            "ann@exa mple.org",
            "a..b@example.org",
            "ann@example.org\r\nBcc: eve@example.org",
            "\"ann\"@example.org",
            "ann@eve@example.org",
            "änn@example.org",
            "<ann@example.org>",
            long.as_str(),
        ] {
            assert_eq!(wrong.parse::<EmailAddress>(), Err(EmailError), "{wrong:?}");
        }
    }
}

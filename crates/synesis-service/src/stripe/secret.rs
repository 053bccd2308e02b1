//! Stripe's secrets: never shown, wiped when dropped.

use std::fmt;

use zeroize::Zeroizing;

/// The longest secret, in bytes.
const SECRET_BYTES_MAX: usize = 512;

/// Why a text is no secret of that kind. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it begins with {prefixes} and has letters, digits and underscores only")]
pub struct SecretError {
    prefixes: &'static str,
}

fn take(
    text: &str,
    allowed: &[&str],
    prefixes: &'static str,
) -> Result<Zeroizing<String>, SecretError> {
    let text = text.trim();
    let begins = allowed
        .iter()
        .any(|prefix| text.len() > prefix.len() && text.starts_with(prefix));
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"_+/=-".contains(&c);
    if !begins || text.len() > SECRET_BYTES_MAX || !text.bytes().all(plain) {
        return Err(SecretError { prefixes });
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// The key by which Stripe knows the operator.
#[derive(Clone)]
pub struct StripeSecretKey(Zeroizing<String>);

impl StripeSecretKey {
    /// Reads `sk_…` or the restricted `rk_…`, with space around it or not.
    ///
    /// # Errors
    /// When it is no such key; a publishable `pk_…` cannot do anything here.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        take(text, &["sk_", "rk_"], "sk_ or rk_").map(Self)
    }

    /// The key itself, for the one header that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StripeSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StripeSecretKey(..)")
    }
}

/// What Stripe signs its webhooks with.
#[derive(Clone)]
pub struct WebhookSecret(Zeroizing<String>);

impl WebhookSecret {
    /// Reads `whsec_…`, with space around it or not.
    ///
    /// # Errors
    /// When it is no such secret.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        take(text, &["whsec_"], "whsec_").map(Self)
    }

    /// All of it, its prefix too: that is the key of the HMAC.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_prefix_and_never_shown() {
        assert_eq!(
            StripeSecretKey::new(" sk_test_a1\n").unwrap().expose(),
            "sk_test_a1"
        );
        assert!(StripeSecretKey::new("rk_live_a1").is_ok());
        for wrong in ["", "sk_", "pk_live_a1", "sk_a b", "sk_a\r\nX: y", "sk_ä"] {
            let error = StripeSecretKey::new(wrong).unwrap_err();
            assert!(wrong.is_empty() || wrong == "sk_" || !error.to_string().contains(wrong));
        }
        assert!(WebhookSecret::new("sk_test_a1").is_err());
        let shown = format!(
            "{:?} {:?}",
            StripeSecretKey::new("sk_hush1").unwrap(),
            WebhookSecret::new("whsec_hush1").unwrap()
        );
        assert!(!shown.contains("hush"), "{shown}");
    }
}

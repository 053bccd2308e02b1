//! Stripe's names of things, and the names that we give.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// Why a text is no name of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeIdError {
    /// Empty, or longer than such a name can be.
    #[error("{what} has 1 to {bytes_max} characters")]
    Length {
        /// What was to be named.
        what: &'static str,
        /// The longest there is, in bytes.
        bytes_max: usize,
    },
    /// It begins with something else.
    #[error("{what} begins with {prefix}")]
    Prefix {
        /// What was to be named.
        what: &'static str,
        /// What it begins with.
        prefix: &'static str,
    },
    /// It holds a character that would mean something else in a URL or a header.
    #[error("{what} cannot hold the character {character:?}")]
    Character {
        /// What was to be named.
        what: &'static str,
        /// The first such character.
        character: char,
    },
}

/// The longest name that Stripe gives, in bytes.
const GIVEN_BYTES_MAX: usize = 255;

fn check(
    text: &str,
    what: &'static str,
    prefix: &'static str,
    bytes_max: usize,
    allowed: fn(char) -> bool,
) -> Result<(), StripeIdError> {
    if text.is_empty() || text.len() > bytes_max {
        return Err(StripeIdError::Length { what, bytes_max });
    }
    if let Some(character) = text.chars().find(|c| !allowed(*c)) {
        return Err(StripeIdError::Character { what, character });
    }
    if !text.starts_with(prefix) {
        return Err(StripeIdError::Prefix { what, prefix });
    }
    Ok(())
}

/// What a name of Stripe's consists of.
fn given(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What a name of ours consists of.
fn made(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.:".contains(c)
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $prefix:literal, $max:expr, $allowed:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest there is, in bytes.
            pub const BYTES_MAX: usize = $max;

            /// The name as Stripe writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = StripeIdError;

            fn from_str(text: &str) -> Result<Self, StripeIdError> {
                check(text, $what, $prefix, Self::BYTES_MAX, $allowed)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

names! {
    /// A customer of the operator at Stripe.
    CustomerId, "a customer", "cus_", GIVEN_BYTES_MAX, given;
    /// A Checkout Session: one page on which one top-up is paid, or not.
    CheckoutSessionId, "a Checkout Session", "cs_", GIVEN_BYTES_MAX, given;
    /// A payment, from the moment somebody tries it.
    PaymentIntentId, "a payment intent", "pi_", GIVEN_BYTES_MAX, given;
    /// Money that was taken from a card or an account.
    ChargeId, "a charge", "", GIVEN_BYTES_MAX, given;
    /// A charge that its payer's bank took back.
    DisputeId, "a dispute", "", GIVEN_BYTES_MAX, given;
    /// An invoice.
    InvoiceId, "an invoice", "", GIVEN_BYTES_MAX, given;
    /// A webhook's event; the same in every delivery of it.
    EventId, "an event", "evt_", GIVEN_BYTES_MAX, given;
    /// A meter: where usage is added up.
    MeterId, "a meter", "mtr_", GIVEN_BYTES_MAX, given;
    /// The name under which a meter's events arrive.
    MeterEventName, "a meter's event name", "", 100, made;
    /// Our name of one usage report. Stripe takes each once.
    MeterEventIdentifier, "the identifier of a meter event", "", 100, made;
    /// Our name of one request. Stripe carries it out once.
    IdempotencyKey, "an idempotency key", "", 255, made;
}

impl From<&MeterEventIdentifier> for IdempotencyKey {
    /// The identifier is the key: both are fixed before the first try and the same in each.
    fn from(identifier: &MeterEventIdentifier) -> Self {
        Self(identifier.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_be_of_another_kind_or_leave_its_place_in_a_path() {
        let customer = |text: &str| {
            text.parse::<CustomerId>()
                .map_err(|error| error.to_string())
        };
        assert_eq!(customer("cus_Q1").unwrap().as_str(), "cus_Q1");
        for (text, told) in [
            ("", "a customer has 1 to 255 characters"),
            ("pi_1", "a customer begins with cus_"),
            ("cus_1/../x", "a customer cannot hold the character '/'"),
            ("cus_1?x", "a customer cannot hold the character '?'"),
            ("cus_1\r\n", "a customer cannot hold the character '\\r'"),
            ("cus_ü", "a customer cannot hold the character 'ü'"),
        ] {
            assert_eq!(customer(text).unwrap_err(), told);
        }
    }

    #[test]
    fn our_own_names_are_as_long_as_stripe_takes_them() {
        assert!("i".repeat(100).parse::<MeterEventIdentifier>().is_ok());
        assert!("i".repeat(101).parse::<MeterEventIdentifier>().is_err());
        assert!("k".repeat(255).parse::<IdempotencyKey>().is_ok());
        assert!("k".repeat(256).parse::<IdempotencyKey>().is_err());
        let longest = "syn-0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d-4294967295-4294967295";
        let identifier: MeterEventIdentifier = longest.parse().unwrap();
        assert_eq!(IdempotencyKey::from(&identifier).as_str(), longest);
    }
}

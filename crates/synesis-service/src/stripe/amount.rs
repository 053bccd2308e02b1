//! Whole cents that Stripe can charge.

/// Why an amount cannot be topped up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Stripe charges no less.
    #[error("the smallest top-up is $0.50")]
    TooSmall,
    /// Stripe charges no more at once.
    #[error("the largest top-up is $999,999.99")]
    TooLarge,
}

/// What one top-up costs: US cents within what Stripe charges at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopUpCents(u64);

impl TopUpCents {
    /// The smallest charge, in cents.
    pub const CENTS_MIN: u64 = 50;
    /// The largest charge, in cents: eight digits.
    pub const CENTS_MAX: u64 = 99_999_999;

    /// Takes an amount that Stripe will charge.
    ///
    /// # Errors
    /// When it is too small or too large.
    pub const fn new(cents: u64) -> Result<Self, AmountError> {
        match cents {
            ..Self::CENTS_MIN => Err(AmountError::TooSmall),
            Self::CENTS_MIN..=Self::CENTS_MAX => Ok(Self(cents)),
            _ => Err(AmountError::TooLarge),
        }
    }

    /// The cents.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_top_up_stays_within_what_stripe_charges() {
        for (cents, expected) in [
            (0, Err(AmountError::TooSmall)),
            (49, Err(AmountError::TooSmall)),
            (50, Ok(50)),
            (99_999_999, Ok(99_999_999)),
            (100_000_000, Err(AmountError::TooLarge)),
        ] {
            assert_eq!(TopUpCents::new(cents).map(TopUpCents::get), expected);
        }
    }
}

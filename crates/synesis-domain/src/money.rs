//! Money: whole nano-dollars, prices in pico-dollars a token, rates in basis points.
//!
//! A thousand million nano-dollars are one dollar; an `i64` of them holds nine thousand million
//! dollars. Cents appear where a total is reported, by one rounding up, and nowhere else.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::limits::PRICE_PICO_MAX;

const NANO_PER_DOLLAR: u64 = 1_000_000_000;
const NANO_PER_CENT: i64 = 10_000_000;
const DECIMALS: usize = 9;

/// A signed amount of money, counted in 10^-9 US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoUsd(i64);

impl NanoUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many nano-dollars.
    #[must_use]
    pub const fn new(nano: i64) -> Self {
        Self(nano)
    }

    /// So many cents.
    #[must_use]
    pub const fn from_cents(cents: u32) -> Self {
        Self(cents as i64 * NANO_PER_CENT)
    }

    /// The count of nano-dollars.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether the amount lies below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, where it can be counted.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, where it can be counted.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The same amount on the other side, where it can be counted.
    #[must_use]
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(negated) => Some(Self(negated)),
            None => None,
        }
    }

    /// The sum; an amount past the largest stays the largest.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference; an amount past the largest stays the largest.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many cents of a total; an amount past the largest stays the largest.
    #[must_use]
    pub fn from_whole_cents(cents: u64) -> Self {
        let nano = i128::from(cents) * i128::from(NANO_PER_CENT);
        Self(i64::try_from(nano).unwrap_or(i64::MAX))
    }

    /// Whole cents, rounded down; none of an amount below zero.
    #[must_use]
    pub const fn floor_cents(self) -> u64 {
        if self.0 < 0 {
            0
        } else {
            (self.0 / NANO_PER_CENT).cast_unsigned()
        }
    }

    /// Whole cents, rounded up. For reported totals only: once for a total, never for a call.
    #[must_use]
    pub const fn ceil_cents(self) -> i64 {
        let floor = self.0.div_euclid(NANO_PER_CENT);
        if self.0.rem_euclid(NANO_PER_CENT) == 0 {
            floor
        } else {
            floor + 1
        }
    }
}

impl fmt::Display for NanoUsd {
    /// Exact, with two decimals or as many as the amount has: `$0.10`, `$0.000103`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nano = self.0.unsigned_abs();
        let mut fraction = nano % NANO_PER_DOLLAR;
        let mut width = DECIMALS;
        while width > 2 && fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${}.{fraction:0width$}", nano / NANO_PER_DOLLAR)
    }
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Something other than `$10`, `10` or `10.50`.
    #[error("an amount looks like $10, 10 or 10.50")]
    Form,
    /// More than nine decimals.
    #[error("an amount has at most {DECIMALS} decimals")]
    TooFine,
    /// More than an account can count.
    #[error("the amount is too large")]
    TooLarge,
}

impl FromStr for NanoUsd {
    type Err = MoneyError;

    /// Reads `$10`, `10`, `10.50` and what `Display` writes.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let rest = rest.strip_prefix('$').unwrap_or(rest);
        let (whole, fraction) = match rest.split_once('.') {
            Some((_, "")) => return Err(MoneyError::Form),
            Some(parts) => parts,
            None => (rest, ""),
        };
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(MoneyError::Form);
        }
        if fraction.len() > DECIMALS {
            return Err(MoneyError::TooFine);
        }
        let dollars: i128 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        let padded = fraction
            .bytes()
            .chain(core::iter::repeat(b'0'))
            .take(DECIMALS);
        let fraction = padded.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let nano = dollars
            .checked_mul(i128::from(NANO_PER_DOLLAR))
            .and_then(|nano| nano.checked_add(fraction))
            .map(|nano| if negative { -nano } else { nano })
            .ok_or(MoneyError::TooLarge)?;
        i64::try_from(nano)
            .map(Self)
            .map_err(|_| MoneyError::TooLarge)
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The price of one token, counted in 10^-12 US dollars: $3 a million tokens are 3,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PicoUsdPerToken(u64);

impl PicoUsdPerToken {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many pico-dollars; `None` above [`PRICE_PICO_MAX`], which keeps every cost countable.
    #[must_use]
    pub const fn new(pico: u64) -> Option<Self> {
        if pico <= PRICE_PICO_MAX {
            Some(Self(pico))
        } else {
            None
        }
    }

    /// The count of pico-dollars.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A rate in hundredths of a per cent: 3 % are 300.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// So many hundredths of a per cent.
    #[must_use]
    pub const fn new(points: u16) -> Self {
        Self(points)
    }

    /// The count of hundredths of a per cent.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// This share of an amount, rounded up to the nano-dollar.
    #[must_use]
    pub fn of(self, amount: NanoUsd) -> NanoUsd {
        let scaled = i128::from(amount.0) * i128::from(self.0);
        let floor = scaled.div_euclid(10_000);
        let up = i128::from(scaled.rem_euclid(10_000) != 0);
        NanoUsd(i64::try_from(floor + up).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_show_every_nano_dollar_and_at_least_two_decimals() {
        let cases = [
            (0, "$0.00"),
            (1, "$0.000000001"),
            (103_000, "$0.000103"),
            (103_000_000, "$0.103"),
            (100_000_000, "$0.10"),
            (10_500_000_000, "$10.50"),
            (-5_000_000_000, "-$5.00"),
            (i64::MIN, "-$9223372036.854775808"),
        ];
        for (nano, text) in cases {
            assert_eq!(NanoUsd::new(nano).to_string(), text);
        }
    }

    #[test]
    fn typed_amounts_are_read_or_named_as_wrong() {
        let cases = [
            ("$10", Ok(10_000_000_000)),
            ("10", Ok(10_000_000_000)),
            ("10.50", Ok(10_500_000_000)),
            ("0.000000001", Ok(1)),
            ("0.0000000001", Err(MoneyError::TooFine)),
            ("9223372037", Err(MoneyError::TooLarge)),
            (
                "99999999999999999999999999999999999999999",
                Err(MoneyError::TooLarge),
            ),
            ("", Err(MoneyError::Form)),
            ("$", Err(MoneyError::Form)),
            (".5", Err(MoneyError::Form)),
            ("5.", Err(MoneyError::Form)),
            ("+5", Err(MoneyError::Form)),
            ("1,000", Err(MoneyError::Form)),
            ("ten", Err(MoneyError::Form)),
        ];
        for (text, expected) in cases {
            assert_eq!(
                text.parse::<NanoUsd>().map(NanoUsd::get),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_total_is_rounded_up_to_cents_once() {
        let call = NanoUsd::new(103_000_000);
        assert_eq!(call.ceil_cents(), 11);
        let ten = NanoUsd::new(call.get() * 10);
        assert_eq!(ten.ceil_cents(), 103);
        assert_eq!(NanoUsd::new(-1).ceil_cents(), 0);
        assert_eq!(NanoUsd::new(-10_000_001).ceil_cents(), -1);
    }

    #[test]
    fn three_per_cent_of_a_nano_dollar_is_not_lost() {
        let rate = BasisPoints::new(300);
        assert_eq!(rate.of(NanoUsd::new(1)), NanoUsd::new(1));
        assert_eq!(rate.of(NanoUsd::new(100_000_000)), NanoUsd::new(3_000_000));
        assert_eq!(rate.of(NanoUsd::ZERO), NanoUsd::ZERO);
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read_back(nano in any::<i64>()) {
            let amount = NanoUsd::new(nano);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}

//! Fractions of whole numbers.

use std::fmt;

/// Numerator and denominator stay within this, so that one more digit always fits.
const PART_MAX: i128 = 10i128.pow(36);
/// Digits a result is rounded to when its decimals do not end.
const SIGNIFICANT_DIGITS: usize = 10;
/// Decimals of a result that is written out in full.
const DECIMALS_MAX: usize = 30;

/// A fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rational {
    num: i128,
    den: i128,
}

impl Rational {
    /// The fraction `num / den`; none when `den` is 0 or a part is too large.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let (num, den) = (num / divisor, den / divisor);
        let (num, den) = if den < 0 {
            (num.checked_neg()?, den.checked_neg()?)
        } else {
            (num, den)
        };
        (num.checked_abs()? <= PART_MAX && den <= PART_MAX).then_some(Self { num, den })
    }

    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self {
            num: i128::from(value),
            den: 1,
        }
    }

    /// A decimal number without separators: `12`, `0.5`, `.5`.
    pub fn from_decimal(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = [whole, decimals].concat();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let den = 10i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        Self::new(digits.parse().ok()?, den)
    }

    /// The sum, where it fits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let left = self.num.checked_mul(other.den)?;
        let right = other.num.checked_mul(self.den)?;
        Self::new(left.checked_add(right)?, self.den.checked_mul(other.den)?)
    }

    /// The difference, where it fits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    /// The product, where it fits.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::new(
            self.num.checked_mul(other.num)?,
            self.den.checked_mul(other.den)?,
        )
    }

    /// The quotient, where it exists and fits.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        Self::new(
            self.num.checked_mul(other.den)?,
            self.den.checked_mul(other.num)?,
        )
    }

    /// The number with the other sign.
    pub fn negated(self) -> Self {
        Self {
            num: -self.num,
            den: self.den,
        }
    }

    /// The number without its sign.
    pub fn abs(self) -> Self {
        Self {
            num: self.num.abs(),
            den: self.den,
        }
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// The whole number it is, if it is one.
    pub fn to_whole(self) -> Option<i128> {
        (self.den == 1).then_some(self.num)
    }

    /// Whether its decimals end within the length written out in full.
    pub fn is_exact_decimal(self) -> bool {
        self.decimals().is_some()
    }

    /// How many decimals it has, if they end.
    pub(crate) fn decimals(self) -> Option<usize> {
        let mut rest = self.num.unsigned_abs() % self.den.unsigned_abs();
        for count in 0..=DECIMALS_MAX {
            if rest == 0 {
                return Some(count);
            }
            rest = rest * 10 % self.den.unsigned_abs();
        }
        None
    }

    /// Rounded to that many decimals, halves away from zero.
    pub(crate) fn rounded(self, decimals: usize) -> Option<Self> {
        let scale = 10i128.checked_pow(u32::try_from(decimals).ok()?)?;
        let scaled = self.num.checked_abs()?.checked_mul(scale)?;
        let units =
            scaled / self.den + i128::from(scaled % self.den >= self.den - scaled % self.den);
        Self::new(units * self.num.signum(), scale)
    }

    /// Decimals at which ten significant digits are reached.
    fn decimals_rounded(self) -> usize {
        let (num, den) = (self.num.unsigned_abs(), self.den.unsigned_abs());
        let whole = num / den;
        if whole > 0 {
            return SIGNIFICANT_DIGITS.saturating_sub(whole.to_string().len());
        }
        let mut rest = num;
        let mut zeros = 0;
        while rest != 0 && rest * 10 < den && zeros < DECIMALS_MAX {
            rest *= 10;
            zeros += 1;
        }
        SIGNIFICANT_DIGITS + zeros
    }

    /// The digits, at least as many decimals as `decimals`, rounded there.
    fn digits(self, decimals: usize) -> String {
        let (num, den) = (self.num.unsigned_abs(), self.den.unsigned_abs());
        let mut digits: Vec<u8> = (num / den).to_string().bytes().map(|b| b - b'0').collect();
        let mut rest = num % den;
        for _ in 0..decimals {
            rest *= 10;
            digits.push((rest / den) as u8);
            rest %= den;
        }
        if rest >= den - rest {
            round_up(&mut digits);
        }
        let point = digits.len() - decimals;
        let text: String = digits.into_iter().map(|d| char::from(b'0' + d)).collect();
        let (whole, fraction) = text.split_at(point);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{whole}{point}{fraction}")
    }
}

fn round_up(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let difference = self.checked_sub(*other)?;
        difference.num.partial_cmp(&0)
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.decimals().unwrap_or_else(|| self.decimals_rounded());
        let sign = if self.num < 0 { "-" } else { "" };
        write!(f, "{sign}{}", self.digits(decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn shown(num: i128, den: i128, expected: &str) {
        assert_eq!(Rational::new(num, den).unwrap().to_string(), expected);
    }

    #[test]
    fn decimals_that_end_are_written_out() {
        shown(3, 10, "0.3");
        shown(-7, 4, "-1.75");
        shown(1, 1024, "0.0009765625");
        shown(10i128.pow(36), 1, &format!("1{}", "0".repeat(36)));
        shown(0, -5, "0");
    }

    #[test]
    fn decimals_that_do_not_end_are_rounded_to_ten_digits() {
        shown(1, 3, "0.3333333333");
        shown(2, 3, "0.6666666667");
        shown(2000, 3, "666.6666667");
        shown(-2, 3, "-0.6666666667");
        shown(1, 3000, "0.0003333333333");
        shown(99_999_999_999, 7, "14285714286");
        shown(29_999_999_999_999, 30_000_000_000_000, "1");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let large = Rational::new(PART_MAX, 1).unwrap();
        assert_eq!(large.checked_add(Rational::whole(1)), None);
        assert_eq!(large.checked_mul(large), None);
        assert_eq!(Rational::whole(1).checked_div(Rational::whole(0)), None);
        assert_eq!(Rational::new(i128::MIN, -1), None);
    }

    proptest! {
        #[test]
        fn whole_arithmetic_is_that_of_i128(a in any::<i64>(), b in any::<i64>()) {
            let (x, y) = (Rational::whole(a), Rational::whole(b));
            let (a, b) = (i128::from(a), i128::from(b));
            prop_assert_eq!(x.checked_add(y).and_then(Rational::to_whole), Some(a + b));
            prop_assert_eq!(x.checked_sub(y).and_then(Rational::to_whole), Some(a - b));
            prop_assert_eq!(x.checked_mul(y).map(|r| r.to_string()), (a * b).checked_abs().filter(|v| *v <= PART_MAX).map(|_| (a * b).to_string()));
        }

        #[test]
        fn division_undoes_multiplication(a in -1_000_000i64..1_000_000, b in 1i64..1_000_000, c in 1i64..1000) {
            let x = Rational::new(i128::from(a), i128::from(c)).unwrap();
            let y = Rational::whole(b);
            prop_assert_eq!(x.checked_mul(y).unwrap().checked_div(y), Some(x));
            prop_assert_eq!(x.checked_add(y).unwrap().checked_sub(y), Some(x));
        }

        #[test]
        fn decimals_are_read_as_they_are_shown(whole in 0u64..1_000_000_000, decimals in 0u32..1_000_000) {
            let text = format!("{whole}.{decimals:06}");
            let shown = Rational::from_decimal(&text).unwrap().to_string();
            prop_assert_eq!(shown, text.trim_end_matches('0').trim_end_matches('.').to_owned());
        }
    }
}

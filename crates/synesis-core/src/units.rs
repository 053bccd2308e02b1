//! The common units of measure, to check a conversion by.
//!
//! Only units that mean one thing: no kilobyte (1000 or 1024), no ton, no cup, no fluid ounce.

use crate::calculator::Rational;

/// What is measured; only units of one dimension convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Length,
    Mass,
    Volume,
    LiquidUs,
    Time,
    Calendar,
    Data,
    Temperature,
}

/// A unit: its names, and `base = (value + offset) * num / den`.
struct Unit {
    names: &'static [&'static str],
    dimension: Dimension,
    num: i128,
    den: i128,
    /// In hundredths.
    offset: i128,
}

const fn unit(names: &'static [&'static str], dimension: Dimension, num: i128, den: i128) -> Unit {
    Unit {
        names,
        dimension,
        num,
        den,
        offset: 0,
    }
}

use Dimension::{Calendar, Data, Length, LiquidUs, Mass, Temperature, Time, Volume};

const UNITS: &[Unit] = &[
    unit(
        &["kilometers", "kilometer", "kilometres", "kilometre", "km"],
        Length,
        1000,
        1,
    ),
    unit(&["meters", "meter", "metres", "metre", "m"], Length, 1, 1),
    unit(
        &[
            "centimeters",
            "centimeter",
            "centimetres",
            "centimetre",
            "cm",
        ],
        Length,
        1,
        100,
    ),
    unit(
        &[
            "millimeters",
            "millimeter",
            "millimetres",
            "millimetre",
            "mm",
        ],
        Length,
        1,
        1000,
    ),
    unit(&["miles", "mile"], Length, 1_609_344, 1000),
    unit(&["yards", "yard"], Length, 9144, 10_000),
    unit(&["feet", "foot", "ft"], Length, 3048, 10_000),
    unit(&["inches", "inch"], Length, 254, 10_000),
    unit(&["kilograms", "kilogram", "kg"], Mass, 1000, 1),
    unit(&["grams", "gram", "g"], Mass, 1, 1),
    unit(&["milligrams", "milligram", "mg"], Mass, 1, 1000),
    unit(&["tonnes", "tonne"], Mass, 1_000_000, 1),
    unit(&["pounds", "pound", "lb", "lbs"], Mass, 45_359_237, 100_000),
    unit(&["ounces", "ounce", "oz"], Mass, 45_359_237, 1_600_000),
    unit(
        &["liters", "liter", "litres", "litre", "l"],
        Volume,
        1000,
        1,
    ),
    unit(
        &[
            "milliliters",
            "milliliter",
            "millilitres",
            "millilitre",
            "ml",
        ],
        Volume,
        1,
        1,
    ),
    unit(&["gallons", "gallon"], LiquidUs, 4, 1),
    unit(&["quarts", "quart"], LiquidUs, 1, 1),
    unit(&["weeks", "week"], Time, 604_800, 1),
    unit(&["days", "day"], Time, 86_400, 1),
    unit(&["hours", "hour", "h"], Time, 3600, 1),
    unit(&["minutes", "minute", "min"], Time, 60, 1),
    unit(&["seconds", "second", "s"], Time, 1, 1),
    unit(&["centuries", "century"], Calendar, 1200, 1),
    unit(&["decades", "decade"], Calendar, 120, 1),
    unit(&["years", "year"], Calendar, 12, 1),
    unit(&["months", "month"], Calendar, 1, 1),
    unit(&["bytes", "byte"], Data, 8, 1),
    unit(&["bits", "bit"], Data, 1, 1),
    Unit {
        names: &["celsius", "c"],
        dimension: Temperature,
        num: 1,
        den: 1,
        offset: 27_315,
    },
    Unit {
        names: &["fahrenheit", "f"],
        dimension: Temperature,
        num: 5,
        den: 9,
        offset: 45_967,
    },
    Unit {
        names: &["kelvin", "k"],
        dimension: Temperature,
        num: 1,
        den: 1,
        offset: 0,
    },
];

/// A conversion that was asked for, with its exact result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// How many of the first unit.
    pub(crate) given: Rational,
    /// How many of the second.
    pub(crate) result: Rational,
    from: &'static str,
    to: &'static str,
}

impl Conversion {
    /// The conversion as a sentence: `5 feet is 60 inches.`
    pub(crate) fn line(&self) -> String {
        let about = if self.result.is_exact_decimal() {
            ""
        } else {
            "about "
        };
        format!(
            "{} {} is {about}{} {}.",
            self.given, self.from, self.result, self.to
        )
    }
}

/// The one conversion a question asks for: one number (or "a", "one") before one unit, and one
/// other unit of the same dimension.
pub(crate) fn find(question: &str) -> Option<Conversion> {
    let lower = question.to_lowercase().replace('°', " ");
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || ".,'-".contains(c)))
        .collect();
    let words: Vec<&str> = words
        .into_iter()
        .map(|w| w.trim_matches([',', '.', '\'', '-']))
        .filter(|w| !w.is_empty() && *w != "degrees")
        .collect();
    let mut given: Option<(Rational, &Unit)> = None;
    let mut other: Option<&Unit> = None;
    let mut numbers = 0;
    let mut before: Option<Rational> = None;
    for word in words {
        if let Some((value, glued)) = amount(word) {
            numbers += 1;
            match glued {
                Some(unit) if given.is_none() => given = Some((value, unit)),
                Some(_) => return None,
                None => before = Some(value),
            }
            continue;
        }
        if let Some(unit) = named(word) {
            match before.take() {
                Some(value) if given.is_none() => given = Some((value, unit)),
                _ if other.is_none() => other = Some(unit),
                _ => return None,
            }
            continue;
        }
        before = matches!(word, "a" | "an" | "one")
            .then(|| Rational::whole(1))
            .filter(|_| given.is_none());
    }
    let ((given, from), to) = (given?, other?);
    if numbers > 1 || from.dimension != to.dimension || std::ptr::eq(from, to) {
        return None;
    }
    let result = convert(given, from, to)?;
    Some(Conversion {
        given,
        result,
        from: from.names[0],
        to: to.names[0],
    })
}

fn convert(value: Rational, from: &Unit, to: &Unit) -> Option<Rational> {
    let base = value
        .checked_add(Rational::new(from.offset, 100)?)?
        .checked_mul(Rational::new(from.num, from.den)?)?;
    base.checked_div(Rational::new(to.num, to.den)?)?
        .checked_sub(Rational::new(to.offset, 100)?)
}

fn named(word: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.names.contains(&word))
}

/// `12`, `1,000`, `2.5`, `-40`, or with its unit glued on: `5km`.
fn amount(word: &str) -> Option<(Rational, Option<&'static Unit>)> {
    let digits = word.len()
        - word
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
            .len();
    let (number, rest) = word.split_at(digits);
    let value = Rational::from_decimal(&number.replace(',', ""))?;
    if rest.is_empty() {
        Some((value, None))
    } else {
        named(rest).map(|unit| (value, Some(unit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(question: &str, expected: &str) {
        assert_eq!(
            find(question).map_or("none".to_owned(), |c| c.line()),
            expected,
            "{question}"
        );
    }

    #[test]
    fn the_usual_ways_to_ask_are_understood() {
        check("How many inches are in 5 feet?", "5 feet is 60 inches.");
        check("Convert 3 km to meters", "3 kilometers is 3000 meters.");
        check("7kg in grams", "7 kilograms is 7000 grams.");
        check("how many minutes are in an hour", "1 hours is 60 minutes.");
        check(
            "What is 26.2 miles in kilometres?",
            "26.2 miles is 42.1648128 kilometers.",
        );
        check(
            "100 degrees Celsius in Fahrenheit",
            "100 celsius is 212 fahrenheit.",
        );
        check(
            "1,000 grams in pounds",
            "1000 grams is about 2.204622622 pounds.",
        );
        check(
            "In seconds, how long are 2 weeks?",
            "2 weeks is 1209600 seconds.",
        );
        check("A decade is how many years?", "1 decades is 10 years.");
    }

    #[test]
    fn what_is_not_one_clear_conversion_is_left_alone() {
        check("How many days are in a year?", "none");
        check("How many grams are in 3 meters?", "none");
        check("Convert 3 km and 4 miles to meters", "none");
        check("How many parsecs are in 3 km?", "none");
        check("How long is a week?", "none");
        check("What is 17 + 25?", "none");
    }
}

//! Checks of an answer that need no model.
//!
//! A check proves an answer, refutes it, or says nothing. It never guesses: only sums, common
//! units, placeholders and (for a demonstration model) quotations are checked.

use crate::QueryKind;
use crate::calculator::{self, Calculation, Rational, numbers_in};
use crate::units::{self, Conversion};
use crate::words::one_line;

/// What a demonstration model says when the text it was given holds no answer.
pub(crate) const NOT_SAID: &str = "The context does not say.";
/// What a demonstration model says when it does not know.
pub(crate) const UNKNOWN: &str = "I do not know.";

/// The result of the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grounding {
    /// The answer is right.
    Proven,
    /// It is wrong; why, and what is right where that is known.
    Refuted {
        feedback: String,
        right: Option<String>,
    },
    /// Nothing to check by.
    Silent,
}

/// What an answer is checked against.
pub(crate) struct Grounds<'a> {
    pub(crate) kind: QueryKind,
    pub(crate) question: &'a str,
    /// What Logos was given to read.
    pub(crate) context: Option<&'a str>,
    pub(crate) calculation: Option<&'a Calculation>,
    /// Whether answers out of a text are quotations of it.
    pub(crate) quotes: bool,
}

impl Grounds<'_> {
    /// Checks an answer.
    pub(crate) fn check(&self, answer: &str) -> Grounding {
        if let Some(placeholder) = self.foreign_placeholder(answer) {
            let feedback = format!("{placeholder} does not occur in the question");
            return Grounding::Refuted {
                feedback,
                right: None,
            };
        }
        if answer == UNKNOWN {
            return Grounding::Silent;
        }
        match (self.kind, self.calculation) {
            (QueryKind::Arithmetic, Some(calculation)) => check_sum(calculation, answer),
            (QueryKind::Conversion, _) => match units::find(self.question) {
                Some(conversion) => check_conversion(&conversion, answer),
                None => Grounding::Silent,
            },
            (QueryKind::Extract, _) if self.quotes => self.check_quotation(answer),
            _ => Grounding::Silent,
        }
    }

    fn foreign_placeholder(&self, answer: &str) -> Option<String> {
        let known =
            |p: &&str| self.question.contains(*p) || self.context.is_some_and(|c| c.contains(*p));
        placeholders(answer).find(|p| !known(p)).map(str::to_owned)
    }

    fn check_quotation(&self, answer: &str) -> Grounding {
        let Some(context) = self.context else {
            return Grounding::Silent;
        };
        let quoted = match answer
            .strip_prefix("To ")
            .and_then(|rest| rest.split_once(": "))
        {
            Some((_, quoted)) => quoted,
            None => answer,
        };
        if quoted == NOT_SAID || bare(context).contains(&bare(quoted)) {
            return Grounding::Silent;
        }
        let feedback = "the given text does not say this; answer in its own words".to_owned();
        Grounding::Refuted {
            feedback,
            right: None,
        }
    }
}

/// Lower case, without surrounding punctuation and article.
fn bare(text: &str) -> String {
    let text = one_line(text).to_lowercase();
    let text = text
        .trim_end_matches(['.', '!', '"'])
        .trim_start_matches('"');
    text.strip_prefix("the ").unwrap_or(text).to_owned()
}

/// Texts of the form `[EMAIL_7Q4K]`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('[').filter_map(|(at, _)| {
        let rest = &text[at..];
        let inner = &rest[1..rest.find(']')?];
        let (label, id) = inner.rsplit_once('_')?;
        let labelled =
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let marked = id.len() == 4
            && id
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        (labelled && marked).then(|| &rest[..inner.len() + 2])
    })
}

fn check_sum(calculation: &Calculation, answer: &str) -> Grounding {
    let held = holds(answer, &calculation.operands, calculation.value);
    match held.map(|held| held && equations_hold(answer)) {
        Some(true) => Grounding::Proven,
        Some(false) => Grounding::Refuted {
            feedback: format!("the calculator says {}", calculation.line()),
            right: Some(calculation.line()),
        },
        None => Grounding::Silent,
    }
}

fn check_conversion(conversion: &Conversion, answer: &str) -> Grounding {
    match holds(answer, &[conversion.given], conversion.result) {
        Some(true) => Grounding::Proven,
        Some(false) => Grounding::Refuted {
            feedback: format!("the table of units says {}", conversion.line()),
            right: Some(conversion.line()),
        },
        None => Grounding::Silent,
    }
}

/// Whether every equation in an answer is true. Sides that are no plain sum or number say nothing.
fn equations_hold(answer: &str) -> bool {
    let belongs = |c: char| c.is_ascii_digit() || " .,()+-−*×/÷".contains(c);
    let sides: Vec<&str> = answer.split(['=', '≈']).collect();
    sides.windows(2).all(|sides| {
        let left = sides[0].rsplit(|c| !belongs(c)).next().unwrap_or_default();
        let right = numbers_in(sides[1].split(|c| !belongs(c)).next().unwrap_or_default());
        match (calculator::evaluate(left.trim()), right.first()) {
            (Ok(sum), Some(stated)) => agrees(*stated, sum.value),
            _ => true,
        }
    })
}

/// Whether the numbers of an answer, its operands aside, hold the value. None without a number.
fn holds(answer: &str, operands: &[Rational], value: Rational) -> Option<bool> {
    let all = numbers_in(answer);
    let mut rest = all.clone();
    for operand in operands {
        if let Some(at) = rest.iter().position(|n| n.abs() == operand.abs()) {
            rest.remove(at);
        }
    }
    let stated = if rest.is_empty() { &all } else { &rest };
    (!all.is_empty()).then(|| stated.iter().any(|number| agrees(*number, value)))
}

/// The same number, or the value rounded to two decimals or more.
fn agrees(number: Rational, value: Rational) -> bool {
    if number == value {
        return true;
    }
    number
        .decimals()
        .is_some_and(|decimals| decimals >= 2 && value.rounded(decimals) == Some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: QueryKind, question: &str, context: Option<&str>, answer: &str, expected: &str) {
        let found = calculator::find(question);
        let calculation = found.as_ref().map(|f| &f.calculation);
        let grounds = Grounds {
            kind,
            question,
            context,
            calculation,
            quotes: true,
        };
        let shown = match grounds.check(answer) {
            Grounding::Proven => "proven".to_owned(),
            Grounding::Refuted { feedback, .. } => feedback,
            Grounding::Silent => "silent".to_owned(),
        };
        assert_eq!(shown, expected, "{question} {answer}");
    }

    #[test]
    fn sums_are_checked_by_the_calculator() {
        let sum = |question, answer, expected| {
            check(QueryKind::Arithmetic, question, None, answer, expected)
        };
        sum("What is 17 + 25?", "17 + 25 = 42.", "proven");
        sum("What is 17 + 25?", "The answer is 42, of course.", "proven");
        sum(
            "What is 17 + 25?",
            "17 + 25 = 43.",
            "the calculator says 17 + 25 = 42.",
        );
        sum(
            "What is 4 + 0?",
            "4 + 0 = 5.",
            "the calculator says 4 + 0 = 4.",
        );
        sum("What is 4 + 0?", "4", "proven");
        sum("5 - 7", "5 - 7 = -2.", "proven");
        sum("5 - 7", "5 - 7 = 2.", "the calculator says 5 - 7 = -2.");
        sum("10 / 3", "It is about 3.33.", "proven");
        sum(
            "10 / 3",
            "It is 3.",
            "the calculator says 10 / 3 ≈ 3.333333333.",
        );
        sum("1234 * 5678", "7,006,652", "proven");
        sum(
            "1234 * 5678",
            "12345 * 5678 = 7006652.",
            "the calculator says 1234 * 5678 = 7006652.",
        );
        sum("6 * 7", "forty-two", "silent");
    }

    #[test]
    fn conversions_are_checked_by_the_table() {
        let units = |question, answer, expected| {
            check(QueryKind::Conversion, question, None, answer, expected)
        };
        units(
            "How many inches are in 5 feet?",
            "5 feet is 60 inches.",
            "proven",
        );
        units(
            "How many inches are in 5 feet?",
            "5 feet is 50 inches.",
            "the table of units says 5 feet is 60 inches.",
        );
        units(
            "How many parsecs are in 5 feet?",
            "5 feet is 50 parsecs.",
            "silent",
        );
        units("26.2 miles in km", "26.2 miles is about 42.16 km", "proven");
    }

    #[test]
    fn quotations_must_occur_in_the_text() {
        let context = Some("The red bicycle belongs to Mara Olsen. She paid 300.");
        let quote = |answer, expected| {
            check(
                QueryKind::Extract,
                "Who owns it?",
                context,
                answer,
                expected,
            )
        };
        quote("Mara Olsen", "silent");
        quote("The red bicycle.", "silent");
        quote("To ann@example.com: Mara Olsen", "silent");
        quote(NOT_SAID, "silent");
        quote(
            "Tom Berg",
            "the given text does not say this; answer in its own words",
        );
    }

    #[test]
    fn placeholders_are_not_made_up() {
        let fact = |answer, expected| {
            check(
                QueryKind::Fact,
                "Tell [EMAIL_7Q4K] who wrote Emma",
                None,
                answer,
                expected,
            )
        };
        fact("To [EMAIL_7Q4K]: Jane Austen wrote Emma.", "silent");
        fact(
            "To [EMAIL_7Q4X]: Jane Austen wrote Emma.",
            "[EMAIL_7Q4X] does not occur in the question",
        );
        fact("See [1] and [a_b] and [NOT_A", "silent");
    }
}

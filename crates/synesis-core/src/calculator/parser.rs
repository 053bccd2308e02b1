//! The value of an expression.

use super::lexer::{Lexeme, lexemes};
use super::rational::Rational;
use crate::limits::{EXPRESSION_DEPTH_MAX, EXPRESSION_TOKENS_MAX};

/// Why an expression has no value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalculatorError {
    /// It is not an expression of numbers, signs and parentheses.
    #[error("it is not an arithmetic expression")]
    Syntax,
    /// It divides by zero.
    #[error("it divides by zero")]
    DivisionByZero,
    /// A number in it is too large for exact arithmetic.
    #[error("a number in it is too large to calculate exactly")]
    TooLarge,
    /// It has too many parts, or too many parentheses inside each other.
    #[error("it is too long or too deeply nested")]
    TooComplex,
    /// It adds a percentage, and people disagree of what.
    #[error("it adds or subtracts a percentage without saying of what")]
    PercentOfWhat,
}

/// The four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

/// A calculation of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// The first number.
    pub left: Rational,
    /// What is done.
    pub operator: Operator,
    /// The second number.
    pub right: Rational,
}

/// An expression and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    /// The expression in one spelling: `12 * (3 + 4)`.
    pub expression: String,
    /// Its exact value.
    pub value: Rational,
    /// The two numbers, where there are no more.
    pub plain: Option<Plain>,
    /// All numbers in it, in order.
    pub operands: Vec<Rational>,
}

impl Calculation {
    /// The result as the council's line: `12 * (3 + 4) = 84.`, or `10 / 3 ≈ 3.333333333.`
    pub fn line(&self) -> String {
        let sign = if self.value.is_exact_decimal() {
            '='
        } else {
            '≈'
        };
        format!("{} {sign} {}.", self.expression, self.value)
    }
}

/// Calculates an expression such as `12*(3+4)`, `15 % of 80`, `3 times 4`.
pub fn evaluate(expression: &str) -> Result<Calculation, CalculatorError> {
    calculation(&lexemes(expression))
}

pub(super) fn calculation(lexemes: &[Lexeme]) -> Result<Calculation, CalculatorError> {
    if lexemes.len() > EXPRESSION_TOKENS_MAX {
        return Err(CalculatorError::TooComplex);
    }
    let mut parser = Parser { lexemes, at: 0 };
    let value = parser.sum(0)?;
    if parser.at < lexemes.len() {
        return Err(CalculatorError::Syntax);
    }
    let operands = lexemes
        .iter()
        .filter_map(|lexeme| match lexeme {
            Lexeme::Number(value, _) => Some(*value),
            _ => None,
        })
        .collect();
    Ok(Calculation {
        expression: spelt(lexemes),
        value: value.number,
        plain: plain(lexemes),
        operands,
    })
}

fn plain(lexemes: &[Lexeme]) -> Option<Plain> {
    let [Lexeme::Number(left, _), sign, Lexeme::Number(right, _)] = lexemes else {
        return None;
    };
    let operator = operator(sign)?;
    Some(Plain {
        left: *left,
        operator,
        right: *right,
    })
}

fn operator(lexeme: &Lexeme) -> Option<Operator> {
    match lexeme {
        Lexeme::Plus => Some(Operator::Plus),
        Lexeme::Minus => Some(Operator::Minus),
        Lexeme::Times => Some(Operator::Times),
        Lexeme::Over => Some(Operator::Over),
        _ => None,
    }
}

fn spelt(lexemes: &[Lexeme]) -> String {
    let mut text = String::new();
    let mut glue = true;
    for (at, lexeme) in lexemes.iter().enumerate() {
        let operand_before = at > 0
            && matches!(
                lexemes[at - 1],
                Lexeme::Number(..) | Lexeme::Close | Lexeme::Percent
            );
        let piece = match lexeme {
            Lexeme::Number(_, digits) => digits,
            Lexeme::Plus => "+",
            Lexeme::Minus => "-",
            Lexeme::Times => "*",
            Lexeme::Over => "/",
            Lexeme::Open => "(",
            Lexeme::Close => ")",
            Lexeme::Percent => "%",
            _ => "of",
        };
        if !glue && *lexeme != Lexeme::Close {
            text.push(' ');
        }
        text.push_str(piece);
        glue = *lexeme == Lexeme::Open || (*lexeme == Lexeme::Minus && !operand_before);
    }
    text
}

/// A value, and whether it is a percentage that still waits for its `of`.
#[derive(Clone, Copy)]
struct Part {
    number: Rational,
    percent: bool,
}

struct Parser<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
}

impl Parser<'_> {
    fn next_if(&mut self, wanted: &Lexeme) -> bool {
        let found = self.lexemes.get(self.at) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self, depth: usize) -> Result<Part, CalculatorError> {
        let mut left = self.product(depth)?;
        loop {
            let minus = match self.lexemes.get(self.at) {
                Some(Lexeme::Plus) => false,
                Some(Lexeme::Minus) => true,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product(depth)?;
            if left.percent || right.percent {
                return Err(CalculatorError::PercentOfWhat);
            }
            let right = if minus {
                right.number.negated()
            } else {
                right.number
            };
            left.number = left
                .number
                .checked_add(right)
                .ok_or(CalculatorError::TooLarge)?;
        }
    }

    fn product(&mut self, depth: usize) -> Result<Part, CalculatorError> {
        let mut left = self.signed(depth)?;
        loop {
            let over = match self.lexemes.get(self.at) {
                Some(Lexeme::Times) => false,
                Some(Lexeme::Over) => true,
                Some(Lexeme::Word(word)) if word == "of" && left.percent => false,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.signed(depth)?;
            if over && right.number.is_zero() {
                return Err(CalculatorError::DivisionByZero);
            }
            let number = if over {
                left.number.checked_div(right.number)
            } else {
                left.number.checked_mul(right.number)
            };
            left = Part {
                number: number.ok_or(CalculatorError::TooLarge)?,
                percent: false,
            };
        }
    }

    fn signed(&mut self, depth: usize) -> Result<Part, CalculatorError> {
        if depth > EXPRESSION_DEPTH_MAX {
            return Err(CalculatorError::TooComplex);
        }
        if self.next_if(&Lexeme::Minus) {
            let part = self.signed(depth + 1)?;
            return Ok(Part {
                number: part.number.negated(),
                percent: part.percent,
            });
        }
        let number = match self.lexemes.get(self.at) {
            Some(Lexeme::Number(value, _)) => {
                self.at += 1;
                *value
            }
            Some(Lexeme::Open) => {
                self.at += 1;
                let inner = self.sum(depth + 1)?;
                if !self.next_if(&Lexeme::Close) {
                    return Err(CalculatorError::Syntax);
                }
                inner.number
            }
            _ => return Err(CalculatorError::Syntax),
        };
        if !self.next_if(&Lexeme::Percent) {
            return Ok(Part {
                number,
                percent: false,
            });
        }
        let number = number
            .checked_div(Rational::whole(100))
            .ok_or(CalculatorError::TooLarge)?;
        Ok(Part {
            number,
            percent: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(expression: &str, expected: &str) {
        let line = match evaluate(expression) {
            Ok(calculation) => calculation.line(),
            Err(error) => error.to_string(),
        };
        assert_eq!(line, expected, "{expression}");
    }

    #[test]
    fn expressions_have_the_usual_meaning() {
        check("17+25", "17 + 25 = 42.");
        check("1,234 times 5678", "1234 * 5678 = 7006652.");
        check("12*(3+4)", "12 * (3 + 4) = 84.");
        check("2 + 3 * 4 - 6 / 2", "2 + 3 * 4 - 6 / 2 = 11.");
        check("0.1 + 0.2", "0.1 + 0.2 = 0.3.");
        check("-5 - -3", "-5 - -3 = -2.");
        check("-(2 - 5) * 2", "-(2 - 5) * 2 = 6.");
        check("10 / 3", "10 / 3 ≈ 3.333333333.");
        check("8 - 2 - 3", "8 - 2 - 3 = 3.");
    }

    #[test]
    fn a_percentage_is_of_something() {
        check("15 % of 80", "15 % of 80 = 12.");
        check("15% of (80 + 20)", "15 % of (80 + 20) = 15.");
        check("200 * 5%", "200 * 5 % = 10.");
        check(
            "80 + 10%",
            "it adds or subtracts a percentage without saying of what",
        );
        check("17 % 5", "it is not an arithmetic expression");
        check("3 of 4", "it is not an arithmetic expression");
    }

    #[test]
    fn what_has_no_value_is_refused() {
        check("", "it is not an arithmetic expression");
        check("(3 + 4", "it is not an arithmetic expression");
        check("3 +", "it is not an arithmetic expression");
        check("5 / (3 - 3)", "it divides by zero");
        check(
            &format!("{0} * {0}", "9".repeat(25)),
            "a number in it is too large to calculate exactly",
        );
        check(&"(".repeat(100), "it is too long or too deeply nested");
        check(&"1+".repeat(1000), "it is too long or too deeply nested");
    }

    /// An expression and its value in `i128`, built together.
    fn expression() -> impl Strategy<Value = (String, i128)> {
        let leaf = (0i128..1000).prop_map(|n| (n.to_string(), n));
        leaf.prop_recursive(4, 16, 2, |inner| {
            (inner.clone(), inner, 0..3).prop_map(|((a, x), (b, y), op)| match op {
                0 => (format!("({a} + {b})"), x + y),
                1 => (format!("({a} - {b})"), x - y),
                _ => (format!("({a} * {b})"), x * y),
            })
        })
    }

    proptest! {
        #[test]
        fn nested_expressions_agree_with_i128((text, value) in expression()) {
            match evaluate(&text) {
                Ok(calculation) => prop_assert_eq!(calculation.value.to_whole(), Some(value)),
                Err(error) => prop_assert_eq!(error, CalculatorError::TooLarge),
            }
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in "[-+*/()%. 0-9,a-z=^!:\\[\\]]{0,60}") {
            let _ = evaluate(&text);
        }
    }
}

//! Exact arithmetic, and finding the sum in a question.
//!
//! Numbers are fractions of whole numbers: `0.1 + 0.2` is `0.3`. A result whose decimals do not
//! end is rounded to ten significant digits and marked `≈`. A result too large for exact
//! arithmetic is refused, never wrong.
//!
//! Absent: floats, variables, powers, functions, equations. A question with any of them is left
//! to the models.

mod lexer;
mod parser;
mod phrase;
mod rational;

pub use parser::{Calculation, CalculatorError, Operator, Plain, evaluate};
pub use phrase::{Found, find};
pub use rational::Rational;

pub(crate) use lexer::numbers_in;

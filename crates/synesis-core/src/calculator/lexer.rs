//! Cuts a question into numbers, signs and words.

use super::rational::Rational;
use crate::limits::NUMBER_DIGITS_MAX;

/// One piece of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    /// A number and how it is written, separators taken out.
    Number(Rational, String),
    /// `+ - * /`, as signs or as words.
    Plus,
    Minus,
    Times,
    Over,
    Open,
    Close,
    Percent,
    /// `of` and other words, in lower case.
    Word(String),
    Equals,
    /// A comma, a full stop, a currency sign: ends an expression, means nothing.
    Pause,
    /// Something a sum cannot hold: a power, a date, a number too long.
    Foreign,
}

/// Pieces of `text`; the order is kept, white space is not.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    let chars: Vec<char> = text.chars().map(plain).collect();
    let mut lexemes = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (lexeme, next) = one(&chars, at, lexemes.last());
        lexemes.extend(lexeme);
        at = next.max(at + 1);
    }
    lexemes
}

/// One spelling of each sign.
fn plain(c: char) -> char {
    match c {
        '−' | '–' => '-',
        '×' | '·' | '⋅' => '*',
        '÷' => '/',
        '’' => '\'',
        _ => c,
    }
}

fn one(chars: &[char], at: usize, before: Option<&Lexeme>) -> (Option<Lexeme>, usize) {
    let next = chars.get(at + 1).copied().unwrap_or(' ');
    let after_operand = matches!(
        before,
        Some(Lexeme::Number(..) | Lexeme::Close | Lexeme::Percent)
    );
    match chars[at] {
        '[' => placeholder(chars, at),
        c if c.is_ascii_digit() => number(chars, at),
        '.' if next.is_ascii_digit() && !after_operand => number(chars, at),
        'x' | 'X' if after_operand && next.is_ascii_digit() => (Some(Lexeme::Times), at + 1),
        c if c.is_alphabetic() => word(chars, at),
        // Without a left operand a sign is a dash, unless it stands before its number.
        '-' if !(after_operand || next.is_ascii_digit() || "(.".contains(next)) => {
            (Some(Lexeme::Pause), at + 1)
        }
        '+' | '*' | '/' if !after_operand => (Some(Lexeme::Pause), at + 1),
        '*' if next == '*' => (Some(Lexeme::Foreign), at + 2),
        '+' => (Some(Lexeme::Plus), at + 1),
        '-' => (Some(Lexeme::Minus), at + 1),
        '*' => (Some(Lexeme::Times), at + 1),
        '/' => (Some(Lexeme::Over), at + 1),
        '(' => (Some(Lexeme::Open), at + 1),
        ')' => (Some(Lexeme::Close), at + 1),
        '%' => (Some(Lexeme::Percent), at + 1),
        '=' => (Some(Lexeme::Equals), at + 1),
        '^' | '√' | '!' if after_operand && !rest_is_blank(chars, at + 1) => {
            (Some(Lexeme::Foreign), at + 1)
        }
        ':' if after_operand && next.is_ascii_digit() => (Some(Lexeme::Foreign), at + 1),
        '^' | '√' => (Some(Lexeme::Foreign), at + 1),
        c if c.is_whitespace() || c == '\'' || c == '$' || c == '€' || c == '£' => {
            (None, at + 1)
        }
        _ => (Some(Lexeme::Pause), at + 1),
    }
}

fn rest_is_blank(chars: &[char], at: usize) -> bool {
    chars[at..]
        .iter()
        .all(|c| !c.is_alphanumeric() && !"+-*/(".contains(*c))
}

/// `[EMAIL_7Q4K]` is a word, whatever digits it holds.
fn placeholder(chars: &[char], at: usize) -> (Option<Lexeme>, usize) {
    let end = chars[at..]
        .iter()
        .take(64)
        .position(|c| *c == ']')
        .map(|n| at + n + 1);
    match end {
        Some(end) if chars[at + 1].is_alphabetic() => (Some(Lexeme::Word("[]".to_owned())), end),
        _ => (Some(Lexeme::Pause), at + 1),
    }
}

fn word(chars: &[char], at: usize) -> (Option<Lexeme>, usize) {
    let inner = |c: char| c.is_alphanumeric() || "_@'".contains(c);
    let joins = |i: usize| {
        "-./:".contains(chars[i]) && chars.get(i + 1).is_some_and(|c| c.is_alphanumeric())
    };
    let mut end = at + 1;
    while end < chars.len() && (inner(chars[end]) || joins(end)) {
        end += 1;
    }
    let text: String = chars[at..end].iter().collect::<String>().to_lowercase();
    let lexeme = match text.as_str() {
        "plus" => Lexeme::Plus,
        "minus" => Lexeme::Minus,
        "times" | "x" => Lexeme::Times,
        "percent" => Lexeme::Percent,
        _ => Lexeme::Word(text.trim_end_matches('\'').to_owned()),
    };
    (Some(lexeme), end)
}

fn number(chars: &[char], at: usize) -> (Option<Lexeme>, usize) {
    let mut end = at;
    while end < chars.len() {
        let next_is_digit = chars.get(end + 1).is_some_and(char::is_ascii_digit);
        let here = chars[end];
        if here.is_ascii_digit()
            || (here == '.' && next_is_digit)
            || (here == ',' && thousands(chars, end))
        {
            end += 1;
        } else {
            break;
        }
    }
    // `3x4` is a product, `3x` and `3rd` are words.
    let glued = chars.get(end).copied().unwrap_or(' ');
    let product =
        matches!(glued, 'x' | 'X') && chars.get(end + 1).is_some_and(char::is_ascii_digit);
    if (glued.is_alphabetic() && !product) || "_@".contains(glued) {
        return word(chars, at);
    }
    let text: String = chars[at..end].iter().filter(|c| **c != ',').collect();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    let value = if digits > NUMBER_DIGITS_MAX || padded {
        None
    } else {
        Rational::from_decimal(&text)
    };
    let lexeme = match value {
        Some(value) if text.starts_with('.') => Lexeme::Number(value, format!("0{text}")),
        Some(value) => Lexeme::Number(value, text),
        None => Lexeme::Foreign,
    };
    (Some(lexeme), end)
}

/// Whether the comma at `at` stands between a digit and exactly three digits.
fn thousands(chars: &[char], at: usize) -> bool {
    let digits = chars[at + 1..]
        .iter()
        .take(4)
        .take_while(|c| c.is_ascii_digit())
        .count();
    digits == 3
}

/// The numbers in an answer, with their signs.
pub(crate) fn numbers_in(text: &str) -> Vec<Rational> {
    let lexemes = lexemes(text);
    let mut numbers = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        let Lexeme::Number(value, _) = lexeme else {
            continue;
        };
        let before = at.checked_sub(1).and_then(|i| lexemes.get(i));
        let left = at.checked_sub(2).and_then(|i| lexemes.get(i));
        let operand = matches!(
            left,
            Some(Lexeme::Number(..) | Lexeme::Close | Lexeme::Percent)
        );
        let negative = before == Some(&Lexeme::Minus) && !operand;
        numbers.push(if negative { value.negated() } else { *value });
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = lexemes(text)
            .into_iter()
            .map(|l| match l {
                Lexeme::Number(_, text) => text,
                Lexeme::Word(word) => word,
                other => format!("<{other:?}>"),
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn numbers_are_told_from_words_with_digits() {
        check("3x4", "3 <Times> 4");
        check("3x + 4", "3x <Pause> 4");
        check("1,234.50 and 3,4", "1234.50 and 3 <Pause> 4");
        check(
            "the 3rd of [EMAIL_7Q4K], bob12@example.com",
            "the 3rd of [] <Pause> bob12@example.com",
        );
        check(
            "2024-05-01 10:30 1.2.3",
            "2024 <Minus> <Foreign> <Minus> <Foreign> 10 <Foreign> 30 <Foreign>",
        );
        check("17−25 × .5", "17 <Minus> 25 <Times> 0.5");
    }

    #[test]
    fn a_minus_sign_is_told_from_a_dash() {
        let numbers = |text: &str| {
            numbers_in(text)
                .iter()
                .map(Rational::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(numbers("5 - 7 = -2."), "5 7 -2");
        assert_eq!(numbers("the result is minus 2"), "-2");
        assert_eq!(numbers("- 42"), "42");
        assert_eq!(numbers("5-7 is -2"), "5 7 -2");
        assert_eq!(numbers("It costs $1,200.50!"), "1200.5");
    }
}

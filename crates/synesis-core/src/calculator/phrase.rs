//! The sum in a question.

use super::lexer::{Lexeme, lexemes};
use super::parser::{Calculation, calculation};

/// A sum that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// It and its value.
    pub calculation: Calculation,
    /// Whether the question holds nothing besides ("What is …?" is nothing).
    pub whole: bool,
}

/// The one calculation a question asks for. Two of them, an equation, a date or a number that
/// does not belong to it: none.
pub fn find(question: &str) -> Option<Found> {
    let mut lexemes = joined(lexemes(question));
    if lexemes.contains(&Lexeme::Foreign) || is_claim(&lexemes) {
        return None;
    }
    lexemes.retain(|lexeme| *lexeme != Lexeme::Equals);
    infix(&lexemes).or_else(|| spoken(&lexemes))
}

/// "multiplied by" and "divided by" are signs.
fn joined(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let mut joined: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    for lexeme in lexemes {
        let sign = match (joined.last(), &lexeme) {
            (Some(Lexeme::Word(first)), Lexeme::Word(second)) if second == "by" => {
                match first.as_str() {
                    "multiplied" => Some(Lexeme::Times),
                    "divided" => Some(Lexeme::Over),
                    _ => None,
                }
            }
            _ => None,
        };
        match sign {
            Some(sign) => {
                joined.pop();
                joined.push(sign);
            }
            None => joined.push(lexeme),
        }
    }
    bracketed(joined)
}

/// Brackets around words hold a remark, not a part of the sum.
fn bracketed(mut lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    for at in 0..lexemes.len() {
        let is_word = |i: usize| matches!(lexemes.get(i), Some(Lexeme::Word(_)));
        let remark = match lexemes[at] {
            Lexeme::Open => is_word(at + 1),
            Lexeme::Close => at > 0 && is_word(at - 1),
            _ => false,
        };
        if remark {
            lexemes[at] = Lexeme::Pause;
        }
    }
    lexemes
}

/// `2 + 2 = 5` claims something, `3 + 4 =` asks.
fn is_claim(lexemes: &[Lexeme]) -> bool {
    let mut after = lexemes
        .iter()
        .skip_while(|lexeme| **lexeme != Lexeme::Equals)
        .skip(1);
    after.any(|lexeme| matches!(lexeme, Lexeme::Number(..)))
}

fn belongs(lexeme: &Lexeme) -> bool {
    !matches!(lexeme, Lexeme::Word(word) if word != "of")
        && !matches!(lexeme, Lexeme::Pause | Lexeme::Foreign | Lexeme::Equals)
}

/// Signs between numbers: the only run of them that has numbers.
fn infix(lexemes: &[Lexeme]) -> Option<Found> {
    let mut runs = lexemes.split(|lexeme| !belongs(lexeme)).filter(|run| {
        run.iter()
            .any(|lexeme| matches!(lexeme, Lexeme::Number(..)))
    });
    let (Some(run), None) = (runs.next(), runs.next()) else {
        return None;
    };
    let is_of = |lexeme: &&Lexeme| matches!(lexeme, Lexeme::Word(_));
    let run = &run[run.iter().take_while(is_of).count()..];
    let run = &run[..run.len() - run.iter().rev().take_while(is_of).count()];
    let numbers = run
        .iter()
        .filter(|lexeme| matches!(lexeme, Lexeme::Number(..)))
        .count();
    if numbers < 2 {
        return None;
    }
    let calculation = calculation(run).ok()?;
    let whole = lexemes.iter().all(|lexeme| !is_content(lexeme));
    Some(Found { calculation, whole })
}

/// How people say it: `#` is a number; the flag says that the second number comes first.
const SPOKEN: &[(&str, Lexeme, bool)] = &[
    ("add # and #", Lexeme::Plus, false),
    ("add # to #", Lexeme::Plus, true),
    ("add up # and #", Lexeme::Plus, false),
    ("add together # and #", Lexeme::Plus, false),
    ("put # to #", Lexeme::Plus, true),
    ("sum # and #", Lexeme::Plus, false),
    ("sum of # and #", Lexeme::Plus, false),
    ("total of # and #", Lexeme::Plus, false),
    ("# added to #", Lexeme::Plus, false),
    ("# and # together", Lexeme::Plus, false),
    ("# and # in all", Lexeme::Plus, false),
    ("# and # added", Lexeme::Plus, false),
    ("# more than #", Lexeme::Plus, true),
    ("subtract # from #", Lexeme::Minus, true),
    ("take # from #", Lexeme::Minus, true),
    ("take away # from #", Lexeme::Minus, true),
    ("take # away from #", Lexeme::Minus, true),
    ("# take away #", Lexeme::Minus, false),
    ("difference of # and #", Lexeme::Minus, false),
    ("difference between # and #", Lexeme::Minus, false),
    ("# less than #", Lexeme::Minus, true),
    ("# less #", Lexeme::Minus, false),
    ("multiply # by #", Lexeme::Times, false),
    ("multiply # with #", Lexeme::Times, false),
    ("multiply # and #", Lexeme::Times, false),
    ("product of # and #", Lexeme::Times, false),
    ("divide # by #", Lexeme::Over, false),
    ("# over #", Lexeme::Over, false),
    ("# and #", Lexeme::Plus, false),
];

/// Two numbers in one of the spoken forms.
fn spoken(lexemes: &[Lexeme]) -> Option<Found> {
    let mut numbers = Vec::new();
    let mut words = Vec::new();
    for lexeme in lexemes {
        match lexeme {
            Lexeme::Number(..) => {
                numbers.push(lexeme.clone());
                words.push("#");
            }
            Lexeme::Word(word) => words.push(word),
            Lexeme::Pause => {}
            _ => return None,
        }
    }
    let [first, second] = <[Lexeme; 2]>::try_from(numbers).ok()?;
    let text = format!(" {} ", words.join(" "));
    let (form, sign, swapped) = SPOKEN
        .iter()
        .find(|(form, ..)| text.contains(&format!(" {form} ")))?;
    let compares = matches!(
        words.first(),
        Some(&("is" | "are" | "was" | "which" | "between"))
    );
    if form.starts_with('#') && compares {
        return None;
    }
    let whole = words
        .iter()
        .all(|word| *word == "#" || form.split(' ').any(|f| f == *word) || is_filler(word));
    // "3 and 4" alone is a sum only when the rest says so.
    if *form == "# and #" && (!whole || words.len() < 4) {
        return None;
    }
    let run = if *swapped {
        [second, sign.clone(), first]
    } else {
        [first, sign.clone(), second]
    };
    Some(Found {
        calculation: calculation(&run).ok()?,
        whole,
    })
}

fn is_content(lexeme: &Lexeme) -> bool {
    matches!(lexeme, Lexeme::Word(word) if !is_filler(word))
}

/// Words that ask for a result and say nothing else.
fn is_filler(word: &str) -> bool {
    const FILLER: &str = " a adds again am an and answer any are at be calculate can can't come comes \
        compute could determine do does equal equals evaluate exactly find for from get give gives have hello hey hi \
        how i i'm idea if in into is it it's just know let let's like makes make many me much must my \
        need now numbers of ok okay on out please quick quickly result results right say short should show so solution solve \
        stuck sum take tell thank thanks that the then there this to total up us value want we what what's whats when \
        will with wonder work would yield you your ";
    FILLER.contains(&format!(" {word} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(question: &str, expected: &str) {
        let found = match find(question) {
            Some(Found {
                calculation,
                whole: true,
            }) => calculation.line(),
            Some(Found {
                calculation,
                whole: false,
            }) => format!("in it: {}", calculation.line()),
            None => "none".to_owned(),
        };
        assert_eq!(found, expected, "{question}");
    }

    #[test]
    fn the_sum_is_found_in_a_question() {
        check("What is 17 + 25?", "17 + 25 = 42.");
        check("add 3 and 4", "3 + 4 = 7.");
        check("12*(3+4)", "12 * (3 + 4) = 84.");
        check("how much is 1,234 times 5678", "1234 * 5678 = 7006652.");
        check("What's 15% of 80?", "15 % of 80 = 12.");
        check("Subtract 5 from 12.", "12 - 5 = 7.");
        check("the product of 6 and 7", "6 * 7 = 42.");
        check("Divide 10 by 3", "10 / 3 ≈ 3.333333333.");
        check("7 multiplied by 8 is what", "7 * 8 = 56.");
        check("3 x 4 = ?", "3 * 4 = 12.");
        check("Could you tell me what 12 added to 3 is?", "12 + 3 = 15.");
        check("How much is 3 and 4", "3 + 4 = 7.");
        check("What is -5 + 3?", "-5 + 3 = -2.");
        check("What is 5 less than 7?", "7 - 5 = 2.");
        check("The result of 6 over 3 is", "6 / 3 = 2.");
        check("If I have 6 and 9, what is it?", "6 + 9 = 15.");
        check("8 times 8 (short answer)", "8 * 8 = 64.");
    }

    #[test]
    fn a_sum_inside_other_words_is_not_the_whole_question() {
        check("Write to [EMAIL_7Q4K]: what is 3 + 4?", "in it: 3 + 4 = 7.");
        check(
            "Reply to bob12@example.com - what is 3 + 4?",
            "in it: 3 + 4 = 7.",
        );
        check("Write a poem about 2 + 2", "in it: 2 + 2 = 4.");
    }

    #[test]
    fn what_is_not_one_plain_sum_is_left_alone() {
        check("What is the capital of France?", "none");
        check("Is 2 + 2 = 5?", "none");
        check("Solve 3x + 4 = 7", "none");
        check("What is 3+4 and 5+6?", "none");
        check("What happened on 2024-05-01?", "none");
        check("2^10", "none");
        check("What is 5! + 2", "none");
        check("Is 5 less than 7?", "none");
        check("I have 3 apples and 4 pears", "none");
        check("3 and 4", "none");
        check("How many inches are in 5 feet?", "none");
        check("What is 5 / 0?", "none");
        check("Between 10 and 20", "none");
    }
}

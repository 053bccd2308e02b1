//! A common first name before a surname, or any capitalised word before a common surname, with nothing else to
//! announce it.

use super::name::{Name, PARTICLES};
use super::{FIRST, NOT, is_surname};
use crate::detect::View;
use crate::kind::EntityKind::Person;

/// Words after the name of a person that make it the name of a thing.
#[rustfmt::skip]
const NAMED_AFTER: &[&str] = &[
    "Street", "Road", "Avenue", "University", "School", "Hospital", "Airport", "Inc", "Foundation", "Institute", "Park", "Square", "Prize",
    "Award", "Theorem", "Museum", "Library", "Station", "Bridge", "Hall", "House", "College", "Centre", "Center", "Tower", "Team", "Group",
    "GmbH", "Ltd", "LLC", "Corp", "Bank", "Hotel", "Project", "Edition", "Algorithm", "Act", "Law", "Lane", "Drive",
];

/// First names that are places or things as often: they need a common surname behind them.
#[rustfmt::skip]
const DOUBTFUL: &[&str] = &[
    "Carolina", "Sydney", "Victoria", "Florence", "Georgia", "Virginia", "Mercedes", "Jordan", "Madison", "Charlotte", "Adelaide",
    "Santiago", "Lorenzo", "Salvador", "Francisco", "Israel", "Houston", "Orlando", "Morgan", "Chandler", "Stanley", "Alexa", "Ariana",
    "Max", "Lee", "Don", "Guy", "Jack", "Diego", "José", "Siena", "Julia", "Robin", "Jasper", "Jasmine", "Jenkins", "Jade", "Ella",
    "Louis", "Louise", "Helena", "Regina", "Augusta", "Martin", "Roman", "Camino", "Paulo", "Lucia",
];

/// A word with a capital: a common first name before a surname. Answers where to go on.
pub(in crate::detect) fn capital(view: &mut View<'_>, at: usize) -> usize {
    if view
        .before(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
    {
        return at + 1;
    }
    if !view.text.is_char_boundary(at) {
        return at + 1;
    }
    let length = view.bytes[at..]
        .iter()
        .take(48)
        .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80 || **byte == b'-')
        .count();
    let past = at + length;
    if length >= 2 && view.at(past) == Some(b':') {
        speaker(view, at, past);
        return past;
    }
    if length < 2 || !surname_follows(view, past) {
        // A run of capitals and digits is read at its first digit.
        return if view.at(past).is_some_and(|byte| byte.is_ascii_digit()) {
            past
        } else {
            past.max(at + 1)
        };
    }
    if !view.text.is_char_boundary(past) {
        return past;
    }
    let first = &view.text[at..past];
    let given = FIRST.contains(first);
    if !given && (NOT.contains(first) || !surname_next(view, past)) {
        return past;
    }
    if let Some(name) = Name::read(view, at, 4)
        && name.words >= 2
        && (name.last_known || given && !DOUBTFUL.contains(&first))
    {
        let last = view.text[at..name.end].rsplit(' ').next().unwrap_or("");
        if last.chars().count() >= 2 && !is_named_after(&view.text[name.end..]) {
            let confidence = if given { 72 } else { 66 };
            view.add(at, name.end, Person, "first name and surname", confidence);
            return name.end;
        }
    }
    past
}

/// The first name of who speaks in a chat: `Jane: …` at the start of a line or after the time.
fn speaker(view: &mut View<'_>, at: usize, past: usize) {
    let before = &view.bytes[view.line_start(at)..at];
    let timed =
        before.ends_with(b"] ") && before.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3;
    let alone = before.is_empty() || before.ends_with(b"] ") || before.ends_with(b"> ");
    let said = view.at(past + 1) == Some(b' ');
    if !(alone && said && view.text.is_char_boundary(past)) {
        return;
    }
    let word = &view.text[at..past];
    let plain = (3..=12).contains(&word.chars().count())
        && word.chars().skip(1).all(char::is_lowercase)
        && !word.ends_with("ing")
        && !word.ends_with("ed")
        && !NOT.contains(word);
    if FIRST.contains(word) && !DOUBTFUL.contains(&word) || timed && plain {
        view.add(at, past, Person, "who speaks", 70);
    }
}

/// Whether a blank and a capital follow a word, small words such as `van der` between them.
fn surname_follows(view: &View<'_>, past: usize) -> bool {
    if view.at(past) != Some(b' ') {
        return false;
    }
    let capital = |at: usize| {
        view.at(at)
            .is_some_and(|byte| byte.is_ascii_uppercase() || matches!(byte, 0xc3..=0xc5 | 0xd0))
    };
    if capital(past + 1) {
        return true;
    }
    let mut at = past + 1;
    for _ in 0..2 {
        let length = view.bytes[at..]
            .iter()
            .take(6)
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        let particle = (2..=5).contains(&length)
            && view.at(at + length) == Some(b' ')
            && view
                .text
                .get(at..at + length)
                .is_some_and(|word| PARTICLES.contains(&word));
        if !particle {
            return false;
        }
        at += length + 1;
        if capital(at) {
            return true;
        }
    }
    false
}

/// Whether the word after a blank is a common surname.
fn surname_next(view: &View<'_>, past: usize) -> bool {
    let rest = &view.text[past + 1..];
    let length = rest
        .bytes()
        .take(48)
        .take_while(|byte| {
            byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'-' | b'\'')
        })
        .count();
    rest.get(..length).is_some_and(is_surname)
}

/// Whether what follows a name makes it the name of a street, a school and the like.
fn is_named_after(rest: &str) -> bool {
    rest.strip_prefix(' ')
        .is_some_and(|rest| NAMED_AFTER.iter().any(|word| rest.starts_with(word)))
}

/// Whether a thing follows a name: `Backend Team`.
pub(super) fn thing_follows(rest: &str) -> bool {
    let next = rest.strip_prefix(' ').unwrap_or_default();
    let word = next
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("");
    word.starts_with(char::is_uppercase) && NOT.contains(word)
}

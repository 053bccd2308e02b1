//! A common first name before a surname, with nothing else to announce it.

use super::brand::is_brand;
use super::name::Name;
use super::{FIRST, NOT, PARTICLES};
use crate::detect::View;
use crate::kind::EntityKind::Person;

/// Words after the name of a person that make it the name of a thing.
#[rustfmt::skip]
const NAMED_AFTER: &[&str] = &[
    "Street", "Road", "Avenue", "University", "School", "Hospital", "Airport", "Inc", "Foundation", "Institute", "Park", "Square", "Prize",
    "Award", "Theorem", "Museum", "Library", "Station", "Bridge", "Hall", "Opera", "Falls", "Harbour", "Harbor", "Beach", "House",
    "Method", "Effect", "Dataset",
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
        .take(40)
        .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80 || **byte == b'-')
        .count();
    let past = at + length;
    if length < 2 || !surname_follows(view, past) {
        // A run of capitals and digits is read at its first digit.
        return if view.at(past).is_some_and(|byte| byte.is_ascii_digit()) {
            past
        } else {
            past.max(at + 1)
        };
    }
    let is_first = |word: &str| {
        FIRST.contains(word)
            || word
                .split_once('-')
                .is_some_and(|(head, _)| FIRST.contains(head))
    };
    if !view.text.is_char_boundary(past) || !is_first(&view.text[at..past]) {
        return speaker(view, at).unwrap_or(past);
    }
    if let Some(name) = Name::read(view, at, 4)
        && name.words >= 2
    {
        let last = view.text[at..name.end].rsplit(' ').next().unwrap_or("");
        // `Charlotte NC` is a place.
        let is_state = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_uppercase());
        if last.chars().count() >= 2
            && !is_state
            && !is_named_after(&view.text[name.end..])
            && !is_brand(&view.text[at..name.end])
        {
            view.add(at, name.end, Person, "first name and surname", 72);
            return name.end;
        }
    }
    past
}

/// Who speaks in a chat: `<Jane Doe> hello`, `[12:30] Jane Doe: hello`, at the start of a line. Answers where the name
/// ends.
fn speaker(view: &mut View<'_>, at: usize) -> Option<usize> {
    let may_speak = match view.before(at)? {
        b'<' => true,
        b' ' => at >= 2 && view.bytes[at - 2] == b']',
        _ => false,
    };
    if !may_speak {
        return None;
    }
    let line = view.line_start(at);
    let before = &view.bytes[line..at];
    let close = match before {
        b"<" => b"> ".as_slice(),
        [b'[', time @ .., b']', b' '] => {
            let clock = |byte: &u8| byte.is_ascii_digit() || b": -/".contains(byte);
            if !time.iter().all(clock) {
                return None;
            }
            b": "
        }
        _ => return None,
    };
    let name = Name::read(view, at, 4).filter(|name| name.words >= 2)?;
    if !view.bytes[name.end..].starts_with(close) {
        return None;
    }
    view.add(at, name.end, Person, "speaker of a chat", 75);
    Some(name.end)
}

/// Whether a blank and a capital follow a word.
fn surname_follows(view: &View<'_>, past: usize) -> bool {
    let is_capital = |at: usize| {
        view.at(at)
            .is_some_and(|byte| byte.is_ascii_uppercase() || matches!(byte, 0xc3..=0xc5))
    };
    if view.at(past) != Some(b' ') {
        return false;
    }
    // `Björn von Bergen`: one or two small words stand between.
    let mut at = past + 1;
    for _ in 0..2 {
        let small = view.bytes[at..]
            .iter()
            .take(6)
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        let is_particle = view.text.get(at..at + small).is_some_and(|word| {
            PARTICLES.contains(&word) && !matches!(word, "e" | "y" | "do" | "den")
        });
        if !is_particle || view.at(at + small) != Some(b' ') {
            break;
        }
        at += small + 1;
    }
    is_capital(at)
}

/// Whether what follows a name makes it the name of a street, a school and the like.
fn is_named_after(rest: &str) -> bool {
    let next = rest
        .trim_start()
        .split([' ', ',', '.', '\n'])
        .next()
        .unwrap_or("");
    NOT.contains(next)
        && rest
            .strip_prefix(' ')
            .is_some_and(|rest| NAMED_AFTER.iter().any(|word| rest.starts_with(word)))
}

//! What follows a street: flat, town, code and country.

use super::ADDRESS_BYTES_MAX;
use crate::detect::View;

/// Words before the number of a flat.
#[rustfmt::skip]
const FLAT_WORDS: &[&str] = &[
    "Apt ", "Apt. ", "Suite ", "Unit ", "Flat ", "Floor ", "#", "Ste ", "Ste. ", "App. ", "Piso ", "кв. ", "Wohnung ", "m. ", "lok. ",
    "Bldg ",
];

/// Words with a capital that begin something else than a town.
#[rustfmt::skip]
const NOT_TOWNS: &[&str] = &[
    "Please", "Tel", "Phone", "Email", "The", "My", "I", "And", "Call", "We", "It", "He", "She", "Can", "Thanks", "Ich", "Mein", "Meine",
    "Je", "Mi", "Born", "DOB", "Telefon", "Geburtsdatum", "Date", "Name", "Contact", "Is", "This", "That", "You", "Your",
];

/// Goes on over flat, town, code and country, as long as it looks like them.
pub(super) fn town(view: &View<'_>, from: usize) -> usize {
    let mut end = from;
    for _ in 0..6 {
        let mut at = end;
        let mut comma = false;
        for byte in view.bytes[at..].iter().take(4) {
            match byte {
                b',' => comma = true,
                b' ' | b'.' if !(*byte == b'.' && comma) => {}
                b'\n' if comma => {}
                b'-' | b'\\' => {}
                _ => break,
            }
            at += 1;
        }
        if at == end {
            break;
        }
        if view.text[at..].starts_with("n") && view.bytes[end..at].ends_with(b"\\") {
            break;
        }
        let Some(next) = part(view, at) else {
            break;
        };
        if next - from > ADDRESS_BYTES_MAX {
            break;
        }
        end = next;
    }
    end
}

/// The end of the flat, the code or the town that begins at `at`.
fn part(view: &View<'_>, at: usize) -> Option<usize> {
    let bytes = &view.bytes[at..];
    let flat = FLAT_WORDS
        .iter()
        .find(|word| bytes.starts_with(word.as_bytes()));
    if let Some(word) = flat {
        let more = bytes[word.len()..]
            .iter()
            .take(6)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        return (more > 0).then_some(at + word.len() + more);
    }
    floor(&view.text[at..])
        .or_else(|| digit_code(bytes))
        .or_else(|| british_code(bytes))
        .or_else(|| town_name(&view.text[at..]))
        .map(|length| at + length)
}

/// The length of a Spanish or Portuguese floor and door, such as `3º B`.
fn floor(text: &str) -> Option<usize> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let mark = text
        .get(digits..)?
        .chars()
        .next()
        .filter(|c| matches!(c, 'º' | 'ª' | '°'))?;
    let mut length = digits + mark.len_utf8();
    let door = text.get(length..)?.as_bytes();
    if door.len() >= 2
        && door[0] == b' '
        && door[1].is_ascii_alphabetic()
        && !door.get(2).is_some_and(u8::is_ascii_alphabetic)
    {
        length += 2;
    }
    (digits > 0).then_some(length)
}

/// The length of a code of digits with at most one blank or dash, or of the Dutch form with letters.
fn digit_code(bytes: &[u8]) -> Option<usize> {
    let code = bytes
        .iter()
        .take(10)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
        .count();
    let digits = bytes[..code]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .count();
    if (4..=9).contains(&digits) {
        let dutch = bytes.get(code) == Some(&b' ')
            && bytes
                .get(code + 1..code + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_uppercase))
            && !bytes.get(code + 3).is_some_and(u8::is_ascii_alphanumeric);
        return Some(code + if dutch { 3 } else { 0 });
    }
    let parted = digits == 3
        && bytes.get(code) == Some(&b' ')
        && bytes
            .get(code + 1..code + 3)
            .is_some_and(|two| two.iter().all(u8::is_ascii_digit));
    parted.then_some(code + 3)
}

/// The length of a British code, such as `LS1 4AP`.
fn british_code(bytes: &[u8]) -> Option<usize> {
    let length = bytes
        .iter()
        .take(8)
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ')
        .count();
    let code = &bytes[..length];
    (length >= 5 && code.iter().any(u8::is_ascii_digit) && code[0].is_ascii_uppercase())
        .then(|| code.trim_ascii_end().len())
}

/// The length of a word that may be a town, or of a state's two letters.
fn town_name(text: &str) -> Option<usize> {
    let length: usize = text
        .chars()
        .take(24)
        .take_while(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
        .map(char::len_utf8)
        .sum();
    let word = &text[..length];
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let state = length == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    (capital && (length >= 3 || state) && !NOT_TOWNS.contains(&word)).then_some(length)
}

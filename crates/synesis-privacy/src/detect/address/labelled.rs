//! Addresses that a key or a sentence announces: `address: …`, `"street": "…"`, `I live at …`.

use super::ADDRESS_BYTES_MAX;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Address;

/// What ends an address in a sentence.
#[rustfmt::skip]
const SENTENCE_STOPS: &[&str] = &[
    " and ", " since ", " but ", " with ", " und ", " et ", " y ", " because ", " by ", " before ", "; ", "\"", " (", "。", "，请", " now",
    " please", "\\n", "?", "!",
];

/// `address: …`, `"street": "…"`.
pub(super) fn after_key(view: &mut View<'_>, hit: Hit) {
    let wide = view.bytes[hit.start] >= 0x80;
    if !wide && !view.is_word(hit.start, hit.end) {
        return;
    }
    let Some(start) = value_start(view, hit.end) else {
        return;
    };
    let value = value_at(view, start);
    if is_address(value) {
        let end = start + value.len();
        view.add(start, end, Address, "address after a key", 84);
    }
}

/// Where the value of a key begins: past the mark or the verb that joins them.
fn value_start(view: &View<'_>, key_end: usize) -> Option<usize> {
    let mut at = key_end;
    let mut joined = false;
    loop {
        let rest = &view.text[at..];
        match rest.chars().next() {
            Some(':' | '=' | '|' | '>' | '：') => joined = true,
            Some(' ' | '"' | '\'' | '*' | '\t' | '`' | '\\' | ')') => {}
            _ => break,
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
        if at - key_end > 12 {
            return None;
        }
    }
    let verb = ["is ", "ist ", "est ", "es ", "è ", "é ", "jest ", "är "]
        .iter()
        .find(|verb| view.text[at..].starts_with(**verb));
    if let Some(verb) = verb {
        at += verb.len();
        joined = true;
    }
    joined.then_some(at)
}

/// The value that begins at `start`: to its closing quote, or to the end of the line or the sentence.
fn value_at<'t>(view: &View<'t>, start: usize) -> &'t str {
    let quote = view
        .before(start)
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let stop = |byte: u8| {
        matches!(byte, b'\n' | b'|' | b'<' | b';' | b'\t' | b'"' | b'{') || quote == Some(byte)
    };
    let length = view.bytes[start..]
        .iter()
        .take(ADDRESS_BYTES_MAX)
        .take_while(|&&byte| !stop(byte))
        .count();
    let mut end = start + length;
    while !view.text.is_char_boundary(end) {
        end -= 1;
    }
    if quote.is_none() {
        end = start + sentence(&view.text[start..end]);
    }
    view.text[start..end].trim_end_matches([' ', '.', ',', '\\', '\r'])
}

/// Whether a value has the words and the number of an address, and is no code.
fn is_address(value: &str) -> bool {
    // A digit inside a word, as in `IPv4`, is no number of a house.
    let digits = value
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) || !word.is_ascii())
        .flat_map(str::bytes)
        .filter(u8::is_ascii_digit)
        .count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let east = value
        .chars()
        .any(|c| matches!(u32::from(c), 0x3040..=0x9fff | 0xac00..=0xd7af));
    let code = value.contains("://")
        || value.contains('@')
        || value.contains('(')
        || value.contains('{')
        || value.contains("::")
        || value.starts_with("0x")
        || value.starts_with('$')
        || value.contains('_');
    let machine = value
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/'));
    !code
        && !machine
        && (digits >= 1 && letters >= 4 && value.contains([' ', ',']) || east && letters >= 4)
}

/// How much of a line is one sentence: a full stop, a blank and a capital end it, unless a short word is before.
fn sentence(line: &str) -> usize {
    let bytes = line.as_bytes();
    for place in memchr::memchr_iter(b'.', bytes) {
        let word = bytes[..place]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let next = bytes.get(place + 1) == Some(&b' ')
            && bytes.get(place + 2).is_some_and(u8::is_ascii_uppercase);
        if next && (word == 0 || word > 4) {
            return place;
        }
    }
    line.len()
}

/// `I live at …`.
pub(super) fn in_sentence(view: &mut View<'_>, hit: Hit) {
    if view
        .before(hit.start)
        .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return;
    }
    let limit = (hit.end + ADDRESS_BYTES_MAX).min(view.line_end(hit.end));
    let limit = (0..=limit)
        .rev()
        .find(|&end| view.text.is_char_boundary(end))
        .unwrap_or(hit.end);
    let line = &view.text[hit.end..limit];
    let mut end = sentence(line);
    for stop in SENTENCE_STOPS {
        if let Some(place) = line[..end].find(stop) {
            end = place;
        }
    }
    let value = line[..end].trim_end_matches([' ', '.', ',']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let capital = value.chars().any(char::is_uppercase) || !value.is_ascii();
    if digits >= 1 && letters >= 4 && capital && !value.contains("://") && !value.contains('@') {
        view.add(
            hit.end,
            hit.end + value.len(),
            Address,
            "address in a sentence",
            80,
        );
    }
}

//! Values written sign by sign: `4-1-1-1-…`, `D E 8 9 …`, and hex in pairs.

use crate::detect::{self, Found};
use crate::encode::hex_text;
use crate::kind::{Class, EntityKind};

/// The fewest signs in a row.
const SIGNS_MIN: usize = 8;
/// The most.
const SIGNS_MAX: usize = 64;
/// How much of the line before the signs tells what they are, in bytes.
const CONTEXT_BYTES: usize = 48;
/// The longest mark between two signs, in bytes.
const MARK_BYTES_MAX: usize = 4;

/// Reads the signs in a row that begin at `at`, each of `width` letters or digits; answers where they end.
pub(super) fn at(text: &str, at: usize, width: usize, found: &mut Vec<Found>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.get(at)?.is_ascii_alphanumeric() {
        return None;
    }
    let mark = mark(text, at + width, width)?;
    let is_sign = |place: usize| {
        bytes
            .get(place..place + width)
            .is_some_and(|sign| sign.iter().all(u8::is_ascii_alphanumeric))
            && !bytes
                .get(place + width)
                .is_some_and(u8::is_ascii_alphanumeric)
    };
    if !text[at + width..].starts_with(mark) || !is_sign(at + width + mark.len()) {
        return None;
    }
    let mut signs = text[at..at + width].to_owned();
    let mut end = at + width;
    while signs.len() < SIGNS_MAX * width
        && text[end..].starts_with(mark)
        && is_sign(end + mark.len())
    {
        let sign = end + mark.len();
        signs.push_str(&text[sign..sign + width]);
        end = sign + width;
    }
    if signs.len() < SIGNS_MIN * width {
        return None;
    }
    let before = text[..at].trim_end_matches(mark);
    let plus = before.ends_with('+') && width == 1;
    let line = text[..at].rfind('\n').map_or(0, |line| line + 1);
    let from = text.floor_char_boundary(line.max(at.saturating_sub(CONTEXT_BYTES)));
    let (kind, start) = if width == 2 {
        (hexed(&signs)?, at)
    } else {
        let head = text[from..at].trim_end_matches(mark);
        let head = head.strip_suffix('+').unwrap_or(head);
        (written(head, plus, &signs)?, at)
    };
    let start = if plus { before.len() - 1 } else { start };
    found.push(Found::new(start, end, kind, "disguised", 85));
    Some(end)
}

/// The mark after the first sign, when another sign follows it.
fn mark(text: &str, from: usize, width: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let first = *bytes.get(from)?;
    if width == 2 {
        return (first == b' ').then_some(" ");
    }
    if !matches!(first, b' ' | b'.' | b'-' | b'_' | b'/' | 0xc2 | 0xe2) {
        return None;
    }
    let length = bytes[from..]
        .iter()
        .take(MARK_BYTES_MAX + 1)
        .take_while(|byte| !byte.is_ascii_alphanumeric())
        .count();
    (length <= MARK_BYTES_MAX)
        .then(|| text.get(from..from + length))
        .flatten()
        .filter(|mark| !mark.contains('\n'))
}

/// What the signs say when they are written together behind what stands before them.
fn written(head: &str, plus: bool, signs: &str) -> Option<EntityKind> {
    let plus = if plus { " +" } else { " " };
    let whole = format!("{head}{plus}{signs}");
    let from = whole.len() - signs.len();
    let mut hits = Vec::new();
    detect::plain(&whole, &mut hits);
    hits.into_iter()
        .find(|hit| hit.end > from && !matches!(hit.kind.class(), Class::Other))
        .map(|hit| hit.kind)
}

/// Pairs of hex digits, when what they stand for is private.
fn hexed(signs: &str) -> Option<EntityKind> {
    let decoded = hex_text(signs.as_bytes())?;
    let mut hits = Vec::new();
    detect::plain(&decoded, &mut hits);
    hits.iter()
        .any(|hit| !matches!(hit.kind.class(), Class::Other))
        .then_some(EntityKind::EncodedSecret)
}

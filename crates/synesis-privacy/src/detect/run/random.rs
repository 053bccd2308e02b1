//! Random-looking strings near a word for secrets.

use super::Match;
use crate::detect::View;
use crate::detect::negative::{entropy, is_random};
use crate::detect::tokens::chars;
use crate::detect::words::Topic;
use crate::kind::EntityKind::HighEntropy;

/// A random-looking string on the line of a word for secrets.
pub(super) fn at(view: &View<'_>, start: usize) -> Option<Match> {
    const CHARS: u16 = chars::UPPER
        | chars::LOWER
        | chars::DIGIT
        | chars::UNDER
        | chars::DASH
        | chars::PLUS
        | chars::EQUAL;
    if view
        .before(start)
        .is_some_and(|byte| chars::of(byte) & CHARS != 0 && byte != b'=')
    {
        return None;
    }
    let length = chars::run(view.bytes, start, CHARS, 200);
    let text = &view.bytes[start..start + length];
    let mixed = text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_digit);
    let announced = || {
        let topic = view.near(start, 32, |topic| topic == Topic::Secret);
        topic.is_some() && !view.bytes[view.line_start(start)..start].is_empty()
    };
    (length >= 20 && mixed && is_random(text) && entropy(text) >= 3.6 && announced()).then_some((
        start + length,
        HighEntropy,
        "random string by a secret word",
        75,
    ))
}

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
    if let Some(found) = prefixed(view, start) {
        return Some(found);
    }
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

/// Prefixes of what is public, though it looks like a token.
#[rustfmt::skip]
const PUBLIC: &[&[u8]] = &[
    b"pk", b"pub", b"public", b"publishable", b"phc", b"img", b"image", b"css", b"chunk", b"bundle", b"build", b"hash", b"sha", b"cus", b"price",
    b"prod", b"sub", b"evt", b"txn", b"req", b"run", b"msg", b"thread", b"asst", b"file", b"chatcmpl", b"call", b"toolu", b"anon",
];

/// Random letters and digits after a word and an underscore, as vendors build their tokens: `abc_live_…`.
fn prefixed(view: &View<'_>, start: usize) -> Option<Match> {
    const PART: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER;
    let length = chars::run(view.bytes, start, PART, 200);
    let text = &view.bytes[start..start + length];
    let joint = text.iter().rposition(|byte| *byte == b'_')?;
    let (head, body) = (&text[..joint], &text[joint + 1..]);
    let named = (2..=32).contains(&head.len())
        && head[0].is_ascii_lowercase()
        && head
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_');
    let first = head.split(|byte| *byte == b'_').next()?;
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    let upper = body.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let lower = body.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let random =
        body.len() >= 30 && digits >= 2 && upper >= 4 && lower >= 4 && entropy(body) >= 4.0;
    (named && random && !PUBLIC.contains(&first)).then_some((
        start + length,
        HighEntropy,
        "random string behind a prefix",
        80,
    ))
}

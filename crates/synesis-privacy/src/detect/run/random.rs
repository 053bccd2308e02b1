//! Random-looking strings near a word for secrets, and behind a prefix as vendors write them.

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
    if let Some(found) = prefixed(view, start) {
        return Some(found);
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

/// First words of prefixes of what is public, though it looks like a token.
#[rustfmt::skip]
const PUBLIC: &[&[u8]] = &[
    b"pk", b"pub", b"public", b"publishable", b"phc", b"img", b"image", b"css", b"chunk", b"bundle", b"build", b"hash", b"sha", b"cus", b"price",
    b"prod", b"sub", b"evt", b"txn", b"req", b"run", b"msg", b"thread", b"asst", b"file", b"chatcmpl", b"call", b"toolu", b"anon", b"resp",
    b"pi", b"ch", b"in", b"acct", b"pm", b"seti", b"cs", b"user", b"org", b"team", b"vs", b"batch", b"ft", b"sess", b"gen", b"commit", b"cache",
];

/// Words of a prefix that say that a secret follows, so that less randomness is asked of it.
#[rustfmt::skip]
const TELLING: &[&[u8]] = &[
    b"sk", b"key", b"apikey", b"token", b"tok", b"secret", b"pat", b"live", b"auth", b"api", b"oauth", b"st", b"rt", b"oat",
];

/// Random letters and digits after a word and an underscore, as vendors build their tokens: `abc_live_…`.
fn prefixed(view: &View<'_>, start: usize) -> Option<Match> {
    const PART: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER;
    if !view.bytes[start].is_ascii_lowercase() {
        return None;
    }
    let length = chars::run(view.bytes, start, PART, 200);
    let text = &view.bytes[start..start + length];
    let joint = text.iter().rposition(|byte| *byte == b'_')?;
    let (head, body) = (&text[..joint], &text[joint + 1..]);
    let named = (2..=32).contains(&head.len())
        && body.len() >= 24
        && head
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_');
    if !named {
        return None;
    }
    let mut words = head.split(|byte| *byte == b'_');
    let public = words
        .clone()
        .next()
        .is_some_and(|word| PUBLIC.contains(&word));
    let telling = words.any(|word| TELLING.contains(&word));
    let count = |test: fn(&u8) -> bool| body.iter().filter(|byte| test(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let upper = count(u8::is_ascii_uppercase);
    let lower = count(u8::is_ascii_lowercase);
    // Words in camel case have fewer capitals than random text.
    let mixed = digits >= 2 && upper >= 3 && lower >= 3 && upper * 5 >= body.len();
    let hex =
        body.len() >= 32 && count(u8::is_ascii_hexdigit) == body.len() && lower >= 4 && digits >= 8;
    let random = match telling {
        true => mixed && entropy(body) >= 3.6 || hex,
        false => mixed && body.len() >= 30 && upper >= 4 && lower >= 4 && entropy(body) >= 4.0,
    };
    (random && !public).then_some((
        start + length,
        HighEntropy,
        "random string behind a prefix",
        80,
    ))
}

//! Runs of letters and digits together: identity numbers with letters, IBANs, wallets, and tokens without a telling
//! prefix.

mod check_letters;
mod iban;
mod identity;
mod random;
mod token_shape;
mod vehicle;
mod wallet;

use super::tokens::chars;
use super::{View, address, net};
use crate::kind::EntityKind::{self, Uuid, VendorToken};
pub(super) use identity::letter_after;

/// A token that begins with digits, which nothing but its shape tells. Answers where it ends.
pub(super) fn after_digits(view: &mut View<'_>, at: usize) -> Option<usize> {
    let (start, (end, kind, detector, confidence)) = token_shape::marked(view, at)?;
    view.add(start, end, kind, detector, confidence);
    Some(end)
}

/// The longest run that is looked at as one thing, in bytes.
const RUN_BYTES_MAX: usize = 200;

/// Reads the run around `at`; answers where to go on.
pub(super) fn at(view: &mut View<'_>, at: usize) -> usize {
    let bytes = view.bytes;
    let floor = at.saturating_sub(RUN_BYTES_MAX);
    let mut start = at;
    while start > floor && is_part(bytes[start - 1]) {
        start -= 1;
    }
    if start > 0 && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b't' | b'r') {
        start += 1;
    }
    let end = at
        + bytes[at..]
            .iter()
            .take_while(|&&byte| is_part(byte))
            .count();
    if let Some(past) = uuid(view, start) {
        return past;
    }
    if end - start > RUN_BYTES_MAX {
        return end;
    }
    if let Some(past) = net::dashed_mac(view, start).or_else(|| net::dotted_mac(view, start)) {
        return past;
    }
    let word_end = start
        + bytes[start..end]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
    if let Some(past) = address::british(view, start, word_end) {
        return past;
    }
    let token = token_shape::prefixed(view, start).or_else(|| token_shape::marked(view, start));
    if let Some((from, (past, kind, detector, confidence))) = token {
        view.add(from, past, kind, detector, confidence);
        return past;
    }
    let found = iban::at(view, start)
        .or_else(|| identity::at(view, start, word_end))
        .or_else(|| wallet::at(view, start, word_end))
        .or_else(|| random::at(view, start));
    if let Some((past, kind, detector, confidence)) = found {
        // The date of a Finnish code stands before its mark.
        let start = match kind {
            EntityKind::FiHetu if past - start == 4 => start - 7,
            _ => start,
        };
        view.add(start, past, kind, detector, confidence);
        return past;
    }
    // `X_12345` may hold a number after its joint.
    if word_end < end && at < word_end {
        word_end
    } else {
        end
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where a value ends, what it is, the rule that found it, and how sure the rule is.
type Match = (usize, EntityKind, &'static str, u8);

/// The end of a UUID that starts here.
fn uuid(view: &mut View<'_>, start: usize) -> Option<usize> {
    let text = view.bytes.get(start..start + 36)?;
    let shaped = text.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    if !shaped
        || view
            .at(start + 36)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let end = start + 36;
    if let Some((from, past)) = key_of_uuid(view, start, end) {
        view.add(from, past, VendorToken, "token shape", 92);
        return Some(past);
    }
    view.add(start, end, Uuid, "UUID", 60);
    Some(end)
}

/// A key whose id is the UUID before it: `UUID:32 hex digits` at fal, `0.UUID.secret:key` at Bitwarden.
fn key_of_uuid(view: &View<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    const BASE64: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::PLUS | chars::EQUAL;
    let run = |at: usize, classes: u16| at + chars::run(view.bytes, at, classes, 64);
    match view.at(end)? {
        b':' => {
            let past = run(end + 1, chars::HEX);
            (past - end == 33).then_some((start, past))
        }
        b'.' if view.bytes[..start].ends_with(b"0.") => {
            let colon = run(end + 1, BASE64);
            let past = run(colon + 1, BASE64);
            let shaped = colon - end == 31 && view.at(colon) == Some(b':') && past - colon == 25;
            shaped.then_some((start - 2, past))
        }
        _ => None,
    }
}

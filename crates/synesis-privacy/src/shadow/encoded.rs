//! Encoded tokens: base64 and hex, decoded to a depth of two. A token with something private inside goes as a whole.

use super::spaced;
use crate::detect::{self, Found};
use crate::encode::{base64_text, hex_text};
use crate::kind::{Class, EntityKind};
use crate::limits::{DECODE_BYTES_MAX, DECODE_DEPTH_MAX};

/// The shortest run that is tried as base64 or hex, in bytes.
const ENCODED_BYTES_MIN: usize = 12;

/// Decodes runs of base64 and hex and adds those with something private inside, whole.
pub(super) fn encoded(text: &str, found: &mut Vec<Found>, depth: usize) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !ALPHABET[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let length = bytes[at..]
            .iter()
            .take_while(|&&byte| ALPHABET[usize::from(byte)])
            .count();
        if let Some(end) = signs(text, at, length, found) {
            at = end;
            continue;
        }
        if (ENCODED_BYTES_MIN..=DECODE_BYTES_MAX).contains(&length) {
            token(text, at, at + length, found, depth);
        }
        at += length;
    }
}

/// A sign or a pair, also behind a joint, with the same mark after it again and again. Answers where they end.
fn signs(text: &str, at: usize, length: usize, found: &mut Vec<Found>) -> Option<usize> {
    let bytes = text.as_bytes();
    let lettered = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_alphanumeric);
    if !lettered(at + 1) {
        return spaced::at(text, at, 1, found);
    }
    if !lettered(at + 2) {
        return spaced::at(text, at, 2, found);
    }
    if length < ENCODED_BYTES_MIN {
        return None;
    }
    let joint = memchr::memchr(b'=', &bytes[at..at + length])?;
    spaced::at(text, at + joint + 1, 1, found)
}

static ALPHABET: [bool; 256] = {
    let mut alphabet = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        alphabet[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(byte as u8, b'+' | b'/' | b'_' | b'-' | b'=');
        byte += 1;
    }
    alphabet
};

fn token(text: &str, start: usize, end: usize, found: &mut Vec<Found>, depth: usize) {
    let bytes = &text.as_bytes()[start..end];
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    let lower = bytes.iter().any(u8::is_ascii_lowercase);
    // `key=6a61…`: hex is told by what is after the joint.
    let joint = bytes.iter().rposition(|byte| *byte == b'=');
    let after = joint.map_or(bytes, |place| &bytes[place + 1..]);
    let prefixed = after.strip_prefix(b"0x");
    let after = prefixed.unwrap_or(after);
    let hex = after.len() >= ENCODED_BYTES_MIN && after.iter().all(u8::is_ascii_hexdigit);
    let start = if hex && prefixed.is_some() {
        end - after.len()
    } else {
        start
    };
    let bytes = &text.as_bytes()[start..end];
    if !(upper && lower || digits && hex) {
        return;
    }
    // `key=dG9r…` and `data/dG9r…`: what is before a joint belongs to it or not.
    let cuts = bytes
        .iter()
        .enumerate()
        .filter(|(place, byte)| {
            matches!(byte, b'=' | b'/' | b'-' | b'_')
                && *place + 1 < bytes.len()
                && bytes[place + 1] != b'='
        })
        .map(|(place, _)| place + 1);
    for cut in std::iter::once(0).chain(cuts.take(4)) {
        let part = &bytes[cut..];
        if part.len() < ENCODED_BYTES_MIN {
            break;
        }
        if hex && part.len() > after.len() {
            continue;
        }
        let decoded = if hex {
            hex_text(part)
        } else {
            base64_text(part)
        };
        if let Some(decoded) = decoded {
            if is_private(&decoded, depth) {
                found.push(Found::new(
                    start + cut,
                    end,
                    EntityKind::EncodedSecret,
                    "encoded value",
                    90,
                ));
            }
            return;
        }
        if hex {
            return;
        }
    }
}

/// Whether a decoded token holds something to hide.
fn is_private(decoded: &str, depth: usize) -> bool {
    let mut hits = Vec::new();
    detect::plain(decoded, &mut hits);
    if depth + 1 < DECODE_DEPTH_MAX {
        super::lines(decoded, &mut hits);
        encoded(decoded, &mut hits, depth + 1);
    }
    let pair = decoded.len() < 120
        && decoded.split_once(':').is_some_and(|(user, password)| {
            (user.len() >= 3 && password.len() >= 4 || user.len() == 2 && password.len() >= 6)
                && !decoded.contains(' ')
                && user
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
                && password.bytes().all(|byte| byte.is_ascii_graphic())
                && !password.contains('/')
        });
    pair || hits
        .iter()
        .any(|hit| !matches!(hit.kind.class(), Class::Other) && hit.kind != EntityKind::Uuid)
}

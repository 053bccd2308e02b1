//! One pass over the bytes for what has a shape: digits, `@`, `:`, and words with a capital.

use super::{View, mail, net, number, person};

const SKIP: u8 = 0;
const DIGIT: u8 = 1;
const AT: u8 = 2;
const COLON: u8 = 3;
const CAPITAL: u8 = 4;

static CLASSES: [u8; 256] = {
    let mut classes = [SKIP; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'@' => AT,
            b':' => COLON,
            b'A'..=b'Z' => CAPITAL,
            _ => SKIP,
        };
        byte += 1;
    }
    // The first byte of accented Latin and of Greek and Cyrillic capitals.
    classes[0xc3] = CAPITAL;
    classes[0xc4] = CAPITAL;
    classes[0xc5] = CAPITAL;
    classes[0xd0] = CAPITAL;
    classes
};

/// Reads from `from` to `to`.
pub(super) fn read(view: &mut View<'_>, from: usize, to: usize) {
    let bytes = view.bytes;
    let mut at = from;
    while at < to {
        at = match CLASSES[usize::from(bytes[at])] {
            DIGIT => number::at(view, at).max(at + 1),
            AT => {
                mail::at(view, at);
                at + 1
            }
            COLON => net::colon(view, at).max(at + 1),
            CAPITAL => person::capital(view, at).max(at + 1),
            _ => {
                let rest = &bytes[at..to];
                at + rest
                    .iter()
                    .position(|&byte| CLASSES[usize::from(byte)] != SKIP)
                    .unwrap_or(rest.len())
            }
        };
    }
}

//! Payment cards: issuer, length, grouping and check digit.

use super::cluster::Slice;
use crate::detect::{View, checks};

/// Luhn, the issuer's range and length, and a grouping that cards have.
pub(super) fn is_card(slice: &Slice) -> bool {
    let digits = slice.digits();
    if !(13..=19).contains(&digits.len()) || !checks::luhn(digits) {
        return false;
    }
    let shape = slice.shape();
    let marks: Vec<u8> = shape
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_digit())
        .collect();
    let grouped = marks.is_empty()
        || marks
            .iter()
            .all(|&mark| mark == marks[0] && matches!(mark, b' ' | b'-' | b'.' | b'/' | b'x'))
            && shape
                .split(|byte| !byte.is_ascii_digit())
                .all(|group| matches!(group, b"3" | b"4" | b"5" | b"6" | b"7"));
    grouped && is_issued(digits)
}

/// Whether an issuer gives numbers that begin so, in this length.
fn is_issued(digits: &[u8]) -> bool {
    let head = |count: usize| checks::number(&digits[..count]);
    let length = digits.len();
    let issued = match digits[0] {
        4 => matches!(length, 13 | 16 | 19),
        5 => (51..=55).contains(&head(2)) && length == 16 || matches!(head(2), 50 | 56..=58),
        2 => {
            (2221..=2720).contains(&head(4)) && length == 16
                || (2200..=2204).contains(&head(4)) && length >= 16
        }
        3 => {
            matches!(head(2), 34 | 37) && length == 15
                || matches!(head(2), 36 | 38 | 39) && (14..=19).contains(&length)
                || (300..=305).contains(&head(3)) && length == 14
                || (3528..=3589).contains(&head(4)) && length >= 16
        }
        6 => {
            matches!(head(4), 6011)
                || matches!(head(2), 60 | 62 | 63 | 64 | 65 | 67 | 68 | 69) && length >= 16
        }
        8 => head(2) == 81 && length >= 16,
        9 => matches!(head(4), 9792) && length == 16,
        _ => false,
    };
    issued && digits.iter().any(|&digit| digit != digits[length - 1])
}

/// A card number with a mark after every digit, `4 1 1 1 …`; answers where it ends.
pub(super) fn single_digits(view: &View<'_>, at: usize) -> Option<usize> {
    let mark = view
        .at(at + 1)
        .filter(|byte| matches!(byte, b' ' | b'-' | b'.'))?;
    if view.before(at) == Some(mark) && at >= 2 && view.bytes[at - 2].is_ascii_digit() {
        return None;
    }
    let mut digits = Vec::with_capacity(20);
    let mut place = at;
    loop {
        let digit = view.at(place).filter(u8::is_ascii_digit)?;
        digits.push(digit - b'0');
        let next = (view.at(place + 1), view.at(place + 2));
        if !matches!(next, (Some(byte), Some(digit)) if byte == mark && digit.is_ascii_digit()) {
            break;
        }
        if digits.len() > 19 {
            return None;
        }
        place += 2;
    }
    let single = !view.at(place + 1).is_some_and(|byte| byte.is_ascii_digit());
    let mut kinds = [false; 10];
    digits
        .iter()
        .for_each(|&digit| kinds[usize::from(digit)] = true);
    let varied = kinds.iter().filter(|seen| **seen).count() >= 5;
    (single
        && varied
        && matches!(digits.len(), 14..=16)
        && checks::luhn(&digits)
        && is_issued(&digits))
    .then_some(place + 1)
}

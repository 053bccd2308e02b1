//! Payment cards: issuer, length, grouping and check digit.

use super::cluster::Slice;
use crate::detect::checks;

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
            .all(|&mark| mark == marks[0] && matches!(mark, b' ' | b'-' | b'.'))
            && shape
                .split(|byte| !byte.is_ascii_digit())
                .all(|group| matches!(group, b"3" | b"4" | b"5" | b"6" | b"7"))
        || marks.len() + 1 == digits.len() && marks.iter().all(|mark| *mark == b' ');
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
    grouped && issued && digits.iter().any(|&digit| digit != digits[length - 1])
}

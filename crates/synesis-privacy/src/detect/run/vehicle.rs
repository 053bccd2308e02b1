//! Vehicle identification numbers.

use crate::detect::View;
use crate::detect::words::Topic;

/// The check digit at the ninth place, or a word that says so.
pub(super) fn is_vin(word: &[u8], view: &View<'_>, start: usize) -> bool {
    let value = |byte: u8| -> Option<u32> {
        Some(match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'H' => u32::from(byte - b'A') + 1,
            b'J'..=b'N' => u32::from(byte - b'J') + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => u32::from(byte - b'S') + 2,
            _ => return None,
        })
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let mut sum = 0;
    for (&byte, weight) in word.iter().zip(weights) {
        let Some(value) = value(byte) else {
            return false;
        };
        sum += value * weight;
    }
    let check = if sum % 11 == 10 {
        b'X'
    } else {
        b'0' + (sum % 11) as u8
    };
    let called = view.near(start, 40, |topic| topic == Topic::Vin).is_some();
    word[13..].iter().all(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_uppercase)
        && (called || check == word[8])
}

//! Addresses and keys on blockchains.

use super::Match;
use crate::detect::{View, checks};
use crate::kind::EntityKind::{BitcoinWif, CryptoAddress};

/// Addresses and keys on blockchains.
pub(super) fn at(view: &View<'_>, start: usize, end: usize) -> Option<Match> {
    let word = &view.bytes[start..end];
    let hex = |from: usize| word[from..].iter().all(u8::is_ascii_hexdigit);
    match word {
        [b'0', b'x' | b'X', ..] if word.len() == 42 && hex(2) => {
            Some((end, CryptoAddress, "Ethereum address", 85))
        }
        [b'b' | b'B', b'c' | b'C', b'1', ..] if (39..=90).contains(&word.len()) => {
            Some((end, CryptoAddress, "Bitcoin address", 90))
        }
        [b'5' | b'K' | b'L' | b'9' | b'c', ..]
            if (51..=52).contains(&word.len())
                && matches!(checks::base58check(word), Some(33 | 34)) =>
        {
            Some((end, BitcoinWif, "Bitcoin private key", 98))
        }
        [
            b'1' | b'2' | b'3' | b'L' | b'M' | b'D' | b'T' | b'm' | b'n' | b'r' | b'A' | b'X',
            ..,
        ] if (25..=36).contains(&word.len()) && checks::base58check(word) == Some(21) => {
            Some((end, CryptoAddress, "base58check address", 97))
        }
        [b'4' | b'8', ..] if word.len() == 95 => Some((end, CryptoAddress, "Monero address", 85)),
        _ => None,
    }
}

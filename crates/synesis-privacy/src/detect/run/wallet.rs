//! Addresses and keys on blockchains.

use super::Match;
use crate::detect::checks::{BASE58, BASE58_RIPPLE};
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
                && matches!(checks::base58check(word, BASE58), Some(33 | 34)) =>
        {
            Some((end, BitcoinWif, "Bitcoin private key", 98))
        }
        [
            b'1' | b'2' | b'3' | b'L' | b'M' | b'D' | b'T' | b'm' | b'n' | b'A' | b'X',
            ..,
        ] if (25..=36).contains(&word.len()) && checks::base58check(word, BASE58) == Some(21) => {
            Some((end, CryptoAddress, "base58check address", 97))
        }
        [b'r', ..]
            if (25..=35).contains(&word.len())
                && checks::base58check(word, BASE58_RIPPLE) == Some(21) =>
        {
            Some((end, CryptoAddress, "base58check address", 97))
        }
        [b'4' | b'8', ..] if word.len() == 95 => Some((end, CryptoAddress, "Monero address", 85)),
        // Bech32 of any chain: Litecoin, Cosmos, Cardano and those after them.
        _ if (38..=120).contains(&word.len()) && checks::bech32(word) => {
            Some((end, CryptoAddress, "bech32 address", 97))
        }
        // Solana's are 32 bytes with no check, so a word has to speak of a wallet.
        _ if (43..=44).contains(&word.len())
            && checks::base58(word, BASE58).is_some_and(|bytes| bytes.len() == 32)
            && speaks_of_wallet(view, start) =>
        {
            Some((end, CryptoAddress, "address of a wallet", 85))
        }
        _ => None,
    }
}

/// How far before an address the word may stand, in bytes.
const REACH: usize = 64;
/// What says that an address is one of a wallet.
#[rustfmt::skip]
const WALLETS: &[&str] = &[
    "wallet", "address", "payout", "refund", "solana", "sol ", "crypto", "send ", "deposit", "withdraw", "recipient", "adresse",
    "portefeuille", "billetera", "monedero", "cartera", "portafoglio", "carteira", "portfel", "cüzdan", "钱包", "ウォレット",
];

fn speaks_of_wallet(view: &View<'_>, start: usize) -> bool {
    let from = start.saturating_sub(REACH);
    let before = view.bytes[from..start].to_ascii_lowercase();
    WALLETS
        .iter()
        .any(|word| memchr::memmem::find(&before, word.as_bytes()).is_some())
}

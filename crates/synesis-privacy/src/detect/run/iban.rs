//! International bank account numbers, compact or in groups.

use super::Match;
use crate::detect::{View, checks};
use crate::kind::EntityKind::Iban;

/// An IBAN, compact or in groups.
pub(super) fn at(view: &View<'_>, start: usize) -> Option<Match> {
    let head = view.bytes.get(start..start + 4)?;
    if !head[0].is_ascii_alphabetic()
        || !head[1].is_ascii_alphabetic()
        || !head[2].is_ascii_digit()
        || !head[3].is_ascii_digit()
    {
        return None;
    }
    let mut compact = [0u8; 34];
    let mut count = 0;
    let mut at = start;
    while count < compact.len() {
        match view.at(at) {
            Some(byte) if byte.is_ascii_alphanumeric() => {
                compact[count] = byte.to_ascii_uppercase();
                count += 1;
            }
            Some(b' ' | b'-' | b'.')
                if count > 3
                    && view
                        .at(at + 1)
                        .is_some_and(|byte| byte.is_ascii_alphanumeric()) => {}
            _ => break,
        }
        at += 1;
        if count >= 15
            && !view.at(at).is_some_and(|byte| byte.is_ascii_alphanumeric())
            && checks::iban(&compact[..count])
        {
            return Some((at, Iban, "IBAN", 98));
        }
    }
    None
}

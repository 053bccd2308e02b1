//! Runs of letters and digits together: identity numbers with letters, IBANs, wallets, and tokens without a telling
//! prefix.

mod check_letters;
mod iban;
mod identity;
mod random;
mod token_shape;
mod vehicle;
mod wallet;

use super::{View, address, net};
use crate::kind::EntityKind::{self, HashicorpVault, Uuid};
pub(super) use identity::letter_after;

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
    if let Some(past) = net::lettered_mac(view, start) {
        return past;
    }
    if let Some(past) = uuid(view, start) {
        return past;
    }
    if end - start > RUN_BYTES_MAX {
        return end;
    }
    let word_end = start
        + bytes[start..end]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
    if let Some(past) = address::british(view, start, word_end) {
        return past;
    }
    if let Some((from, past)) = token_shape::old_vault(view, start, end) {
        view.add(from, past, HashicorpVault, "token shape", 92);
        return past;
    }
    let found = token_shape::prefixed(view, start)
        .or_else(|| token_shape::marked(view, start))
        .or_else(|| iban::at(view, start))
        .or_else(|| identity::at(view, start, word_end))
        .or_else(|| wallet::at(view, start, word_end))
        .or_else(|| random::at(view, start));
    if let Some((past, kind, detector, confidence)) = found {
        // A prefix with a mark inside begins before the run.
        let start = if detector == "token prefix" {
            token_shape::prefix_start(view, start)
        } else {
            start
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
    view.add(start, start + 36, Uuid, "UUID", 60);
    Some(start + 36)
}

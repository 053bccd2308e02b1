//! Identity numbers with letters, told by their shape and check letter.

use super::check_letters::{
    DNI_LETTERS, cn_id, codice_fiscale, de_svnr, dni, hetu, nino, nric, pps, tw_id,
};
use super::{Match, vehicle};
use crate::detect::words::Topic;
use crate::detect::{View, checks, national};
use crate::kind::EntityKind::{self, *};

/// Identity numbers with letters.
pub(super) fn at(view: &View<'_>, start: usize, end: usize) -> Option<Match> {
    let word = &view.bytes[start..end];
    let detector = "identity number";
    let id = |wanted: EntityKind| {
        view.near(start, 48, |topic| topic == Topic::Id(wanted))
            .is_some()
    };
    let any = || {
        view.near(start, 48, |topic| {
            matches!(topic, Topic::Id(_) | Topic::Passport)
        })
        .is_some()
    };
    let shape = Shape::of(word);
    let kind = match shape.as_bytes() {
        b"AA999999A" if nino(word) => GbNino,
        b"99999999A" if dni(word, 0) => EsDni,
        b"A9999999A" if dni(word, 1) => EsDni,
        b"A9999999A"
            if matches!(word[0], b'S' | b'T' | b'F' | b'G' | b'M') && (nric(word) || any()) =>
        {
            SgNric
        }
        b"9999999A" | b"9999999AA" if pps(word) && (id(IePps) || word.len() == 9 || any()) => IePps,
        b"AAAAAA99A99A999A" if codice_fiscale(word) => ItCodiceFiscale,
        b"AAAAA9999A"
            if matches!(
                word[3],
                b'P' | b'C' | b'H' | b'F' | b'A' | b'T' | b'B' | b'L' | b'J' | b'G'
            ) && word.iter().all(|byte| !byte.is_ascii_lowercase()) =>
        {
            InPan
        }
        b"A999999999" if tw_id(word) => TwId,
        b"99999999A999" if de_svnr(word) => DeSvnr,
        b"99999999999999999A" if cn_id(word) => CnId,
        _ if shape.curp() => MxCurp,
        _ if shape.rfc() && (id(MxRfc) || any()) => MxRfc,
        _ if vat(view, start, word) => VatId,
        _ if word.len() == 17 && vehicle::is_vin(word, view, start) => VehicleId,
        _ => return split(view, start, end),
    };
    Some((end, kind, detector, 90))
}

/// Identity numbers that marks cut in two: `131052-308T`, `A123456(7)`, `12.345.678-K`, `12345678-Z`.
fn split(view: &View<'_>, start: usize, end: usize) -> Option<Match> {
    let bytes = view.bytes;
    let word = &bytes[start..end];
    let digits = |from: usize, to: usize| -> Option<Vec<u8>> {
        bytes
            .get(from..to)?
            .iter()
            .map(|byte| byte.is_ascii_digit().then(|| byte - b'0'))
            .collect()
    };
    let detector = "identity number";
    if word.len() == 7
        && word[0].is_ascii_uppercase()
        && view.at(end) == Some(b'(')
        && view.at(end + 2) == Some(b')')
        && digits(start + 1, end).is_some()
    {
        return Some((end + 3, HkId, detector, 92));
    }
    // A Finnish code with a letter for its century is one run: 010101A123N.
    if word.len() == 11 && matches!(word[6], b'A'..=b'F' | b'U'..=b'Y') {
        let date = digits(start, start + 6)?;
        let number = digits(start + 7, start + 10)?;
        return hetu(&date, &number, word[10]).then_some((end, FiHetu, detector, 95));
    }
    // `308T` after `131052-` or `+`.
    if word.len() == 4 && start >= 7 && matches!(bytes[start - 1], b'-' | b'+') {
        let date = digits(start - 7, start - 1)?;
        let number = digits(start, start + 3)?;
        return hetu(&date, &number, word[3]).then_some((end, FiHetu, detector, 95));
    }
    None
}

/// The first place of a number whose letter came after a mark, should it begin before the run.
pub(in crate::detect) fn letter_after(
    view: &View<'_>,
    start: usize,
    end: usize,
) -> Option<(usize, EntityKind)> {
    let bytes = view.bytes;
    let letter_at = if matches!(view.at(end), Some(b'-' | b' ')) {
        end + 1
    } else {
        end
    };
    let letter = view.at(letter_at)?.to_ascii_uppercase();
    if !letter.is_ascii_uppercase()
        || view
            .at(letter_at + 1)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let digits: Vec<u8> = bytes[start..end]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| byte - b'0')
        .collect();
    if letter == b'K'
        && matches!(digits.len(), 7 | 8)
        && national::cl_rut(&digits) == Some(10)
        && bytes[end] == b'-'
    {
        return Some((letter_at + 1, ClRut));
    }
    if digits.len() == 8
        && DNI_LETTERS[usize::try_from(checks::number(&digits) % 23).ok()?] == letter
    {
        return Some((letter_at + 1, EsDni));
    }
    // `X-1234567-L`: a foreigner's number in Spain.
    let foreign = start.checked_sub(2).and_then(|from| bytes.get(from..start));
    if let Some([lead @ (b'X' | b'Y' | b'Z'), b'-']) = foreign
        && digits.len() == 7
        && end - start == 7
        && !view
            .at(start.wrapping_sub(3))
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        let number = u64::from(lead - b'X') * 10_000_000 + checks::number(&digits);
        if DNI_LETTERS[usize::try_from(number % 23).ok()?] == letter {
            return Some((letter_at + 1, EsDni));
        }
    }
    // `AB 12 34 56 C`.
    let head = bytes.get(start.checked_sub(3)?..start)?;
    if digits.len() == 6
        && head[2] == b' '
        && head[..2].iter().all(u8::is_ascii_uppercase)
        && matches!(letter, b'A'..=b'D')
    {
        return Some((letter_at + 1, GbNino));
    }
    None
}

/// A word as letters `A` and digits `9`.
struct Shape {
    signs: [u8; 20],
    count: usize,
}

impl Shape {
    fn of(word: &[u8]) -> Self {
        let mut shape = Self {
            signs: [0; 20],
            count: word.len().min(20),
        };
        for (sign, byte) in shape.signs.iter_mut().zip(word) {
            *sign = if byte.is_ascii_digit() { b'9' } else { b'A' };
        }
        shape
    }

    fn as_bytes(&self) -> &[u8] {
        &self.signs[..self.count]
    }

    fn curp(&self) -> bool {
        matches!(
            self.as_bytes(),
            b"AAAA999999AAAAAA99" | b"AAAA999999AAAAAAA9"
        )
    }

    fn rfc(&self) -> bool {
        self.as_bytes().len() >= 12
            && matches!(&self.as_bytes()[..9.min(self.count)], b"AAA999999")
            && self.count == 12
            || self.count == 13 && self.as_bytes().starts_with(b"AAAA999999")
    }
}

/// A country and digits; the word says that it is a VAT number.
fn vat(view: &View<'_>, start: usize, word: &[u8]) -> bool {
    const COUNTRIES: &[&[u8]] = &[
        b"AT", b"BE", b"BG", b"CY", b"CZ", b"DE", b"DK", b"EE", b"EL", b"ES", b"FI", b"FR", b"HR",
        b"HU", b"IE", b"IT", b"LT", b"LU", b"LV", b"MT", b"NL", b"PL", b"PT", b"RO", b"SE", b"SI",
        b"SK", b"GB", b"XI", b"NO", b"CH",
    ];
    (10..=14).contains(&word.len())
        && COUNTRIES.contains(&&word[..2])
        && word[2..]
            .iter()
            .filter(|byte| byte.is_ascii_digit())
            .count()
            >= 7
        && view
            .near(start, 48, |topic| matches!(topic, Topic::Id(_)))
            .is_some()
}

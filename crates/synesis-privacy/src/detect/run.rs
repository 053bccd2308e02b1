//! Runs of letters and digits together: identity numbers with letters, IBANs, wallets, and tokens without a telling
//! prefix.

use std::sync::LazyLock;

use super::negative::{entropy, is_random};
use super::tokens::{RULES, RUN_PREFIXES, TokenRule, chars};
use super::words::Topic;
use super::{View, address, checks, national, token};
use crate::kind::EntityKind::{self, *};

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
    let found = prefixed(view, start)
        .or_else(|| dotted(view, start))
        .or_else(|| iban(view, start))
        .or_else(|| identity(view, start, word_end))
        .or_else(|| wallet(view, start, word_end))
        .or_else(|| random(view, start));
    if let Some((past, kind, detector, confidence)) = found {
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

/// Tokens whose prefix is too short for the pass over words.
fn prefixed(view: &View<'_>, start: usize) -> Option<Match> {
    let first = view.at(start)?;
    SHORT
        .iter()
        .filter(|rule| rule.prefix.as_bytes()[0] == first)
        .find_map(|rule| {
            Some((
                token::matched(view, rule, start)?,
                rule.kind,
                "token prefix",
                92,
            ))
        })
}

static SHORT: LazyLock<Vec<&TokenRule>> = LazyLock::new(|| {
    RULES
        .iter()
        .filter(|rule| RUN_PREFIXES.contains(&rule.prefix))
        .collect()
});

/// Tokens told by the marks inside them: Discord, Mailchimp, Azure, Terraform, Telegram, Okta.
fn dotted(view: &View<'_>, start: usize) -> Option<Match> {
    const URL: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER | chars::DASH;
    let bytes = view.bytes;
    let run = |from: usize, classes: u16| chars::run(bytes, from, classes, 300);
    let first = run(start, URL);
    let after = start + first;
    let mixed = |from: usize, to: usize| {
        let part = &bytes[from..to];
        part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_uppercase)
            && part.iter().any(u8::is_ascii_lowercase)
    };
    if view.before(start) == Some(b'-') || view.before(start) == Some(b'.') {
        return None;
    }
    match view.at(after) {
        Some(b'.') => {
            let second = run(after + 1, URL);
            let next = after + 1 + second;
            if first == 14
                && bytes[after..next].starts_with(b".atlasv1")
                && view.at(next) == Some(b'.')
            {
                let third = run(next + 1, URL);
                return (third >= 40).then_some((next + 1 + third, Terraform, "token shape", 97));
            }
            let third = if view.at(next) == Some(b'.') {
                run(next + 1, URL)
            } else {
                0
            };
            let discord = (23..=30).contains(&first)
                && matches!(second, 6 | 7)
                && (27..=45).contains(&third)
                && matches!(bytes[start], b'M' | b'N' | b'O');
            if discord {
                return Some((next + 1 + third, DiscordBot, "token shape", 95));
            }
        }
        Some(b':')
            if (8..=10).contains(&first) && bytes[start..after].iter().all(u8::is_ascii_digit) =>
        {
            let second = run(after + 1, URL);
            let telegram = (34..=36).contains(&second) && bytes[after + 1..].starts_with(b"AA");
            return telegram.then_some((after + 1 + second, TelegramBot, "token shape", 97));
        }
        Some(b'~') if (3..=6).contains(&first) => {
            let all = chars::run_or_tilde(bytes, start);
            let secret = (36..=42).contains(&all)
                && bytes[start..after]
                    .windows(2)
                    .any(|pair| pair[0].is_ascii_digit() && pair[1] == b'Q');
            return secret.then_some((start + all, AzureClientSecret, "token shape", 95));
        }
        _ => {}
    }
    let token = &bytes[start..after];
    if let Some(place) = token.windows(3).position(|three| three == b"-us")
        && place == 32
        && token[..32].iter().all(u8::is_ascii_hexdigit)
        && (35 + 1..=35 + 3).contains(&first)
    {
        return Some((after, Mailchimp, "token shape", 97));
    }
    if first == 42 && token.starts_with(b"00") && mixed(start, after) {
        return Some((after, Okta, "token shape", 85));
    }
    if first == 84 && mixed(start, after) && token.windows(4).any(|four| four == b"AZDO") {
        return Some((after, AzureDevops, "token shape", 97));
    }
    // The 40 characters of an AWS secret beside its key id's family of words are found by their key.
    None
}

/// An IBAN, compact or in groups.
fn iban(view: &View<'_>, start: usize) -> Option<Match> {
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

/// Identity numbers with letters.
fn identity(view: &View<'_>, start: usize, end: usize) -> Option<Match> {
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
        _ if word.len() == 17 && vin(word, view, start) => VehicleId,
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
pub(super) fn letter_after(
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

const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni(word: &[u8], lead: usize) -> bool {
    let first = match word[0] {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        digit if lead == 0 && digit.is_ascii_digit() => digit - b'0',
        _ => return false,
    };
    let last = word.len() - 1;
    let number = word[1..last].iter().fold(u64::from(first), |sum, digit| {
        sum * 10 + u64::from(digit - b'0')
    });
    DNI_LETTERS[(number % 23) as usize] == word[last].to_ascii_uppercase()
}

fn nino(word: &[u8]) -> bool {
    let (first, second) = (word[0], word[1]);
    word.iter().all(|byte| !byte.is_ascii_lowercase())
        && !b"DFIQUV".contains(&first)
        && !b"DFIQUVO".contains(&second)
        && !matches!(
            &word[..2],
            b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ"
        )
        && matches!(word[8], b'A'..=b'D')
}

fn nric(word: &[u8]) -> bool {
    let digits: Vec<u8> = word[1..8].iter().map(|byte| byte - b'0').collect();
    let offset = match word[0] {
        b'T' | b'G' => 4,
        b'M' => 3,
        _ => 0,
    };
    let rest = (checks::weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
    let letters: &[u8; 11] = match word[0] {
        b'S' | b'T' => b"JZIHGFEDCBA",
        b'F' | b'G' => b"XWUTRQPNMLK",
        _ => b"XWUTRQPNJLK",
    };
    letters[rest as usize] == word[8]
}

fn pps(word: &[u8]) -> bool {
    let digits: Vec<u8> = word[..7].iter().map(|byte| byte - b'0').collect();
    let extra = word.get(8).map_or(0, |letter| {
        if *letter == b'W' {
            0
        } else {
            u32::from(letter.wrapping_sub(b'@')) * 9
        }
    });
    let rest = (checks::weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) + extra) % 23;
    b"WABCDEFGHIJKLMNOPQRSTUV"[rest as usize] == word[7]
}

fn codice_fiscale(word: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let value = |byte: u8| {
        u32::from(if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte.to_ascii_uppercase() - b'A'
        })
    };
    let sum: u32 = word[..15]
        .iter()
        .enumerate()
        .map(|(place, &byte)| {
            if place % 2 == 0 {
                ODD[value(byte) as usize]
            } else {
                value(byte)
            }
        })
        .sum();
    sum % 26 == value(word[15])
}

fn tw_id(word: &[u8]) -> bool {
    let code = match word[0].to_ascii_uppercase() {
        b'I' => 34,
        b'O' => 35,
        b'W' => 32,
        b'X' => 30,
        b'Y' => 31,
        b'Z' => 33,
        letter @ b'A'..=b'H' => u32::from(letter - b'A') + 10,
        letter @ b'J'..=b'N' => u32::from(letter - b'J') + 18,
        letter => u32::from(letter - b'P') + 23,
    };
    let digits: Vec<u8> = word[1..].iter().map(|byte| byte - b'0').collect();
    matches!(digits[0], 1 | 2 | 8 | 9)
        && (code / 10 + code % 10 * 9 + checks::weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]))
            .is_multiple_of(10)
}

fn de_svnr(word: &[u8]) -> bool {
    let letter = word[8].to_ascii_uppercase() - b'A' + 1;
    let mut digits: Vec<u8> = word[..8].iter().map(|byte| byte - b'0').collect();
    digits.extend([letter / 10, letter % 10]);
    digits.extend(word[9..11].iter().map(|byte| byte - b'0'));
    let sum: u32 = digits
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(&digit, weight)| {
            let product = u32::from(digit) * weight;
            product / 10 + product % 10
        })
        .sum();
    sum % 10 == u32::from(word[11] - b'0')
}

fn cn_id(word: &[u8]) -> bool {
    let digits: Vec<u8> = word[..17].iter().map(|byte| byte - b'0').collect();
    matches!(word[17], b'X' | b'x')
        && checks::is_date(
            checks::number(&digits[6..10]),
            checks::number(&digits[10..12]),
            checks::number(&digits[12..14]),
        )
        && checks::weighted(
            &digits,
            &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
        ) % 11
            == 2
}

fn hetu(date: &[u8], number: &[u8], letter: u8) -> bool {
    let all = checks::number(date) * 1000 + checks::number(number);
    checks::is_date(
        checks::number(&date[4..]),
        checks::number(&date[2..4]),
        checks::number(&date[..2]),
    ) && b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(all % 31) as usize] == letter.to_ascii_uppercase()
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

/// The check digit at the ninth place, or a word that says so.
fn vin(word: &[u8], view: &View<'_>, start: usize) -> bool {
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

/// A random-looking string on the line of a word for secrets.
fn random(view: &View<'_>, start: usize) -> Option<Match> {
    const CHARS: u16 = chars::UPPER
        | chars::LOWER
        | chars::DIGIT
        | chars::UNDER
        | chars::DASH
        | chars::PLUS
        | chars::EQUAL;
    if view
        .before(start)
        .is_some_and(|byte| chars::of(byte) & CHARS != 0 && byte != b'=')
    {
        return None;
    }
    let length = chars::run(view.bytes, start, CHARS, 200);
    let text = &view.bytes[start..start + length];
    let mixed = text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_digit);
    let announced = || {
        let topic = view.near(start, 32, |topic| topic == Topic::Secret);
        topic.is_some() && !view.bytes[view.line_start(start)..start].is_empty()
    };
    (length >= 20 && mixed && is_random(text) && entropy(text) >= 3.6 && announced()).then_some((
        start + length,
        HighEntropy,
        "random string by a secret word",
        75,
    ))
}

/// Addresses and keys on blockchains.
fn wallet(view: &View<'_>, start: usize, end: usize) -> Option<Match> {
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

//! The check digits and letters of identity numbers with letters.

use crate::detect::checks;

/// The check letters of the Spanish DNI, by the rest of the number divided by 23.
pub(super) const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Spain: the DNI, which begins with a digit (`lead` 0), and the NIE, which begins with a letter (`lead` 1).
pub(super) fn dni(word: &[u8], lead: usize) -> bool {
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

/// United Kingdom: a national insurance number has no check letter, but letters that it never has.
pub(super) fn nino(word: &[u8]) -> bool {
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

/// Singapore: NRIC and FIN.
pub(super) fn nric(word: &[u8]) -> bool {
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

/// Ireland: PPS number.
pub(super) fn pps(word: &[u8]) -> bool {
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

/// Italy: codice fiscale.
pub(super) fn codice_fiscale(word: &[u8]) -> bool {
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

/// Taiwan: identity card.
pub(super) fn tw_id(word: &[u8]) -> bool {
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

/// Germany: pension insurance number.
pub(super) fn de_svnr(word: &[u8]) -> bool {
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

/// China: an identity card whose check digit is `X`.
pub(super) fn cn_id(word: &[u8]) -> bool {
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

/// Finland: personal identity code.
pub(super) fn hetu(date: &[u8], number: &[u8], letter: u8) -> bool {
    let all = checks::number(date) * 1000 + checks::number(number);
    checks::is_date(
        checks::number(&date[4..]),
        checks::number(&date[2..4]),
        checks::number(&date[..2]),
    ) && b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(all % 31) as usize] == letter.to_ascii_uppercase()
}

//! Check digits and other arithmetic, as pure functions over digits.

/// Luhn's check (ISO/IEC 7812-1).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = if place % 2 == 1 {
                u32::from(digit) * 2
            } else {
                u32::from(digit)
            };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of digits times weights.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(&digit, &weight)| u32::from(digit) * weight)
        .sum()
}

/// A run of digits as a number.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &digit| {
        sum.wrapping_mul(10).wrapping_add(u64::from(digit))
    })
}

/// Digits modulo 97 for numbers of any length.
pub(super) fn mod97(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |rest, &digit| (rest * 10 + u32::from(digit)) % 97)
}

/// Verhoeff's check over the dihedral group.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut check = 0;
    for (place, &digit) in digits.iter().rev().enumerate() {
        let turned = (0..place % 8).fold(digit, |digit, _| STEP[usize::from(digit)]);
        check = times(check, turned);
    }
    check == 0
}

/// ISO 7064 MOD 11,10.
pub(super) fn mod11_10(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10u32, |product, &digit| {
        let sum = (product + u32::from(digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*last)
}

/// Whether year, month and day make a date; two-digit years are of either century.
pub(super) fn is_date(year: u64, month: u64, day: u64) -> bool {
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// IBAN: country, length, and the remainder of ISO 13616.
pub(super) fn iban(text: &[u8]) -> bool {
    if text.len() < 15 || text.len() > 34 {
        return false;
    }
    let length = match &text[..2] {
        b"NO" => 15,
        b"BE" => 16,
        b"DK" | b"FI" | b"NL" | b"GL" | b"FO" => 18,
        b"MK" | b"SI" => 19,
        b"AT" | b"BA" | b"EE" | b"KZ" | b"LT" | b"LU" | b"XK" => 20,
        b"CH" | b"HR" | b"LI" | b"LV" => 21,
        b"BG" | b"BH" | b"CR" | b"DE" | b"GB" | b"GE" | b"IE" | b"ME" | b"RS" | b"VA" => 22,
        b"AE" | b"GI" | b"IL" | b"IQ" | b"TL" | b"SO" => 23,
        b"AD" | b"CZ" | b"ES" | b"MD" | b"PK" | b"RO" | b"SA" | b"SE" | b"SK" | b"TN" | b"VG" => 24,
        b"LY" | b"PT" | b"ST" => 25,
        b"IS" | b"TR" => 26,
        b"FR" | b"GR" | b"IT" | b"MC" | b"MR" | b"SM" | b"DJ" | b"BI" => 27,
        b"AL" | b"AZ" | b"BY" | b"CY" | b"DO" | b"GT" | b"HU" | b"LB" | b"PL" | b"SV" | b"NI" => 28,
        b"BR" | b"EG" | b"PS" | b"QA" | b"UA" => 29,
        b"JO" | b"KW" | b"MU" | b"YE" => 30,
        b"MT" | b"SC" => 31,
        b"LC" => 32,
        b"RU" => 33,
        _ => return false,
    };
    if text.len() != length || !text[2..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let rest = text[4..]
        .iter()
        .chain(&text[..4])
        .fold(0u32, |rest, &byte| match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            letter => (rest * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10) % 97,
        });
    rest == 1
}

pub(super) const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Ripple's order of the same characters.
pub(super) const BASE58_RIPPLE: &[u8; 58] =
    b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// The bytes that a text in base 58 stands for.
pub(super) fn base58(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for &character in text {
        let mut carry = alphabet.iter().position(|&known| known == character)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 255) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.insert(0, (carry & 255) as u8);
            carry >>= 8;
        }
    }
    let zeros = text
        .iter()
        .take_while(|&&character| character == alphabet[0])
        .count();
    Some(std::iter::repeat_n(0, zeros).chain(bytes).collect())
}

/// Base58check: the last four bytes are the head of a double SHA-256. Answers the payload's length.
pub(super) fn base58check(text: &[u8], alphabet: &[u8; 58]) -> Option<usize> {
    use sha2::{Digest as _, Sha256};
    let whole = base58(text, alphabet)?;
    let (payload, check) = whole.split_at_checked(whole.len().checked_sub(4)?)?;
    let hash = Sha256::digest(Sha256::digest(payload));
    (hash[..4] == *check).then_some(payload.len())
}

/// Bech32 (BIP 173) or bech32m (BIP 350), in one case: a prefix, `1`, and data that ends with its check.
pub(super) fn bech32(text: &[u8]) -> bool {
    const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const STEPS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let lower = text.to_ascii_lowercase();
    if lower != text && text.iter().any(u8::is_ascii_lowercase) {
        return false;
    }
    let Some(one) = lower.iter().rposition(|&byte| byte == b'1') else {
        return false;
    };
    let (prefix, data) = (&lower[..one], &lower[one + 1..]);
    let Some(data) = data
        .iter()
        .map(|byte| CHARSET.iter().position(|known| known == byte))
        .collect::<Option<Vec<usize>>>()
    else {
        return false;
    };
    let head = prefix.iter().map(|byte| u32::from(byte >> 5));
    let tail = prefix.iter().map(|byte| u32::from(byte & 31));
    let data = data.into_iter().map(|value| value as u32);
    let sum = head
        .chain(std::iter::once(0))
        .chain(tail)
        .chain(data)
        .fold(1u32, |sum, value| {
            let top = sum >> 25;
            STEPS
                .iter()
                .enumerate()
                .filter(|(place, _)| top >> place & 1 == 1)
                .fold((sum & 0x01ff_ffff) << 5 ^ value, |sum, (_, step)| {
                    sum ^ step
                })
        });
    !prefix.is_empty() && matches!(sum, 1 | 0x2bc8_30a3)
}

/// CRC-32 (IEEE), for tokens that end with it in base62.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes()
            .filter(u8::is_ascii_digit)
            .map(|byte| byte - b'0')
            .collect()
    }

    #[test]
    fn published_examples_pass_and_their_neighbours_do_not() {
        assert!(luhn(&digits("4111 1111 1111 1111")) && !luhn(&digits("4111 1111 1111 1112")));
        assert!(iban(b"DE89370400440532013000") && !iban(b"DE89370400440532013001"));
        assert!(iban(b"GB82WEST12345698765432") && iban(b"NO9386011117947"));
        assert!(verhoeff(&digits("2363")) && !verhoeff(&digits("2364")));
        assert!(mod11_10(&digits("94577403194")) && !mod11_10(&digits("94577403195")));
        assert_eq!(
            base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", BASE58),
            Some(21)
        );
        assert_eq!(
            base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", BASE58),
            None
        );
        // The examples of BIP 173 and BIP 350.
        assert!(bech32(b"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(!bech32(b"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5"));
        assert!(bech32(b"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx"));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(mod97(&digits("3214282912345698765432161182")), 1);
    }
}

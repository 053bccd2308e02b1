//! The tokens that name themselves: prefix, characters, length and check of each vendor's secrets.
//!
//! A row comes from the vendor's documentation or from the shape its tokens show; docs/privacy.md lists them by kind.
//! Nothing here reads text.

mod others;
mod vendors;

use std::sync::LazyLock;

use crate::kind::EntityKind::{self, *};

/// Which characters follow a prefix, as bits of `chars::of`.
pub(super) mod chars {
    pub(in crate::detect) const UPPER: u16 = 1;
    pub(in crate::detect) const LOWER: u16 = 2;
    pub(in crate::detect) const DIGIT: u16 = 4;
    pub(in crate::detect) const UNDER: u16 = 8;
    pub(in crate::detect) const DASH: u16 = 16;
    pub(in crate::detect) const DOT: u16 = 32;
    pub(in crate::detect) const PLUS: u16 = 64;
    pub(in crate::detect) const EQUAL: u16 = 128;
    pub(in crate::detect) const COLON: u16 = 256;
    pub(in crate::detect) const HEX: u16 = 512;
    pub(in crate::detect) const DOLLAR: u16 = 1024;
    pub(in crate::detect) const PERCENT: u16 = 2048;
    pub(in crate::detect) const OTHER: u16 = 4096;

    static CLASSES: [u16; 256] = {
        let mut classes = [0; 256];
        let mut byte = 0u8;
        while byte < 128 {
            classes[byte as usize] = match byte {
                b'A'..=b'F' => UPPER | HEX,
                b'G'..=b'Z' => UPPER,
                b'a'..=b'f' => LOWER | HEX,
                b'g'..=b'z' => LOWER,
                b'0'..=b'9' => DIGIT | HEX,
                b'_' => UNDER,
                b'-' => DASH,
                b'.' => DOT,
                b'+' | b'/' => PLUS,
                b'=' => EQUAL,
                b':' => COLON,
                b'$' => DOLLAR,
                b'%' => PERCENT,
                b'*' | b'!' | b',' => OTHER,
                _ => 0,
            };
            byte += 1;
        }
        classes
    };

    /// The classes a byte belongs to.
    pub(in crate::detect) fn of(byte: u8) -> u16 {
        CLASSES[byte as usize]
    }

    /// How many characters of an Azure secret stand from `at` on.
    pub(in crate::detect) fn run_or_tilde(bytes: &[u8], at: usize) -> usize {
        let inside = |byte: &&u8| {
            **byte == b'~' || of(**byte) & (UPPER | LOWER | DIGIT | UNDER | DASH | DOT) != 0
        };
        bytes[at..].iter().take(64).take_while(inside).count()
    }

    /// How many bytes from `at` on belong to one of the classes, at most `max`.
    pub(in crate::detect) fn run(bytes: &[u8], at: usize, classes: u16, max: usize) -> usize {
        bytes[at..]
            .iter()
            .take(max)
            .take_while(|&&byte| of(byte) & classes != 0)
            .count()
    }
}

impl TokenRule {
    /// Whether the token ends with the CRC-32 of what is before, as GitHub's do.
    pub(super) fn is_sealed(&self, token: &[u8]) -> bool {
        let Some((body, seal)) = token.split_at_checked(token.len().saturating_sub(6)) else {
            return false;
        };
        let value = |byte: &u8| match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            b'A'..=b'Z' => u64::from(byte - b'A') + 10,
            _ => u64::from(byte.saturating_sub(b'a')) + 36,
        };
        let body = body.get(self.prefix.len()..).unwrap_or_default();
        let read = seal.iter().fold(0u64, |sum, byte| sum * 62 + value(byte));
        matches!(
            self.kind,
            GithubToken | GithubOauth | GithubApp | GithubRefresh | Npm
        ) && read == u64::from(super::checks::crc32(body))
    }
}

use chars::{COLON, DASH, DIGIT, DOLLAR, DOT, EQUAL, LOWER, OTHER, PERCENT, PLUS, UNDER, UPPER};

const ALNUM: u16 = UPPER | LOWER | DIGIT;
const HEX: u16 = chars::HEX;
const HEXDOT: u16 = chars::HEX | DOT;
const HEXDASH: u16 = chars::HEX | DASH;
const BASE32: u16 = UPPER | DIGIT;
const UPPERNUM: u16 = UPPER | DIGIT;
const LOWERNUM: u16 = LOWER | DIGIT;
const WORD: u16 = ALNUM | UNDER;
const URL: u16 = ALNUM | UNDER | DASH;
const URLDOT: u16 = URL | DOT;
const URLEQ: u16 = URL | EQUAL;
const ALNUMDASH: u16 = ALNUM | DASH;
const ALNUMDOT: u16 = ALNUM | DOT;
const BASE64: u16 = ALNUM | PLUS | EQUAL | UNDER | DASH;
const FCM: u16 = URL | COLON;
const BTREE: u16 = ALNUM | DOLLAR;
const SNTRY: u16 = ALNUM | PLUS | EQUAL | UNDER | DASH;
const PERCENT_: u16 = ALNUM | PERCENT;
const MSREFRESH: u16 = ALNUM | DOT | UNDER | DASH | OTHER | DOLLAR;
const CRYPT: u16 = ALNUM | DOT | PLUS | DOLLAR;
const ARGON: u16 = ALNUM | PLUS | DOLLAR | EQUAL | OTHER | DOT;
const JWT: u16 = URLDOT | EQUAL;
const COOKIE: u16 = URL | PLUS | PERCENT | EQUAL;
const URLPLUS: u16 = URLDOT | PLUS | EQUAL;

/// What a token must show beyond its prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Check {
    /// Nothing: the prefix is telling enough.
    None,
    /// As mixed as random text.
    Mixed,
    /// At least one digit.
    Digit,
    /// Lower-case hex after an upper-case prefix.
    Lower,
    /// AWS key ids: base32, and not the documentation's example.
    Aws,
    /// Firebase: a colon at the eighth place.
    Fcm,
    /// Airtable: 14 characters, a dot, 64 hex digits.
    Airtable,
    /// Harness: three parts.
    Harness,
    /// Two or three parts of base64url, the first a JSON object.
    Jwt,
    /// Capitals and small letters as mixed as random text; digits are not needed.
    Cased,
    /// Capitals, small letters and digits, several of each, as mixed as random text.
    Random,
    /// Three hexadecimal parts of 24, 32 and 32 digits.
    Infisical,
}

/// One row.
pub(super) struct TokenRule {
    pub(super) prefix: &'static str,
    pub(super) kind: EntityKind,
    pub(super) chars: u16,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) check: Check,
}

const fn rule(
    prefix: &'static str,
    kind: EntityKind,
    chars: u16,
    min: usize,
    max: usize,
    check: Check,
) -> TokenRule {
    TokenRule {
        prefix,
        kind,
        chars,
        min,
        max,
        check,
    }
}

/// Prefixes that are parts of common words: looked for only where a run of letters and digits begins,
/// or right before it when they end with a mark.
#[rustfmt::skip]
pub(super) const RUN_PREFIXES: &[&str] = &[
    "SK", "AC", "cio", "pat", "oy2", "CiR", "b_", "fw_", "al-", "pk_", "re_", "ak_", "ak-", "as-", "o.", "s.", "sk", "YC", "KEY", "BSA",
    "MC5", "at_", "tk_", "api_", "SCW", "test_", "key_", "st.", "hawk.", "fnA", "act.", "pd_",
];

/// Every row, in an order that does not change.
pub(super) static RULES: LazyLock<Vec<&'static TokenRule>> =
    LazyLock::new(|| vendors::ROWS.iter().chain(others::ROWS).collect());

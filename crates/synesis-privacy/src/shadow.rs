//! What a disguised text would say.
//!
//! Lines with invisible characters, full-width or look-alike letters, and escapes (percent, HTML, `\u`) are written
//! out plainly, with a map back, and read by the same rules. Encoded tokens are decoded, to a depth of two, and go as
//! a whole when something private is inside. Text without any of these costs one pass.

use std::sync::LazyLock;

use crate::detect::{self, Found};
use crate::encode::{base64_text, hex_text, nibble};
use crate::json::unicode_escape;
use crate::kind::{Class, EntityKind};
use crate::limits::{DECODE_BYTES_MAX, DECODE_DEPTH_MAX};

/// The shortest run that is tried as base64 or hex, in bytes.
const ENCODED_BYTES_MIN: usize = 12;

/// Adds what is found behind disguises.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    lines(text, found);
    encoded(text, found, 0);
}

/// A plain copy of some lines, and where each byte of it stood.
struct Shadow {
    text: String,
    map: Vec<u32>,
}

impl Shadow {
    fn push(&mut self, c: char, from: usize) {
        self.text.push(c);
        self.map
            .resize(self.text.len(), u32::try_from(from).unwrap_or(u32::MAX));
    }
}

/// Reads the lines that have something to write out.
fn lines(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(place) = next_disguise(text, at) {
        let start = memchr::memrchr(b'\n', &bytes[..place])
            .map_or(0, |line| line + 1)
            .max(place.saturating_sub(2000));
        let start = (start..=place)
            .find(|&start| text.is_char_boundary(start))
            .unwrap_or(place);
        let end = memchr::memchr(b'\n', &bytes[place..])
            .map_or(text.len(), |line| place + line)
            .min(place + 4000);
        let end = (end..=text.len())
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(text.len());
        read(&text[start..end], start, found);
        at = end;
    }
}

/// The next place that a shadow would write in another way.
fn next_disguise(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let skip = rest.iter().position(|&byte| {
            byte >= 0x80 || matches!(byte, b'%' | b'&' | b'\\' | b'=' | b'[' | b'(' | b'{')
        })?;
        at += skip;
        let rest = &bytes[at..];
        let written = match rest[0] {
            b'%' => rest.len() > 2 && nibble(rest[1]).is_some() && nibble(rest[2]).is_some(),
            b'&' => entity(rest).is_some(),
            b'\\' => {
                rest.len() > 5 && matches!(rest[1], b'u' | b'x' | b'U')
                    || matches!(rest.get(1), Some(b'/' | b'@' | b'.' | b'-' | b'_'))
            }
            b'=' => quoted_printable(bytes, at).is_some(),
            b'[' | b'(' | b'{' => may_spell(rest) && spelled(&text[at..]).is_some(),
            0x80.. if !text.is_char_boundary(at) => false,
            _ => text[at..].chars().next().is_some_and(|c| {
                fold(c) != Fold::Same || is_lookalike(c) && in_mixed_word(text, at)
            }),
        };
        if written {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Writes a line out and reads it.
fn read(line: &str, offset: usize, found: &mut Vec<Found>) {
    let mut shadow = Shadow {
        text: String::with_capacity(line.len()),
        map: Vec::with_capacity(line.len() + 1),
    };
    write_out(line, &mut shadow);
    for _ in 1..DECODE_DEPTH_MAX {
        // Escapes of escapes, as `%2540`.
        if next_disguise(&shadow.text, 0).is_none() {
            break;
        }
        let mut again = Shadow {
            text: String::with_capacity(shadow.text.len()),
            map: Vec::new(),
        };
        write_out(&shadow.text, &mut again);
        again
            .map
            .iter_mut()
            .for_each(|place| *place = shadow.map[*place as usize]);
        shadow = again;
    }
    shadow
        .map
        .push(u32::try_from(line.len()).unwrap_or(u32::MAX));
    let mut hits = Vec::new();
    detect::plain(&shadow.text, &mut hits);
    encoded(&shadow.text, &mut hits, 1);
    for hit in hits {
        let start = shadow.map[hit.start] as usize;
        // The end is where the next written character begins, invisible ones before it excluded.
        let last = shadow.map[hit.end - 1] as usize;
        let end = shadow.map[hit.end..]
            .iter()
            .map(|&place| place as usize)
            .find(|&place| place > last)
            .unwrap_or(line.len());
        let plain = line
            .get(start..end)
            .is_some_and(|original| original == &shadow.text[hit.start..hit.end]);
        // What reads the same in the text itself was found there, with the right neighbours.
        if !plain {
            found.push(Found {
                start: offset + start,
                end: offset + end,
                detector: "disguised",
                ..hit
            });
        }
    }
}

fn write_out(line: &str, shadow: &mut Shadow) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some((text, length)) = escape(line, at, rest) {
            text.chars().for_each(|c| shadow.push(c, at));
            at += length;
            continue;
        }
        let Some(c) = line[at..].chars().next() else {
            break;
        };
        match fold(c) {
            Fold::Gone => {}
            Fold::To(plain) => shadow.push(plain, at),
            Fold::Same => match lookalike(c).filter(|_| in_mixed_word(line, at)) {
                Some(plain) => shadow.push(plain, at),
                None => shadow.push(c, at),
            },
        }
        at += c.len_utf8();
    }
}

/// What an escape stands for, and its length.
fn escape(line: &str, at: usize, rest: &[u8]) -> Option<(String, usize)> {
    match rest[0] {
        b'%' => percent(rest),
        b'&' => entity(rest).map(|(c, length)| (c.to_string(), length)),
        b'=' => quoted_printable(line.as_bytes(), at),
        b'\\' => match rest.get(1)? {
            b'u' => unicode_escape(rest).map(|(c, length)| (c.to_string(), length)),
            b'x' => {
                let byte = nibble(*rest.get(2)?)? << 4 | nibble(*rest.get(3)?)?;
                byte.is_ascii().then(|| (char::from(byte).to_string(), 4))
            }
            b'n' | b't' | b'r' => Some(("\n".to_owned(), 2)),
            mark @ (b'"' | b'/' | b'@' | b'.' | b'-' | b'_' | b'\\') => {
                Some((char::from(*mark).to_string(), 2))
            }
            _ => None,
        },
        b'[' | b'(' | b'{' => spelled(&line[at..]).map(|(c, length)| (c.to_string(), length)),
        b' ' => spelled(line[at + 1..].trim_start()).and_then(|(c, length)| {
            let blanks = line[at..].len() - line[at..].trim_start().len();
            let past = at + blanks + length;
            let tail = line.get(past..)?;
            Some((
                c.to_string(),
                blanks + length + (tail.len() - tail.trim_start_matches(' ').len()),
            ))
        }),
        _ => None,
    }
}

/// `=40` and the soft line break of mail bodies, inside a word only: `width=40` is something else.
fn quoted_printable(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let inside = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    if !inside(at.checked_sub(1)) {
        return None;
    }
    if bytes.get(at + 1) == Some(&b'\n') {
        return Some((String::new(), 2));
    }
    let (high, low) = (*bytes.get(at + 1)?, *bytes.get(at + 2)?);
    let code = nibble(high)? << 4 | nibble(low)?;
    let mark =
        matches!(code, b'@' | b'.' | b'-' | b'_' | b':' | b'=' | b'+') && !low.is_ascii_lowercase();
    (mark && inside(Some(at + 3)) && !bytes[at + 3].is_ascii_digit())
        .then(|| (char::from(code).to_string(), 3))
}

/// Whether a bracket may open a spelled mark: most brackets of code and prose do not.
fn may_spell(rest: &[u8]) -> bool {
    let first = rest.get(1..3).unwrap_or_default();
    let first = first.iter().find(|byte| **byte != b' ');
    first.is_some_and(|byte| {
        matches!(byte | 0x20, b'a' | b'd' | b'p' | b'c' | b'k')
            || matches!(byte, b'@' | b'.' | 0xc3)
    })
}

/// `[at]`, `(dot)` and their like.
fn spelled(text: &str) -> Option<(char, usize)> {
    let close = match text.as_bytes().first()? {
        b'[' => ']',
        b'(' => ')',
        b'{' => '}',
        _ => return None,
    };
    let end = text
        .get(1..)?
        .char_indices()
        .take(8)
        .find(|(_, c)| *c == close)?
        .0
        + 1;
    let word = text[1..end].trim().to_ascii_lowercase();
    let c = match word.as_str() {
        "at" | "@" | "ät" | "arroba" | "chez" | "klammeraffe" => '@',
        "dot" | "." | "punkt" | "point" | "punto" | "ponto" => '.',
        _ => return None,
    };
    Some((c, end + 1))
}

/// One or several `%XX` that are a character together.
fn percent(rest: &[u8]) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    for three in rest.chunks_exact(3).take(4) {
        if three[0] != b'%' {
            break;
        }
        bytes.push(nibble(three[1])? << 4 | nibble(three[2])?);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Some((text.to_owned(), bytes.len() * 3));
        }
    }
    None
}

fn entity(rest: &[u8]) -> Option<(char, usize)> {
    let end = rest.iter().take(12).position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(&rest[1..end]).ok()?;
    let code = match name {
        "commat" => '@',
        "period" => '.',
        "colon" => ':',
        "equals" => '=',
        "num" => '#',
        "sol" => '/',
        "plus" => '+',
        "lowbar" => '_',
        "hyphen" | "dash" => '-',
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => ' ',
        "shy" | "zwnj" | "zwj" => '\u{ad}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((code, end + 1))
}

#[derive(PartialEq, Eq)]
enum Fold {
    Same,
    Gone,
    To(char),
}

/// Invisible characters go; full-width, mathematical and circled ones and other digits become plain.
fn fold(c: char) -> Fold {
    let code = u32::from(c);
    let ascii =
        |offset: u32, base: u8| Fold::To(char::from(base + u8::try_from(offset).unwrap_or(0)));
    match code {
        0..0x80 => Fold::Same,
        0xad
        | 0x34f
        | 0x61c
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x2064
        | 0x2066..=0x206f
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xe0020..=0xe007f => Fold::Gone,
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Fold::To(' '),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => Fold::To('-'),
        0xff01..=0xff5e => ascii(code - 0xff01, b'!'),
        0x2024 | 0xfe52 => Fold::To('.'),
        0xfe6b => Fold::To('@'),
        0x2044 | 0x2215 => Fold::To('/'),
        0xa789 | 0x2236 | 0xfe55 | 0x5c3 => Fold::To(':'),
        0x660..=0x669 => ascii(code - 0x660, b'0'),
        0x6f0..=0x6f9 => ascii(code - 0x6f0, b'0'),
        0x966..=0x96f => ascii(code - 0x966, b'0'),
        0x9e6..=0x9ef => ascii(code - 0x9e6, b'0'),
        0xe50..=0xe59 => ascii(code - 0xe50, b'0'),
        0x1d7ce..=0x1d7ff => ascii((code - 0x1d7ce) % 10, b'0'),
        0x2460..=0x2468 => ascii(code - 0x2460, b'1'),
        0x2080..=0x2089 => ascii(code - 0x2080, b'0'),
        0x2070 | 0x2074..=0x2079 => ascii(code - 0x2070, b'0'),
        0x24b6..=0x24cf => ascii(code - 0x24b6, b'A'),
        0x24d0..=0x24e9 => ascii(code - 0x24d0, b'a'),
        0x1d400..=0x1d6a3 => {
            let place = (code - 0x1d400) % 52;
            if place < 26 {
                ascii(place, b'A')
            } else {
                ascii(place - 26, b'a')
            }
        }
        _ => Fold::Same,
    }
}

fn is_lookalike(c: char) -> bool {
    lookalike(c).is_some()
}

/// Letters of other scripts beside the Latin ones that they look like.
const LOOKALIKES: &[(&str, &str)] = &[
    ("аеорсухіјѕһԁԛԝɡӏьвтмкнА", "aeopcyxijshdqwglbBTMKHA"),
    (
        "ВЕКМНОРСТХУІЈЅАЗЬФΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "BEKMHOPCTXYIJSA3bOABEZHIKMNOPTYX",
    ),
    ("οανικρτυχεϲϳ", "oavikptuxecj"),
    ("ıſɑɩʟɴʀѵօսոցհѐ", "ifailnrvounghe"),
];

/// By code, below this one; 0 where there is none.
const LOOKALIKE_CODES: usize = 0x600;

static LOOKALIKE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut table = vec![0; LOOKALIKE_CODES];
    for (from, to) in LOOKALIKES {
        for (c, plain) in from.chars().zip(to.bytes()) {
            if let Some(place) = table.get_mut(c as usize) {
                *place = plain;
            }
        }
    }
    table
});

fn lookalike(c: char) -> Option<char> {
    let plain = *LOOKALIKE.get(c as usize)?;
    (plain != 0).then_some(char::from(plain))
}

/// Whether the word around `at` has ASCII letters or digits too: only then a look-alike is a disguise.
fn in_mixed_word(text: &str, at: usize) -> bool {
    let part = |c: &char| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_');
    let before = text[..at].chars().rev().take(24).take_while(part);
    let after = text[at..].chars().take(24).take_while(part);
    before.chain(after).any(|c| c.is_ascii_alphanumeric())
}

/// Decodes runs of base64 and hex and adds those with something private inside, whole.
fn encoded(text: &str, found: &mut Vec<Found>, depth: usize) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !ALPHABET[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let length = bytes[at..]
            .iter()
            .take_while(|&&byte| ALPHABET[usize::from(byte)])
            .count();
        if (ENCODED_BYTES_MIN..=DECODE_BYTES_MAX).contains(&length) {
            token(text, at, at + length, found, depth);
        }
        at += length;
    }
}

static ALPHABET: [bool; 256] = {
    let mut alphabet = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        alphabet[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(byte as u8, b'+' | b'/' | b'_' | b'-' | b'=');
        byte += 1;
    }
    alphabet
};

fn token(text: &str, start: usize, end: usize, found: &mut Vec<Found>, depth: usize) {
    let bytes = &text.as_bytes()[start..end];
    // `key=dG9r…` and `data/dG9r…`: what is before a joint belongs to it or not.
    let cuts = bytes
        .iter()
        .enumerate()
        .filter(|(place, byte)| {
            matches!(byte, b'=' | b'/' | b'-' | b'_')
                && *place + 1 < bytes.len()
                && bytes[place + 1] != b'='
        })
        .map(|(place, _)| place + 1);
    for cut in std::iter::once(0).chain(cuts.take(4)) {
        let part = &bytes[cut..];
        if part.len() < ENCODED_BYTES_MIN {
            break;
        }
        let has = |wanted: fn(&u8) -> bool| part.iter().any(wanted);
        let hex = part.iter().all(u8::is_ascii_hexdigit);
        let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
        if !(mixed || hex && has(u8::is_ascii_digit)) {
            continue;
        }
        let decoded = if hex {
            hex_text(part)
        } else {
            base64_text(part)
        };
        if let Some(decoded) = decoded {
            if is_private(&decoded, depth) {
                found.push(Found::new(
                    start + cut,
                    end,
                    EntityKind::EncodedSecret,
                    "encoded value",
                    90,
                ));
            }
            return;
        }
        if hex {
            return;
        }
    }
}

/// Whether a decoded token holds something to hide.
fn is_private(decoded: &str, depth: usize) -> bool {
    let mut hits = Vec::new();
    detect::plain(decoded, &mut hits);
    if depth + 1 < DECODE_DEPTH_MAX {
        lines(decoded, &mut hits);
        encoded(decoded, &mut hits, depth + 1);
    }
    let pair = decoded.len() < 120
        && decoded.split_once(':').is_some_and(|(user, password)| {
            user.len() >= 3
                && password.len() >= 4
                && !decoded.contains(' ')
                && user
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
                && password.bytes().all(|byte| byte.is_ascii_graphic())
                && !password.contains('/')
                && !password.bytes().all(|byte| byte.is_ascii_digit())
        });
    pair || hits
        .iter()
        .any(|hit| !matches!(hit.kind.class(), Class::Other) && hit.kind != EntityKind::Uuid)
}

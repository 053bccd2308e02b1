//! What a disguised text would say.
//!
//! Lines with invisible characters, full-width or look-alike letters, and escapes (percent, HTML, `\u`) are written
//! out plainly, with a map back, and read by the same rules. Encoded tokens are decoded, to a depth of two, and go as
//! a whole when something private is inside. Text without any of these costs one pass.

mod encoded;
mod fold;
mod markup;
mod spaced;
mod split;

use crate::detect::{self, Found};
use crate::encode::nibble;
use crate::json::unicode_escape;
use crate::kind::Class;
use crate::limits::DECODE_DEPTH_MAX;
use encoded::encoded;
use fold::{Fold, fold, is_lookalike, lookalike};

/// Adds what is found behind disguises.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    lines(text, found);
    split::find(text, found);
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

/// What a disguise begins with.
static MAY_DISGUISE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte >= 0x80
            || matches!(
                byte as u8,
                b'%' | b'&' | b'\\' | b'=' | b'[' | b'(' | b'{' | b'<' | b'*'
            );
        byte += 1;
    }
    table
};

/// The next place that a shadow would write in another way.
fn next_disguise(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let skip = rest
            .iter()
            .position(|&byte| MAY_DISGUISE[usize::from(byte)])?;
        at += skip;
        let rest = &bytes[at..];
        let written = match rest[0] {
            b'%' => rest.len() > 2 && nibble(rest[1]).is_some() && nibble(rest[2]).is_some(),
            b'&' => entity(rest).is_some(),
            b'\\' => {
                rest.len() > 5 && matches!(rest[1], b'u' | b'x' | b'U')
                    || matches!(rest.get(1), Some(b'/' | b'@' | b'.' | b'-' | b'_'))
                    || markup::octal(bytes, at).is_some()
                    || markup::inside(bytes, at).is_some()
            }
            b'*' => markup::inside(bytes, at).is_some(),
            b'<' if markup::inside(bytes, at).is_some() => true,
            b'=' => quoted_printable(bytes, at).is_some(),
            b'[' | b'(' | b'{' | b'<' => may_spell(rest) && spelled(&text[at..]).is_some(),
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
        // What reads the same in the text itself was found there, with the right neighbours, unless a disguise
        // touches it.
        let touched = hit.kind.class() == Class::Secret
            && (hit.start > 0 && start - shadow.map[hit.start - 1] as usize > 1
                || shadow.map[hit.end] as usize > last + 1
                || line[end..].starts_with('%'));
        if !plain || touched {
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
        if let Some(length) = markup::inside(bytes, at) {
            at += length;
            continue;
        }
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
            b'0' | b'1' => {
                markup::octal(line.as_bytes(), at).map(|byte| (char::from(byte).to_string(), 4))
            }
            b'n' | b't' | b'r' => Some(("\n".to_owned(), 2)),
            mark @ (b'"' | b'/' | b'@' | b'.' | b'-' | b'_' | b'\\') => {
                Some((char::from(*mark).to_string(), 2))
            }
            _ => None,
        },
        b'[' | b'(' | b'{' | b'<' => {
            spelled(&line[at..]).map(|(c, length)| (c.to_string(), length))
        }
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
    let inner = rest.get(1..3).unwrap_or_default();
    let first = inner.iter().find(|byte| **byte != b' ');
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
        b'<' => '>',
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
        "at" | "@" | "ät" | "arroba" | "chez" | "klammeraffe" | "arobase" | "chiocciola"
        | "małpa" => '@',
        // `jane(a)roe.example`: the letter alone needs a word right behind it.
        "a" if text[end + 1..].starts_with(|c: char| c.is_ascii_alphanumeric()) => '@',
        "dot" | "." | "punkt" | "point" | "punto" | "ponto" | "kropka" => '.',
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

/// Whether the word around `at` has ASCII letters or digits too: only then a look-alike is a disguise.
fn in_mixed_word(text: &str, at: usize) -> bool {
    let part = |c: &char| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_');
    let before = text[..at].chars().rev().take(24).take_while(part);
    let after = text[at..].chars().take(24).take_while(part);
    before.chain(after).any(|c| c.is_ascii_alphanumeric())
}

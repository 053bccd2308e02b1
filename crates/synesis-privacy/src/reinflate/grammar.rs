//! What counts as a placeholder, exactly or after a model edited it.
//!
//! Text is read in units: one character, or one escape that stands for it (Markdown, HTML, percent, `\u`,
//! full-width). Inside brackets the label may be anything made of letters and the parts may be spread by spaces,
//! line breaks and marks; without brackets the label must be ours, or capitals joined to the id. Every answer depends
//! on at most 48 bytes from the start, so a stream can decide as soon as a whole text can.

use crate::kind::EntityKind;
use crate::limits::{HOLD_BACK_BYTES_MAX, LABEL_LETTERS_MAX};
use crate::placeholder::PlaceholderId;

/// Whether a placeholder starts at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    No,
    /// The text ends too early to say.
    More,
    Match {
        end: usize,
        id: PlaceholderId,
        exact: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A letter or digit: ASCII upper case, or `?` for a letter of another script.
    Sign(u8),
    Join,
    Space,
    Mark,
    Open,
    Close,
    Other,
}

enum Read {
    Unit(Unit, usize),
    Partial,
}

const ENTITIES: &[(&str, Unit)] = &[
    ("&#91;", Unit::Open),
    ("&#x5b;", Unit::Open),
    ("&lbrack;", Unit::Open),
    ("&lsqb;", Unit::Open),
    ("&#93;", Unit::Close),
    ("&#x5d;", Unit::Close),
    ("&rbrack;", Unit::Close),
    ("&rsqb;", Unit::Close),
    ("&#95;", Unit::Join),
    ("&#x5f;", Unit::Join),
    ("&lowbar;", Unit::Join),
    ("&#45;", Unit::Join),
    ("&nbsp;", Unit::Space),
    ("&#160;", Unit::Space),
    ("&#8203;", Unit::Mark),
    ("&shy;", Unit::Mark),
    ("%5b", Unit::Open),
    ("%5d", Unit::Close),
    ("%5f", Unit::Join),
    ("%2d", Unit::Join),
    ("%20", Unit::Space),
    ("%0a", Unit::Space),
    ("\\u005b", Unit::Open),
    ("\\u005d", Unit::Close),
    ("\\u005f", Unit::Join),
    ("\\\\[", Unit::Open),
    ("\\\\]", Unit::Close),
    ("\\\\_", Unit::Join),
    ("\\[", Unit::Open),
    ("\\]", Unit::Close),
    ("\\_", Unit::Join),
    ("\\-", Unit::Join),
    ("\\*", Unit::Mark),
    ("\\n", Unit::Space),
];

fn read(text: &str, at: usize) -> Option<Read> {
    let bytes = text.as_bytes();
    let &byte = bytes.get(at)?;
    let unit = match byte {
        b'a'..=b'z' => Unit::Sign(byte.to_ascii_uppercase()),
        b'A'..=b'Z' | b'0'..=b'9' => Unit::Sign(byte),
        b'_' | b'-' | b':' | b'#' | b'.' => Unit::Join,
        b' ' | b'\n' | b'\r' | b'\t' => Unit::Space,
        b'*' | b'`' => Unit::Mark,
        b'[' => Unit::Open,
        b']' => Unit::Close,
        b'\\' | b'&' | b'%' => return Some(read_escape(bytes, at)),
        0..=127 => Unit::Other,
        _ => {
            let c = text.get(at..).and_then(|rest| rest.chars().next())?;
            return Some(Read::Unit(of_char(c), c.len_utf8()));
        }
    };
    Some(Read::Unit(unit, 1))
}

fn read_escape(bytes: &[u8], at: usize) -> Read {
    let rest = &bytes[at..];
    let mut partial = false;
    for (escape, unit) in ENTITIES {
        let escape = escape.as_bytes();
        let count = escape.len().min(rest.len());
        if rest[..count].eq_ignore_ascii_case(&escape[..count]) {
            if count == escape.len() {
                return Read::Unit(*unit, count);
            }
            partial = true;
        }
    }
    if partial {
        Read::Partial
    } else {
        Read::Unit(Unit::Other, 1)
    }
}

fn of_char(c: char) -> Unit {
    match c {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Unit::Mark,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => Unit::Space,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Unit::Join,
        '\u{3010}' | '\u{3014}' | '\u{27e6}' => Unit::Open,
        '\u{3011}' | '\u{3015}' | '\u{27e7}' => Unit::Close,
        '\u{ff01}'..='\u{ff5e}' => match u8::try_from(u32::from(c) - 0xfee0).unwrap_or(b'!') {
            b'[' => Unit::Open,
            b']' => Unit::Close,
            b'_' | b'-' | b':' => Unit::Join,
            sign if sign.is_ascii_alphanumeric() => Unit::Sign(sign.to_ascii_uppercase()),
            _ => Unit::Other,
        },
        c if c.is_alphabetic() => Unit::Sign(b'?'),
        _ => Unit::Other,
    }
}

/// A placeholder with brackets, in any of their forms, starting exactly at `start`.
pub(super) fn bracketed(text: &str, start: usize, at_end: bool) -> Outcome {
    let exact = exact_at(text.as_bytes(), start);
    if let Outcome::Match { .. } = exact {
        return exact;
    }
    let open = match read(text, start) {
        Some(Read::Unit(Unit::Open, length)) => length,
        Some(Read::Partial) if !at_end => return Outcome::More,
        _ => return Outcome::No,
    };
    let mut flat = Flat {
        signs: [0; 40],
        count: 0,
        digits_from: None,
        gaps: 0,
    };
    let mut at = start + open;
    // `\[EMAIL_7Q4K]`: the exact placeholder wins, the backslash is the text's own.
    if open > 1 && text.as_bytes()[at - 1] == b'[' {
        match exact_at(text.as_bytes(), at - 1) {
            Outcome::Match { .. } => return Outcome::No,
            Outcome::More if !at_end => return Outcome::More,
            _ => {}
        }
    }
    loop {
        if at - start >= HOLD_BACK_BYTES_MAX {
            return Outcome::No;
        }
        let (unit, length) = match read(text, at) {
            Some(Read::Unit(unit, length)) => (unit, length),
            _ if at_end => return Outcome::No,
            _ if text.len() - start >= HOLD_BACK_BYTES_MAX => return Outcome::No,
            _ => return Outcome::More,
        };
        at += length;
        match unit {
            Unit::Sign(sign) => {
                if !flat.push(sign) {
                    return Outcome::No;
                }
            }
            Unit::Join | Unit::Space => flat.gap(),
            Unit::Mark => {}
            Unit::Close if at - start <= HOLD_BACK_BYTES_MAX => {
                return flat.id().map_or(Outcome::No, |id| Outcome::Match {
                    end: at,
                    id,
                    exact: false,
                });
            }
            _ => return Outcome::No,
        }
    }
}

/// The letters and digits between brackets, and where something stood between them.
struct Flat {
    signs: [u8; 40],
    count: usize,
    digits_from: Option<usize>,
    gaps: u64,
}

impl Flat {
    fn push(&mut self, sign: u8) -> bool {
        if self.count == self.signs.len() {
            return false;
        }
        if sign.is_ascii_digit() && self.digits_from.is_none() {
            self.digits_from = Some(self.count);
        }
        self.signs[self.count] = sign;
        self.count += 1;
        // A digit can only be part of the id, so the end is near.
        self.digits_from.is_none_or(|from| self.count - from <= 7)
    }

    fn gap(&mut self) {
        self.gaps |= 1 << self.count;
    }

    fn id(&self) -> Option<PlaceholderId> {
        let signs = &self.signs[..self.count];
        let ends = [
            signs.len(),
            signs
                .len()
                .saturating_sub(usize::from(signs.last() == Some(&b'S'))),
        ];
        for at_gap in [true, false] {
            for end in ends {
                for length in [4, 6] {
                    let Some(from) = end.checked_sub(length) else {
                        continue;
                    };
                    let parted = from == 0 || self.gaps >> from & 1 == 1;
                    let label = &signs[..from];
                    if parted == at_gap
                        && !label.iter().any(u8::is_ascii_digit)
                        && let Some(id) = PlaceholderId::parse(&signs[from..end])
                    {
                        return Some(id);
                    }
                }
            }
        }
        None
    }
}

/// A placeholder character for character as it was written.
fn exact_at(bytes: &[u8], start: usize) -> Outcome {
    let Some(rest) = bytes.get(start + 1..) else {
        return Outcome::No;
    };
    if bytes[start] != b'[' {
        return Outcome::No;
    }
    let letters = rest
        .iter()
        .take(LABEL_LETTERS_MAX + 1)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    match rest.get(letters) {
        None => return Outcome::More,
        Some(b'_') if (1..=LABEL_LETTERS_MAX).contains(&letters) => {}
        Some(_) => return Outcome::No,
    }
    let tail = &rest[letters + 1..];
    let plain = |byte: &&u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let count = tail.iter().take(7).take_while(plain).count();
    match tail.get(count) {
        None if count <= 6 => Outcome::More,
        Some(b']') => match PlaceholderId::parse(&tail[..count]) {
            Some(id)
                if !tail[..count]
                    .iter()
                    .any(|byte| matches!(byte, b'O' | b'I' | b'L')) =>
            {
                Outcome::Match {
                    end: start + 1 + letters + 1 + count + 1,
                    id,
                    exact: true,
                }
            }
            _ => Outcome::No,
        },
        _ => Outcome::No,
    }
}

/// The longest label without brackets that is not ours, in letters.
const BARE_LETTERS_MAX: usize = 12;
const BARE_JOINTS_MAX: usize = 4;

/// A placeholder that lost its brackets: label, something between, id.
pub(super) fn bare(text: &str, start: usize, at_end: bool) -> Outcome {
    let bytes = text.as_bytes();
    let rest = &bytes[start..];
    let may_grow = !at_end && rest.len() < HOLD_BACK_BYTES_MAX;
    let more = if may_grow { Outcome::More } else { Outcome::No };
    let letters = rest
        .iter()
        .take(BARE_LETTERS_MAX + 1)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if letters == 0 || letters > BARE_LETTERS_MAX {
        return Outcome::No;
    }
    let word = &rest[..letters];
    let singular = word
        .strip_suffix(b"s")
        .or_else(|| word.strip_suffix(b"S"))
        .unwrap_or(word);
    let ours = EntityKind::is_label(word) || EntityKind::is_label(singular);
    let capitals = letters >= 2 && word.iter().all(u8::is_ascii_uppercase);
    if letters == rest.len() {
        let begins =
            ours || word.iter().all(u8::is_ascii_uppercase) || EntityKind::begins_label(word);
        return if begins { more } else { Outcome::No };
    }
    if !ours && !capitals {
        return Outcome::No;
    }
    let mut at = start + letters;
    let mut joints = 0;
    let mut parted = false;
    loop {
        match read(text, at) {
            None | Some(Read::Partial) => {
                let partial = at < text.len();
                return if partial && at_end { Outcome::No } else { more };
            }
            Some(Read::Unit(unit @ (Unit::Join | Unit::Space | Unit::Mark), length)) => {
                joints += 1;
                if joints > BARE_JOINTS_MAX || (joints == 1 && !ours && unit != Unit::Join) {
                    return Outcome::No;
                }
                parted |= unit != Unit::Mark;
                at += length;
            }
            Some(_) => break,
        }
    }
    if parted {
        bare_id(bytes, start, at, ours, at_end, more)
    } else {
        Outcome::No
    }
}

fn bare_id(
    bytes: &[u8],
    start: usize,
    at: usize,
    ours: bool,
    at_end: bool,
    more: Outcome,
) -> Outcome {
    let tail = &bytes[at..];
    let count = tail
        .iter()
        .take(8)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if count > 7 || at + count - start > HOLD_BACK_BYTES_MAX {
        return Outcome::No;
    }
    if count == tail.len() && !at_end {
        return more;
    }
    let id = &tail[..count];
    let found = PlaceholderId::parse(id).or_else(|| {
        let plural = id.strip_suffix(b"s").or_else(|| id.strip_suffix(b"S"))?;
        PlaceholderId::parse(plural)
    });
    match found {
        Some(parsed) if ours || !id.iter().any(u8::is_ascii_lowercase) => Outcome::Match {
            end: at + count,
            id: parsed,
            exact: false,
        },
        _ => Outcome::No,
    }
}

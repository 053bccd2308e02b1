//! Where the value of an assignment begins and ends.

use super::joint::Joint;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::limits::SECRET_BYTES_MAX;

/// Quotes and what closes them.
const QUOTES: &[(&str, &str)] = &[
    ("\"\"\"", "\"\"\""),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
    ("‘", "’"),
    ("「", "」"),
    ("**", "**"),
];

/// The bounds of a value, without its quotes.
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

/// The value at a place after a key.
pub(super) fn at(view: &View<'_>, hit: Hit, at: usize, joint: Joint) -> Option<Value> {
    let mut at = at;
    // `b"…"`, `f'…'`, `@"…"`, `Some("…")`, `"Bearer …"`, `!secret`
    if matches!(
        view.at(at),
        Some(b'b' | b'r' | b'f' | b'u' | b'@' | b'L' | b'$' | b'(')
    ) && matches!(view.at(at + 1), Some(b'"' | b'\''))
    {
        at += 1;
    }
    if view.at(at) == Some(b'\\') && matches!(view.at(at + 1), Some(b'"' | b'\'')) {
        return escaped(view, at + 2, view.bytes[at + 1]);
    }
    let quote = QUOTES
        .iter()
        .find(|(open, _)| view.text[at..].starts_with(open));
    match quote {
        Some((open, close)) => quoted(view, at + open.len(), open.len() == 1, close),
        None => bare(view, hit, at, joint),
    }
}

/// A value between escaped quotes: `\"…\"`.
fn escaped(view: &View<'_>, start: usize, quote: u8) -> Option<Value> {
    let length = view.bytes[start..(start + SECRET_BYTES_MAX).min(view.bytes.len())]
        .windows(2)
        .position(|pair| pair[0] == b'\\' && pair[1] == quote)?;
    Some(Value {
        start,
        end: start + length,
        quoted: true,
    })
}

/// A value up to what closes its quotes; between quotes of one byte it ends on its line.
fn quoted(view: &View<'_>, start: usize, one_line: bool, close: &str) -> Option<Value> {
    let bytes = view.bytes;
    let limit = (start + SECRET_BYTES_MAX).min(bytes.len());
    let mut end = start;
    while end < limit
        && !(view.text.is_char_boundary(end) && bytes[end..].starts_with(close.as_bytes()))
    {
        if bytes[end] == b'\n' && one_line {
            return None;
        }
        end += if bytes[end] == b'\\' && end + 1 < limit {
            2
        } else {
            1
        };
    }
    (end < limit && view.text.is_char_boundary(end)).then_some(Value {
        start,
        end,
        quoted: true,
    })
}

/// A value without quotes, without the marks of the sentence at its end.
fn bare(view: &View<'_>, hit: Hit, at: usize, joint: Joint) -> Option<Value> {
    let bytes = view.bytes;
    let query = matches!(view.before(hit.start), Some(b'?' | b'&'));
    let stops = |byte: u8| {
        byte <= b' '
            || matches!(byte, b'"' | b'`' | b'<')
            || byte == b'\'' && joint != Joint::Verb
            || (query && byte == b'&')
            || matches!(byte, b',' | b';' | b'|' | b'}') && joint != Joint::Verb
    };
    let length = bytes[at..]
        .iter()
        .take(SECRET_BYTES_MAX)
        .take_while(|&&byte| !stops(byte))
        .count();
    let mut end = at + length;
    while end > at
        && (matches!(
            bytes[end - 1],
            b',' | b';' | b'.' | b':' | b')' | b']' | b'\\'
        ) || matches!(bytes[end - 1], b'!' | b'?')
            && joint == Joint::Verb
            && view.at(end).is_none_or(|next| next == b'\n'))
    {
        // A bracket that the value itself opened stays.
        if bytes[end - 1] == b')' && bytes[at..end].contains(&b'(') {
            break;
        }
        end -= 1;
    }
    for wide in ["。", "，", "」", "、"] {
        if let Some(place) = view.text.get(at..end).and_then(|text| text.find(wide)) {
            end = at + place;
        }
    }
    // `パスワードは…です`: the sentence goes on in its own script.
    let wide =
        |c: char| matches!(u32::from(c), 0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7af);
    if end > at
        && bytes[at].is_ascii()
        && let Some(place) = view.text.get(at..end).and_then(|text| text.find(wide))
    {
        end = at + place;
    }
    // `password: {type: string}`: a mapping, no value.
    let mapping = view.at(at) == Some(b'{') && view.at(end) == Some(b':');
    (end > at && !mapping && view.text.is_char_boundary(end)).then_some(Value {
        start: at,
        end,
        quoted: false,
    })
}

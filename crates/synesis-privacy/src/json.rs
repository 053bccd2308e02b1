//! Reads a JSON body string by string, without changing it.
//!
//! Every string and every key is decoded and handed out with a map back to the bytes of the body. Nothing here knows
//! which fields are private: all of them are read.

use crate::detect::Found;
use crate::limits::JSON_DEPTH_MAX;

/// Where a body stops being JSON.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum JsonError {
    /// Something else was wanted at this byte.
    #[error("unexpected text at byte {0}")]
    Unexpected(usize),
    /// The body nests too deep.
    #[error("more than {JSON_DEPTH_MAX} levels deep")]
    TooDeep,
}

/// A string of the body, decoded.
pub(crate) struct Piece<'p> {
    pub(crate) text: &'p str,
    map: &'p [u32],
}

impl Piece<'_> {
    /// Moves a finding from the decoded text to the body.
    pub(crate) fn place(&self, hit: Found) -> Found {
        Found {
            start: self.map[hit.start] as usize,
            end: self.map[hit.end] as usize,
            ..hit
        }
    }
}

/// Calls `each` for every string and key of the body.
pub(crate) fn walk(body: &str, mut each: impl FnMut(Piece<'_>)) -> Result<(), JsonError> {
    let mut reader = Reader {
        body,
        at: 0,
        depth: 0,
    };
    let mut text = String::new();
    let mut map = Vec::new();
    reader.value(&mut |start, end| {
        if decode(body, start, end, &mut text, &mut map).is_some() {
            each(Piece {
                text: &text,
                map: &map,
            });
            true
        } else {
            false
        }
    })?;
    reader.space();
    if reader.at == body.len() {
        Ok(())
    } else {
        Err(JsonError::Unexpected(reader.at))
    }
}

/// Start and end in the body, in bytes.
type Span = (usize, usize);

/// Where the insides of all strings and keys are, and where the numbers are, each in order.
pub(crate) fn tokens(body: &str) -> (Vec<Span>, Vec<Span>) {
    let bytes = body.as_bytes();
    let (mut strings, mut numbers) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = string_end(bytes, at + 1).unwrap_or(bytes.len());
                strings.push((at + 1, end));
                at = end + 1;
            }
            b'-' | b'0'..=b'9' => {
                let inside =
                    |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes[at..].iter().take_while(|byte| inside(byte)).count();
                numbers.push((at, end));
                at = end;
            }
            _ => at += 1,
        }
    }
    (strings, numbers)
}

/// The numbers that a finding touches, whole.
pub(crate) fn numbers_in(
    hit: Found,
    numbers: &[(usize, usize)],
) -> impl Iterator<Item = Found> + '_ {
    let first = numbers.partition_point(|&(_, end)| end <= hit.start);
    let touched = numbers[first..]
        .iter()
        .take_while(move |&&(start, _)| start < hit.end);
    touched.map(move |&(start, end)| Found { start, end, ..hit })
}

/// The part of a finding that lies in one string: a placeholder must not swallow the body's own
/// marks, nor half of an escape.
pub(crate) fn clip(body: &str, hit: Found, inside: &[(usize, usize)]) -> Option<Found> {
    let place = inside.partition_point(|&(_, end)| end <= hit.start);
    let &(from, to) = inside.get(place)?;
    let (start, end) = (hit.start.max(from), hit.end.min(to));
    let clipped = Found {
        start: escape_around(body, from, start).map_or(start, |(_, end)| end),
        end: escape_around(body, from, end).map_or(end, |(_, end)| end.min(to)),
        ..hit
    };
    (clipped.start < clipped.end).then_some(clipped)
}

/// The escape of the string from `from` that the place `at` would cut in two.
fn escape_around(body: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let bytes = body.as_bytes();
    let mut next = from;
    while next < at {
        let length = match (bytes.get(next)?, bytes.get(next + 1)) {
            (b'\\', Some(b'u')) => 6,
            (b'\\', _) => 2,
            _ => 1,
        };
        if next + length > at {
            return Some((next, next + length));
        }
        next += length;
    }
    None
}

fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Decodes the inside of a string; `map[i]` is where byte `i` of the text begins in the body.
fn decode(
    body: &str,
    start: usize,
    end: usize,
    text: &mut String,
    map: &mut Vec<u32>,
) -> Option<()> {
    text.clear();
    map.clear();
    let bytes = body.as_bytes();
    let mut at = start;
    while at < end {
        let from = at;
        if bytes[at] == b'\\' {
            let (c, length) = escape(bytes.get(at..end)?)?;
            text.push(c);
            at += length;
        } else {
            let c = body.get(at..end)?.chars().next()?;
            text.push(c);
            at += c.len_utf8();
        }
        map.resize(text.len(), u32::try_from(from).ok()?);
    }
    map.push(u32::try_from(end).ok()?);
    Some(())
}

fn escape(rest: &[u8]) -> Option<(char, usize)> {
    let c = match rest.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(rest),
        _ => return None,
    };
    Some((c, 2))
}

/// The text that stands between the quotes of a JSON string; nothing when no escape is in it.
pub(crate) fn unescaped(inside: &str) -> Option<String> {
    inside.find('\\')?;
    let mut out = String::with_capacity(inside.len());
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let (c, length) = match rest.as_bytes()[0] {
            b'\\' => escape(rest.as_bytes())?,
            _ => rest.chars().next().map(|c| (c, c.len_utf8()))?,
        };
        out.push(c);
        at += length;
    }
    Some(out)
}

/// Reads `\uXXXX`, or two of them that are one character. A lone half is the replacement character.
pub(crate) fn unicode_escape(rest: &[u8]) -> Option<(char, usize)> {
    let first = hex4(rest.get(2..6)?)?;
    if (0xd800..0xdc00).contains(&first)
        && rest.get(6..8) == Some(b"\\u")
        && let Some(second) = rest.get(8..12).and_then(hex4)
        && (0xdc00..0xe000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::from_u32(first).unwrap_or('\u{fffd}'), 6))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, &digit| {
        Some(sum << 4 | u32::from(crate::encode::nibble(digit)?))
    })
}

struct Reader<'b> {
    body: &'b str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.body.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected<T>(&self) -> Result<T, JsonError> {
        Err(JsonError::Unexpected(self.at))
    }

    fn value(&mut self, each: &mut impl FnMut(usize, usize) -> bool) -> Result<(), JsonError> {
        self.space();
        match self.peek() {
            Some(b'"') => self.string(each),
            Some(b'{') => self.group(b'}', true, each),
            Some(b'[') => self.group(b']', false, each),
            Some(b'-' | b'0'..=b'9') => {
                while matches!(
                    self.peek(),
                    Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
                ) {
                    self.at += 1;
                }
                Ok(())
            }
            _ => {
                let rest = &self.body[self.at..];
                let word = ["true", "false", "null"]
                    .into_iter()
                    .find(|word| rest.starts_with(word));
                self.at += word.map_or(0, str::len);
                if word.is_some() {
                    Ok(())
                } else {
                    self.unexpected()
                }
            }
        }
    }

    fn string(&mut self, each: &mut impl FnMut(usize, usize) -> bool) -> Result<(), JsonError> {
        if self.peek() != Some(b'"') {
            return self.unexpected();
        }
        let start = self.at + 1;
        let end = string_end(self.body.as_bytes(), start)
            .ok_or(JsonError::Unexpected(self.body.len()))?;
        if !each(start, end) {
            return self.unexpected();
        }
        self.at = end + 1;
        Ok(())
    }

    fn group(
        &mut self,
        close: u8,
        keys: bool,
        each: &mut impl FnMut(usize, usize) -> bool,
    ) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > JSON_DEPTH_MAX {
            return Err(JsonError::TooDeep);
        }
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            if keys {
                self.space();
                self.string(each)?;
                self.space();
                if self.peek() != Some(b':') {
                    return self.unexpected();
                }
                self.at += 1;
            }
            self.value(each)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(mark) if mark == close => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                _ => return self.unexpected(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_and_key_is_read_decoded() {
        let mut texts = Vec::new();
        walk(
            r#"{"a\u0062": ["x\ny", {"k": "\ud83d\ude00"}], "n": -1.5e3, "t": true}"#,
            |piece| {
                texts.push(piece.text.to_owned());
            },
        )
        .unwrap();
        assert_eq!(texts, ["ab", "x\ny", "k", "😀", "n", "t"]);
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for body in [
            "",
            "{",
            "[1,]",
            "{\"a\" 1}",
            "\"\\x\"",
            "nul",
            "1 2",
            "\"open",
            "{1:2}",
        ] {
            assert!(walk(body, |_| ()).is_err(), "{body}");
        }
        assert_eq!(walk(&"[".repeat(1000), |_| ()), Err(JsonError::TooDeep));
    }
}

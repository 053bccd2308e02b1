//! Values that a line break or a joint of code cuts in two: `"ghp_…" + "…"`, a card number over two lines.

use super::Found;
use crate::detect;
use crate::kind::{Class, EntityKind};

/// How much is read before and after a cut, in bytes.
const SIDE_BYTES_MAX: usize = 1500;
/// How much is read once there were very many cuts.
const SIDE_BYTES_MIN: usize = 64;
/// What a small text may be read again for its cuts, in bytes.
const AGAIN_BYTES_MIN: usize = 64 * 1024;

/// Adds what is found over a cut, whole.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut again = Again(AGAIN_BYTES_MIN.saturating_add(text.len()));
    for place in memchr::memchr2_iter(b'"', b'\'', bytes) {
        if let Some(after) = joined(bytes, place) {
            read(text, place, after, again.side(), found);
        }
    }
    for place in memchr::memchr_iter(b'\n', bytes) {
        if let Some((before, after)) = wrapped(text, place) {
            read(text, before, after, again.side(), found);
        }
    }
}

/// How much may still be read again: code that is nothing but joints costs a few times its length, not
/// thousands of times.
struct Again(usize);

impl Again {
    /// How much to read on each side of the next cut.
    const fn side(&mut self) -> usize {
        let side = if self.0 >= 2 * SIDE_BYTES_MAX {
            SIDE_BYTES_MAX
        } else {
            SIDE_BYTES_MIN
        };
        self.0 = self.0.saturating_sub(2 * side);
        side
    }
}

/// Where a string goes on that a quote closes: past `" + "`, `' . '` and the like, or past a line break alone.
fn joined(bytes: &[u8], quote: usize) -> Option<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"@_-+/=.".contains(byte);
    let before = quote.checked_sub(1).and_then(|place| bytes.get(place));
    if !before.is_some_and(inside) {
        return None;
    }
    let mut at = quote + 1;
    let (mut marked, mut blank) = (false, false);
    while at - quote < 24 {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\r' => blank = true,
            b'\n' => marked = true,
            b'+' | b'.' | b'&' if !marked || bytes[at - 1] != b'\n' => marked = true,
            byte if *byte == bytes[quote] => break,
            _ => return None,
        }
        at += 1;
    }
    let next = bytes.get(at + 1)?;
    (marked && (blank || at - quote > 1) && inside(next)).then_some(at + 1)
}

/// Where a value ends on one line and goes on in the next: past the mark of a continuation, blanks and a quote's `>`.
fn wrapped(text: &str, line_break: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let next = &text[line_break + 1..];
    let word = next.trim_start_matches([' ', '\t']);
    let word = word.strip_prefix("> ").unwrap_or(word);
    // The value is all there is on the line: letters and digits with marks, or groups of digits.
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"@_-+/=.:%~".contains(byte);
    let length = word.bytes().take(SIDE_BYTES_MAX).take_while(inside).count();
    let rest = &word.as_bytes()[length..];
    let line_end = rest.iter().position(|byte| *byte == b'\n');
    let rest = &rest[..line_end.unwrap_or(rest.len().min(64))];
    let tail = |byte: &u8| {
        byte.is_ascii_digit()
            || byte.is_ascii_uppercase()
            || matches!(byte, b' ' | b'-' | b')' | b'\r')
    };
    let single = length == 1 && word.as_bytes()[0].is_ascii_digit();
    if length < 2 && !single || rest.len() > 24 || !rest.iter().all(tail) {
        return None;
    }
    let after = text.len() - word.len();
    let mut before = line_break;
    if before > 0 && bytes[before - 1] == b'\r' {
        before -= 1;
    }
    let continued = before > 0 && matches!(bytes[before - 1], b'\\' | b'=');
    if continued || before > 0 && bytes[before - 1] == b' ' {
        before -= 1;
    }
    let head = text[..before].rsplit([' ', '\n', ':', '"']).next()?;
    let last = bytes.get(before.checked_sub(1)?)?;
    let word = &word[..length];
    let telling = |part: &str| {
        part.bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'@' | b'_'))
            || part.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
    };
    let whole = inside(last)
        && !word.ends_with([':', '.'])
        && !word.trim_end_matches('=').contains('=')
        && (continued
            || telling(head) && telling(word)
            || head.ends_with('@')
            || word.starts_with('@'));
    let line = text[..before].rfind('\n').map_or(0, |line| line + 1);
    let labelled = text[line..before].contains([' ', ':', '=']);
    (whole && labelled).then_some((before, after))
}

/// Reads what is before and after a cut as one text and adds what lies over the cut.
fn read(text: &str, before: usize, after: usize, side: usize, found: &mut Vec<Found>) {
    let line = memchr::memrchr(b'\n', &text.as_bytes()[..before]).map_or(0, |line| line + 1);
    let from = text.ceil_char_boundary(line.max(before.saturating_sub(side)));
    let end = memchr::memchr(b'\n', &text.as_bytes()[after..])
        .map_or(text.len(), |line| after + line)
        .min(after + side);
    let end = text.floor_char_boundary(end);
    let (head, tail) = (&text[from..before], &text[after..end]);
    // Groups of digits keep a blank between them.
    let grouped = head.ends_with(|c: char| c.is_ascii_digit())
        && tail.starts_with(|c: char| c.is_ascii_digit());
    for blank in ["", " "].iter().take(1 + usize::from(grouped)) {
        let whole = format!("{head}{blank}{tail}");
        let cut = head.len();
        let mut hits = Vec::new();
        detect::plain(&whole, &mut hits);
        hits.retain(|hit| hit.start < cut && hit.end > cut + blank.len() && is_one_piece(hit.kind));
        for hit in &hits {
            found.push(Found {
                start: from + hit.start,
                end: hit.end - cut - blank.len() + after,
                detector: "value in two parts",
                ..*hit
            });
        }
        if !hits.is_empty() {
            break;
        }
    }
}

/// Whether a value of this kind is written without a break.
fn is_one_piece(kind: EntityKind) -> bool {
    use EntityKind::*;
    !matches!(kind.class(), Class::Other)
        && !matches!(
            kind,
            Person | Address | BirthDate | Username | Hostname | Mnemonic | Coordinates
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_cuts_are_read_less_far_and_never_not_at_all() {
        let mut again = Again(10 * SIDE_BYTES_MAX);
        let sides: Vec<usize> = (0..8).map(|_| again.side()).collect();
        assert_eq!(sides[..5], [SIDE_BYTES_MAX; 5]);
        assert_eq!(sides[5..], [SIDE_BYTES_MIN; 3]);
    }

    #[test]
    fn a_value_is_found_behind_thousands_of_joints() {
        let mut text = "\"a\" + ".repeat(20_000);
        text.push_str("\"jane.roe\" + \"@example.org\"");
        let mut found = Vec::new();
        find(&text, &mut found);
        assert!(
            found.iter().any(|hit| hit.kind == EntityKind::Email),
            "{found:?}"
        );
    }
}

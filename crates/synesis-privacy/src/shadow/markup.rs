//! Markup inside a value, and octal escapes.

/// Tags that stand inside a word and show nothing of their own.
const TAGS: &[&[u8]] = &[
    b"b", b"i", b"u", b"em", b"strong", b"span", b"wbr", b"font", b"mark", b"small", b"s", b"wbr/",
];

/// The length of a tag, a comment, two stars or a backslash at `at` with a value on both sides.
pub(super) fn inside(bytes: &[u8], at: usize) -> Option<usize> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"@_-+.".contains(byte);
    let before = bytes.get(at.checked_sub(1)?)?;
    let rest = &bytes[at..];
    // Groups of digits have a blank on either side of the markup.
    let digit = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_some_and(u8::is_ascii_digit)
    };
    let opened = *before == b' ' && digit(at.checked_sub(2));
    if !(word(before) || opened && rest[0] == b'<') {
        return None;
    }
    let length = match rest[0] {
        b'*' if rest.starts_with(b"**") && rest.get(2) != Some(&b'*') => 2,
        b'\\' => {
            // `4111\ 1111`
            let digit = before.is_ascii_digit();
            let next = rest.get(1)?;
            let apart = next.is_ascii_digit() && octal(bytes, at).is_none()
                || *next == b' ' && rest.get(2).is_some_and(u8::is_ascii_digit);
            return (digit && apart).then_some(1);
        }
        b'<' if rest.starts_with(b"<!--") => {
            let close = rest.iter().take(48).position(|&byte| byte == b'>')?;
            close + 1
        }
        b'<' => {
            let close = rest.iter().take(32).position(|&byte| byte == b'>')?;
            let tag = rest[1..close].strip_prefix(b"/").unwrap_or(&rest[1..close]);
            let name = tag.split(|byte| *byte == b' ').next()?;
            if !TAGS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                return None;
            }
            close + 1
        }
        _ => return None,
    };
    let next = rest.get(length)?;
    let closed = *next == b' ' && before.is_ascii_digit() && digit(Some(at + length + 1));
    let inside = if opened {
        next.is_ascii_digit()
    } else {
        word(next) || closed
    };
    inside.then_some(length)
}

/// The character of an octal escape among others: `\152\141\156\145`.
pub(super) fn octal(bytes: &[u8], at: usize) -> Option<u8> {
    let value = |at: usize| -> Option<u8> {
        let four = bytes.get(at..at + 4)?;
        let digits = &four[1..];
        let shaped = four[0] == b'\\'
            && matches!(digits[0], b'0' | b'1')
            && digits.iter().all(|byte| (b'0'..=b'7').contains(byte));
        shaped.then(|| digits.iter().fold(0, |sum, byte| sum * 8 + (byte - b'0')))
    };
    let neighbour = at.checked_sub(4).and_then(value).or_else(|| value(at + 4));
    neighbour.and(value(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_inside_a_word_goes_and_around_it_stays() {
        for text in [
            "a<b>c",
            "a**b",
            "a<wbr>b",
            "a<!-- -->b",
            "1\\2",
            "a<span class=x>b",
        ] {
            assert!(inside(text.as_bytes(), 1).is_some(), "{text}");
        }
        for text in ["a<td>c", "a**", "a<b c", "a\\b", "(<b>c", "a***b"] {
            assert!(inside(text.as_bytes(), 1).is_none(), "{text}");
        }
        assert_eq!(octal(br"\152\141", 0), Some(b'j'));
        assert_eq!(octal(br"\152 is", 0), None);
    }
}

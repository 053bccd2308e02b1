//! The encodings a value may hide in: written for the gate, read for the redactor. Pure functions over bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The text as it stands inside a JSON string.
pub(crate) fn json_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 => {
                out.push_str("\\u00");
                out.push(char::from(HEX[(c as usize) >> 4].to_ascii_lowercase()));
                out.push(char::from(HEX[(c as usize) & 15].to_ascii_lowercase()));
            }
            c => out.push(c),
        }
    }
    out
}

/// JSON-escaped text with all but ASCII as `\uXXXX`, as many languages write it.
pub(crate) fn json_escaped_ascii(text: &str, upper: bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in json_escaped(text).chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str("\\u");
            for shift in [12, 8, 4, 0] {
                let digit = char::from(HEX[usize::from(*unit >> shift & 15)]);
                out.push(if upper {
                    digit
                } else {
                    digit.to_ascii_lowercase()
                });
            }
        }
    }
    out
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The text with everything but RFC 3986's unreserved characters as `%XX`.
pub(crate) fn percent_encoded(text: &str, upper: bool) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                let digit = HEX[usize::from(nibble)];
                out.push(char::from(if upper {
                    digit
                } else {
                    digit.to_ascii_lowercase()
                }));
            }
        }
    }
    out
}

/// The characters that base64 of the text has at every alignment, in both alphabets.
pub(crate) fn base64_cores(text: &[u8]) -> Vec<String> {
    let mut cores = Vec::new();
    for lead in 0..3usize {
        let mut shifted = vec![0u8; lead];
        shifted.extend_from_slice(text);
        // A character that also carries bits of a neighbour is not part of the core.
        let first = (lead * 8).div_ceil(6);
        let last = shifted.len() * 8 / 6;
        for encoded in [
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            if let Some(core) = encoded.get(first..last)
                && core.len() >= 8
                && !cores.iter().any(|known| known == core)
            {
                cores.push(core.to_owned());
            }
        }
    }
    cores
}

/// Decodes base64 of either alphabet, with or without padding, when the result is text.
pub(crate) fn base64_text(token: &[u8]) -> Option<String> {
    let body = token.trim_ascii_end();
    let end = body
        .iter()
        .rposition(|&byte| byte != b'=')
        .map_or(0, |last| last + 1);
    let body = &body[..end];
    let lenient = base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    let url_safe = body.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if url_safe {
        &base64::alphabet::URL_SAFE
    } else {
        &base64::alphabet::STANDARD
    };
    let bytes = base64::engine::GeneralPurpose::new(alphabet, lenient)
        .decode(body)
        .ok()?;
    readable(bytes)
}

/// Decodes pairs of hex digits, when the result is text.
pub(crate) fn hex_text(token: &[u8]) -> Option<String> {
    if !token.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> = token
        .chunks_exact(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect();
    readable(bytes?)
}

/// The value of a hex digit.
pub(crate) fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn readable(bytes: Vec<u8>) -> Option<String> {
    if bytes.len() < 4 {
        return None;
    }
    // UTF-16, as PowerShell encodes its commands.
    if bytes.len().is_multiple_of(2) && bytes.iter().skip(1).step_by(2).all(|&byte| byte == 0) {
        let narrow: Vec<u8> = bytes.iter().step_by(2).copied().collect();
        return readable(narrow);
    }
    let text = String::from_utf8(bytes).ok()?;
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        .count();
    (odd == 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alignment_of_base64_holds_a_core() {
        let value = "jane@example.org";
        let cores = base64_cores(value.as_bytes());
        for before in ["", "x", "xy", "xyz"] {
            for after in ["", "1", "12"] {
                let encoded = base64::engine::general_purpose::STANDARD
                    .encode(format!("{before}{value}{after}"));
                assert!(
                    cores.iter().any(|core| encoded.contains(core.as_str())),
                    "{encoded}"
                );
            }
        }
    }

    #[test]
    fn encodings_read_back() {
        assert_eq!(
            base64_text(b"aGVsbG8gd29ybGQ=").as_deref(),
            Some("hello world")
        );
        assert_eq!(hex_text(b"68656c6c6f").as_deref(), Some("hello"));
        assert_eq!(percent_encoded("a b@c", true), "a%20b%40c");
        assert_eq!(json_escaped("a\"b\\c\n\u{1}"), "a\\\"b\\\\c\\n\\u0001");
    }
}

//! Credentials in formats of their own: headers, cookies, PEM, `.netrc`, Kubernetes secrets, recovery phrases.

use super::View;
use super::negative::{is_random, is_stand_in};
use super::words::{Hit, Role};
use crate::encode::base64_text;
use crate::kind::EntityKind::*;
use crate::limits::PEM_BYTES_MAX;

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    match hit.role {
        Role::Authorization => authorization(view, hit),
        Role::CookieKey => cookie(view, hit),
        Role::Pem => pem(view, hit),
        Role::Netrc => netrc(view, hit),
        _ => kubernetes(view, hit),
    }
}

fn token_end(view: &View<'_>, start: usize) -> usize {
    let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-+/=~:!@#$%^&*".contains(byte);
    let mut end = start
        + view.bytes[start..]
            .iter()
            .take(8192)
            .take_while(inside)
            .count();
    while end > start && matches!(view.bytes[end - 1], b'.' | b':' | b'!' | b'*') {
        end -= 1;
    }
    end
}

/// `Authorization: Bearer …`, `Basic …`, or a scheme of its own.
fn authorization(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end]
        .trim_end()
        .to_ascii_lowercase();
    if !view.is_word(hit.start, hit.start + word.len()) {
        return;
    }
    let mut start = hit.end;
    let header = word == "authorization";
    if header {
        start += view.bytes[start..]
            .iter()
            .take(6)
            .take_while(|byte| {
                matches!(
                    byte,
                    b'"' | b'\'' | b':' | b'=' | b' ' | b'\\' | b'>' | b'`' | b']' | b')'
                )
            })
            .count();
        let scheme = view.bytes[start..]
            .iter()
            .take(24)
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
            .count();
        if start == hit.end {
            return;
        }
        if view.at(start + scheme) == Some(b' ') && scheme > 0 {
            let name = view.text[start..start + scheme].to_ascii_lowercase();
            if matches!(name.as_str(), "bearer" | "basic") {
                return; // Their own hit reads them.
            }
            start += scheme + 1;
        }
    }
    let end = token_end(view, start);
    let value = &view.text[start..end];
    if is_stand_in(value) {
        return;
    }
    let random = is_random(value.as_bytes());
    match word.as_str() {
        "basic" => {
            let pair = base64_text(value.as_bytes()).is_some_and(|text| text.contains(':'));
            if pair && value.len() >= 8 {
                view.add(start, end, BasicAuth, "Authorization header", 96);
            }
        }
        "bearer"
            if value.len() >= 12 && random
                || value.len() >= 24 && value.bytes().any(|byte| byte.is_ascii_digit()) =>
        {
            view.add(start, end, BearerToken, "Authorization header", 94);
        }
        "authorization"
            if value.len() >= 8
                && (random || value.bytes().filter(u8::is_ascii_digit).count() >= 2)
                && !value.contains("://") =>
        {
            view.add(start, end, BearerToken, "Authorization header", 88);
        }
        _ => {}
    }
}

/// The values of cookies; their names stay.
fn cookie(view: &mut View<'_>, hit: Hit) {
    let word = &view.bytes[hit.start..hit.end];
    let free = !view
        .before(hit.start)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'?' | b'&'));
    if !word.ends_with(b":") {
        if !free {
            return;
        }
        let mut start = hit.end;
        if !word.ends_with(b"=") {
            let name = view.bytes[start..]
                .iter()
                .take(60)
                .take_while(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
                })
                .count();
            if view.at(start + name) != Some(b'=') {
                return;
            }
            start += name + 1;
        }
        cookie_value(view, start, 12);
        return;
    }
    let set = word.eq_ignore_ascii_case(b"set-cookie:");
    let line_end = view.line_end(hit.end);
    let mut at = hit.end;
    while at < line_end {
        let part_end =
            at + memchr::memchr2(b';', b'"', &view.bytes[at..line_end]).unwrap_or(line_end - at);
        if let Some(equal) = memchr::memchr(b'=', &view.bytes[at..part_end]) {
            cookie_value(view, at + equal + 1, 6);
        }
        if set || view.at(part_end) == Some(b'"') {
            break;
        }
        at = part_end + 1;
    }
}

fn cookie_value(view: &mut View<'_>, start: usize, least: usize) {
    let inside = |byte: &&u8| {
        **byte > b' ' && !matches!(**byte, b';' | b',' | b'"' | b'\'' | b'`' | b'<' | b'>')
    };
    let end = start
        + view.bytes[start..]
            .iter()
            .take(4096)
            .take_while(inside)
            .count();
    let value = &view.text[start..end];
    let telling = value.len() >= least && value.bytes().any(|byte| byte.is_ascii_digit())
        || value.len() >= 16;
    if telling
        && !is_stand_in(value)
        && !value.contains('(')
        && !value.starts_with("GA1.")
        && view.text.is_char_boundary(end)
    {
        view.add(start, end, Cookie, "cookie", 88);
    }
}

/// A private key from its head to its end, with real or escaped line breaks; the whole body when it is cut.
fn pem(view: &mut View<'_>, hit: Hit) {
    let rest = &view.text[hit.start..];
    if rest.starts_with("PuTTY") {
        return putty(view, hit.start);
    }
    let head = rest.get(..rest.len().min(80)).unwrap_or_else(|| {
        &rest[..rest
            .char_indices()
            .take(60)
            .last()
            .map_or(0, |(place, _)| place)]
    });
    let Some(close) = head[11..].find("-----").map(|place| place + 11) else {
        return;
    };
    let label = &head[11..close];
    if !label.contains("PRIVATE KEY") {
        return;
    }
    let kind = if label.contains("PGP") {
        PgpPrivateKey
    } else {
        PrivateKey
    };
    let body = close + 5;
    let end = pem_end(rest, body);
    if end > body + 16 && !rest[body..end].contains("...") {
        view.add(hit.start, hit.start + end, kind, "private key block", 99);
    }
}

/// The private lines of a PuTTY key.
fn putty(view: &mut View<'_>, start: usize) {
    let rest = &view.text[start..];
    let Some(place) = rest
        .find("Private-Lines:")
        .filter(|&place| place < PEM_BYTES_MAX)
    else {
        return;
    };
    let end = rest
        .find("Private-MAC:")
        .and_then(|mac| rest[mac..].find('\n').map(|line| mac + line))
        .unwrap_or(rest.len().min(place + PEM_BYTES_MAX));
    let end = (0..=end)
        .rev()
        .find(|&end| rest.is_char_boundary(end))
        .unwrap_or(0);
    view.add(start + place, start + end, PrivateKey, "PuTTY key", 98);
}

/// The end of a PEM block whose body begins at `body`: past its last line, or where the body is cut.
fn pem_end(rest: &str, body: usize) -> usize {
    let limit = rest.len().min(body + PEM_BYTES_MAX);
    let limit = (0..=limit)
        .rev()
        .find(|&end| rest.is_char_boundary(end))
        .unwrap_or(body);
    if let Some(place) = rest[body..limit].find("-----END") {
        let tail = body + place + 8;
        return rest[tail..limit]
            .find("-----")
            .map_or(tail, |dashes| tail + dashes + 5);
    }
    let inside = |byte: &&u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'+' | b'/' | b'=' | b'\n' | b'\r' | b'\\' | b' ' | b':' | b'-' | b','
            )
    };
    body + rest.as_bytes()[body..limit]
        .iter()
        .take_while(inside)
        .count()
}

/// `machine host login user password secret`, over lines or on one.
fn netrc(view: &mut View<'_>, hit: Hit) {
    let login = view.bytes[hit.start..hit.end].eq_ignore_ascii_case(b"login ");
    if !login
        || view
            .before(hit.start)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return;
    }
    let window_end = (hit.end + 300).min(view.bytes.len());
    let window_end = (0..=window_end)
        .rev()
        .find(|&end| view.text.is_char_boundary(end))
        .unwrap_or(hit.end);
    let rest = &view.text[hit.end..window_end];
    let Some(place) = rest.find("password ") else {
        return;
    };
    if rest[..place].split_whitespace().count() != 1 {
        return;
    }
    let start = hit.end + place + 9;
    let end = start
        + view.bytes[start..]
            .iter()
            .take(256)
            .take_while(|byte| **byte > b' ')
            .count();
    if end > start && !is_stand_in(&view.text[start..end]) {
        view.add(start, end, Password, ".netrc", 95);
    }
}

/// The values under `data:` of a Kubernetes secret.
fn kubernetes(view: &mut View<'_>, hit: Hit) {
    if !view.bytes[hit.start..hit.end].ends_with(b":\n")
        || view
            .before(hit.start)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return;
    }
    let from = hit.start.saturating_sub(600);
    let from = (from..=hit.start)
        .find(|&place| view.text.is_char_boundary(place))
        .unwrap_or(hit.start);
    let until = (hit.end + 600).min(view.bytes.len());
    let until = (0..=until)
        .rev()
        .find(|&place| view.text.is_char_boundary(place))
        .unwrap_or(hit.end);
    if !view.text[from..until]
        .to_ascii_lowercase()
        .contains("kind: secret")
    {
        return;
    }
    let mut at = hit.end;
    while let Some(b' ' | b'\t') = view.at(at) {
        let line_end = view.line_end(at);
        if let Some(colon) = memchr::memchr(b':', &view.bytes[at..line_end]) {
            let start = view.past_space(at + colon + 1);
            let start = start + usize::from(matches!(view.at(start), Some(b'"' | b'\'')));
            let end = start
                + view.bytes[start..line_end.max(start)]
                    .iter()
                    .take_while(|byte| !matches!(byte, b' ' | b'"' | b'\'' | b'\r'))
                    .count();
            if end >= start + 4 && !is_stand_in(&view.text[start..end]) {
                view.add(start, end, KubernetesSecret, "Kubernetes secret", 94);
            }
        }
        if line_end == view.bytes.len() {
            break;
        }
        at = line_end + 1;
    }
}

/// Twelve to twenty-four small words after a word that announces them.
pub(super) fn mnemonic(view: &mut View<'_>, from: usize) {
    let skip = view.bytes[from..]
        .iter()
        .take(8)
        .take_while(|byte| {
            matches!(
                byte,
                b' ' | b'"' | b'\'' | b':' | b'\n' | b'`' | b'=' | b'(' | b'['
            )
        })
        .count();
    let start = from + skip;
    if let Some((end, words)) = words_from(view, start)
        && (11..=25).contains(&words)
    {
        view.add(start, end, Mnemonic, "recovery phrase", 95);
    }
}

/// The end and the number of lower-case words of three to eight letters, numbered or not.
fn words_from(view: &View<'_>, start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    let mut end = start;
    let mut words = 0;
    while words < 25 {
        let number = view.bytes[at..]
            .iter()
            .take(3)
            .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b')'))
            .count();
        let word_at = if number > 0 {
            view.past_space(at + number)
        } else {
            at
        };
        let length = view.bytes[word_at..]
            .iter()
            .take(10)
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        if !(3..=8).contains(&length) {
            break;
        }
        words += 1;
        end = word_at + length;
        let gap = view.bytes[end..]
            .iter()
            .take(4)
            .take_while(|byte| matches!(byte, b' ' | b',' | b'\n' | b'"' | b'\'' | b'-'))
            .count();
        if gap == 0 {
            break;
        }
        at = end + gap;
    }
    (words > 0).then_some((end, words))
}

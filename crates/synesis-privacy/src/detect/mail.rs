//! E-mail addresses, from their `@`.

use super::View;
use super::words::Hit;
use crate::kind::EntityKind;

/// Reads the address around the `@` at `at`.
pub(super) fn at(view: &mut View<'_>, at: usize) {
    let start = local_start(view, at);
    if start == at {
        if let Some((start, end)) = spaced(view, at) {
            view.add(start, end, EntityKind::Email, "spaced e-mail address", 80);
        }
        return;
    }
    if in_user_info(view, start) {
        return;
    }
    let Some(end) = domain_end(view, at + 1) else {
        if let Some((start, end)) = spaced(view, at) {
            view.add(start, end, EntityKind::Email, "spaced e-mail address", 80);
        }
        return;
    };
    // `git@github.com:owner/repo` and `npm@10.2.0` are no mailboxes.
    let local = &view.bytes[start..at];
    if local == b"git" && matches!(view.at(end), Some(b':' | b'/')) {
        return;
    }
    view.add(start, end, EntityKind::Email, "e-mail address", 95);
}

/// Whether the `@` ends the credentials of a URL: what stands before belongs to `scheme://`.
fn in_user_info(view: &View<'_>, start: usize) -> bool {
    let from = start.saturating_sub(160);
    let before = &view.bytes[from..start];
    let word = before
        .iter()
        .rposition(|byte| *byte <= b' ' || matches!(byte, b'"' | b'<' | b'>'));
    let word = &before[word.map_or(0, |place| place + 1)..];
    memchr::memmem::rfind(word, b"://").is_some_and(|place| !word[place + 3..].contains(&b'?'))
        && word.last() != Some(&b'/')
        || word.ends_with(b"://")
}

/// Ends of domains that are taken for one behind a blank.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "com", "org", "net", "de", "uk", "fr", "it", "es", "nl", "ru", "io", "edu", "gov", "pl", "br", "jp", "cn", "in", "co", "us", "ca", "au",
    "se", "no", "fi", "dk", "ch", "at", "be", "eu", "info", "me", "dev", "app", "cz", "pt", "tr", "kr", "mx", "ie", "nz", "za", "gr", "hu",
    "ro", "ua", "biz", "ai", "tv",
];

/// `jane dot roe at mail dot com`: the words around a spelled full stop.
pub(super) fn spelled(view: &mut View<'_>, hit: Hit) {
    let line = view
        .line_start(hit.start)
        .max(hit.start.saturating_sub(120));
    let line_end = view.line_end(hit.end).min(hit.end + 80);
    let bounds = |at: usize| (line..=at).rev().find(|&at| view.text.is_char_boundary(at));
    let (Some(line), Some(line_end)) = (
        (line..=hit.start).find(|&at| view.text.is_char_boundary(at)),
        bounds(line_end),
    ) else {
        return;
    };
    let label = |word: &str| {
        !word.is_empty()
            && word.len() <= 40
            && word.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+')
            })
    };
    let before = &view.text[line..hit.start];
    let Some(at) = before
        .rfind(" at ")
        .or_else(|| before.rfind(" AT "))
        .or_else(|| before.rfind(" ät "))
    else {
        return;
    };
    let local = before[..at]
        .rsplit([' ', ':', '"', '\'', '(', '<'])
        .next()
        .unwrap_or("");
    let host = before[at + 4..].trim();
    if !label(&local.replace(['\'', '%'], "-")) || !label(host) {
        return;
    }
    let mut end = hit.end;
    loop {
        let rest = &view.text[end..line_end];
        let word = rest
            .split([' ', ',', '.', '"', '\'', ')', '>'])
            .next()
            .unwrap_or("");
        if !label(word) {
            return;
        }
        end += word.len();
        let more = &view.text[end..line_end];
        let Some(dot) = [" dot ", " DOT ", " punkt "]
            .iter()
            .find(|dot| more.starts_with(**dot))
        else {
            if !matches!(word, "in" | "at") && ENDS.contains(&word.to_ascii_lowercase().as_str()) {
                let start = line + at - local.len();
                view.add(start, end, EntityKind::Email, "spelled e-mail address", 85);
            }
            return;
        };
        end += dot.len();
    }
}

/// `jane @ mail.com` and `jane@mail . com`: blanks around the marks, before a common end of a domain.
fn spaced(view: &View<'_>, at: usize) -> Option<(usize, usize)> {
    let before = view.text[..at]
        .strip_suffix(' ')
        .unwrap_or(&view.text[..at]);
    let local = before
        .bytes()
        .rev()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte))
        .count();
    let rest = &view.text[at + 1..];
    let blank = usize::from(rest.starts_with(' '));
    let host = rest[blank..]
        .bytes()
        .take(100)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
        .count();
    let mut end = at + 1 + blank + host;
    let mut domain = view.text[at + 1 + blank..end].to_ascii_lowercase();
    if let Some(last) = view.text[end..].strip_prefix(" . ") {
        let length = last
            .bytes()
            .take(8)
            .take_while(u8::is_ascii_alphabetic)
            .count();
        domain = format!("{domain}.{}", &last[..length]);
        end += 3 + length;
    }
    let domain_end = domain.trim_end_matches('.').len();
    let (name, last) = domain[..domain_end].rsplit_once('.')?;
    let trimmed = end - (domain.len() - domain_end);
    (local >= 2 && name.len() >= 2 && ENDS.contains(&last))
        .then_some((before.len() - local, trimmed))
}

fn local_start(view: &View<'_>, at: usize) -> usize {
    let mut start = at;
    if view.before(at) == Some(b'"') {
        // A quoted local part.
        let from = at.saturating_sub(66);
        if let Some(open) = memchr::memrchr(b'"', &view.bytes[from..at - 1]) {
            let quoted = from + open;
            if !view.bytes[quoted..at].contains(&b'\n') && at - quoted > 2 {
                return quoted;
            }
        }
        return at;
    }
    while start > 0 && at - start < 64 {
        let Some(c) = view.text[..start].chars().next_back() else {
            break;
        };
        let part = c.is_ascii_alphanumeric()
            || "._%+-'!#$&*/=?^`{|}~".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric());
        if !part {
            break;
        }
        start -= c.len_utf8();
    }
    // Marks that open something else are not part of the mailbox.
    for place in (start..at).rev() {
        if matches!(
            view.bytes[place],
            b'\''
                | b'`'
                | b'{'
                | b'|'
                | b'/'
                | b'='
                | b'*'
                | b'?'
                | b'&'
                | b'$'
                | b'#'
                | b'!'
                | b'~'
        ) {
            start = place + 1;
            break;
        }
    }
    while start < at && matches!(view.bytes[start], b'.' | b'-' | b'%') {
        start += 1;
    }
    // The letter of an escape such as `\n` before the address.
    if start + 1 < at
        && view.before(start) == Some(b'\\')
        && matches!(view.bytes[start], b'n' | b't' | b'r')
    {
        start += 1;
    }
    start
}

fn domain_end(view: &View<'_>, from: usize) -> Option<usize> {
    if view.at(from) == Some(b'[') {
        let close = view.bytes[from..]
            .iter()
            .take(48)
            .position(|&byte| byte == b']')?;
        let inside = &view.bytes[from + 1..from + close];
        let address = inside.iter().all(|&byte| {
            byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'I' | b'P' | b'v')
        });
        return (address && inside.len() >= 6).then_some(from + close + 1);
    }
    let mut end = from;
    let mut dots = 0;
    let mut label = 0;
    let mut good = from;
    for c in view.text[from..].chars().take(254) {
        if c == '.' {
            if label == 0 {
                break;
            }
            dots += 1;
            label = 0;
        } else if c.is_ascii_alphanumeric()
            || c == '-'
            || c == '_'
            || (!c.is_ascii() && c.is_alphanumeric() && !is_east_asian(c))
        {
            label += 1;
        } else {
            break;
        }
        end += c.len_utf8();
        if label > 0 && c != '-' {
            good = end;
        }
    }
    let domain = &view.text[from..good];
    let last = domain.rsplit('.').next()?;
    if dots == 0 || !domain.contains('.') {
        // `root@localhost` and `jane@intranet` after a plain name only where nothing follows.
        return None;
    }
    let letters = last.chars().all(char::is_alphabetic) || last.starts_with("xn--");
    (letters && last.chars().count() >= 2).then_some(good)
}

/// Scripts without spaces, where what follows an address may touch it.
fn is_east_asian(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xffef)
}

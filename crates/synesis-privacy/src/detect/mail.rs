//! E-mail addresses, from their `@`.

use super::View;
use super::words::Hit;
use crate::kind::EntityKind;

/// Reads the address around the `@` at `at`.
pub(super) fn at(view: &mut View<'_>, at: usize) {
    let start = local_start(view, at);
    if start == at {
        return spaced(view, at);
    }
    if in_user_info(view, start) {
        return;
    }
    let Some(end) = domain_end(view, at + 1) else {
        return spaced(view, at);
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

/// Ends of domains that may be spelled out.
#[rustfmt::skip]
const SPELLED_ENDS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "info", "io", "me", "dev", "app", "ai", "eu", "uk", "de", "fr", "es", "it", "pt", "nl", "pl", "be",
    "ch", "at", "se", "no", "dk", "fi", "cz", "ru", "jp", "cn", "in", "br", "au", "ca", "us", "example",
];

/// Words for `@` and for the full stop, where they are spelled out.
const SPELLED_SIGNS: &[&str] = &[
    " at ",
    " ät ",
    " arroba ",
    " chez ",
    " arobase ",
    " chiocciola ",
    " małpa ",
    " malpa ",
    " apenstaartje ",
    " snabel-a ",
    "_at_",
    "アットマーク",
    "アット",
];
const SPELLED_STOPS: &[&str] = &[
    " dot ",
    " punkt ",
    " punto ",
    " ponto ",
    " point ",
    " kropka ",
    " punt ",
    "_dot_",
    "ドット",
];

/// The rest of a text behind one of the words, in any letter case.
fn past_word<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().find_map(|word| {
        let head = text.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
    })
}

/// The beginning of a text before one of the words, in any letter case.
fn before_word<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().find_map(|word| {
        let place = text.len().checked_sub(word.len())?;
        let tail = text.get(place..)?;
        tail.eq_ignore_ascii_case(word).then(|| &text[..place])
    })
}

/// Reads `jane at roe dot org` around its first ` dot ` after the ` at `.
pub(super) fn spelled_out(view: &mut View<'_>, hit: Hit) {
    let is_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_local = |c: char| is_label(c) || matches!(c, '.' | '_' | '+');
    let before = &view.text[view.line_start(hit.start)..hit.start];
    let Some(head) = before_word(before.trim_end_matches(is_label), SPELLED_SIGNS) else {
        return;
    };
    let mut local = head.trim_end_matches(is_local);
    while let Some(shorter) = before_word(local, SPELLED_STOPS) {
        local = shorter.trim_end_matches(is_local);
    }
    let start = hit.start - before.len() + local.len();
    let mut end = hit.end;
    let mut last;
    loop {
        let rest = &view.text[end..];
        last = &rest[..rest.len() - rest.trim_start_matches(is_label).len()];
        end += last.len();
        match past_word(&view.text[end..], SPELLED_STOPS) {
            Some(rest) => end = view.text.len() - rest.len(),
            None => break,
        }
    }
    let known = SPELLED_ENDS
        .iter()
        .any(|known| last.eq_ignore_ascii_case(known));
    if known && local.len() < head.len() {
        view.add(start, end, EntityKind::Email, "e-mail address in words", 80);
    }
}

/// Reads `jane @ roe.com` and `jane@roe . com`: blanks around the marks, before a common end of a domain.
fn spaced(view: &mut View<'_>, at: usize) {
    let before = view.text[..at]
        .strip_suffix(' ')
        .unwrap_or(&view.text[..at]);
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let local = before.bytes().rev().take(64).take_while(is_local).count();
    let from = at + 1 + usize::from(view.at(at + 1) == Some(b' '));
    let is_host = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let host = view.bytes[from.min(view.bytes.len())..]
        .iter()
        .take(100)
        .take_while(is_host)
        .count();
    let mut end = from + host;
    let mut last = view
        .text
        .get(from..end)
        .and_then(|host| host.rsplit_once('.'));
    if let Some(rest) = view
        .text
        .get(end..)
        .and_then(|rest| rest.strip_prefix(" . "))
    {
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        last = Some((&view.text[from..end], &rest[..length]));
        end += " . ".len() + length;
    }
    if let Some((name, last)) = last
        && local >= 2
        && name.len() >= 2
        && SPELLED_ENDS.contains(&last)
    {
        let start = before.len() - local;
        view.add(
            start,
            end,
            EntityKind::Email,
            "e-mail address with blanks",
            80,
        );
    }
}

/// Scripts without spaces, where what follows an address may touch it.
fn is_east_asian(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xffef)
}

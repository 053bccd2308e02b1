//! Tokens told by a short prefix or by the marks inside them.

use std::sync::LazyLock;

use super::Match;
use crate::detect::tokens::{RULES, RUN_PREFIXES, TokenRule, chars};
use crate::detect::{View, token};
use crate::kind::EntityKind::*;

/// Tokens whose prefix is too short for the pass over words.
pub(super) fn prefixed(view: &View<'_>, start: usize) -> Option<Match> {
    let start = prefix_start(view, start);
    let first = view.at(start)?;
    SHORT
        .iter()
        .filter(|rule| rule.prefix.as_bytes()[0] == first)
        .find_map(|rule| {
            Some((
                token::matched(view, rule, start)?,
                rule.kind,
                "token prefix",
                92,
            ))
        })
}

/// A token of an older HashiCorp Vault: `s.` and 24 characters. Answers where it begins and ends.
pub(super) fn old_vault(view: &View<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    let body = &view.bytes[start..end];
    let prefixed = view.bytes[..start].ends_with(b"s.")
        && !start
            .checked_sub(3)
            .is_some_and(|at| view.bytes[at].is_ascii_alphanumeric() || view.bytes[at] == b'_');
    let mixed = body.iter().any(u8::is_ascii_digit)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_lowercase);
    (prefixed && body.len() == 24 && mixed).then(|| (start - 2, end))
}

/// Where a prefix such as `sl.` or `pa-` begins: the run of letters and digits begins behind its mark.
pub(super) fn prefix_start(view: &View<'_>, start: usize) -> usize {
    let free = |at: usize| {
        !view
            .before(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    let marked = [&b"sl."[..], b"pa-", b"al-"]
        .iter()
        .any(|prefix| view.bytes[..start].ends_with(prefix));
    if marked && free(start - 3) {
        start - 3
    } else {
        start
    }
}

static SHORT: LazyLock<Vec<&TokenRule>> = LazyLock::new(|| {
    RULES
        .iter()
        .filter(|rule| RUN_PREFIXES.contains(&rule.prefix))
        .collect()
});

/// Tokens told by the marks inside them: Discord, Mailchimp, Azure, Terraform, Telegram, Okta. The 40 characters of an
/// AWS secret beside its key id's family of words are found by their key.
pub(super) fn marked(view: &View<'_>, start: usize) -> Option<Match> {
    if matches!(view.before(start), Some(b'-' | b'.')) {
        return None;
    }
    let after = start + part(view, start);
    match view.at(after) {
        Some(b'.') => terraform(view, start, after).or_else(|| discord(view, start, after)),
        Some(b':') => telegram(view, start, after),
        Some(b'~') => azure_client_secret(view, start, after),
        _ => None,
    }
    .or_else(|| one_part(&view.bytes[start..after], after))
}

/// How many characters of base64url stand at a place.
fn part(view: &View<'_>, from: usize) -> usize {
    const URL: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER | chars::DASH;
    chars::run(view.bytes, from, URL, 300)
}

/// 14 characters, `.atlasv1.`, and 40 or more.
fn terraform(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let next = after + 1 + part(view, after + 1);
    if after - start != 14
        || !view.bytes[after..next].starts_with(b".atlasv1")
        || view.at(next) != Some(b'.')
    {
        return None;
    }
    let third = part(view, next + 1);
    (third >= 40).then_some((next + 1 + third, Terraform, "token shape", 97))
}

/// Three parts: the user's number in base64, a time, and a code.
fn discord(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let second = part(view, after + 1);
    let next = after + 1 + second;
    let third = if view.at(next) == Some(b'.') {
        part(view, next + 1)
    } else {
        0
    };
    ((23..=30).contains(&(after - start))
        && matches!(second, 6 | 7)
        && (27..=45).contains(&third)
        && matches!(view.bytes[start], b'M' | b'N' | b'O'))
    .then_some((next + 1 + third, DiscordBot, "token shape", 95))
}

/// A bot's number, a colon, and a code that begins with `AA`.
fn telegram(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let number = &view.bytes[start..after];
    if !(8..=10).contains(&number.len()) || !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let second = part(view, after + 1);
    ((34..=36).contains(&second) && view.bytes[after + 1..].starts_with(b"AA")).then_some((
        after + 1 + second,
        TelegramBot,
        "token shape",
        97,
    ))
}

/// A digit and `Q` before a tilde.
fn azure_client_secret(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let head = &view.bytes[start..after];
    if !(3..=6).contains(&head.len()) {
        return None;
    }
    let all = chars::run_or_tilde(view.bytes, start);
    ((36..=42).contains(&all)
        && head
            .windows(2)
            .any(|pair| pair[0].is_ascii_digit() && pair[1] == b'Q'))
    .then_some((start + all, AzureClientSecret, "token shape", 95))
}

/// Tokens of one part, told by their length and what is inside.
fn one_part(token: &[u8], end: usize) -> Option<Match> {
    let mixed = || {
        token.iter().any(u8::is_ascii_digit)
            && token.iter().any(u8::is_ascii_uppercase)
            && token.iter().any(u8::is_ascii_lowercase)
    };
    if (35 + 1..=35 + 3).contains(&token.len())
        && token.windows(3).position(|three| three == b"-us") == Some(32)
        && token[..32].iter().all(u8::is_ascii_hexdigit)
    {
        return Some((end, Mailchimp, "token shape", 97));
    }
    if token.len() == 50
        && (token[32], token[41]) == (b'-', b'-')
        && token
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
    {
        return Some((end, Mailgun, "token shape", 97));
    }
    if token.len() == 40 && token.ends_with(b"_mmk") && token[6] == b'_' && mixed() {
        return Some((end, MaxMind, "token shape", 97));
    }
    let secret_key = token.starts_with(b"A3-")
        && (38..=42).contains(&token.len())
        && token.iter().filter(|byte| **byte == b'-').count() >= 5
        && token
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-');
    if secret_key {
        return Some((end, OnePassword, "token shape", 97));
    }
    if token.len() == 42 && token.starts_with(b"00") && mixed() {
        return Some((end, Okta, "token shape", 85));
    }
    if token.len() == 84 && mixed() && token.windows(4).any(|four| four == b"AZDO") {
        return Some((end, AzureDevops, "token shape", 97));
    }
    None
}

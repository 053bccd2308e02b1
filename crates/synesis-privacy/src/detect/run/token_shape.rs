//! Tokens told by a short prefix or by the marks inside them.

use std::sync::LazyLock;

use super::Match;
use crate::detect::tokens::{RULES, RUN_PREFIXES, TokenRule, chars};
use crate::detect::{View, token};
use crate::kind::EntityKind::*;

/// Tokens whose prefix is too short for the pass over words.
pub(super) fn prefixed(view: &View<'_>, start: usize) -> Option<Match> {
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

static SHORT: LazyLock<Vec<&TokenRule>> = LazyLock::new(|| {
    RULES
        .iter()
        .filter(|rule| RUN_PREFIXES.contains(&rule.prefix))
        .collect()
});

/// Tokens told by the marks inside them: Discord, Mailchimp, Azure, Terraform, Telegram, Okta.
pub(super) fn marked(view: &View<'_>, start: usize) -> Option<Match> {
    const URL: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER | chars::DASH;
    let bytes = view.bytes;
    let run = |from: usize, classes: u16| chars::run(bytes, from, classes, 300);
    let first = run(start, URL);
    let after = start + first;
    let mixed = |from: usize, to: usize| {
        let part = &bytes[from..to];
        part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_uppercase)
            && part.iter().any(u8::is_ascii_lowercase)
    };
    if view.before(start) == Some(b'-') || view.before(start) == Some(b'.') {
        return None;
    }
    match view.at(after) {
        Some(b'.') => {
            let second = run(after + 1, URL);
            let next = after + 1 + second;
            if first == 14
                && bytes[after..next].starts_with(b".atlasv1")
                && view.at(next) == Some(b'.')
            {
                let third = run(next + 1, URL);
                return (third >= 40).then_some((next + 1 + third, Terraform, "token shape", 97));
            }
            let third = if view.at(next) == Some(b'.') {
                run(next + 1, URL)
            } else {
                0
            };
            let discord = (23..=30).contains(&first)
                && matches!(second, 6 | 7)
                && (27..=45).contains(&third)
                && matches!(bytes[start], b'M' | b'N' | b'O');
            if discord {
                return Some((next + 1 + third, DiscordBot, "token shape", 95));
            }
        }
        Some(b':')
            if (8..=10).contains(&first) && bytes[start..after].iter().all(u8::is_ascii_digit) =>
        {
            let second = run(after + 1, URL);
            let telegram = (34..=36).contains(&second) && bytes[after + 1..].starts_with(b"AA");
            return telegram.then_some((after + 1 + second, TelegramBot, "token shape", 97));
        }
        Some(b'~') if (3..=6).contains(&first) => {
            let all = chars::run_or_tilde(bytes, start);
            let secret = (36..=42).contains(&all)
                && bytes[start..after]
                    .windows(2)
                    .any(|pair| pair[0].is_ascii_digit() && pair[1] == b'Q');
            return secret.then_some((start + all, AzureClientSecret, "token shape", 95));
        }
        _ => {}
    }
    let token = &bytes[start..after];
    if let Some(place) = token.windows(3).position(|three| three == b"-us")
        && place == 32
        && token[..32].iter().all(u8::is_ascii_hexdigit)
        && (35 + 1..=35 + 3).contains(&first)
    {
        return Some((after, Mailchimp, "token shape", 97));
    }
    if first == 42 && token.starts_with(b"00") && mixed(start, after) {
        return Some((after, Okta, "token shape", 85));
    }
    if first == 84 && mixed(start, after) && token.windows(4).any(|four| four == b"AZDO") {
        return Some((after, AzureDevops, "token shape", 97));
    }
    // The 40 characters of an AWS secret beside its key id's family of words are found by their key.
    None
}

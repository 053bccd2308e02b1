//! Tokens told by a short prefix or by the marks inside them.

use std::sync::LazyLock;

use super::Match;
use crate::detect::tokens::{RULES, RUN_PREFIXES, TokenRule, chars};
use crate::detect::{View, token};
use crate::kind::EntityKind::*;

/// Where a token begins, where it ends, and what it is.
type Token = (usize, Match);

/// Tokens whose prefix is too short for the pass over words. A prefix with a mark at its end stands before the run.
pub(super) fn prefixed(view: &View<'_>, start: usize) -> Option<Token> {
    let found = |rule: &TokenRule, start: usize| {
        let end = token::matched(view, rule, start)?;
        Some((start, (end, rule.kind, "token prefix", 92)))
    };
    let first = view.at(start)?;
    let here = || {
        SHORT[usize::from(first)]
            .iter()
            .find_map(|rule| found(rule, start))
    };
    let marked = || {
        MARKED
            .iter()
            .filter(|rule| view.bytes[..start].ends_with(rule.prefix.as_bytes()))
            .find_map(|rule| found(rule, start - rule.prefix.len()))
    };
    match view.before(start) {
        Some(b'.' | b'-') => here().or_else(marked),
        _ => here(),
    }
}

/// The rules with short prefixes, by their first byte.
static SHORT: LazyLock<Vec<Vec<&'static TokenRule>>> = LazyLock::new(|| {
    let mut table = vec![Vec::new(); 256];
    for rule in short().filter(|rule| !ends_with_mark(rule)) {
        table[usize::from(rule.prefix.as_bytes()[0])].push(rule);
    }
    table
});

/// The rules with short prefixes that end with a mark: the run begins behind it.
static MARKED: LazyLock<Vec<&'static TokenRule>> =
    LazyLock::new(|| short().filter(ends_with_mark).collect());

fn short() -> impl Iterator<Item = &'static TokenRule> {
    let rules = RULES.iter().copied();
    rules.filter(|rule| RUN_PREFIXES.contains(&rule.prefix))
}

fn ends_with_mark(rule: &&TokenRule) -> bool {
    rule.prefix.ends_with(['.', '-'])
}

/// Tokens told by the marks inside them: Discord, Azure, Terraform, Telegram, Asana, Facebook, Ghost, Convex. The 40
/// characters of an AWS secret beside its key id's family of words are found by their key.
pub(super) fn marked(view: &View<'_>, start: usize) -> Option<Token> {
    // `-` and `+` of a diff are no part of what they mark.
    let opens_line = start > 0 && view.line_start(start) == start - 1;
    let start = match view.before(start).filter(|_| !opens_line) {
        Some(b'.') => word_before(view, start)?,
        Some(b'-') => return convex(view, start).or_else(|| azure_inside(view, start)),
        Some(b'+' | b'/') => return azure_inside(view, start),
        _ => start,
    };
    let after = start + part(view, start);
    match view.at(after) {
        Some(b'!') => salesforce(view, start, after),
        Some(b'.') => terraform(view, start, after)
            .or_else(|| ably(view, start, after))
            .or_else(|| discord(view, start, after))
            .or_else(|| airtable(view, start, after)),
        Some(b':') => telegram(view, start, after).or_else(|| ghost(view, start, after)),
        Some(b'~') => azure_client_secret(view, start, after),
        Some(b'/') => asana(view, start, after),
        Some(b'|') => facebook(view, start, after),
        _ => None,
    }
    .or_else(|| azure_key(view, start, after))
    .or_else(|| one_part(&view.bytes[start..after], after))
    .map(|found| (start, found))
}

/// Where the word before a full stop begins, when it is as long as the first part of a token and without a digit, which
/// would have been read already.
fn word_before(view: &View<'_>, start: usize) -> Option<usize> {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
    let floor = start.saturating_sub(40);
    let before = &view.bytes[floor..start - 1];
    let word = start
        - 1
        - before
            .iter()
            .rev()
            .take_while(|byte| is_letter(byte))
            .count();
    (start - 1 - word >= 14 && token::is_free(view, word)).then_some(word)
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

/// The signatures that Azure writes into its keys, and the lengths of the keys.
const AZURE_SIGNATURES: &[(&[u8], &[usize])] = &[
    (b"+ACR", &[52]),
    (b"AzFu", &[56]),
    (b"AzSe", &[52]),
    (b"+ASt", &[88]),
    (b"ACDb", &[88]),
    (b"+ASb", &[44]),
    (b"+AEh", &[44]),
    (b"AIoT", &[44]),
    (b"+ARm", &[44]),
    (b"APIM", &[88]),
    (b"AzCa", &[44]),
    (b"+ABa", &[88]),
    (b"+AMC", &[88]),
];

/// A key of Azure whose first digit stands behind a mark of base64.
fn azure_inside(view: &View<'_>, start: usize) -> Option<Token> {
    let floor = start.saturating_sub(60);
    let is_part =
        |byte: &&u8| byte.is_ascii_alphabetic() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let before = &view.bytes[floor..start];
    let start = start - before.iter().rev().take_while(is_part).count();
    Some((start, azure_key(view, start, start)?))
}

/// Keys of Azure's services: base64 of a fixed length with a signature near its end.
fn azure_key(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    const BASE64: u16 = chars::UPPER
        | chars::LOWER
        | chars::DIGIT
        | chars::UNDER
        | chars::DASH
        | chars::PLUS
        | chars::EQUAL;
    let goes_on = matches!(view.at(after), Some(b'+' | b'/' | b'='));
    if after > start && after - start < 30 && !goes_on {
        return None;
    }
    let length = chars::run(view.bytes, start, BASE64, 90);
    if !matches!(length, 44 | 52 | 56 | 88) {
        return None;
    }
    let tail = &view.bytes[start + length - 16..start + length];
    let signed = AZURE_SIGNATURES.iter().any(|(signature, lengths)| {
        lengths.contains(&length) && memchr::memmem::find(tail, signature).is_some()
    });
    signed.then_some((start + length, AzureApi, "token shape", 97))
}

/// `pat`, 14 letters and digits, a full stop, and 64 hex digits.
fn airtable(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    const HEX: u16 = chars::HEX;
    let end = after + 1 + chars::run(view.bytes, after + 1, HEX, 65);
    let shaped = after - start == 17 && end - after == 65;
    (shaped && view.bytes[start..].starts_with(b"pat")).then_some((
        end,
        Airtable,
        "token shape",
        97,
    ))
}

/// The id of an organisation, an exclamation mark, and a session: Salesforce.
fn salesforce(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    const SESSION: u16 = chars::UPPER | chars::LOWER | chars::DIGIT | chars::UNDER | chars::DOT;
    let code = chars::run(view.bytes, after + 1, SESSION, 200);
    let shaped = matches!(after - start, 15 | 18) && (80..=130).contains(&code);
    let org = view.bytes[start..].starts_with(b"00D");
    (org && shaped).then_some((after + 1 + code, VendorToken, "token shape", 97))
}

/// An application, a key's id and its code: `app.id:code` at Ably.
fn ably(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let colon = after + 1 + part(view, after + 1);
    let end = colon + 1 + part(view, (colon + 1).min(view.bytes.len()));
    let shaped = after - start == 6 && colon - after == 7 && end - colon == 44;
    (shaped && view.at(colon) == Some(b':')).then_some((end, VendorToken, "token shape", 92))
}

/// A key id of 24 hex digits, a colon, and 64 more: Ghost's keys for its administrators.
fn ghost(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    const HEX: u16 = chars::HEX;
    let end = after + 1 + chars::run(view.bytes, after + 1, HEX, 65);
    let hex = view.bytes[start..after].iter().all(u8::is_ascii_hexdigit);
    (hex && after - start == 24 && end - after == 65).then_some((
        end,
        VendorToken,
        "token shape",
        95,
    ))
}

/// `1/`, the number of an account, a colon, and 32 hex digits; `2/` has two numbers.
fn asana(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let count = match &view.bytes[start..after] {
        b"0" | b"1" => 1,
        b"2" => 2,
        _ => return None,
    };
    let mut at = after;
    for _ in 0..count {
        let digits = chars::run(view.bytes, at + 1, chars::DIGIT, 20);
        if view.at(at) != Some(b'/') || digits < 12 {
            return None;
        }
        at += 1 + digits;
    }
    let end = at + 1 + chars::run(view.bytes, at + 1, chars::HEX, 33);
    (view.at(at) == Some(b':') && end - at == 33).then_some((end, Asana, "token shape", 97))
}

/// The number of an application, a bar, and its code.
fn facebook(view: &View<'_>, start: usize, after: usize) -> Option<Match> {
    let number = &view.bytes[start..after];
    let code = part(view, after + 1);
    let body = &view.bytes[after + 1..after + 1 + code];
    let shaped = (13..=17).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && matches!(code, 26..=28)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_lowercase);
    shaped.then_some((after + 1 + code, Facebook, "token shape", 92))
}

/// `prod:quick-otter-123|…`: the name of a deployment, a bar, and its key.
fn convex(view: &View<'_>, start: usize) -> Option<Token> {
    let after = start + part(view, start);
    let digits = view.bytes[start..after].iter().all(u8::is_ascii_digit);
    if view.at(after) != Some(b'|') || !digits {
        return None;
    }
    let floor = start.saturating_sub(60);
    let is_part = |byte: &&u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b':')
    };
    let name = start
        - view.bytes[floor..start]
            .iter()
            .rev()
            .take_while(is_part)
            .count();
    let named = ["prod:", "dev:", "preview:", "project:"]
        .iter()
        .any(|stage| view.bytes[name..].starts_with(stage.as_bytes()));
    const KEY: u16 = chars::UPPER
        | chars::LOWER
        | chars::DIGIT
        | chars::PLUS
        | chars::EQUAL
        | chars::UNDER
        | chars::DASH;
    let length = chars::run(view.bytes, after + 1, KEY, 600);
    let end = after + 1 + length;
    (named && length >= 40).then_some((name, (end, VendorToken, "token shape", 97)))
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
    if token.len() == 42 && token.starts_with(b"00") && mixed() {
        return Some((end, Okta, "token shape", 85));
    }
    if token.len() == 84 && mixed() && token.windows(4).any(|four| four == b"AZDO") {
        return Some((end, AzureDevops, "token shape", 97));
    }
    if (80..=90).contains(&token.len()) && mixed() && token.windows(6).any(|six| six == b"JQQJ99") {
        return Some((end, AzureApi, "token shape", 97));
    }
    if token.len() == 40 && token.ends_with(b"_mmk") && token[6] == b'_' {
        return Some((end, MaxMind, "token shape", 97));
    }
    let is_hex = |part: &[u8]| part.iter().all(u8::is_ascii_hexdigit);
    if token.len() == 50
        && (token[32], token[41]) == (b'-', b'-')
        && token.split(|byte| *byte == b'-').all(is_hex)
    {
        return Some((end, Mailgun, "token shape", 97));
    }
    if token.len() == 49 && token.starts_with(b"2") && token[27] == b'_' && mixed() {
        return Some((end, Ngrok, "token shape", 90));
    }
    // RapidAPI writes its names between the digits of a key.
    if token.len() == 50
        && &token[10..13] == b"msh"
        && token[28] == b'p'
        && &token[35..38] == b"jsn"
    {
        return Some((end, VendorToken, "token shape", 97));
    }
    // Jenkins' tokens are the version 11 and 32 hex digits.
    if token.len() == 34
        && token.starts_with(b"11")
        && is_hex(token)
        && !token.iter().all(u8::is_ascii_digit)
    {
        return Some((end, VendorToken, "token shape", 85));
    }
    None
}

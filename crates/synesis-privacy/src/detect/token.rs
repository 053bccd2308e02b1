//! Tokens that name themselves by a prefix.

use std::sync::LazyLock;

use super::View;
use super::negative::{entropy, is_stand_in};
use super::tokens::{Check, RULES, TokenRule, chars};
use crate::encode::base64_text;
use crate::kind::EntityKind;

/// Reads the token whose prefix stands at `start`.
pub(super) fn at(view: &mut View<'_>, row: u16, start: usize) {
    let row = usize::from(row);
    let found = std::iter::once(RULES[row])
        .chain(ALIKE[row].iter().copied())
        .filter_map(|rule| Some((rule, matched(view, rule, start)?)))
        .reduce(|first, next| if next.1 > first.1 { next } else { first });
    if let Some((rule, end)) = found {
        let sealed = rule.is_sealed(&view.bytes[start..end]);
        let confidence = if sealed { 99 } else { 97 };
        view.add(
            start,
            end,
            kind_of(rule, &view.bytes[start..end]),
            "token prefix",
            confidence,
        );
    }
}

/// The other rules whose prefixes begin a rule's own, letter case aside: the pass over words tells one of them only.
static ALIKE: LazyLock<Vec<Vec<&'static TokenRule>>> = LazyLock::new(|| {
    let begins = |rule: &TokenRule, other: &TokenRule| {
        rule.prefix
            .get(..other.prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(other.prefix))
    };
    RULES
        .iter()
        .enumerate()
        .map(|(row, rule)| {
            RULES
                .iter()
                .enumerate()
                .filter(|(place, other)| *place != row && begins(rule, other))
                .map(|(_, other)| *other)
                .collect()
        })
        .collect()
});

/// The end of the token, if there is one.
pub(super) fn matched(view: &View<'_>, rule: &TokenRule, start: usize) -> Option<usize> {
    let prefix = rule.prefix.as_bytes();
    if !view.bytes[start..].starts_with(prefix) || !is_free(view, start) {
        return None;
    }
    let from = start + prefix.len();
    let mut length = chars::run(view.bytes, from, rule.chars, rule.max + 1);
    let whole = length;
    // Marks at the end belong to the sentence.
    while length > 0
        && matches!(
            view.bytes[from + length - 1],
            b'.' | b'-' | b',' | b'*' | b'!' | b':'
        )
    {
        length -= 1;
    }
    // A token may itself end with a dash.
    if length < rule.min && whole >= rule.min {
        length = rule.min;
    }
    if length < rule.min || length > rule.max {
        return None;
    }
    let end = from + length;
    let body = &view.bytes[from..end];
    let token = &view.text[start..end];
    let shown =
        token.contains("EXAMPLE") || is_stand_in(&view.text[from..end]) || entropy(body) < 1.5;
    (!shown && passes(rule.check, token, body)).then_some(end)
}

/// Whether nothing that could be part of a longer token stands before; an escape such as `\n` may.
pub(super) fn is_free(view: &View<'_>, start: usize) -> bool {
    match view.before(start) {
        Some(before) if before.is_ascii_alphanumeric() => {
            start >= 2 && view.bytes[start - 2] == b'\\' && matches!(before, b'n' | b't' | b'r')
                || start >= 3
                    && view.bytes[start - 3] == b'%'
                    && view.bytes[start - 2..start]
                        .iter()
                        .all(u8::is_ascii_hexdigit)
        }
        Some(b'_') => {
            !view.bytes[start].is_ascii_alphabetic() || view.bytes[start].is_ascii_uppercase()
        }
        _ => true,
    }
}

fn passes(check: Check, token: &str, body: &[u8]) -> bool {
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    match check {
        Check::None => true,
        Check::Digit => digits > 0,
        Check::Mixed => {
            let upper = body.iter().filter(|byte| byte.is_ascii_uppercase()).count();
            let cased = upper >= 4 && body.len() - upper >= 12 && body.len() >= 24;
            (digits > 0 || cased) && entropy(body) >= 2.8
        }
        Check::Lower => !body.iter().any(u8::is_ascii_uppercase),
        Check::Aws => body
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        Check::Fcm => body.get(7) == Some(&b':'),
        Check::Airtable => {
            body.get(14) == Some(&b'.') && body[15..].iter().all(u8::is_ascii_hexdigit)
        }
        Check::Harness => token.split('.').count() == 4,
        Check::Jwt => is_jwt(token),
        Check::Cased => is_cased(body) && entropy(body) >= 3.5,
        Check::Random => {
            let upper = body.iter().filter(|byte| byte.is_ascii_uppercase()).count();
            let lower = body.iter().filter(|byte| byte.is_ascii_lowercase()).count();
            // Words in camel case have fewer capitals than random text.
            digits >= 2
                && upper >= 3
                && upper * 6 >= body.len()
                && lower >= 3
                && entropy(body) >= 3.6
        }
        Check::Infisical => {
            let lengths = body.split(|byte| *byte == b'.').map(<[u8]>::len);
            let hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'.';
            lengths.eq([24, 32, 32]) && body.iter().all(hex)
        }
    }
}

/// Whether a token has letters of both cases.
fn is_cased(body: &[u8]) -> bool {
    body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase)
}

/// Two or more parts of base64url, the first of which is a JSON object.
pub(super) fn is_jwt(token: &str) -> bool {
    let mut parts = token.split('.');
    let head = parts.next().and_then(|head| base64_text(head.as_bytes()));
    let rest: Vec<&str> = parts.collect();
    head.is_some_and(|head| {
        head.starts_with('{') && head.contains("\"alg\"")
            || head.contains("\"typ\"")
            || head.contains("\"enc\"")
    }) && rest
        .first()
        .is_some_and(|body| body.len() >= 4 || (rest.len() == 4 && body.is_empty()))
}

/// OpenAI's old prefix is shared by others, told apart by their shapes.
fn kind_of(rule: &TokenRule, token: &[u8]) -> EntityKind {
    if rule.kind != EntityKind::OpenAi {
        return rule.kind;
    }
    let body = &token[rule.prefix.len().min(token.len())..];
    if body.len() == 32 && body.iter().all(u8::is_ascii_hexdigit) {
        EntityKind::DeepSeek
    } else {
        EntityKind::OpenAi
    }
}

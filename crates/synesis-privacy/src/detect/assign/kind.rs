//! Whether what is assigned to a key is private, and what it is.

use super::joint::Joint;
use super::key;
use super::value::Value;
use super::vendor::vendor;
use crate::detect::View;
use crate::detect::negative::{entropy, is_code, is_random, is_stand_in};
use crate::detect::words::{Hit, Role};
use crate::kind::EntityKind::{self, Password, Pin, Username};

/// The kind of a value, or nothing when it is none.
pub(super) fn of(view: &View<'_>, hit: Hit, joint: Joint, value: &Value) -> Option<EntityKind> {
    let text = &view.text[value.start..value.end];
    if is_stand_in(text) || text.len() < 3 {
        return None;
    }
    if !value.quoted && is_code(text, view.at(value.end)) {
        return None;
    }
    match hit.role {
        Role::PinKey => is_pin(text.as_bytes()).then_some(Pin),
        Role::UserKey => (is_user_name(text, joint)
            && !is_type(text, joint, value, view.at(value.end)))
        .then_some(Username),
        Role::PasswordKey => is_password(view, hit, joint, value).then_some(Password),
        _ => is_secret(view, hit, joint, value).then(|| vendor(view, hit, text)),
    }
}

fn is_pin(bytes: &[u8]) -> bool {
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    (4..=8).contains(&digits)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn is_user_name(text: &str, joint: Joint) -> bool {
    text.len() >= 3
        && text.len() <= 64
        && !text.contains(' ')
        && joint != Joint::Verb
        && !text.starts_with('/')
        && !text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether what follows a key of a user is the type of a field or a variable: `username: Regex,`.
fn is_type(text: &str, joint: Joint, value: &Value, after: Option<u8>) -> bool {
    let capital = text.starts_with(|c: char| c.is_ascii_uppercase());
    let listed = text.contains('_') && matches!(after, Some(b',' | b';' | b')'));
    joint == Joint::Colon && !value.quoted && (capital || listed)
}

/// A password may be a plain word where the key and its joint leave no doubt.
fn is_password(view: &View<'_>, hit: Hit, joint: Joint, value: &Value) -> bool {
    let text = &view.text[value.start..value.end];
    let bytes = text.as_bytes();
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let marks = bytes.iter().any(|byte| {
        byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b'\'' | b'/')
    });
    let cased = bytes.iter().skip(1).any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase);
    let spaced = text.contains(' ');
    let likely = match joint {
        Joint::Verb => digits || marks || ((value.quoted || cased) && !spaced),
        _ if value.quoted => {
            let sentence = !digits && !marks && text.ends_with('.');
            !(spaced && (text.split(' ').count() > 6 || sentence))
        }
        Joint::Equal => {
            bytes.len() >= 4
                && (digits
                    || marks
                    || !view.bytes[value.start - 1].is_ascii_whitespace()
                    || bytes.len() >= 6 && key::begins_line(view, hit.start))
        }
        Joint::Cell => digits || marks,
        _ => {
            bytes.len() >= 4
                && (digits
                    || marks
                    || cased
                    || key::begins_line(view, hit.start) && view.line_end(value.end) == value.end)
        }
    };
    likely && !text.starts_with("http")
}

/// Secrets have to look like one, the more so the less the key says.
fn is_secret(view: &View<'_>, hit: Hit, joint: Joint, value: &Value) -> bool {
    let text = &view.text[value.start..value.end];
    let bytes = text.as_bytes();
    if bytes.len() < 8 || is_public(text) {
        return false;
    }
    let spaced = text.contains(' ');
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let lettered = bytes.iter().any(u8::is_ascii_alphabetic);
    let random = is_random(bytes) || digits >= 2 && lettered && bytes.len() >= 10;
    if spaced
        && !(value.quoted && random && text.split(' ').count() <= 3)
        && !text.starts_with("Bearer ")
    {
        return false;
    }
    if joint == Joint::Verb && !random {
        return false;
    }
    let strong = is_strong(&view.text[hit.start..hit.end]);
    let phrase = strong
        && value.quoted
        && !spaced
        && (text.contains('-') || text.contains('_') || digits > 0);
    let coded = joint != Joint::Verb
        && !spaced
        && bytes.len() >= 16
        && entropy(bytes) >= 3.2
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    coded && strong || random || phrase || strong && joint == Joint::Equal && digits > 0
}

/// Numbers, digests, public keys, addresses of pages, and paths.
fn is_public(text: &str) -> bool {
    let numeric = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let digest = ["sha256:", "sha512-", "sha256-", "ssh-", "age1", "pk_"]
        .iter()
        .any(|head| text.starts_with(head));
    numeric && text.len() < 16
        || digest
        || text.starts_with("http") && !text.contains('@')
        || text.starts_with('/') && text.matches('/').count() > 1 && !text.contains('+')
}

/// Whether the word names nothing but a secret.
fn is_strong(word: &str) -> bool {
    const STRONG: &[&str] = &[
        "secret",
        "client_secret",
        "secret_key",
        "app_secret",
        "jwt_secret",
        "session_secret",
        "secret_key_base",
        "shared_secret",
        "_password",
        "pgpassword",
        "mysql_pwd",
    ];
    STRONG
        .iter()
        .any(|strong| word.eq_ignore_ascii_case(strong))
}

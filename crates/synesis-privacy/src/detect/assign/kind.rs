//! Whether what is assigned to a key is private, and what it is.

use super::joint::Joint;
use super::key;
use super::value::Value;
use super::vendor::vendor;
use crate::detect::View;
use crate::detect::label::is_label;
use crate::detect::negative::{is_code, is_jumbled, is_passphrase, is_random, is_stand_in};
use crate::detect::words::{Hit, Role};
use crate::kind::EntityKind::{self, Password, Pin, Username};

/// The kind of a value, or nothing when it is none.
pub(super) fn of(view: &View<'_>, hit: Hit, joint: Joint, value: &Value) -> Option<EntityKind> {
    let text = &view.text[value.start..value.end];
    if is_stand_in(text) || text.len() < 3 || is_label(text) {
        return None;
    }
    if !value.quoted && (is_code(text, view.at(value.end)) || is_type(view, value)) {
        return None;
    }
    let key = &view.text[hit.start..hit.end];
    let is_width = key.eq_ignore_ascii_case("pw") && text.len() < 6;
    if is_width && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // `DSA_SIG`, `DSA_SIG_new`
    let listed = joint == Joint::Cell && key.eq_ignore_ascii_case("sig");
    if listed
        || value.quoted && text.starts_with(" %")
        || joint == Joint::Cell && text.starts_with("0x")
    {
        return None;
    }
    match hit.role {
        Role::PinKey if is_pin(text.as_bytes()) => Some(Pin),
        Role::PinKey => (key.to_ascii_lowercase().starts_with("passcode")
            && is_password(view, hit, joint, value))
        .then_some(Password),
        Role::UserKey => is_user_name(text, joint).then_some(Username),
        Role::PasswordKey => is_password(view, hit, joint, value).then_some(Password),
        _ => is_secret(view, hit, joint, value).then(|| vendor(view, hit, text)),
    }
}

/// Whether a value is the name of a type in code: `password: CFStringRef;`, `user_id: UserId,`.
fn is_type(view: &View<'_>, value: &Value) -> bool {
    let text = &view.text[value.start..value.end];
    let after = view.text[value.end..].trim_start_matches(' ');
    let is_ended = after.starts_with(['=', ';', ',', ')', '>', '}', '{', '`', '|']);
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    let is_camel = text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (2..text.len()).contains(&capitals)
        && !is_jumbled(text.as_bytes());
    // `&str`, `!vault`
    let is_marked = text.strip_prefix(['&', '!']).is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    });
    is_ended && (is_camel || is_marked) || text.contains("::") || text.contains("->")
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
        && !text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.contains(' ')
        && joint != Joint::Verb
        && !text.starts_with('/')
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
        _ if is_passphrase(text) => true,
        Joint::Verb => digits || marks || ((value.quoted || cased) && !spaced),
        _ if value.quoted && joint != Joint::Cell => {
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
        Joint::Cell => digits || marks || value.quoted && cased,
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
    if is_passphrase(text) {
        return true;
    }
    let strong = is_strong(&view.text[hit.start..hit.end]);
    let phrase = strong
        && value.quoted
        && !spaced
        && (text.contains('-') || text.contains('_') || digits > 0);
    let marked = bytes
        .iter()
        .any(|byte| matches!(byte, b'!' | b'#' | b'%' | b'*' | b'+' | b'^' | b'~'));
    random
        || phrase
        || strong && joint == Joint::Equal && digits > 0
        || strong && joint != Joint::Verb && !spaced && marked
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
        || text.starts_with('/')
            && text.matches('/').count() > 1
            && !text.contains('+')
            && !text.ends_with('=')
            && !(text.len() == 40 && is_random(text.as_bytes()))
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
        "sharedaccesskey",
        "accountkey",
        "_password",
        "pgpassword",
        "mysql_pwd",
    ];
    STRONG
        .iter()
        .any(|strong| word.eq_ignore_ascii_case(strong))
}

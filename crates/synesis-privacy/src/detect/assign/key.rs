//! The key of an assignment: where its identifier ends, and whether it names a secret at all.

use crate::detect::View;
use crate::detect::words::{Hit, Role};

/// Parts of a key after the secret word that say that its value is no secret.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "count", "limit", "max", "min", "len", "length", "size", "expir", "ttl", "type", "name", "url", "uri", "path", "file", "field",
    "policy", "reset", "hint", "strength", "regex", "pattern", "endpoint", "header", "table", "column", "enabled", "required", "valid",
    "version", "usage", "used", "budget", "price", "cost", "per_", "label", "placeholder", "format", "prompt", "input", "manager",
    "store", "provider", "service", "class", "error", "changed", "updated", "created", "age", "rotation", "s_per", "ize", "id", "ref",
    "arn", "alias", "index", "list", "page", "_at", "hash_algorithm", "algorithm", "location", "env", "form", "box", "generator",
    "method", "mode", "status", "attempts", "encoder", "util", "lifetime", "scope", "issuer", "response", "request", "window", "source",
    "dir", "callback",
];

/// The end of the identifier that the word is in; nothing when the identifier is about something else.
pub(super) fn end(view: &View<'_>, hit: Hit) -> Option<usize> {
    let mut end = hit.end;
    while view.at(end).is_some_and(|byte| {
        byte.is_ascii_alphanumeric()
            || byte == b'_'
            || byte == b'-'
                && view
                    .at(end + 1)
                    .is_some_and(|next| next.is_ascii_alphanumeric())
    }) && end - hit.end < 40
    {
        end += 1;
    }
    let tail = view.text[hit.end..end].to_ascii_lowercase();
    let tail = tail.trim_start_matches(['_', '-']);
    let plural = hit.role == Role::SecretKey
        && tail == "s"
        && view.bytes[hit.start..hit.end].eq_ignore_ascii_case(b"token");
    let word = view.text[hit.start..hit.end].to_ascii_lowercase();
    let salted = matches!(
        word.as_str(),
        "salt" | "pepper" | "sig" | "pw" | "hmac" | "pass"
    ) && !tail.is_empty()
        && !tail.starts_with(|c: char| c.is_ascii_digit());
    if plural
        || salted
        || HARMLESS
            .iter()
            .any(|part| tail.starts_with(part) || (part.len() > 3 && tail.contains(part)))
    {
        return None;
    }
    Some(end)
}

/// Keys in capitals that open nothing.
const PLAIN_KEYS: &[&str] = &[
    "PUBLIC",
    "PRIMARY",
    "FOREIGN",
    "CACHE",
    "SORT",
    "HASH",
    "PARTITION",
    "UNIQUE",
    "REGISTRY",
    "INDEX",
    "HOT",
    "HKEY",
    "ROUTING",
    "LOCK",
    "GROUP",
    "MAP",
    "S3",
    "OBJECT",
    "BUCKET",
];

/// The word of a key that may name a secret. Of a key that begins inside another word, such as `SERPAPI_KEY`, its end
/// remains; a key that ends with `_key` names a secret only in capitals, as variables of the environment are.
pub(super) fn word(view: &View<'_>, hit: Hit) -> Option<Hit> {
    let word = &view.bytes[hit.start..hit.end];
    let service = |place: usize| {
        let begin = hit.start + place;
        let floor = begin.saturating_sub(40);
        let is_name =
            |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_';
        let before = &view.bytes[floor..begin];
        let length = before.iter().rev().take_while(is_name).count();
        let last = view.text[begin - length..begin].rsplit('_').next()?;
        (length >= 2 && !PLAIN_KEYS.contains(&last)).then_some(Hit {
            start: begin,
            ..hit
        })
    };
    if matches!(word, b"_KEY" | b"_SKEY") {
        return service(0);
    }
    if word.eq_ignore_ascii_case(b"_key") || word.eq_ignore_ascii_case(b"_skey") {
        return None;
    }
    if view.is_word(hit.start, hit.end) {
        return Some(hit);
    }
    word.ends_with(b"_KEY").then(|| service(word.len() - 4))?
}

/// Whether the key begins its line, as in a settings file or a list of facts.
pub(super) fn begins_line(view: &View<'_>, start: usize) -> bool {
    let line = view.line_start(start);
    view.bytes[line..start].iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b' ' | b'\t' | b'_' | b'-' | b'.' | b'#' | b'*' | b'"' | b'\''
            )
    }) && start - line < 40
}

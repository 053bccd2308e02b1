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

//! Names after a key or label: `"first_name": "Jane"`, `Name: Jane Doe`, a cell of a table.

use super::given::thing_follows;
use super::name::{self, Name, WORDS_MAX};
use super::{introduction, past_titles};
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// Titles between a key and a name.
const TITLES: &[&str] = &[
    "Mr. ", "Mrs. ", "Ms. ", "Dr. ", "Prof. ", "Herr ", "Frau ", "Mr ", "Mrs ", "Ms ",
];

/// What stands near the name of a person, in lower case.
#[rustfmt::skip]
const PERSONAL: &[&[u8]] = &[
    b"@", b"email", b"e-mail", b"phone", b"birth", b"address", b"dob", b"patient", b"customer", b"employee", b"ssn", b"passport",
    b"iban", b"tel", b"salary", b"street",
];

/// Reads the name that a key announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    if is_inside_word(view, hit.start) {
        return;
    }
    let word = view.text[hit.start..hit.end].to_lowercase();
    let Some(start) = value_start(view, hit, &word) else {
        return;
    };
    let start = past_titles(view, start, TITLES);
    let weak = is_weak(&word);
    let whole = start;
    let start = introduction::past_particles(view, start);
    let Some(name) = Name::read(view, start, WORDS_MAX) else {
        return lower_name(view, whole, weak);
    };
    let start = whole;
    let after = view.at(name.end);
    let called = matches!(after, Some(b'(' | b'[' | b'=' | b'{' | b'/' | b'_' | b'<'))
        || after.is_some_and(|byte| byte.is_ascii_digit());
    let given = name.end_with_given(view) > name.end;
    let known = name.first_known || given || name.words >= 2 && name.last_known;
    if thing_follows(&view.text[name.end..]) && !known {
        return;
    }
    let personal = !weak
        || known
        || name.words >= 2
            && (is_personal(view, hit.start)
                || word.starts_with("author")
                || shouts(view, hit, start, name.end));
    let single = name.end - start < 2;
    if personal && !single && !called && (name.first_known || given || !weak || name.words >= 2) {
        let end = name.end_with_given(view);
        view.add(start, end, Person, "name after a key", 82);
    }
}

/// Whether a form in capitals says it: `NAME: JANE ROE`.
fn shouts(view: &View<'_>, hit: Hit, start: usize, end: usize) -> bool {
    let upper = |text: &str| text.chars().all(|c| !c.is_lowercase());
    upper(&view.text[hit.start..hit.end])
        && upper(&view.text[start..end])
        && view.line_end(end) == end
}

/// Whether a small letter of the key continues a word, as in `rename:`.
fn is_inside_word(view: &View<'_>, start: usize) -> bool {
    let first = view.bytes[start];
    first.is_ascii_alphabetic()
        && view
            .before(start)
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && !first.is_ascii_uppercase()
}

/// Where the value of a key begins: past the mark or the verb that joins them, quotes and brackets.
fn value_start(view: &View<'_>, hit: Hit, word: &str) -> Option<usize> {
    let mut at = hit.end;
    let mut joined = word.ends_with(':')
        || word.ends_with('=')
        || word.ends_with('\t')
        || word.ends_with('.')
        || !word.is_ascii();
    while let Some(byte) = view.at(at) {
        match byte {
            b':' | b'=' | b'|' | b'>' => joined = true,
            b' ' | b'"' | b'\'' | b'\t' | b'*' | b'`' | b'\\' | b'(' | b')' | b'_' => {}
            0xef if view.text[at..].starts_with('：') => {
                joined = true;
                at += 2;
            }
            _ => break,
        }
        at += 1;
        if at - hit.end > 12 {
            return None;
        }
    }
    let rest = &view.text[at..];
    if ["is ", "ist ", "est ", "は", "是"]
        .iter()
        .any(|verb| rest.starts_with(verb))
    {
        joined = true;
        at += rest
            .find(' ')
            .filter(|&place| place < 5)
            .map_or(3, |place| place + 1);
    }
    let by = word.ends_with(" by") || word.ends_with(" to");
    ((joined || by) && view.text.is_char_boundary(at)).then_some(at)
}

/// Whether a key names other things as often as people.
fn is_weak(word: &str) -> bool {
    word.contains("name") && word.trim_matches([':', '=', '"', '\'', '\t']) == "name"
        || matches!(
            word,
            "contact:" | "kontakt:" | "owner:" | "author:" | "agent:" | "client:" | "manager:"
        )
}

/// A lower-case value of a key, as in a form that was filled in carelessly.
fn lower_name(view: &mut View<'_>, at: usize, weak: bool) {
    let Some(end) = name::lower(view, at) else {
        return;
    };
    let quoted = matches!(view.before(at), Some(b'"' | b'\''));
    let ends = view
        .at(end)
        .is_none_or(|byte| matches!(byte, b'"' | b'\'' | b'\n' | b'\r' | b',' | b'<'));
    let several = view.text[at..end].contains(' ');
    if ends && (quoted && !weak || several) {
        view.add(at, end, Person, "name after a key", 75);
    }
}

/// Whether the neighbourhood is about a person.
fn is_personal(view: &View<'_>, at: usize) -> bool {
    let from = at.saturating_sub(160);
    let to = (at + 220).min(view.bytes.len());
    let around = view.bytes[from..to].to_ascii_lowercase();
    PERSONAL
        .iter()
        .any(|sign| memchr::memmem::find(&around, sign).is_some())
}

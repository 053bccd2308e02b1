//! Names after a key or label: `"first_name": "Jane"`, `Name: Jane Doe`, a cell of a table.

use super::name::{Name, WORDS_MAX, titled};
use super::{FIRST, past_titles};
use crate::detect::View;
use crate::detect::label::is_label;
use crate::detect::number;
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
    // `nom::Err`, `$caller:`
    let is_path = view.before(hit.end) == Some(b':') && view.at(hit.end) == Some(b':');
    if is_inside_word(view, hit.start) || is_path || view.before(hit.start) == Some(b'$') {
        return;
    }
    let word = view.text[hit.start..hit.end].to_lowercase();
    // A question of a chat is answered in the next line.
    let answer = Some(number::answer(view, hit.end)).filter(|at| *at > hit.end);
    let field = past_field(view, hit.end);
    let start = answer.or(field).or_else(|| value_start(view, hit, &word));
    let Some(start) = start else {
        return;
    };
    let start = past_titles(view, start, TITLES);
    let weak = is_weak(&word);
    let Some(name) = Name::read(view, start, WORDS_MAX) else {
        return lower_name(view, start, weak);
    };
    let after = view.at(name.end);
    let called = matches!(after, Some(b'(' | b'[' | b'=' | b'{' | b'/' | b'_'))
        || after.is_some_and(|byte| byte.is_ascii_digit());
    let personal = !weak || name.first_known || name.words >= 2 && is_personal(view, hit.start);
    let label = is_label(&view.text[start..name.end]);
    if personal && !called && !label && (name.first_known || !weak || name.words >= 2) {
        let end = name.end_with_given(view);
        view.add(start, end, Person, "name after a key", 82);
    }
}

/// The value of a field of a form: `<input name="full_name" value="…">`.
fn past_field(view: &View<'_>, key_end: usize) -> Option<usize> {
    const VALUE: &str = "\" value=\"";
    view.text[key_end..]
        .starts_with(VALUE)
        .then_some(key_end + VALUE.len())
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
            b'[' if joined => {}
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
            "contact:" | "owner:" | "author:" | "agent:" | "client:" | "manager:"
        )
}

/// A quoted lower-case value of a strong key, as in a form that was filled in carelessly.
fn lower_name(view: &mut View<'_>, at: usize, weak: bool) {
    let quoted = matches!(view.before(at), Some(b'"' | b'\''));
    let length = view.bytes[at..]
        .iter()
        .take(40)
        .take_while(|byte| byte.is_ascii_lowercase() || **byte == b' ')
        .count();
    let value = &view.text[at..at + length];
    let words: Vec<String> = value.split(' ').map(titled).collect();
    if quoted
        && !weak
        && matches!(view.at(at + length), Some(b'"' | b'\''))
        && words.len() <= 3
        && FIRST.contains(words[0].as_str())
    {
        view.add(at, at + length, Person, "name after a key", 75);
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

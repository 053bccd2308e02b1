//! Names in letters: after the salutation, and in the signature.

use super::name::Name;
use super::past_titles;
use super::script::is_east_asian;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// Titles between a salutation and a name.
#[rustfmt::skip]
const SALUTATION_TITLES: &[&str] = &[
    "Herr ", "Frau ", "Herrn ", "Mr. ", "Mrs. ", "Ms. ", "Mr ", "Mrs ", "Ms ", "Dr. ", "Prof. ", "Monsieur ", "Madame ", "M. ", "Mme ",
    "Sr. ", "Sra. ", "Señor ", "Señora ", "Signor ", "Signora ", "Sig. ", "Sig.ra ", "sig.ra ", "sig. ", "sig.na ", "Senhor ", "Senhora ", "heer ", "mevrouw ", "Panie ",
    "Pani ", "pane ", "paní ", "Dott. ", "Dott.ssa ",
];

/// `Dear Jane,` at the start of a line or a sentence.
pub(super) fn salutation(view: &mut View<'_>, hit: Hit) {
    let line = view.line_start(hit.start);
    let opening = view.bytes[line..hit.start]
        .iter()
        .all(|byte| !byte.is_ascii_alphanumeric())
        || matches!(view.before(hit.start), Some(b'"' | b'\'' | b'>' | b'`'))
        || view.bytes[..hit.start].ends_with(b": ")
        || view.bytes[..hit.start].ends_with(b". ")
        || view.bytes[..hit.start].ends_with(b"\\n");
    if !opening {
        return;
    }
    let start = past_titles(view, hit.end, SALUTATION_TITLES);
    let Some(name) = Name::read(view, start, 3) else {
        return;
    };
    let closed = match view.text[name.end..].chars().next() {
        None => true,
        Some(c) => {
            matches!(
                c,
                ',' | '!' | '\n' | ':' | '.' | '，' | '-' | '\\' | '"' | ';' | '—' | '–'
            ) || c == ' ' && name.first_known
                || is_east_asian(c)
        }
    };
    if closed
        && (name.first_known || start > hit.end || view.text[start..name.end].chars().count() >= 2)
    {
        view.add(start, name.end, Person, "name after a salutation", 82);
    }
}

/// The line after the end of a letter.
pub(super) fn closing(view: &mut View<'_>, hit: Hit) {
    let skip = |byte: &u8| {
        matches!(
            byte,
            b',' | b'!' | b'.' | b' ' | b'\n' | b'\r' | b'-' | b'*' | b'_'
        )
    };
    let mut start = hit.end
        + view.bytes[hit.end..]
            .iter()
            .take(10)
            .take_while(|byte| skip(byte))
            .count();
    let escaped = &view.bytes[hit.end..start.min(view.bytes.len())];
    let mut broke = escaped.contains(&b'\n') || view.bytes[hit.start..hit.end].contains(&b'\n');
    while view.bytes[start..].starts_with(b"\\n") {
        start += 2;
        broke = true;
    }
    let start = past_titles(view, start, &["Dr. ", "Prof. ", "Mr. ", "Mrs. ", "Ms. "]);
    let Some(name) = Name::read(view, start, 4) else {
        return;
    };
    let rest = &view.text[name.end..];
    let alone = rest.is_empty()
        || rest.starts_with(['\n', '\r', '"', '\\', ',', '<', '|'])
        || rest.starts_with(" <")
        || rest.starts_with(" (")
        || rest.starts_with(" |")
        || rest.starts_with(". ")
        || rest == "."
        || rest.starts_with(".\n");
    if alone && (broke || name.first_known || name.words >= 2 && view.bytes[hit.end - 1] == b',') {
        view.add(start, name.end, Person, "name in a signature", 82);
    }
}

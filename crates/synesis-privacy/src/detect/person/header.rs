//! Names in mail headers: `From: Jane Doe <jane@…>, John Roe <…>`.

use super::name::{Name, WORDS_MAX};
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// Reads the people of a header's line.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let line_end = view.line_end(hit.end);
    let opening = view.bytes[view.line_start(hit.start)..hit.start]
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'"' | b'*' | b'|' | b'#' | b'-'));
    if !opening {
        return;
    }
    let word = view.text[hit.start..hit.end].trim_end().to_lowercase();
    let mut at = hit.end;
    for _ in 0..20 {
        at += view.bytes[at..line_end]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b',' | b';' | b'*' | b'\t'))
            .count();
        let Some(name) = Name::read(view, at, WORDS_MAX) else {
            break;
        };
        let with_given = name.end_with_given(view);
        let rest = &view.text[with_given.min(line_end)..line_end];
        let addressed = rest
            .trim_start_matches(['"', '\'', ' '])
            .starts_with(['<', '[', '(']);
        let strong = word.len() > 5 && !matches!(word.as_str(), "author:" | "sender:");
        if !(addressed
            || with_given > name.end
            || name.first_known
            || name.words >= 2 && (rest.trim().is_empty() || rest.starts_with([',', ';']))
            || strong)
        {
            break;
        }
        let end = with_given;
        view.add(at, end, Person, "name in a header", 85);
        let Some(next) = memchr::memchr2(b',', b';', &view.bytes[end..line_end]) else {
            break;
        };
        at = end + next + 1;
    }
}

//! Names before words that follow a person: `Jane Doe wrote:`, `Ayşe Hanım`.

use super::{FIRST, NOT};
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// The words of a name before a word, at most.
const WORDS_MAX: usize = 3;

/// Reads the capitalised words that end where the hit begins.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let title = view.text[hit.start..hit.end].trim().chars().next();
    let polite = title.is_some_and(char::is_uppercase);
    if view.text[hit.start..hit.end].trim().to_lowercase().len() <= 6 && !polite {
        return;
    }
    let (mut start, mut words) = (hit.start, 0);
    while words < WORDS_MAX {
        let head = view.text[..start]
            .strip_suffix(' ')
            .unwrap_or(&view.text[..start]);
        if words > 0 && head.len() == start {
            break;
        }
        let length: usize = head
            .chars()
            .rev()
            .take(24)
            .take_while(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
            .map(char::len_utf8)
            .sum();
        let word = &head[head.len() - length..];
        if !word.starts_with(char::is_uppercase) || NOT.contains(word) || word.chars().count() < 2 {
            break;
        }
        start = head.len() - length;
        words += 1;
    }
    let name = view.text[start..hit.start].trim_end();
    let known = name
        .split(' ')
        .next()
        .is_some_and(|first| FIRST.contains(first));
    if words >= 2 || words == 1 && (known || polite) {
        view.add(
            start,
            start + name.len(),
            Person,
            "name before its word",
            76,
        );
    }
}

//! How a name is written: capitalised words, initials and particles, or a name in a script without capitals.

use super::script::{self, is_east_asian, is_uncased};
use super::{FIRST, NOT};
use crate::detect::View;

/// The words of a name have at most this many characters each.
const WORD_CHARS_MAX: usize = 24;
/// The words of a name, at most.
pub(super) const WORDS_MAX: usize = 5;
/// Small words inside a name.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "la", "le", "el", "al", "bin", "ben", "ibn", "ter",
    "ten", "zu", "zum", "af", "av", "y", "e", "san", "bint", "van't", "'t", "du", "des",
];

/// Surnames that are ordinary words too: after a first name they are names.
#[rustfmt::skip]
const SURNAMES: &[&str] = &[
    "Park", "Hill", "Lake", "Church", "Hall", "Day", "Price", "White", "Black", "Green", "Law", "West", "North", "Page", "Field", "Post",
    "Gold", "Silver",
];

/// A name in the text.
pub(super) struct Name {
    pub(super) end: usize,
    pub(super) words: usize,
    pub(super) first_known: bool,
}

impl Name {
    /// Reads a name that begins at `start`.
    pub(super) fn read(view: &View<'_>, start: usize, words_max: usize) -> Option<Self> {
        let text = &view.text[start..];
        let head = text.chars().next()?;
        if is_east_asian(head) {
            return script::east_asian(text).map(|length| Self {
                end: start + length,
                words: 2,
                first_known: script::is_japanese_surname(text),
            });
        }
        if is_uncased(head) {
            return script::uncased(text).map(|(length, words)| Self {
                end: start + length,
                words,
                first_known: false,
            });
        }
        let name = capitalised(text, words_max)?;
        Some(Self {
            end: start + name.end,
            ..name
        })
    }

    /// The end of the name, with a given name after the comma: `Doe, Jane` goes together.
    pub(super) fn end_with_given(&self, view: &View<'_>) -> usize {
        if view.text[self.end..].starts_with(", ")
            && self.words == 1
            && let Some(given) = Self::read(view, self.end + 2, 2)
            && (given.first_known || is_quoted(view, self.end, given.end))
        {
            given.end
        } else {
            self.end
        }
    }
}

/// Whether quotes hold a surname that ends at `surname` and a given name together, as mail programs write them.
fn is_quoted(view: &View<'_>, surname: usize, given: usize) -> bool {
    let line = view.line_start(surname);
    let opened = view.bytes[line..surname]
        .iter()
        .rposition(|byte| *byte == b'"');
    let word = opened.and_then(|place| view.text.get(line + place + 1..surname));
    view.at(given) == Some(b'"') && word.is_some_and(|word| !word.contains([',', '<', ':']))
}

/// Capitalised words, initials and particles at the start of a text.
fn capitalised(text: &str, words_max: usize) -> Option<Name> {
    let mut at = 0;
    let mut end = 0;
    let mut words = 0;
    let mut first_known = false;
    while words < words_max {
        let word = word_at(&text[at..]);
        let bare = word.trim_end_matches('.');
        if word.is_empty() {
            break;
        }
        let first = word.chars().next()?;
        let is_surname = words == 1 && first_known && SURNAMES.contains(&bare);
        if first.is_uppercase() && (is_surname || !NOT.contains(bare)) {
            let initial = word.ends_with('.');
            let shouted = bare.chars().count() > 3 && bare.chars().all(|c| !c.is_lowercase());
            if initial && bare.chars().count() > 2 || shouted && words == 0 && words_max < WORDS_MAX
            {
                break;
            }
            let cased = shouted.then(|| titled(bare));
            if words == 0 && !initial {
                first_known =
                    FIRST.contains(bare) || cased.is_some_and(|name| FIRST.contains(name.as_str()));
            }
            words += 1;
            end = at + word.len();
        } else if !(words > 0 && PARTICLES.contains(&word)) {
            break;
        }
        at += word.len();
        if !text[at..].starts_with(' ') {
            break;
        }
        at += 1;
    }
    if words == 0 {
        return None;
    }
    // `Smith's`: the possessive stays outside.
    let name = &text[..end];
    let end = name
        .strip_suffix("'s")
        .or_else(|| name.strip_suffix("’s"))
        .map_or(end, str::len);
    Some(Name {
        end,
        words,
        first_known,
    })
}

/// A word in capitals or small letters as a name is written.
pub(super) fn titled(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_string() + &chars.as_str().to_lowercase())
        .unwrap_or_default()
}

/// A word with its inner apostrophes and hyphens; an initial keeps its full stop.
fn word_at(text: &str) -> &str {
    let mut end = 0;
    let mut count = 0;
    for c in text.chars() {
        let joined = matches!(c, '\'' | '’' | '-')
            && count > 0
            && text[end + c.len_utf8()..]
                .chars()
                .next()
                .is_some_and(char::is_alphabetic);
        if !(c.is_alphabetic() || joined || matches!(u32::from(c), 0x300..=0x36f)) {
            if c == '.' && count == 1 {
                end += 1;
            }
            break;
        }
        end += c.len_utf8();
        count += 1;
        if count > WORD_CHARS_MAX {
            return "";
        }
    }
    &text[..end]
}

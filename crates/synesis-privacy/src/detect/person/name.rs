//! How a name is written: capitalised words, initials and particles, or a name in a script without capitals.

use super::script::{self, is_east_asian, is_uncased};
use super::{FIRST, NOT, is_surname};
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

/// A name in the text.
pub(in crate::detect) struct Name {
    pub(in crate::detect) end: usize,
    pub(in crate::detect) words: usize,
    pub(in crate::detect) first_known: bool,
    /// Whether a later word is a common surname.
    pub(in crate::detect) last_known: bool,
}

impl Name {
    /// Reads a name that begins at `start`.
    pub(in crate::detect) fn read(view: &View<'_>, start: usize, words_max: usize) -> Option<Self> {
        let text = &view.text[start..];
        let head = text.chars().next()?;
        if is_east_asian(head) {
            return script::east_asian(text).map(|length| Self {
                end: start + length,
                words: 2,
                first_known: false,
                last_known: false,
            });
        }
        if is_uncased(head) {
            return script::uncased(text).map(|(length, words)| Self {
                end: start + length,
                words,
                first_known: false,
                last_known: false,
            });
        }
        let name = capitalised(text, words_max)?;
        Some(Self {
            end: start + name.end,
            ..name
        })
    }

    /// The end of the name, with a given name after the comma: `Doe, Jane` goes together.
    pub(in crate::detect) fn end_with_given(&self, view: &View<'_>) -> usize {
        if view.text[self.end..].starts_with(", ")
            && (self.words == 1 || self.words == 2 && !self.first_known)
            && let Some(given) = Self::read(view, self.end + 2, 2)
            && (given.first_known
                || view.text[given.end..].starts_with(['"', '<'])
                || view.text[given.end..].starts_with(" <"))
        {
            given.end
        } else {
            self.end
        }
    }
}

/// Capitalised words, initials and particles at the start of a text.
fn capitalised(text: &str, words_max: usize) -> Option<Name> {
    let mut at = 0;
    let mut end = 0;
    let mut words = 0;
    let (mut first_known, mut last_known, mut begins_with_initial) = (false, false, false);
    while words < words_max {
        let word = word_at(&text[at..]);
        let bare = word.trim_end_matches('.');
        if word.is_empty() {
            break;
        }
        let first = word.chars().next()?;
        let lettered = word.ends_with('.') && bare.chars().count() == 1;
        if first.is_uppercase() && (lettered || !NOT.contains(bare)) {
            let initial = word.ends_with('.');
            let shouted = bare.chars().count() > 2 && bare.chars().all(|c| !c.is_lowercase());
            let cased = if shouted {
                titled(bare)
            } else {
                bare.to_owned()
            };
            let known = FIRST.contains(cased.as_str());
            let surname = is_surname(&cased);
            let doubtful = shouted && words == 0 && words_max < WORDS_MAX && !known && !surname;
            if initial && bare.chars().count() > 2 || doubtful && bare.chars().count() > 3 {
                break;
            }
            if words == 0 && !initial {
                first_known = known;
            }
            last_known |= words > 0 && surname;
            // `R. Roe`: an initial begins nothing but a name.
            begins_with_initial |= words == 0 && lettered;
            first_known |= words == 1 && begins_with_initial && bare.chars().count() > 2;
            words += 1;
            end = at + word.len();
        } else if !(words > 0 && PARTICLES.contains(&word.to_lowercase().as_str())) {
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
        last_known,
    })
}

/// A name in small letters, as people type: its first word is a common first name, and a second word that is a common
/// surname, or that ends the line or the sentence, goes with it.
pub(super) fn lower(view: &View<'_>, start: usize) -> Option<usize> {
    let text = &view.text[start..];
    let first = word_at(text);
    let small = |word: &str| !word.is_empty() && word.chars().all(|c| !c.is_uppercase());
    if !small(first) || !FIRST.contains(titled(first).as_str()) {
        return None;
    }
    let mut end = first.len();
    for _ in 0..3 {
        let Some(rest) = text[end..].strip_prefix(' ') else {
            break;
        };
        let word = word_at(rest);
        let past = end + 1 + word.len();
        if !small(word) || word.ends_with('.') {
            break;
        }
        let ends =
            text[past..].is_empty() || text[past..].starts_with([',', '.', '\n', '"', '<', '(']);
        let known = is_surname(&titled(word));
        if !(known || PARTICLES.contains(&word) || ends && word.chars().count() >= 3) {
            break;
        }
        end = past;
        if known || ends {
            break;
        }
    }
    Some(start + end)
}

/// Small words that no name begins with.
#[rustfmt::skip]
const NO_NAMES: &[&str] = &[
    "not", "the", "on", "in", "at", "still", "too", "very", "also", "now", "here", "there", "missing", "wrong", "spelled", "spelt", "written",
    "misspelled", "important", "unknown", "private", "secret", "hidden", "displayed", "shown", "required", "optional", "listed", "correct",
    "incorrect", "longer", "long", "short", "common", "rare", "back", "later", "and", "but", "what", "that", "this", "mentioned",
];

/// One to three small words up to the end of the clause, where nothing but a name can stand.
pub(super) fn clause(view: &View<'_>, start: usize) -> Option<usize> {
    let text = &view.text[start..];
    let end = text
        .find(|c: char| !(c.is_alphabetic() || matches!(c, ' ' | '-' | '\'')))
        .unwrap_or(text.len());
    let mut clause = &text[..end];
    for next in [" and ", " from ", " but ", " i ", " und ", " et "] {
        clause = clause.split(next).next().unwrap_or(clause);
    }
    let clause = clause.trim_end();
    let words: Vec<&str> = clause.split(' ').collect();
    let fits = |word: &&str| {
        word.chars().count() >= 2
            && word.chars().all(|c| !c.is_uppercase())
            && !NO_NAMES.contains(word)
    };
    ((1..=3).contains(&words.len()) && words.iter().all(fits) && words[0].chars().count() >= 3)
        .then_some(start + clause.len())
}

/// A word in capitals or small letters as a name is written, with its parts behind hyphens.
pub(super) fn titled(word: &str) -> String {
    let mut named = String::with_capacity(word.len());
    for (place, part) in word.split('-').enumerate() {
        if place > 0 {
            named.push('-');
        }
        let mut chars = part.chars();
        named.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        named.push_str(&chars.as_str().to_lowercase());
    }
    named
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

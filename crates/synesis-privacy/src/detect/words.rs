//! One pass over the text for every prefix and word at once.
//!
//! The automaton is a DFA, chosen by hand: at this number of patterns the library would choose a form that is three
//! times slower. Nothing here decides; a hit only says where to look, and for what.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::lexicon;
use super::tokens;
use super::{names, places};
use crate::kind::EntityKind;

/// What a hit announces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// A token's prefix: the row in the table of tokens.
    Token(u16),
    PasswordKey,
    SecretKey,
    PinKey,
    MnemonicKey,
    Authorization,
    CookieKey,
    /// `://`
    Scheme,
    /// The head of a PEM block or of a PuTTY key.
    Pem,
    /// An option of a command that a credential follows.
    Flag,
    /// A command, a statement or words with a credential at a place of their own.
    Command,
    Netrc,
    Kube,
    /// The folder that holds the homes.
    Home,
    /// The end of a private host name.
    HostEnd,
    /// Context for what stands near it.
    Topic(Topic),
    /// A key or label whose value is the name of a person.
    NameKey,
    /// Words before a name in a sentence.
    NameBefore,
    /// A title such as `Mrs`.
    Title,
    /// A salutation at the start of a letter.
    Salutation,
    /// The end of a letter; the name is on the next line.
    Closing,
    /// Words after a name, as in Chinese and Japanese.
    NameAfter,
    /// A mail header that lists people.
    MailHeader,
    /// A key whose value is a user name.
    UserKey,
    /// A key or label whose value is an address.
    AddressKey,
    /// Words before an address in a sentence.
    AddressBefore,
    /// The last word of a street's name, or its ending.
    StreetAfter,
    /// The first word of a street's name.
    StreetBefore,
}

/// What a number may be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic {
    Phone,
    Birth,
    Account,
    Routing,
    Bic,
    Card,
    CardCode,
    Passport,
    Licence,
    Medical,
    Plate,
    Vin,
    Device,
    Place,
    /// Passwords and keys.
    Secret,
    /// Numbers of things.
    Ignore,
    Version,
    /// A number of this kind.
    Id(EntityKind),
}

/// A word in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) role: Role,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An automaton over some of the words, and what each announces.
struct Words {
    automaton: AhoCorasick,
    roles: Vec<Role>,
}

/// The words in ASCII: what every text is read with.
static ASCII: LazyLock<Option<Words>> = LazyLock::new(|| Words::build(true));
/// The words of other scripts, built when the first text has any. Apart, because their bytes would make the first
/// automaton many times as large, and slow for all.
static OTHER: LazyLock<Option<Words>> = LazyLock::new(|| Words::build(false));

/// Builds what every text needs.
pub(super) fn warm_up() {
    LazyLock::force(&ASCII);
}

/// Every hit in a part of the text, in order.
pub(super) fn hits(text: &str, from: usize, to: usize, hits: &mut Vec<Hit>) {
    hits.clear();
    let bytes = text.as_bytes();
    let read = |words: &Option<Words>, from: usize, to: usize, hits: &mut Vec<Hit>| {
        let Some(words) = words else { return };
        hits.extend(
            words
                .automaton
                .find_iter(&bytes[from..to])
                .map(|found| Hit {
                    role: words.roles[found.pattern().as_usize()],
                    start: from + found.start(),
                    end: from + found.end(),
                }),
        );
    };
    read(&ASCII, from, to, hits);
    let only_ascii = hits.len();
    let mut at = from;
    while let Some(place) = bytes[at..to].iter().position(|byte| !byte.is_ascii()) {
        // From here to where nothing but ASCII follows for longer than a word is.
        let start = (at + place).saturating_sub(WORD_BYTES_MAX).max(at);
        let mut end = at + place + 1;
        while let Some(more) = bytes[end..(end + WORD_BYTES_MAX).min(to)]
            .iter()
            .rposition(|byte| !byte.is_ascii())
        {
            end += more + 1;
        }
        end = (end + WORD_BYTES_MAX).min(to);
        read(&OTHER, start, end, hits);
        at = end;
    }
    if hits.len() > only_ascii {
        hits.sort_by_key(|hit| hit.end);
    }
}

/// No word is longer, in bytes.
const WORD_BYTES_MAX: usize = 64;

impl Words {
    fn build(ascii: bool) -> Option<Self> {
        let mut patterns: Vec<String> = Vec::new();
        let mut roles = Vec::new();
        let mut add = |pattern: String, role: Role| {
            if pattern.is_ascii() == ascii {
                patterns.push(pattern);
                roles.push(role);
            }
        };
        for (place, rule) in tokens::RULES.iter().enumerate() {
            if rule.prefix.len() >= 3 && !tokens::RUN_PREFIXES.contains(&rule.prefix) {
                add(
                    rule.prefix.to_owned(),
                    Role::Token(u16::try_from(place).ok()?),
                );
            }
        }
        for (role, words) in lexicon::WORDS
            .iter()
            .chain(names::WORDS)
            .chain(places::WORDS)
        {
            for word in *words {
                if word.is_ascii() {
                    add((*word).to_owned(), *role);
                    continue;
                }
                // The automaton folds ASCII only.
                let mut letters = word.chars();
                let first: String = letters
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .collect();
                let mut forms = vec![
                    (*word).to_owned(),
                    word.to_lowercase(),
                    first + letters.as_str(),
                ];
                // Nobody shouts the first half of a sentence, and its form would cost as much as the word.
                let sentence = *role == Role::NameBefore
                    && word.bytes().any(|byte| byte.is_ascii_alphabetic());
                if !sentence {
                    forms.push(word.to_uppercase());
                }
                forms.sort();
                forms.dedup();
                forms.into_iter().for_each(|form| add(form, *role));
            }
        }
        let automaton = AhoCorasickBuilder::new()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(&patterns)
            .ok()?;
        Some(Self { automaton, roles })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_the_window() {
        let words = lexicon::WORDS
            .iter()
            .chain(names::WORDS)
            .chain(places::WORDS);
        assert!(
            words
                .flat_map(|(_, words)| *words)
                .all(|word| word.len() <= WORD_BYTES_MAX)
        );
    }

    #[test]
    fn both_automata_are_built_and_small() {
        let sizes = [&ASCII, &OTHER].map(|words| {
            words
                .as_ref()
                .map_or(0, |words| words.automaton.memory_usage())
        });
        assert!(
            sizes.iter().all(|&size| size > 0) && sizes.iter().sum::<usize>() < 16 << 20,
            "{sizes:?}"
        );
    }
}

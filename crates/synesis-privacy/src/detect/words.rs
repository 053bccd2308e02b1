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

pub(super) struct Words {
    automaton: AhoCorasick,
    roles: Vec<Role>,
}

static SHARED: LazyLock<Option<Words>> = LazyLock::new(Words::build);

/// The automaton, built at first use.
pub(super) fn shared() -> Option<&'static Words> {
    SHARED.as_ref()
}

impl Words {
    fn build() -> Option<Self> {
        let mut patterns: Vec<String> = Vec::new();
        let mut roles = Vec::new();
        for (place, rule) in tokens::RULES.iter().enumerate() {
            if rule.prefix.len() >= 3 && !tokens::RUN_PREFIXES.contains(&rule.prefix) {
                patterns.push(rule.prefix.to_owned());
                roles.push(Role::Token(u16::try_from(place).ok()?));
            }
        }
        for (role, words) in lexicon::WORDS
            .iter()
            .chain(names::WORDS)
            .chain(places::WORDS)
        {
            for word in *words {
                // The automaton folds ASCII only.
                let mut forms = vec![(*word).to_owned()];
                if !word.is_ascii() {
                    let mut letters = word.chars();
                    let first: String = letters
                        .next()
                        .into_iter()
                        .flat_map(char::to_uppercase)
                        .collect();
                    forms.extend([
                        word.to_lowercase(),
                        word.to_uppercase(),
                        first + letters.as_str(),
                    ]);
                    forms.sort();
                    forms.dedup();
                }
                for form in forms {
                    patterns.push(form);
                    roles.push(*role);
                }
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

    /// Every hit in a part of the text, in order.
    pub(super) fn hits(&self, text: &str, from: usize, to: usize, mut each: impl FnMut(Hit)) {
        for found in self.automaton.find_iter(&text.as_bytes()[from..to]) {
            each(Hit {
                role: self.roles[found.pattern().as_usize()],
                start: from + found.start(),
                end: from + found.end(),
            });
        }
    }
}

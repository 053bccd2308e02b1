//! Finding private values.
//!
//! A text is read in blocks that end at line breaks. Each block is read twice: once for words and prefixes, once for
//! shapes; every hit leads to a matcher that is anchored there and a validator that decides. Then the same rules read
//! what a disguised text would say. Matchers look at the text around a block too; nothing here changes text or knows
//! of placeholders.

mod address;
mod assign;
mod birth;
mod checks;
mod columns;
mod command;
mod first_names;
mod flags;
mod html_table;
mod label;
mod lexicon;
mod mail;
mod names;
mod national;
mod negative;
mod net;
mod number;
mod person;
mod phone;
mod places;
mod run;
mod shape;
mod structure;
mod token;
mod tokens;
mod url;
mod words;

use crate::kind::EntityKind;
use crate::shadow;
pub(crate) use person::name_parts;
use words::{Hit, Role, Topic};

/// A private value in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: EntityKind,
    pub(crate) detector: &'static str,
    pub(crate) confidence: u8,
}

impl Found {
    pub(crate) fn new(
        start: usize,
        end: usize,
        kind: EntityKind,
        detector: &'static str,
        confidence: u8,
    ) -> Self {
        Self {
            start,
            end,
            kind,
            detector,
            confidence,
        }
    }
}

/// How much is read at a time, in bytes.
const BLOCK_BYTES: usize = 64 << 10;
/// How far before a block its context reaches, in bytes.
const CONTEXT_BYTES: usize = 256;

/// Builds the automaton before it is needed.
pub(crate) fn warm_up() {
    words::warm_up();
}

/// Every private value of a text, in no promised order, overlaps included.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    plain(text, &mut found);
    shadow::find(text, &mut found);
    found
}

/// Reads the text as it stands.
pub(crate) fn plain(text: &str, found: &mut Vec<Found>) {
    let mut view = View {
        text,
        bytes: text.as_bytes(),
        marks: Vec::new(),
        found: std::mem::take(found),
        hits: Vec::new(),
    };
    let mut from = 0;
    while from < text.len() {
        let to = block_end(text, from);
        view.block(from, to);
        from = to;
    }
    *found = view.found;
}

/// The end of the block that begins at `from`: at a line break or a space where there is one.
fn block_end(text: &str, from: usize) -> usize {
    if text.len() - from <= BLOCK_BYTES {
        return text.len();
    }
    let bytes = &text.as_bytes()[from..from + BLOCK_BYTES];
    let cut = memchr::memrchr(b'\n', bytes).or_else(|| memchr::memrchr(b' ', bytes));
    let mut end = from + cut.map_or(BLOCK_BYTES, |place| place + 1);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    end
}

/// A text while it is read.
struct View<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The context words of this block and the end of the last one, in order.
    marks: Vec<Mark>,
    found: Vec<Found>,
    /// Room for the words of a block.
    hits: Vec<Hit>,
}

#[derive(Clone, Copy)]
struct Mark {
    topic: Topic,
    end: usize,
}

impl View<'_> {
    fn block(&mut self, from: usize, to: usize) {
        self.marks.retain(|mark| mark.end + CONTEXT_BYTES >= from);
        let mut hits = std::mem::take(&mut self.hits);
        words::hits(self.text, from, to, &mut hits);
        hits.iter().for_each(|hit| self.hit(*hit));
        self.hits = hits;
        shape::read(self, from, to);
    }

    fn hit(&mut self, hit: Hit) {
        match hit.role {
            Role::Token(row) => token::at(self, row, hit.start),
            Role::PasswordKey | Role::SecretKey => {
                // `_KEY` alone says too little for what stands near it.
                let whole = self.bytes[hit.start] != b'_';
                if whole && self.is_word(hit.start, hit.end) {
                    self.marks.push(Mark {
                        topic: Topic::Secret,
                        end: hit.end,
                    });
                }
                assign::at(self, hit);
                columns::at(self, hit);
            }
            Role::UserKey => {
                assign::at(self, hit);
                columns::at(self, hit);
            }
            Role::PinKey | Role::MnemonicKey => assign::at(self, hit),
            Role::Authorization | Role::CookieKey | Role::Pem | Role::Kube | Role::Netrc => {
                structure::at(self, hit)
            }
            Role::Flag => flags::at(self, hit),
            Role::Command => command::at(self, hit),
            Role::Scheme => url::at(self, hit),
            Role::Home | Role::HostEnd => net::at(self, hit),
            Role::Topic(topic) => {
                if self.is_word(hit.start, hit.end) && !self.is_call_in_code(hit) {
                    if birth::is_short(self, topic, hit) {
                        return birth::at(self, topic, hit);
                    }
                    self.marks.push(Mark {
                        topic,
                        end: hit.end,
                    });
                    birth::at(self, topic, hit);
                    number::at_mark(self, topic, hit);
                    columns::at(self, hit);
                }
            }
            Role::NameKey
            | Role::NameBefore
            | Role::Title
            | Role::Salutation
            | Role::Closing
            | Role::NameAfter
            | Role::MailHeader => {
                person::at(self, hit);
                if hit.role == Role::NameKey {
                    columns::at(self, hit);
                }
            }
            Role::AddressKey | Role::AddressBefore | Role::StreetAfter | Role::StreetBefore => {
                address::at(self, hit)
            }
        }
    }

    fn add(
        &mut self,
        start: usize,
        end: usize,
        kind: EntityKind,
        detector: &'static str,
        confidence: u8,
    ) {
        if start < end {
            self.found
                .push(Found::new(start, end, kind, detector, confidence));
        }
    }

    /// The byte before a place.
    fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).map(|place| self.bytes[place])
    }

    /// The byte at a place.
    fn at(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Whether a hit is a word of its own, also as a part of `snake_case` or `camelCase`.
    fn is_word(&self, start: usize, end: usize) -> bool {
        let first = self.bytes[start];
        let left = match self.before(start) {
            Some(before) if before.is_ascii_alphabetic() && first.is_ascii_alphabetic() => {
                before.is_ascii_lowercase() && first.is_ascii_uppercase()
            }
            _ => true,
        };
        let last = self.bytes[end - 1];
        let right = match self.at(end) {
            Some(after) if after.is_ascii_alphabetic() && last.is_ascii_alphabetic() => {
                (last.is_ascii_lowercase() && after.is_ascii_uppercase()) || self.is_plural(end)
            }
            _ => true,
        };
        left && right
    }

    /// Whether `call from` stands before something else than a number: a function, a file.
    fn is_call_in_code(&self, hit: Hit) -> bool {
        let words = &self.bytes[hit.start..hit.end];
        let calls =
            words.eq_ignore_ascii_case(b"call from") || words.eq_ignore_ascii_case(b"called from");
        let next = self.at(self.past_space(hit.end));
        calls && !next.is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('))
    }

    fn is_plural(&self, end: usize) -> bool {
        self.at(end) == Some(b's')
            && !self
                .at(end + 1)
                .is_some_and(|byte| byte.is_ascii_alphabetic())
    }

    /// Whether a word of the topic stands shortly before `at`, or right after `end`.
    fn near(&self, at: usize, reach: usize, wanted: impl Fn(Topic) -> bool) -> Option<Topic> {
        let before = self.marks.partition_point(|mark| mark.end <= at);
        self.marks[..before]
            .iter()
            .rev()
            .take_while(|mark| mark.end + reach >= at)
            .find(|mark| wanted(mark.topic) && !self.parts(mark.end, at))
            .map(|mark| mark.topic)
    }

    /// Whether what lies between a word and a value belongs to two different things.
    fn parts(&self, from: usize, to: usize) -> bool {
        let between = &self.bytes[from..to];
        between.windows(2).any(|pair| pair == b"\n\n")
            || between.iter().filter(|&&byte| byte == b'\n').count() > 1
    }

    /// The start of the line that `at` is on.
    fn line_start(&self, at: usize) -> usize {
        memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |place| place + 1)
    }

    /// The end of the line that `at` is on.
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |place| at + place)
    }

    /// The place after spaces and tabs.
    fn past_space(&self, at: usize) -> usize {
        at + self.bytes[at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }
}

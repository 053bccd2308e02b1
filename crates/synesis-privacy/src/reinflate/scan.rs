//! Walks over text from one possible placeholder to the next.
//!
//! Brackets and escapes are looked at where they stand; a placeholder without brackets is noticed by a digit of its
//! id, since every id has one, and read from its label on. All else is skipped at table speed.

use super::grammar::{Outcome, bare, bracketed};
use crate::limits::HOLD_BACK_BYTES_MAX;
use crate::placeholder::PlaceholderId;

/// What comes next.
pub(super) enum Step {
    /// Nothing more.
    End,
    /// From here on the text could still become a placeholder.
    Hold { start: usize },
    /// A well-formed placeholder. Call `skip_past` before the next step.
    Found {
        start: usize,
        end: usize,
        id: PlaceholderId,
        exact: bool,
    },
}

const SKIP: u8 = 0;
const OPEN: u8 = 1;
const DIGIT: u8 = 2;

static CLASSES: [u8; 256] = {
    let mut classes = [SKIP; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        classes[digit as usize] = DIGIT;
        digit += 1;
    }
    classes[b'[' as usize] = OPEN;
    classes[b'\\' as usize] = OPEN;
    classes[b'&' as usize] = OPEN;
    classes[b'%' as usize] = OPEN;
    // The first bytes of full-width and corner brackets.
    classes[0xef] = OPEN;
    classes[0xe3] = OPEN;
    classes[0xe2] = OPEN;
    classes
};

pub(super) struct Scanner<'t> {
    text: &'t str,
    before: Option<char>,
    at_end: bool,
    at: usize,
    floor: usize,
}

impl<'t> Scanner<'t> {
    /// `before` is the character that stood before the text, `at_end` whether nothing follows it.
    pub(super) fn new(text: &'t str, before: Option<char>, at_end: bool) -> Self {
        Self {
            text,
            before,
            at_end,
            at: 0,
            floor: 0,
        }
    }

    /// Goes on after a found placeholder (its end), or inside it (its start).
    pub(super) fn skip_past(&mut self, place: usize) {
        if place > self.at {
            self.at = place;
            self.floor = place;
        } else {
            self.at += 1;
        }
    }

    pub(super) fn next(&mut self) -> Step {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match CLASSES[usize::from(byte)] {
                OPEN => match bracketed(self.text, self.at, self.at_end) {
                    Outcome::Match { end, id, exact } => {
                        return Step::Found {
                            start: self.at,
                            end,
                            id,
                            exact,
                        };
                    }
                    Outcome::More => {
                        return Step::Hold {
                            start: self.earlier_tail(self.at),
                        };
                    }
                    Outcome::No => self.at += 1,
                },
                DIGIT => {
                    let past = run_end(bytes, self.at);
                    if let Some(step) = self.around_digit(past) {
                        return step;
                    }
                    self.at = past;
                }
                _ => {
                    self.at += 1;
                    while bytes
                        .get(self.at)
                        .is_some_and(|&byte| CLASSES[usize::from(byte)] == SKIP)
                    {
                        self.at += 1;
                    }
                }
            }
        }
        let tail = self.earlier_tail(bytes.len());
        if tail < bytes.len() {
            Step::Hold { start: tail }
        } else {
            Step::End
        }
    }

    /// The first place in the last bytes from which a placeholder without brackets could still come, or `end`.
    fn earlier_tail(&self, end: usize) -> usize {
        if self.at_end {
            return end;
        }
        let bytes = self.text.as_bytes();
        let from = bytes
            .len()
            .saturating_sub(HOLD_BACK_BYTES_MAX)
            .max(self.floor);
        let live = |&start: &usize| {
            self.starts_word(start) && bare(self.text, start, false) == Outcome::More
        };
        (from..end).find(live).unwrap_or(end)
    }

    fn starts_word(&self, start: usize) -> bool {
        let bytes = self.text.as_bytes();
        let before = match start.checked_sub(1) {
            Some(place) => bytes[place].is_ascii_alphanumeric(),
            None => self.before.is_some_and(|c| c.is_ascii_alphanumeric()),
        };
        bytes[start].is_ascii_alphabetic() && !before
    }

    /// A placeholder without brackets whose id ends at `past`.
    fn around_digit(&self, past: usize) -> Option<Step> {
        let bytes = self.text.as_bytes();
        let first = bytes[..past]
            .iter()
            .rposition(|byte| !byte.is_ascii_alphanumeric())?
            + 1;
        let token = &bytes[first.max(self.floor)..past];
        let plural = token
            .strip_suffix(b"s")
            .or_else(|| token.strip_suffix(b"S"));
        PlaceholderId::parse(token).or_else(|| PlaceholderId::parse(plural?))?;
        let from = past.saturating_sub(HOLD_BACK_BYTES_MAX).max(self.floor);
        for start in from..first {
            if self.starts_word(start)
                && let Outcome::Match { end, id, exact } = bare(self.text, start, self.at_end)
                && end == past
            {
                return Some(Step::Found {
                    start,
                    end,
                    id,
                    exact,
                });
            }
        }
        None
    }
}

/// Where the letters and digits around `at` end.
fn run_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .map_or(bytes.len(), |length| at + length)
}

/// Every well-formed placeholder of a text, whoever's it is: start, end and id.
pub(crate) fn well_formed_ids(text: &str, mut found: impl FnMut(usize, usize, PlaceholderId)) {
    let mut scanner = Scanner::new(text, None, true);
    while let Step::Found { start, end, id, .. } = scanner.next() {
        found(start, end, id);
        scanner.skip_past(end);
    }
}

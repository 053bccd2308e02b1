//! A set of strings that are looked for all at once, and that can grow at any time.
//!
//! The first four bytes of each string go into a bit filter, so a text is read at memory speed and nothing is
//! compiled when a value is added. The redactor uses it to find again what was found before, and the last gate to
//! stop what must not leave; both obey the same word boundaries, so the gate does not stop what the redactor kept.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use zeroize::Zeroizing;

/// Strings at least this long are looked for inside words too.
const ANYWHERE_BYTES_MIN: usize = 12;

/// What must stand beside a string for it to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Edge {
    /// No letter or digit on either side, unless the string is long.
    Word,
    /// No digit on either side.
    Digit,
    /// Anything.
    Free,
}

#[derive(Clone)]
struct Pattern<T> {
    text: Zeroizing<Box<[u8]>>,
    edge: Edge,
    tag: T,
}

/// Strings with a tag each.
#[derive(Clone)]
pub(crate) struct KnownSet<T> {
    filter: Vec<u64>,
    shift: u32,
    heads: HashMap<u32, Vec<u32>, BuildHasherDefault<HeadHasher>>,
    short: Vec<u32>,
    patterns: Vec<Pattern<T>>,
}

impl<T: Copy> KnownSet<T> {
    pub(crate) fn new() -> Self {
        Self {
            filter: Vec::new(),
            shift: 32 - 13,
            heads: HashMap::default(),
            short: Vec::new(),
            patterns: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Adds a string of two bytes or more; one that is there already stays as it is.
    pub(crate) fn add(&mut self, text: &[u8], edge: Edge, tag: T) {
        if text.len() < 2 || self.holds(text, edge) {
            return;
        }
        let place = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        self.patterns.push(Pattern {
            text: Zeroizing::new(text.into()),
            edge,
            tag,
        });
        let Some(head) = head_of(text) else {
            self.short.push(place);
            return;
        };
        self.heads.entry(head).or_default().push(place);
        let bits = 1usize << (32 - self.shift);
        if self.filter.is_empty() {
            self.filter = vec![0; bits / 64];
        } else if self.heads.len() * 16 > bits && self.shift > 8 {
            self.shift -= 3;
            self.filter = vec![0; (1usize << (32 - self.shift)) / 64];
            let heads: Vec<u32> = self.heads.keys().copied().collect();
            for head in heads {
                self.mark(head);
            }
        }
        self.mark(head);
    }

    fn holds(&self, text: &[u8], edge: Edge) -> bool {
        let same = |&place: &u32| {
            let pattern = &self.patterns[place as usize];
            pattern.edge == edge && **pattern.text == *text
        };
        match head_of(text) {
            Some(head) => self
                .heads
                .get(&head)
                .is_some_and(|places| places.iter().any(same)),
            None => self.short.iter().any(same),
        }
    }

    fn mark(&mut self, head: u32) {
        let bit = self.bit(head);
        self.filter[bit / 64] |= 1 << (bit % 64);
    }

    fn bit(&self, head: u32) -> usize {
        (head.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    /// The next place at which the filter sees the head of a string. Nothing else is in this loop, so
    /// that all it needs stays in registers.
    #[inline(never)]
    fn candidate(&self, text: &[u8], from: usize) -> Option<(usize, u32)> {
        let filter = self.filter.as_slice();
        // Its length is a power of two, so a masked place is always in it.
        let mask = filter.len() - 1;
        let shift = self.shift;
        for (place, window) in text.get(from..)?.windows(4).enumerate() {
            let head = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
            let bit = (head.wrapping_mul(0x9E37_79B1) >> shift) as usize;
            if (filter[(bit / 64) & mask] >> (bit % 64)) & 1 == 1 {
                return Some((from + place, head));
            }
        }
        None
    }

    /// Calls `found` with start, end and tag for every string in the text, in no promised order.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(usize, usize, T)) {
        if !self.heads.is_empty() {
            let mut from = 0;
            while let Some((start, head)) = self.candidate(text, from) {
                from = start + 1;
                for &place in self.heads.get(&head).map_or(&[][..], Vec::as_slice) {
                    let pattern = &self.patterns[place as usize];
                    let end = start + pattern.text.len();
                    if text[start..].starts_with(&pattern.text)
                        && fits(text, start, end, pattern.edge)
                    {
                        found(start, end, pattern.tag);
                    }
                }
            }
        }
        for &place in &self.short {
            let pattern = &self.patterns[place as usize];
            for start in memchr::memmem::find_iter(text, &**pattern.text) {
                let end = start + pattern.text.len();
                if fits(text, start, end, pattern.edge) {
                    found(start, end, pattern.tag);
                }
            }
        }
    }
}

/// The heads are looked up so often that a hash against attackers would cost more than all else.
#[derive(Clone, Default)]
struct HeadHasher(u64);

impl Hasher for HeadHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, head: u32) {
        self.0 = (self.0 ^ u64::from(head))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(23);
    }
}

fn head_of(text: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(text.get(..4)?.try_into().ok()?))
}

fn fits(text: &[u8], start: usize, end: usize, edge: Edge) -> bool {
    let before = start.checked_sub(1).map(|place| text[place]);
    let after = text.get(end).copied();
    match edge {
        Edge::Free => true,
        Edge::Digit => {
            !before.is_some_and(|b| b.is_ascii_digit())
                && !after.is_some_and(|b| b.is_ascii_digit())
        }
        Edge::Word => {
            end - start >= ANYWHERE_BYTES_MIN
                || (!joins(before, text[start]) && !joins(after, text[end - 1]))
        }
    }
}

/// Whether a byte outside belongs to the same word as the byte inside.
fn joins(outside: Option<u8>, inside: u8) -> bool {
    inside.is_ascii_alphanumeric() && outside.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &KnownSet<u8>, text: &str) -> Vec<(usize, usize, u8)> {
        let mut all = Vec::new();
        set.each(text.as_bytes(), |start, end, tag| {
            all.push((start, end, tag))
        });
        all.sort_unstable();
        all
    }

    #[test]
    fn words_are_found_as_words_and_long_values_anywhere() {
        let mut set = KnownSet::new();
        set.add(b"Ann", Edge::Word, 1);
        set.add(b"Smith", Edge::Word, 2);
        set.add(b"a-very-long-value", Edge::Word, 3);
        set.add(b"5551234567", Edge::Digit, 4);
        assert_eq!(found(&set, "Ann Smithson, Smith"), [(0, 3, 1), (14, 19, 2)]);
        assert_eq!(found(&set, "Announce"), []);
        assert_eq!(found(&set, "xxa-very-long-valueyy"), [(2, 19, 3)]);
        assert_eq!(found(&set, "15551234567 x5551234567y"), [(13, 23, 4)]);
    }

    #[test]
    fn many_strings_are_still_found() {
        let mut set = KnownSet::new();
        for n in 0..20_000u32 {
            set.add(format!("value-{n}-of-many").as_bytes(), Edge::Word, 0);
            set.add(format!("{n:05}/{n}").as_bytes(), Edge::Word, 1);
        }
        assert_eq!(
            found(&set, "x value-777-of-many, 19999/19999."),
            [(2, 19, 0), (21, 32, 1)]
        );
    }
}

//! Placeholders: a label of letters, three random characters and a check character, as in `[EMAIL_7Q4K]`.
//!
//! One wrong character never makes another valid id: every weight of the check is odd, so it has an inverse modulo
//! 32. An id always has a letter and a digit, so that neither a year nor a word is one. A conversation with very
//! many values goes on with five random characters. Nothing here knows which ids are in use.

use std::fmt;

use crate::kind::EntityKind;
use crate::random::Random;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LONG: u32 = 1 << 31;

/// The checked id of a placeholder: four characters, or six.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceholderId(u32);

impl PlaceholderId {
    pub(crate) fn draw(random: &mut Random, long: bool) -> Self {
        loop {
            let mut digits = [0u8; 6];
            let free = if long { 5 } else { 3 };
            for digit in &mut digits[..free] {
                *digit = random.byte() & 31;
            }
            digits[free] = check(&digits[..free]);
            if let Some(id) = Self::from_digits(&digits[..=free]) {
                return id;
            }
        }
    }

    /// Reads four or six characters of any case, with the letters people confuse folded as Crockford has it.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != 4 && text.len() != 6 {
            return None;
        }
        let mut digits = [0u8; 6];
        for (digit, &byte) in digits.iter_mut().zip(text) {
            *digit = value_of(byte)?;
        }
        Self::from_digits(&digits[..text.len()])
    }

    fn from_digits(digits: &[u8]) -> Option<Self> {
        let (last, free) = digits.split_last()?;
        let letters = digits.iter().any(|&digit| digit > 9);
        let numbers = digits.iter().any(|&digit| digit < 10);
        if *last != check(free) || !letters || !numbers {
            return None;
        }
        let packed = digits
            .iter()
            .fold(0u32, |packed, &digit| packed << 5 | u32::from(digit));
        Some(Self(if digits.len() == 6 {
            packed | LONG
        } else {
            packed
        }))
    }

    /// The characters and how many of them there are.
    fn characters(self) -> ([u8; 6], usize) {
        let count = if self.0 & LONG == 0 { 4 } else { 6 };
        let mut characters = [0u8; 6];
        for (place, character) in characters[..count].iter_mut().enumerate() {
            let digit = (self.0 & !LONG) >> (5 * (count - 1 - place)) & 31;
            *character = ALPHABET[digit as usize];
        }
        (characters, count)
    }
}

impl fmt::Display for PlaceholderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (characters, count) = self.characters();
        characters[..count]
            .iter()
            .try_for_each(|&byte| fmt::Write::write_char(f, char::from(byte)))
    }
}

impl fmt::Debug for PlaceholderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a character stands in Crockford's alphabet; O is 0, I and L are 1.
fn value_of(byte: u8) -> Option<u8> {
    let value = match byte.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => digit - b'0',
        b'O' => 0,
        b'I' | b'L' => 1,
        letter => u8::try_from(ALPHABET.iter().position(|&known| known == letter)?).ok()?,
    };
    Some(value)
}

fn check(free: &[u8]) -> u8 {
    let mut sum = 11u32;
    let mut weight = 3u32;
    for &digit in free {
        sum += u32::from(digit) * weight;
        weight += 4;
    }
    (sum & 31) as u8
}

/// What stands for one value in one conversation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Placeholder {
    kind: EntityKind,
    id: PlaceholderId,
}

impl Placeholder {
    pub(crate) fn new(kind: EntityKind, id: PlaceholderId) -> Self {
        Self { kind, id }
    }

    /// What kind of value it stands for.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        self.kind
    }

    /// The checked id, by which it is restored.
    #[must_use]
    pub fn id(&self) -> PlaceholderId {
        self.id
    }

    pub(crate) fn write_to(&self, out: &mut String) {
        let (characters, count) = self.id.characters();
        out.push('[');
        out.push_str(self.kind.label());
        out.push('_');
        out.extend(characters[..count].iter().map(|&byte| char::from(byte)));
        out.push(']');
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}_{}]", self.kind.label(), self.id)
    }
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(long: bool) -> Vec<PlaceholderId> {
        let mut random = Random::new([7; 32]);
        (0..500)
            .map(|_| PlaceholderId::draw(&mut random, long))
            .collect()
    }

    #[test]
    fn ids_read_back_in_any_case() {
        for id in drawn(false).into_iter().chain(drawn(true)) {
            let text = id.to_string();
            assert_eq!(PlaceholderId::parse(text.as_bytes()), Some(id));
            assert_eq!(
                PlaceholderId::parse(text.to_lowercase().as_bytes()),
                Some(id)
            );
        }
    }

    #[test]
    fn one_wrong_character_is_never_another_id() {
        for id in drawn(false).into_iter().take(60) {
            let text = id.to_string().into_bytes();
            for place in 0..text.len() {
                for &other in ALPHABET.iter().filter(|&&other| other != text[place]) {
                    let mut wrong = text.clone();
                    wrong[place] = other;
                    assert_eq!(PlaceholderId::parse(&wrong), None, "{text:?} {wrong:?}");
                }
            }
        }
    }

    #[test]
    fn years_and_words_are_not_ids() {
        for year in 1900..2100 {
            assert_eq!(PlaceholderId::parse(year.to_string().as_bytes()), None);
        }
        assert_eq!(PlaceholderId::parse(b"THEM"), None);
    }
}

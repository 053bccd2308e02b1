//! Random choices from a seed, so that a run can be repeated.

/// SplitMix64.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A number from `from` to `to`, both included.
    pub(super) fn range(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[(self.next() % from.len() as u64) as usize]
    }

    pub(super) fn digits(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() % 10) as u8).collect()
    }

    /// So many characters of an alphabet.
    pub(super) fn text(&mut self, alphabet: &str, count: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..count)
            .map(|_| letters[(self.next() % letters.len() as u64) as usize])
            .collect()
    }

    /// A pattern: `#` is a digit, `@` a capital, `$` a small letter, all else itself.
    pub(super) fn shape(&mut self, pattern: &str) -> String {
        pattern
            .chars()
            .map(|c| match c {
                '#' => char::from(b'0' + (self.next() % 10) as u8),
                '@' => char::from(b'A' + (self.next() % 26) as u8),
                '$' => char::from(b'a' + (self.next() % 26) as u8),
                other => other,
            })
            .collect()
    }
}

/// A text with values that must go, or none that may.
pub(super) struct Case {
    pub(super) stratum: &'static str,
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) values: Vec<String>,
}

//! Bytes of tokens to text that may be shown: whole characters, nothing of a stop string.

/// Cuts the stream of one answer.
pub(crate) struct Cutter {
    stops: Vec<String>,
    /// Bytes of a character that is not complete yet.
    bytes: Vec<u8>,
    /// Text that may be the beginning of a stop string.
    held: String,
    /// The next text may begin with a space that the vocabulary put there.
    drop_space: bool,
}

/// What may be shown now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) text: String,
    /// A stop string came: the answer ends here.
    pub(crate) stopped: bool,
}

impl Cutter {
    pub(crate) fn new(stops: &[String], drop_space: bool) -> Self {
        Self {
            stops: stops.to_vec(),
            bytes: Vec::new(),
            held: String::new(),
            drop_space,
        }
    }

    /// Takes the bytes of one token.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Cut {
        self.bytes.extend_from_slice(bytes);
        self.decode();
        if self.drop_space && !self.held.is_empty() {
            self.drop_space = false;
            if self.held.starts_with(' ') {
                self.held.remove(0);
            }
        }
        let first = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(at) = first {
            self.held.truncate(at);
            return Cut {
                text: std::mem::take(&mut self.held),
                stopped: true,
            };
        }
        let keep = self.held.len() - self.longest_beginning();
        let rest = self.held.split_off(keep);
        Cut {
            text: std::mem::replace(&mut self.held, rest),
            stopped: false,
        }
    }

    /// What was held back, once it is clear that nothing follows.
    pub(crate) fn finish(mut self) -> String {
        if !self.bytes.is_empty() {
            self.held.push(char::REPLACEMENT_CHARACTER);
        }
        self.held
    }

    /// Moves complete characters over; bytes that can never become one are replaced.
    fn decode(&mut self) {
        let mut from = 0;
        loop {
            match std::str::from_utf8(&self.bytes[from..]) {
                Ok(text) => {
                    self.held.push_str(text);
                    from = self.bytes.len();
                    break;
                }
                Err(error) => {
                    let valid = from + error.valid_up_to();
                    self.held
                        .push_str(&String::from_utf8_lossy(&self.bytes[from..valid]));
                    from = valid;
                    let Some(wrong) = error.error_len() else {
                        break;
                    };
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    from += wrong;
                }
            }
        }
        self.bytes.drain(..from);
    }

    /// Bytes at the end of the held text with which a stop string begins.
    fn longest_beginning(&self) -> usize {
        let begins = |stop: &String| {
            let longest = self.held.len().min(stop.len().saturating_sub(1));
            (1..=longest)
                .rev()
                .find(|&n| stop.is_char_boundary(n) && self.held.ends_with(&stop[..n]))
                .unwrap_or(0)
        };
        self.stops.iter().map(begins).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], tokens: &[&[u8]]) -> (Vec<String>, bool, String) {
        let stops: Vec<String> = stops.iter().map(|&stop| stop.to_owned()).collect();
        let mut cutter = Cutter::new(&stops, false);
        let mut texts = Vec::new();
        for token in tokens {
            let cut = cutter.push(token);
            texts.push(cut.text);
            if cut.stopped {
                return (texts, true, String::new());
            }
        }
        (texts, false, cutter.finish())
    }

    #[test]
    fn a_character_split_between_tokens_comes_whole() {
        let (texts, _, rest) = run(&[], &[b"a\xe2", b"\x82", b"\xacb"]);
        assert_eq!(texts, ["a", "", "\u{20ac}b"]);
        assert_eq!(rest, "");
    }

    #[test]
    fn a_stop_string_over_three_tokens_is_never_shown() {
        let (texts, stopped, _) = run(&["END"], &[b"one E", b"N", b"D two"]);
        assert_eq!(texts.concat(), "one ");
        assert!(stopped);
    }

    #[test]
    fn a_false_beginning_of_a_stop_string_is_shown_after_all() {
        let (texts, stopped, rest) = run(&["END"], &[b"E", b"NE", b"x", b"EN"]);
        assert_eq!(texts.concat() + &rest, "ENExEN");
        assert!(!stopped);
    }

    #[test]
    fn the_first_of_two_stop_strings_wins() {
        let (texts, stopped, _) = run(&["b", "a"], &[b"xaxb"]);
        assert_eq!(texts, ["x"]);
        assert!(stopped);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_do_not_stall() {
        let (texts, _, rest) = run(&[], &[b"a\xff\xfeb", b"\xe2\x82"]);
        assert_eq!(texts.concat() + &rest, "a\u{fffd}\u{fffd}b\u{fffd}");
    }

    #[test]
    fn the_space_of_the_vocabulary_is_dropped_once() {
        let mut cutter = Cutter::new(&[], true);
        assert_eq!(cutter.push(b" Lima").text, "Lima");
        assert_eq!(cutter.push(b" is").text, " is");
    }

    proptest::proptest! {
        #[test]
        fn cutting_anywhere_gives_the_text_before_the_stop(text in "[ab€\n]{0,30}", at in proptest::collection::vec(0_usize..90, 0..6)) {
            let mut at: Vec<usize> = at.into_iter().map(|n| n.min(text.len())).collect();
            at.extend([0, text.len()]);
            at.sort_unstable();
            let tokens: Vec<&[u8]> = at.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            let (texts, _, rest) = run(&["ab\n", "b€"], &tokens);
            let end = ["ab\n", "b€"].iter().filter_map(|stop| text.find(stop)).min().unwrap_or(text.len());
            proptest::prop_assert_eq!(texts.concat() + &rest, &text[..end]);
        }
    }
}

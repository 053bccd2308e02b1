//! Putting values back: exact placeholders, and what models make of them.
//!
//! A placeholder is known by its checked id alone, and only ids of this conversation count. What was put back is
//! never read again. One scanner serves the whole text and the stream, so every chunking gives the same text; a
//! stream holds back at most 48 bytes, and only while they could still become a placeholder.

mod grammar;
mod scan;

use std::sync::Arc;

use crate::conversation::{Conversation, Table};
use crate::encode::json_escaped;
pub(crate) use scan::well_formed_ids;
use scan::{Scanner, Step};

/// How values are written where they are put back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Escape {
    /// As they were found.
    #[default]
    Plain,
    /// Escaped for the inside of a JSON string, for the arguments of a tool call.
    Json,
}

/// What a re-inflater did so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReinflateCounts {
    /// Placeholders that were replaced by their value.
    pub restored: u64,
    /// Well-formed placeholders that this conversation does not know; they stay as they are.
    pub unknown: u64,
}

/// Restores a text that arrives in pieces. Use one for each channel (content, reasoning, each tool call).
pub struct Reinflater {
    table: Arc<Table>,
    escape: Escape,
    held: String,
    before: Option<char>,
    counts: ReinflateCounts,
}

impl Reinflater {
    /// Restores with the values that the conversation holds now.
    #[must_use]
    pub fn new(conversation: &Conversation) -> Self {
        Self {
            table: Arc::clone(&conversation.table),
            escape: Escape::Plain,
            held: String::new(),
            before: None,
            counts: ReinflateCounts::default(),
        }
    }

    /// Chooses how values are written.
    #[must_use]
    pub fn escaping(mut self, escape: Escape) -> Self {
        self.escape = escape;
        self
    }

    /// Takes the next piece and returns what is certain by now.
    pub fn push(&mut self, piece: &str) -> String {
        if self.held.is_empty() {
            let (out, held) = self.run(piece, false);
            self.held.push_str(held);
            return out;
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let (out, held) = self.run(&text, false);
        self.held.push_str(held);
        out
    }

    /// Returns what was held back: call it at the end, and before anything that is not text of this channel.
    pub fn flush(&mut self) -> String {
        let text = std::mem::take(&mut self.held);
        self.run(&text, true).0
    }

    /// Ends the text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.flush()
    }

    /// How many bytes are held back now.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// What was restored and what was not known.
    #[must_use]
    pub fn counts(&self) -> ReinflateCounts {
        self.counts
    }

    /// Restores what is certain in `text`; the rest is returned as it is.
    fn run<'t>(&mut self, text: &'t str, at_end: bool) -> (String, &'t str) {
        let mut out = String::with_capacity(text.len() + 64);
        let mut from = 0;
        let mut scanner = Scanner::new(text, self.before, at_end);
        let held = loop {
            match scanner.next() {
                Step::End => break text.len(),
                Step::Hold { start } => break start,
                Step::Found {
                    start,
                    end,
                    id,
                    exact,
                } => {
                    let Some(entry) = self.table.by_id(id) else {
                        self.counts.unknown += u64::from(exact);
                        scanner.skip_past(if exact { end } else { start });
                        continue;
                    };
                    out.push_str(&text[from..start]);
                    match self.escape {
                        Escape::Plain => out.push_str(entry.value.as_str()),
                        Escape::Json => out.push_str(&json_escaped(entry.value.as_str())),
                    }
                    self.counts.restored += 1;
                    scanner.skip_past(end);
                    from = end;
                }
            }
        };
        out.push_str(&text[from..held]);
        if let Some(last) = text[..held].chars().next_back() {
            self.before = Some(last);
        }
        (out, &text[held..])
    }
}

/// Restores a whole text.
#[must_use]
pub fn reinflate(text: &str, conversation: &Conversation) -> String {
    let mut reinflater = Reinflater::new(conversation);
    reinflater.run(text, true).0
}

/// Restores a whole text that is JSON, or the inside of a JSON string: values are escaped for it.
#[must_use]
pub fn reinflate_json(text: &str, conversation: &Conversation) -> String {
    let mut reinflater = Reinflater::new(conversation).escaping(Escape::Json);
    reinflater.run(text, true).0
}

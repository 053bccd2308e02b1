//! A piece of the person's own documents.

use serde::Serialize;

/// Text found in the knowledge base, with the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The file.
    pub path: String,
    /// The first line, counted from 1.
    pub line_start: u32,
    /// The last line, included.
    pub line_end: u32,
    /// What stands there.
    pub text: String,
}

impl Passage {
    /// The place in the form in which it is cited: `notes.md:3-7`.
    pub fn place(&self) -> String {
        if self.line_end > self.line_start {
            format!("{}:{}-{}", self.path, self.line_start, self.line_end)
        } else {
            format!("{}:{}", self.path, self.line_start)
        }
    }
}

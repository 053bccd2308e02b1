//! The voice of the chores: results on stdout, talk on stderr. Nothing else here prints.

use std::io::Write;

use crate::failure::Failure;

/// One line of a result.
pub(crate) fn line(text: impl AsRef<str>) {
    // A closed pipe is the reader's choice, not a failure of the chore.
    drop(writeln!(std::io::stdout(), "{}", text.as_ref()));
}

/// One line of talk.
pub(crate) fn note(text: impl AsRef<str>) {
    drop(writeln!(std::io::stderr(), "{}", text.as_ref()));
}

/// A failure with its hint.
pub(crate) fn error(failure: &Failure) {
    note(format!("error: {failure}"));
    if let Some(hint) = failure.hint_text() {
        note(format!("hint: {hint}"));
    }
}

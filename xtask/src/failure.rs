//! Why a chore failed, and what mends it.

use std::fmt;

/// A chore that did not reach its end.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    /// The exit code of the process: 1 the tree or the machine is at fault, 2 wrong usage.
    pub(crate) exit: u8,
}

impl Failure {
    /// The tree or the machine is not as it must be.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            exit: 1,
        }
    }

    /// The command line was not understood.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: Some("`cargo xtask help` lists the chores".into()),
            exit: 2,
        }
    }

    /// Adds the command or the step that mends it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What mends it, when that is known.
    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// Names what was being done when an error of the system came.
pub(crate) fn while_doing<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Failure {
    move |error| Failure::new(format!("{what}: {error}"))
}

//! One voice for errors: what happened, why, what to do next, and the exit status.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// What the exit status tells a script. The numbers are part of the public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The user can fix it.
    User = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The cloud cannot be reached, or this device is not enrolled there.
    Cloud = 3,
    /// Refused by the spending ceiling, a role, the privacy gate or Ethos.
    Refused = 4,
    /// A bug of ours.
    Bug = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

impl ErrorKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Usage => "usage",
            Self::Cloud => "cloud",
            Self::Refused => "refused",
            Self::Bug => "bug",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<ErrorKind> for ExitCode {
    fn from(kind: ErrorKind) -> Self {
        Self::from(kind as u8)
    }
}

/// An error as the user sees it. Context is added once, here in the binary.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) kind: ErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    pub(crate) hints: Vec<String>,
}

impl CliError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
        }
    }

    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::User, message)
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The causes, from the nearest to the deepest, each said once.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source.as_deref().map(|error| error as &dyn Error);
        while let Some(error) = next {
            let text = error.to_string();
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            next = error.source();
        }
        causes
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "error": {
                "kind": self.kind.name(),
                "exit_code": self.kind as u8,
                "message": self.message,
                "causes": self.causes(),
                "hints": self.hints,
            }
        })
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Adds what was being done to a library's error.
pub(crate) trait Context<T> {
    fn context(self, kind: ErrorKind, message: impl Into<String>) -> Result<T, CliError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Context<T> for Result<T, E> {
    fn context(self, kind: ErrorKind, message: impl Into<String>) -> Result<T, CliError> {
        self.map_err(|error| CliError::new(kind, message).because(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_walk_down_and_do_not_repeat_themselves() {
        let inner = std::io::Error::other("outer");
        let error = CliError::user("failed").because(Outer(inner));
        assert_eq!(error.causes(), ["outer"]);
        let inner = std::io::Error::other("disk full");
        let error = CliError::user("failed").because(Outer(inner));
        assert_eq!(error.causes(), ["outer", "disk full"]);
    }
}

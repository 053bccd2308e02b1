//! Why nothing could be measured.

use std::error::Error;

/// A measurement that did not reach its end. Figures below their goal are no error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasureError {
    /// The command line was not understood.
    #[error("{0}")]
    Usage(String),
    /// A part of the measurement failed.
    #[error("{doing} failed")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Names what was being done when an error came.
pub(crate) trait Doing<T> {
    /// Turns the error into a [`MeasureError`] of this step.
    fn doing(self, doing: &'static str) -> Result<T, MeasureError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T, MeasureError> {
        self.map_err(|error| MeasureError::Failed {
            doing,
            source: error.into(),
        })
    }
}

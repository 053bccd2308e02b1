//! What an engine inside this process has to do; everything else is shared.
//!
//! A backend computes weights for the next token and keeps contexts. It knows nothing of text,
//! sampling, constraints or requests.

use std::any::Any;
use std::sync::Arc;

use crate::error::EngineError;
use crate::gguf::Gguf;

/// Computes. Owned by one thread; contexts and adapters never leave that thread.
pub(crate) trait Backend: Send + 'static {
    /// One sequence's memory of what it has read.
    type Context;
    /// A loaded adapter.
    type Adapter;

    /// As [`ModelInfo::engine`](crate::ModelInfo) shows it.
    const NAME: &'static str;

    /// Called once on the thread that will compute; what it returns is kept as long as that thread.
    fn enter_thread(&self) -> Option<Box<dyn Any>> {
        None
    }

    /// An empty context with these adapters on it for good.
    fn context(
        &mut self,
        adapters: &[(Arc<Self::Adapter>, f32)],
    ) -> Result<Self::Context, EngineError>;

    /// Forgets everything after the first `keep` tokens, or more where that cannot be done in part.
    /// Returns how many are left.
    fn truncate(&mut self, context: &mut Self::Context, keep: usize) -> Result<usize, EngineError>;

    /// Reads tokens after those the context holds (`past` of them). With `logits`, fills in the
    /// weights of all tokens for the place after the last one.
    fn forward(
        &mut self,
        context: &mut Self::Context,
        past: usize,
        tokens: &[u32],
        logits: Option<&mut Vec<f32>>,
    ) -> Result<(), EngineError>;

    /// Loads a checked adapter file.
    fn adapter(&mut self, name: &str, file: &Gguf) -> Result<Self::Adapter, EngineError>;
}

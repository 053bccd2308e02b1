//! The portable engine: our own graph of Llama-like models on candle's quantised kernels.
//!
//! Needs nothing but Rust to build and chooses the processor's instructions at run time.

mod graph;
mod lora;
mod weights;

use std::sync::Arc;

use candle_core::quantized::GgmlDType;

use crate::embedded::Backend;
use crate::error::EngineError;
use crate::gguf::{Gguf, GgufError, TensorKind};
use crate::hyper::{Hyper, HyperError};

const NAME: &str = "candle";

/// A model in memory.
pub(crate) struct Candle {
    graph: graph::Graph,
}

impl Candle {
    /// Loads all weights.
    pub(crate) fn new(
        file: &Gguf,
        name: &str,
        vocabulary: usize,
        context_tokens: usize,
    ) -> Result<Self, EngineError> {
        let hyper = Hyper::new(file.metadata()).map_err(|error| match error {
            HyperError::Malformed(source) => malformed(name, source),
            HyperError::Unsupported(reason) => EngineError::Unsupported {
                engine: NAME,
                reason,
            },
        })?;
        let weights = weights::Weights::new(file, name);
        Ok(Self {
            graph: graph::Graph::new(&hyper, &weights, vocabulary, context_tokens)?,
        })
    }
}

impl Backend for Candle {
    type Context = graph::Context;
    type Adapter = lora::Adapter;

    const NAME: &'static str = NAME;

    fn context(
        &mut self,
        adapters: &[(Arc<lora::Adapter>, f32)],
    ) -> Result<graph::Context, EngineError> {
        Ok(self.graph.context(adapters))
    }

    fn truncate(
        &mut self,
        _context: &mut graph::Context,
        keep: usize,
    ) -> Result<usize, EngineError> {
        // What lies behind `past` is overwritten and never read.
        Ok(keep)
    }

    fn forward(
        &mut self,
        context: &mut graph::Context,
        past: usize,
        tokens: &[u32],
        logits: Option<&mut Vec<f32>>,
    ) -> Result<(), EngineError> {
        let last = self
            .graph
            .forward(context, past, tokens, logits.is_some())
            .map_err(failed)?;
        if let (Some(logits), Some(last)) = (logits, last) {
            *logits = last.to_vec1().map_err(failed)?;
        }
        Ok(())
    }

    fn adapter(&mut self, name: &str, file: &Gguf) -> Result<lora::Adapter, EngineError> {
        lora::Adapter::new(name, file, self.graph.hyper())
    }
}

fn failed(error: candle_core::Error) -> EngineError {
    let reason = error.to_string();
    EngineError::Failed {
        engine: NAME,
        reason: reason.lines().next().unwrap_or_default().to_owned(),
    }
}

fn malformed(name: &str, source: GgufError) -> EngineError {
    EngineError::Malformed {
        file: name.to_owned(),
        source,
    }
}

/// The number format as candle knows it.
fn known_kind(kind: TensorKind) -> Result<GgmlDType, String> {
    match kind {
        TensorKind::Known(kind) => Ok(kind),
        TensorKind::Foreign { id, .. } => {
            Err(format!("number format {id} of its tensors is not known"))
        }
    }
}

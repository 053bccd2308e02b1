//! The portable engine: our own graph of Llama-like models on candle's quantised kernels.
//!
//! Needs nothing but Rust to build and chooses the processor's instructions at run time.

mod graph;
mod linear;
mod lora;
mod weights;

use std::any::Any;
use std::sync::Arc;

use candle_core::quantized::GgmlDType;

use crate::embedded::Backend;
use crate::error::EngineError;
use crate::gguf::{Gguf, GgufError, TensorKind};
use crate::hyper::{Hyper, HyperError};
use crate::limits::UNPACK_BYTES_MAX;

const NAME: &str = "candle";

/// A model in memory.
pub(crate) struct Candle {
    graph: graph::Graph,
    small: bool,
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
        let small = file.len_bytes() <= UNPACK_BYTES_MAX;
        let weights = weights::Weights::new(file, name, small);
        let graph = graph::Graph::new(&hyper, &weights, vocabulary, context_tokens)?;
        Ok(Self { graph, small })
    }
}

impl Backend for Candle {
    type Context = graph::Context;
    type Adapter = lora::Adapter;

    const NAME: &'static str = NAME;

    fn enter_thread(&self) -> Option<Box<dyn Any>> {
        // A pool that is this thread alone: whatever would be spread is done here, in place.
        let pool = self.small.then(|| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(1)
                .use_current_thread()
                .build()
        });
        pool.and_then(Result::ok)
            .map(|pool| Box::new(pool) as Box<dyn Any>)
    }

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
        lora::Adapter::new(name, file, self.graph.hyper(), self.small)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{adapter, tiny_model};

    /// The weights after a prompt read in two parts, on this thread or spread.
    fn think(file: &Gguf, adapter: Option<&Gguf>, here: bool) -> Vec<f32> {
        let Ok(hyper) = Hyper::new(file.metadata()) else {
            panic!("no hyper-parameters")
        };
        let vocabulary = file.metadata().texts("tokenizer.ggml.tokens").unwrap();
        let weights = weights::Weights::new(file, "test", here);
        let graph = graph::Graph::new(&hyper, &weights, vocabulary.len(), 64).unwrap();
        let adapter = adapter.map(|file| lora::Adapter::new("test", file, &hyper, here).unwrap());
        let on: Vec<_> = adapter.into_iter().map(|a| (Arc::new(a), 0.5)).collect();
        let mut context = graph.context(&on);
        graph
            .forward(&mut context, 0, &[1, 270, 271, 272, 40], false)
            .unwrap();
        let last = graph.forward(&mut context, 5, &[273, 274], true);
        last.unwrap().unwrap().to_vec1().unwrap()
    }

    fn likeness(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn both_ways_to_compute_agree_on_every_architecture() {
        for architecture in ["llama", "qwen2", "qwen3"] {
            let file = Gguf::from_shared(tiny_model(architecture).into()).unwrap();
            let lora = Gguf::from_shared(adapter(architecture, 3, |_| {}).into()).unwrap();
            for lora in [None, Some(&lora)] {
                let (here, spread) = (think(&file, lora, true), think(&file, lora, false));
                for (a, b) in here.iter().zip(&spread) {
                    assert!((a - b).abs() < 1e-4, "{architecture}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn quantised_weights_think_like_unpacked_ones() {
        let file = Gguf::from_static(crate::builtin::BUILTIN_GGUF).unwrap();
        let alike = likeness(&think(&file, None, true), &think(&file, None, false));
        assert!(alike > 0.995, "{alike}");
    }
}

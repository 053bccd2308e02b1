//! The fast engine: llama.cpp, behind a small binding of our own.
//!
//! Everything that can be decided in Rust is: files are checked before C++ reads them, and
//! sampling, constraints and text are shared with the portable engine. A context keeps the adapters
//! it was made with, so nothing is ever rebuilt while it runs.

#[expect(
    unsafe_code,
    reason = "calls into a C library; every call says why it holds"
)]
mod native;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::embedded::Backend;
use crate::error::EngineError;
use crate::gguf::{Gguf, GgufError};
use crate::hardware::physical_cores;
use crate::hyper::{Hyper, HyperError};
use crate::limits::CONTEXT_EXACT_BYTES_MAX;
use crate::tokenizer::Encoder;

const NAME: &str = "llama.cpp";

/// A model in llama.cpp's hands.
pub(crate) struct LlamaCpp {
    model: Arc<native::Model>,
    settings: native::ContextSettings,
}

impl LlamaCpp {
    /// Loads a checked file.
    pub(crate) fn new(
        file: &Gguf,
        name: &str,
        context_tokens: usize,
        threads: Option<usize>,
    ) -> Result<Self, EngineError> {
        let malformed = |source| EngineError::Malformed {
            file: name.to_owned(),
            source,
        };
        let exact = match Hyper::new(file.metadata()) {
            Ok(hyper) => hyper.context_bytes(context_tokens) <= CONTEXT_EXACT_BYTES_MAX,
            Err(HyperError::Malformed(source)) => return Err(malformed(source)),
            // llama.cpp knows more architectures than the portable engine.
            Err(HyperError::Unsupported(_)) => false,
        };
        let model = with_path(file, native::Model::load).map_err(malformed)?;
        let model = model.map_err(|reason| EngineError::Unsupported {
            engine: NAME,
            reason,
        })?;
        let vocabulary = file
            .metadata()
            .texts("tokenizer.ggml.tokens")
            .map_or(0, <[String]>::len);
        if model.vocabulary() != vocabulary {
            let reason = format!(
                "it reads {} tokens, the file has {vocabulary}",
                model.vocabulary()
            );
            return Err(EngineError::Unsupported {
                engine: NAME,
                reason,
            });
        }
        let cores = physical_cores().unwrap_or(1).saturating_sub(1).max(1);
        let threads = threads.unwrap_or(cores).clamp(1, 512);
        Ok(Self {
            model: Arc::new(model),
            settings: native::ContextSettings {
                tokens: context_tokens,
                threads,
                exact,
            },
        })
    }

    /// The vocabulary as llama.cpp cuts text for it.
    pub(crate) fn encoder(&self) -> Arc<dyn Encoder> {
        Arc::new(LlamaEncoder(Arc::clone(&self.model)))
    }
}

/// Gives a file's path, writing bytes in memory to a temporary file that is gone afterwards.
/// The second argument says whether the file stays.
fn with_path<T>(file: &Gguf, use_path: impl FnOnce(&Path, bool) -> T) -> Result<T, GgufError> {
    match (file.path(), file.in_memory()) {
        (Some(path), _) => Ok(use_path(path, true)),
        (None, Some(bytes)) => {
            let mut copy = tempfile::NamedTempFile::new().map_err(GgufError::Io)?;
            copy.write_all(bytes)
                .and_then(|()| copy.flush())
                .map_err(GgufError::Io)?;
            Ok(use_path(copy.path(), false))
        }
        (None, None) => Err(GgufError::Truncated("the file")),
    }
}

struct LlamaEncoder(Arc<native::Model>);

impl Encoder for LlamaEncoder {
    fn encode(&self, text: &str, _start: bool, out: &mut Vec<u32>) {
        if !self.0.tokenize(text, out) {
            tracing::warn!("text could not be encoded");
        }
    }
}

impl Backend for LlamaCpp {
    type Context = native::Context;
    type Adapter = native::Adapter;

    const NAME: &'static str = NAME;

    fn context(
        &mut self,
        adapters: &[(Arc<native::Adapter>, f32)],
    ) -> Result<native::Context, EngineError> {
        native::Context::new(&self.model, &self.settings, adapters).map_err(failed)
    }

    fn truncate(
        &mut self,
        context: &mut native::Context,
        keep: usize,
    ) -> Result<usize, EngineError> {
        Ok(context.truncate(keep))
    }

    fn forward(
        &mut self,
        context: &mut native::Context,
        _past: usize,
        tokens: &[u32],
        logits: Option<&mut Vec<f32>>,
    ) -> Result<(), EngineError> {
        context.decode(tokens).map_err(failed)?;
        if let Some(logits) = logits {
            context.copy_logits(logits).map_err(failed)?;
        }
        Ok(())
    }

    fn adapter(&mut self, name: &str, file: &Gguf) -> Result<native::Adapter, EngineError> {
        let refuse = |reason: String| EngineError::Adapter {
            name: name.to_owned(),
            reason,
        };
        let loaded = with_path(file, |path, _| native::Adapter::load(&self.model, path));
        loaded
            .map_err(|error| refuse(error.to_string()))?
            .map_err(refuse)
    }
}

fn failed(reason: String) -> EngineError {
    EngineError::Failed {
        engine: NAME,
        reason,
    }
}

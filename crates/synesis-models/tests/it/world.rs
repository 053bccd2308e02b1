//! Engines to test, and short ways to ask them.

use std::sync::Arc;

use futures::StreamExt;
use synesis_core::ChatMessage;
use synesis_models::{
    Engine, EngineChoice, EngineError, GenDone, GenEvent, GenRequest, ModelRef, OpenOptions,
    Sampling, collect, llama_cpp_available, open,
};
use tokio_util::sync::CancellationToken;

/// The engines of this build. Says loudly when the fast one is missing from a build that has it.
pub(crate) fn choices() -> Vec<EngineChoice> {
    match llama_cpp_available() {
        Ok(()) => vec![EngineChoice::Candle, EngineChoice::LlamaCpp],
        Err(error) if cfg!(feature = "llama-cpp") => panic!("{error}"),
        Err(_) => vec![EngineChoice::Candle],
    }
}

pub(crate) fn options(engine: EngineChoice) -> OpenOptions {
    OpenOptions {
        engine,
        threads: Some(1),
        ..OpenOptions::default()
    }
}

/// A model file that is gone when this is dropped.
pub(crate) struct File(pub(crate) tempfile::TempPath);

impl File {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut file = tempfile::Builder::new().suffix(".gguf").tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        Self(file.into_temp_path())
    }

    pub(crate) fn open(&self, options: &OpenOptions) -> Result<Arc<dyn Engine>, EngineError> {
        open(&ModelRef::Gguf(self.0.to_path_buf()), options)
    }
}

pub(crate) fn open_tiny(bytes: &[u8], engine: EngineChoice) -> Arc<dyn Engine> {
    File::new(bytes).open(&options(engine)).unwrap()
}

/// A greedy question.
pub(crate) fn ask(question: &str, max_tokens: u32) -> GenRequest {
    GenRequest {
        messages: vec![ChatMessage::user(question)],
        sampling: Sampling {
            max_tokens,
            ..Sampling::default()
        },
        ..GenRequest::default()
    }
}

pub(crate) async fn answer(engine: &Arc<dyn Engine>, request: GenRequest) -> (String, GenDone) {
    collect(
        engine
            .generate(request, CancellationToken::new())
            .await
            .unwrap(),
    )
    .await
    .unwrap()
}

/// All events; nothing may follow the last.
pub(crate) async fn events(
    engine: &Arc<dyn Engine>,
    request: GenRequest,
) -> Vec<Result<GenEvent, EngineError>> {
    let mut stream = engine
        .generate(request, CancellationToken::new())
        .await
        .unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event);
    }
    events
}

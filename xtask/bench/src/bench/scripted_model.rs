//! A model that answers at once with words written beforehand, so that only the way is measured.

use async_trait::async_trait;
use futures::StreamExt;
use synesis_models::{
    Caps, Engine, EngineError, Finish, GenDone, GenEvent, GenRequest, GenStream, ModelInfo,
};
use tokio_util::sync::CancellationToken;

const WORDS: [&str; 4] = ["Said ", "as ", "it was ", "written."];

/// The model. What it takes to its first token is taken as nothing.
#[derive(Debug)]
pub(crate) struct ScriptedModel {
    info: ModelInfo,
}

impl ScriptedModel {
    /// A model that knows every task.
    pub(crate) fn new() -> Self {
        let caps = Caps {
            constraints: false,
            adapters: false,
            prefix_cache: false,
            parallel_max: 64,
        };
        let info = ModelInfo {
            id: "scripted".to_owned(),
            name: "scripted".to_owned(),
            sha256: None,
            architecture: None,
            context_tokens: None,
            demonstration: false,
            tasks: Vec::new(),
            sum_max: None,
            product_max: None,
            license: None,
            caps,
            engine: "scripted",
        };
        Self { info }
    }
}

#[async_trait]
impl Engine for ScriptedModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(
        &self,
        _: GenRequest,
        _: CancellationToken,
    ) -> Result<GenStream, EngineError> {
        let done = GenDone {
            finish: Finish::Stop,
            prompt_tokens: 8,
            cached_tokens: 0,
            completion_tokens: 4,
            first_token: None,
            decode_tokens_per_second: None,
            mean_probability: None,
        };
        let words = WORDS.map(|word| GenEvent::Text {
            text: word.to_owned(),
            tokens: 1,
        });
        let events = words.into_iter().chain([GenEvent::Done(done)]).map(Ok);
        Ok(futures::stream::iter(events).boxed())
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}

//! A model that answers at once with words written beforehand, so that only the way is measured.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use synesis_models::{
    Caps, Engine, EngineError, Finish, GenDone, GenEvent, GenRequest, GenStream, ModelInfo,
};
use tokio_util::sync::CancellationToken;

const WORDS: [&str; 4] = ["Said ", "as ", "it was ", "written."];

/// The model. What it takes to its first token is taken as nothing.
#[derive(Debug)]
pub struct ScriptedModel {
    info: ModelInfo,
    words: Vec<String>,
    pace: Duration,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self::new()
    }
}

impl ScriptedModel {
    /// A model that knows every task.
    #[must_use]
    pub fn new() -> Self {
        Self::saying(WORDS.map(str::to_owned).to_vec(), Duration::ZERO)
    }

    /// A model that answers every question with these words, one each time `pace` has passed.
    #[must_use]
    pub fn saying(words: Vec<String>, pace: Duration) -> Self {
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
        Self { info, words, pace }
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
            completion_tokens: u32::try_from(self.words.len()).unwrap_or(u32::MAX),
            first_token: None,
            decode_tokens_per_second: None,
            mean_probability: None,
        };
        let words = self
            .words
            .clone()
            .into_iter()
            .map(|text| GenEvent::Text { text, tokens: 1 });
        let events = words.chain([GenEvent::Done(done)]).map(Ok);
        let pace = self.pace;
        let events = futures::stream::iter(events).then(move |event| async move {
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            event
        });
        Ok(events.boxed())
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}

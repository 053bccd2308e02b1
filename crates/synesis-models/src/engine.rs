//! What every engine offers, whoever runs the model.
//!
//! A request goes in, a stream of events comes out; the last one is `Done` or an error, and
//! nothing follows it. Engines know nothing about agents, routing or money.

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use synesis_core::ChatMessage;
use tokio_util::sync::CancellationToken;

use crate::adapter::{AdapterId, Adapters};
use crate::error::EngineError;
use crate::info::ModelInfo;

/// What an engine can do with its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Output can be held to a schema, a grammar or a pattern token by token.
    pub constraints: bool,
    /// Adapters can be loaded and unloaded while the model runs.
    pub adapters: bool,
    /// What two prompts share is computed once.
    pub prefix_cache: bool,
    /// Sequences that are worked on at the same time.
    pub parallel_max: usize,
}

/// How the next token is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Zero takes the most probable token always.
    pub temperature: f32,
    /// Only the most probable `top_k` tokens; zero means all.
    pub top_k: u32,
    /// Only the most probable tokens that together reach this probability; one means all.
    pub top_p: f32,
    /// Only tokens at least this probable relative to the best; zero means all.
    pub min_p: f32,
    /// Divides the weight of tokens seen lately; one means no penalty.
    pub repeat_penalty: f32,
    /// Makes a sampled answer repeatable.
    pub seed: Option<u64>,
    /// Tokens after which the answer is cut.
    pub max_tokens: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 40,
            top_p: 0.95,
            min_p: 0.05,
            repeat_penalty: 1.0,
            seed: None,
            max_tokens: 512,
        }
    }
}

/// What the output must look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// Compact JSON (no white space between tokens, keys in the schema's order) of this schema.
    JsonSchema(serde_json::Value),
    /// A grammar in llguidance's dialect of Lark.
    Lark(String),
    /// The whole output matches this regular expression.
    Regex(String),
}

/// One question to a model.
#[derive(Clone, Debug, Default)]
pub struct GenRequest {
    /// The conversation so far; the engine applies the model's own chat template.
    pub messages: Vec<ChatMessage>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// The answer ends before the first of these; they are never part of the text.
    pub stop: Vec<String>,
    /// What the output must look like.
    pub constraint: Option<Constraint>,
    /// Adapters with their weights; none means those that [`Adapters::activate`] set.
    pub adapters: Vec<(AdapterId, f32)>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model said that it is done, a stop string came, or the constraint was complete.
    Stop,
    /// `max_tokens` or the end of the context was reached.
    Length,
    /// The caller cancelled.
    Cancelled,
}

/// The figures of a finished answer.
#[derive(Clone, Debug, PartialEq)]
pub struct GenDone {
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: u32,
    /// Tokens of the prompt that were not computed again.
    pub cached_tokens: u32,
    /// Tokens generated.
    pub completion_tokens: u32,
    /// From the request to the first generated token.
    pub first_token: Option<Duration>,
    /// Tokens per second after the first.
    pub decode_tokens_per_second: Option<f32>,
    /// The mean of the probabilities that the model gave to the tokens it chose, among those that
    /// the constraint allowed; tokens without an alternative are left out.
    pub mean_probability: Option<f32>,
}

impl GenDone {
    /// An answer that was cancelled before it began.
    pub(crate) fn cancelled(prompt_tokens: usize) -> Self {
        Self {
            finish: Finish::Cancelled,
            prompt_tokens: u32::try_from(prompt_tokens).unwrap_or(u32::MAX),
            cached_tokens: 0,
            completion_tokens: 0,
            first_token: None,
            decode_tokens_per_second: None,
            mean_probability: None,
        }
    }
}

/// Something that happened while a model works.
#[derive(Clone, Debug, PartialEq)]
pub enum GenEvent {
    /// A part of a long prompt was read.
    Prefill {
        /// Tokens read.
        done: u32,
        /// Tokens in the prompt.
        total: u32,
    },
    /// The next piece of the answer: whole characters, no part of a stop string.
    Text {
        /// The piece.
        text: String,
        /// Tokens it took, as far as known.
        tokens: u32,
    },
    /// The answer is complete. Nothing follows.
    Done(GenDone),
}

/// The events of one answer. Dropping it cancels the answer.
pub type GenStream = BoxStream<'static, Result<GenEvent, EngineError>>;

/// A model that can be asked.
#[async_trait]
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// What is known about the model.
    fn info(&self) -> &ModelInfo;

    /// Starts an answer. An error here means that nothing was generated.
    async fn generate(
        &self,
        request: GenRequest,
        cancel: CancellationToken,
    ) -> Result<GenStream, EngineError>;

    /// How many tokens a text takes, without the template around it. An engine that does not know
    /// the vocabulary estimates.
    fn count_tokens(&self, text: &str) -> usize;

    /// The adapters, if this engine can change them.
    fn adapters(&self) -> Option<&dyn Adapters> {
        None
    }
}

/// The whole text and the closing figures of an answer.
///
/// # Errors
/// The first error of the stream, or [`EngineError::Cut`] when it ends without `Done`.
pub async fn collect(mut stream: GenStream) -> Result<(String, GenDone), EngineError> {
    use futures::StreamExt;
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event? {
            GenEvent::Prefill { .. } => {}
            GenEvent::Text { text: piece, .. } => text.push_str(&piece),
            GenEvent::Done(done) => return Ok((text, done)),
        }
    }
    Err(EngineError::Cut {
        source_name: "the model".to_owned(),
    })
}

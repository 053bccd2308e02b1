//! What the council asks of its host, and what the host tells it.

use serde::Serialize;
use synesis_domain::NanoUsd;

use crate::{Agent, ChatMessage, Outcome, Passage};

/// A question with what was given beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The question.
    pub text: String,
    /// A text the answer should be found in: a file, or standard input.
    pub context: Option<String>,
    /// Earlier messages of the session, oldest first.
    pub history: Vec<ChatMessage>,
}

impl Query {
    /// A question alone.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// Why a question is not put to the council.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Nothing but white space.
    #[error("the question is empty")]
    Empty,
    /// Too long a question.
    #[error("the question has {bytes} bytes, at most {bytes_max} are allowed")]
    TooLong {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Too long a text beside the question.
    #[error("the text given with the question has {bytes} bytes, at most {bytes_max} are allowed")]
    ContextTooLong {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Let the local model speak; answer with `handle_text`, then `handle_generated` or
    /// `handle_failed`.
    Generate(GenerateStep),
    /// Search the knowledge base; answer with `handle_retrieved` (an empty list on failure).
    Retrieve {
        /// What to search for.
        query: String,
    },
    /// Redact, and ask the cloud; answer with `handle_text` (reinflated), then
    /// `handle_cloud_ended` or `handle_cloud_failed`.
    Escalate(Escalate),
    /// The council is over.
    Finished(Outcome),
    /// Nothing, until the last step is answered.
    Waiting,
}

/// One turn of the local model.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateStep {
    /// In whose name it speaks.
    pub agent: Agent,
    /// What it is told.
    pub messages: Vec<ChatMessage>,
    /// The JSON schema its output must keep to.
    pub schema: Option<&'static str>,
    /// How much it may write.
    pub max_tokens: u32,
    /// How freely it may choose its words.
    pub temperature: f32,
}

/// What goes to the cloud besides the question itself. Raw text: redact before sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalate {
    /// Pathos' framing of the question.
    pub framing: String,
    /// What the answer must keep to.
    pub constraints: Vec<String>,
    /// Why the cloud is asked.
    pub reason: String,
    /// Passages of the person's own documents that belong to the question.
    pub knowledge: Vec<Passage>,
}

/// A turn of the local model that came to its end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Generated {
    /// All that was written.
    pub text: String,
    /// The mean probability of the tokens chosen, from 0 to 1, where the engine knows it.
    pub mean_probability: Option<f32>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
}

/// A cloud answer that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEnd {
    /// The model that wrote it.
    pub model: String,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// What it cost.
    pub cost: NanoUsd,
}

/// A cloud answer that did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CloudFailure {
    /// What happened, in words.
    pub message: String,
    /// What had come by then (reinflated); empty when nothing had.
    pub partial: String,
}

/// A host told the council something it was not waiting for. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the council was told of {told} while awaiting {awaiting}")]
pub struct OutOfTurn {
    /// What it is waiting for.
    pub awaiting: &'static str,
    /// What it was told.
    pub told: &'static str,
}

/// How much each agent's score counts, in percent of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// Pathos.
    pub pathos: u8,
    /// Logos.
    pub logos: u8,
    /// Ethos.
    pub ethos: u8,
}

/// The council's rules.
#[derive(Debug, Clone, PartialEq)]
pub struct CouncilConfig {
    /// How the scores are weighed.
    pub weights: Weights,
    /// The weighted score that counts as agreement, in percent.
    pub threshold: u8,
    /// Rounds of Logos and Ethos before the arbiter decides.
    pub rounds_max: u8,
    /// Tokens Pathos may write.
    pub manifest_tokens_max: u32,
    /// Tokens Logos may write.
    pub answer_tokens_max: u32,
    /// Tokens Ethos may write.
    pub verdict_tokens_max: u32,
}

impl Default for CouncilConfig {
    fn default() -> Self {
        Self {
            weights: Weights {
                pathos: 20,
                logos: 40,
                ethos: 40,
            },
            threshold: 85,
            rounds_max: 3,
            manifest_tokens_max: 256,
            answer_tokens_max: 1024,
            verdict_tokens_max: 256,
        }
    }
}

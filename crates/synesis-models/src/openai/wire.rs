//! The JSON of OpenAI's chat protocol, as far as it is used, and nothing stricter than needed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use synesis_core::ChatMessage;

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) messages: Vec<Message<'a>>,
    pub(super) stream: bool,
    pub(super) stream_options: StreamOptions,
    pub(super) max_tokens: u32,
    pub(super) temperature: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'a str,
    pub(super) content: &'a str,
}

impl<'a> From<&'a ChatMessage> for Message<'a> {
    fn from(message: &'a ChatMessage) -> Self {
        Self {
            role: message.role.as_str(),
            content: &message.content,
        }
    }
}

/// One chunk of a stream, or a whole answer of a server that does not stream.
#[derive(Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    pub(super) usage: Option<Usage>,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(alias = "message")]
    pub(super) delta: Option<Delta>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
pub(super) struct Delta {
    pub(super) content: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Logprobs {
    pub(super) content: Option<Vec<Logprob>>,
}

#[derive(Deserialize)]
pub(super) struct Logprob {
    pub(super) logprob: f64,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) prompt_tokens: u32,
    #[serde(default)]
    pub(super) completion_tokens: u32,
    pub(super) prompt_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    pub(super) cached_tokens: Option<u32>,
}

/// The server's words, wherever servers put them.
pub(super) fn error_words(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    words_of(&value)
}

/// The message in an error object.
pub(super) fn words_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => ["error", "message", "detail", "msg"]
            .iter()
            .find_map(|key| words_of(object.get(*key)?)),
        Value::Array(list) => words_of(list.first()?),
        _ => None,
    }
}

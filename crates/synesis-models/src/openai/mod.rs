//! Models on servers that speak OpenAI's protocol: Ollama, llama-server, vLLM, LM Studio and others.
//!
//! A stream that ends without its closing mark is an error, never a shorter answer. The key goes
//! into one header and nowhere else. Nothing is retried, except once without a schema when the
//! server does not take one; the answer is then checked here.

mod answer;
mod http;
mod schema;
mod sse;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use reqwest::Client;
use serde_json::{Value, json};
use synesis_core::ChatMessage;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) use http::{body_of, client};

use crate::engine::{Caps, Constraint, Engine, GenDone, GenEvent, GenRequest, GenStream};
use crate::error::EngineError;
use crate::info::ModelInfo;
use crate::model_ref::OpenOptions;
use crate::secret::Secret;
use answer::Answer;

/// OpenAI itself takes no more stop strings; the others are cut here.
const STOPS_SENT_MAX: usize = 4;

/// One model on one server.
pub(crate) struct OpenAi {
    info: ModelInfo,
    model: String,
    base: Url,
    client: Client,
    api_key: Option<Secret>,
    probabilities: bool,
    idle_timeout: Duration,
}

impl std::fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenAi({})", self.info.id)
    }
}

impl OpenAi {
    pub(crate) fn new(base: &Url, model: &str, options: &OpenOptions) -> Result<Self, EngineError> {
        let info = ModelInfo {
            id: format!("openai:{base}#{model}"),
            name: model.to_owned(),
            sha256: None,
            architecture: None,
            context_tokens: options.context_tokens,
            demonstration: false,
            tasks: Vec::new(),
            sum_max: None,
            product_max: None,
            license: options.license.clone(),
            caps: Caps {
                constraints: true,
                adapters: false,
                prefix_cache: false,
                parallel_max: options.parallel_max.unwrap_or(4),
            },
            engine: "openai",
        };
        Ok(Self {
            info,
            model: model.to_owned(),
            base: base.clone(),
            client: client(base, options.connect_timeout)?,
            api_key: options.api_key.clone(),
            probabilities: options.probabilities,
            idle_timeout: options.idle_timeout,
        })
    }

    fn endpoint(&self) -> String {
        format!(
            "{}/chat/completions",
            self.base.as_str().trim_end_matches('/')
        )
    }

    /// The answer's head, with the schema in the request or in the prompt.
    async fn send(
        &self,
        request: &GenRequest,
        schema: Option<&Value>,
        in_prompt: bool,
    ) -> Result<reqwest::Response, EngineError> {
        let format = schema.filter(|_| !in_prompt).map(|schema| {
            json!({ "type": "json_schema", "json_schema": { "name": "answer", "strict": true, "schema": schema } })
        });
        let told = schema.filter(|_| in_prompt).map(|schema| {
            ChatMessage::system(format!(
                "Answer with nothing but JSON of this schema: {schema}"
            ))
        });
        let sampling = &request.sampling;
        let body = wire::Request {
            model: &self.model,
            messages: told
                .iter()
                .chain(&request.messages)
                .map(Into::into)
                .collect(),
            stream: true,
            stream_options: wire::StreamOptions {
                include_usage: true,
            },
            max_tokens: sampling.max_tokens,
            temperature: sampling.temperature,
            top_p: (sampling.temperature > 0.0 && sampling.top_p < 1.0).then_some(sampling.top_p),
            seed: sampling.seed,
            stop: &request.stop[..request.stop.len().min(STOPS_SENT_MAX)],
            logprobs: self.probabilities.then_some(true),
            response_format: format,
        };
        let mut post = self.client.post(self.endpoint()).json(&body);
        if let Some(key) = &self.api_key {
            post = post.bearer_auth(key.expose());
        }
        let url = self.base.as_str();
        let response = match tokio::time::timeout(self.idle_timeout, post.send()).await {
            Err(_) => {
                return Err(EngineError::Silent {
                    url: url.to_owned(),
                    seconds: self.idle_timeout.as_secs(),
                });
            }
            Ok(sent) => sent.map_err(|error| http::failed(url, error))?,
        };
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(http::refusal(url, response, self.api_key.as_ref(), self.idle_timeout).await)
        }
    }

    async fn start(&self, request: &GenRequest) -> Result<reqwest::Response, EngineError> {
        let schema = schema_of(request);
        match self.send(request, schema, false).await {
            Err(EngineError::Refused {
                status: 400 | 404 | 415 | 422 | 500 | 501,
                message,
                ..
            }) if schema.is_some() && about_schema(&message) => {
                tracing::debug!(server = %self.base, message, "the server takes no schema; it goes into the prompt");
                self.send(request, schema, true).await
            }
            other => other,
        }
    }
}

fn schema_of(request: &GenRequest) -> Option<&Value> {
    match &request.constraint {
        Some(Constraint::JsonSchema(schema)) => Some(schema),
        _ => None,
    }
}

/// Whether a refusal may be about the schema, and not about the model or the length.
fn about_schema(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "response_format",
        "json_schema",
        "schema",
        "grammar",
        "format",
        "structured",
        "not supported",
        "unsupported",
        "unrecognized",
        "unknown",
        "extra",
    ]
    .iter()
    .any(|word| message.contains(word))
}

#[async_trait]
impl Engine for OpenAi {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(
        &self,
        request: GenRequest,
        cancel: CancellationToken,
    ) -> Result<GenStream, EngineError> {
        if request.messages.is_empty() {
            return Err(EngineError::Request {
                reason: "it has no message".to_owned(),
            });
        }
        if let Some((id, _)) = request.adapters.first() {
            return Err(EngineError::AdapterUnknown { id: id.0 });
        }
        if matches!(
            request.constraint,
            Some(Constraint::Lark(_) | Constraint::Regex(_))
        ) {
            let reason = "servers take a JSON schema only, no grammar or pattern".to_owned();
            return Err(EngineError::Unsupported {
                engine: "openai",
                reason,
            });
        }
        let response = tokio::select! {
            response = self.start(&request) => response?,
            () = cancel.cancelled() => return Ok(futures::stream::iter([Ok(GenEvent::Done(GenDone::cancelled(0)))]).boxed()),
        };
        let answer = Answer::new(
            self.base.to_string(),
            response,
            &request,
            schema_of(&request).cloned(),
            self.idle_timeout,
        );
        Ok(answer.into_stream(cancel))
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.len().div_ceil(4)
    }
}

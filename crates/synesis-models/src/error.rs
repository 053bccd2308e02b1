//! Why an engine could not do what was asked, and what to do about it.
//!
//! `Display` names the cause at this level, `source()` has what lies beneath, and
//! [`EngineError::hint`] says the cure.

use std::path::PathBuf;

use thiserror::Error;

use crate::gguf::GgufError;

/// Why an engine failed. Nothing here holds text of a prompt or an answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The text does not name a model.
    #[error("`{given}` does not name a model: {reason}")]
    ModelRef {
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file cannot be read.
    #[error("the file {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a usable GGUF file.
    #[error("{file} is not a usable GGUF file")]
    Malformed {
        /// Which file.
        file: String,
        /// What is wrong with it.
        source: GgufError,
    },
    /// The engine cannot run this kind of model.
    #[error("the {engine} engine cannot run this model: {reason}")]
    Unsupported {
        /// Which engine.
        engine: &'static str,
        /// What it cannot do.
        reason: String,
    },
    /// The engine is not part of this build, or the processor lacks what it needs.
    #[error("the {engine} engine is not available: {reason}")]
    Unavailable {
        /// Which engine.
        engine: &'static str,
        /// Why not.
        reason: String,
    },
    /// The engine failed while working.
    #[error("the {engine} engine failed: {reason}")]
    Failed {
        /// Which engine.
        engine: &'static str,
        /// Its own words.
        reason: String,
    },
    /// The model's thread has ended.
    #[error("the model was closed")]
    Closed,
    /// Too many requests wait.
    #[error("{queued_max} requests wait for this model already")]
    Busy {
        /// How many may wait.
        queued_max: usize,
    },
    /// The prompt does not fit.
    #[error("the prompt has {prompt_tokens} tokens, the model's context {context_tokens}")]
    ContextOverflow {
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// Tokens that fit.
        context_tokens: usize,
    },
    /// The request itself is wrong.
    #[error("the request is not valid: {reason}")]
    Request {
        /// What is wrong with it.
        reason: String,
    },
    /// The chat template of the model cannot be used with these messages.
    #[error("the model's chat template refuses these messages: {reason}")]
    Template {
        /// The template's reason.
        reason: String,
    },
    /// The constraint cannot be compiled, or cannot be met any more.
    #[error("the constraint cannot be used: {reason}")]
    Constraint {
        /// The reason.
        reason: String,
    },
    /// No such adapter in this engine.
    #[error("adapter {id} is not loaded")]
    AdapterUnknown {
        /// Its number.
        id: u32,
    },
    /// The adapter is still used.
    #[error("adapter {id} is in use")]
    AdapterInUse {
        /// Its number.
        id: u32,
    },
    /// Too many adapters.
    #[error("{adapters_max} adapters are loaded already")]
    AdaptersFull {
        /// How many may be loaded.
        adapters_max: usize,
    },
    /// The adapter was trained on another model.
    #[error("adapter `{name}` was made for another model (base {expected}, this one is {found})")]
    AdapterBase {
        /// The adapter's name.
        name: String,
        /// The hash it asks for.
        expected: String,
        /// The hash of this model.
        found: String,
    },
    /// The adapter does not fit the model.
    #[error("adapter `{name}` does not fit this model: {reason}")]
    Adapter {
        /// The adapter's name.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// No connection to the server.
    #[error("no connection to {url}")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// The network's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server refused the request.
    #[error("{url} answered {status}: {message}")]
    Refused {
        /// Which server.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The server said nothing for too long.
    #[error("{url} was silent for {seconds} seconds")]
    Silent {
        /// Which server.
        url: String,
        /// How long.
        seconds: u64,
    },
    /// The server's answer is not what the protocol says.
    #[error("{url} sent an answer that cannot be understood: {reason}")]
    Protocol {
        /// Which server.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer broke off.
    #[error("the answer of {source_name} broke off before its end")]
    Cut {
        /// Who was answering.
        source_name: String,
    },
    /// The server ignored the schema it was given.
    #[error("{url} did not keep to the schema: {reason}")]
    SchemaIgnored {
        /// Which server.
        url: String,
        /// What does not match.
        reason: String,
    },
}

impl EngineError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ModelRef { .. } => {
                "use `builtin`, `gguf:PATH` or `openai:URL#MODEL`, for example openai:http://127.0.0.1:11434/v1#llama3.2".to_owned()
            }
            Self::Unreadable { .. } => "check that the path is right and that you may read it".to_owned(),
            Self::Malformed { .. } => {
                "the download may be incomplete: fetch the file again and compare its size".to_owned()
            }
            Self::Unsupported { .. } => {
                "use another file of the model (Q4_K_M of a Llama or Qwen model), or run it with Ollama and name it with openai:URL#MODEL".to_owned()
            }
            Self::Unavailable { .. } => "use the candle engine, which every build has".to_owned(),
            Self::Failed { .. } => "ask again; if it happens again, try the other engine".to_owned(),
            Self::Closed => "open the model again".to_owned(),
            Self::Busy { .. } => "wait for an answer to end and ask again".to_owned(),
            Self::ContextOverflow { .. } => "ask with less text, or open the model with a larger context".to_owned(),
            Self::Request { .. } => "correct the request".to_owned(),
            Self::Template { .. } => "let user and assistant take turns, with a system message first".to_owned(),
            Self::Constraint { .. } => "simplify the schema or grammar".to_owned(),
            Self::AdapterUnknown { .. } => "load the adapter first".to_owned(),
            Self::AdapterInUse { .. } => "wait for the answer to end, or deactivate it first".to_owned(),
            Self::AdaptersFull { .. } => "unload one that is not needed".to_owned(),
            Self::AdapterBase { .. } => "use it with the model it was trained on".to_owned(),
            Self::Adapter { .. } => "use it with the model it was trained on, as a GGUF-LoRA file".to_owned(),
            Self::Unreachable { url, .. } => start_hint(url),
            Self::Refused { status: 401 | 403, .. } => "check the API key".to_owned(),
            Self::Refused { status: 404, .. } => "check the model's name and that the URL ends in /v1".to_owned(),
            Self::Refused { status: 429, .. } => "the server is at its limit: wait and ask again".to_owned(),
            Self::Refused { .. } | Self::Protocol { .. } | Self::SchemaIgnored { .. } => {
                "check the server's own log, or use another model".to_owned()
            }
            Self::Silent { .. } => "the server may be loading the model: ask again in a minute".to_owned(),
            Self::Cut { .. } => "the server may have been stopped: ask again".to_owned(),
        }
    }
}

/// How the server that usually listens there is started.
fn start_hint(url: &str) -> String {
    let port = url::Url::parse(url)
        .ok()
        .and_then(|url| url.port_or_known_default());
    match port {
        Some(11434) => "start Ollama with `ollama serve`".to_owned(),
        Some(8080) => {
            "start llama.cpp's server with `llama-server -m MODEL.gguf --port 8080`".to_owned()
        }
        Some(8000) => "start vLLM with `vllm serve MODEL`".to_owned(),
        Some(1234) => "start LM Studio's server with `lms server start`".to_owned(),
        _ => format!("start the model server, or check that {url} is its address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_server_says_how_to_start_it() {
        let error = EngineError::Unreachable {
            url: "http://127.0.0.1:11434/v1".to_owned(),
            source: "refused".into(),
        };
        assert!(error.to_string().contains("http://127.0.0.1:11434/v1"));
        assert!(error.hint().contains("ollama serve"));
    }
}

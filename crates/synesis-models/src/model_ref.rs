//! How a model is named, and how a name becomes an engine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::secret::Secret;
use crate::{embedded, limits, openai};

/// A model by name: `builtin`, `gguf:PATH` or `openai:URL#MODEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// The demonstration model inside this program.
    Builtin,
    /// A GGUF file.
    Gguf(PathBuf),
    /// A model of a server that speaks OpenAI's protocol.
    OpenAi {
        /// Up to and including `/v1`; without user, password, query or fragment.
        base_url: Url,
        /// The model's name on that server.
        model: String,
    },
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str("builtin"),
            Self::Gguf(path) => write!(f, "gguf:{}", path.display()),
            Self::OpenAi { base_url, model } => write!(f, "openai:{base_url}#{model}"),
        }
    }
}

impl FromStr for ModelRef {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        let refuse = |reason| EngineError::ModelRef {
            given: without_credentials(text),
            reason,
        };
        if text == "builtin" {
            return Ok(Self::Builtin);
        }
        if let Some(path) = text.strip_prefix("gguf:") {
            return match path {
                "" => Err(refuse("the path is missing")),
                path => Ok(Self::Gguf(PathBuf::from(path))),
            };
        }
        let Some(rest) = text.strip_prefix("openai:") else {
            return Err(refuse(
                "it begins with none of `builtin`, `gguf:` and `openai:`",
            ));
        };
        let (base, model) = rest
            .split_once('#')
            .ok_or_else(|| refuse("`#MODEL` is missing"))?;
        if model.is_empty() {
            return Err(refuse("the model after `#` is missing"));
        }
        Self::open_ai(base, model).map_err(refuse)
    }
}

impl ModelRef {
    /// A model on a server, from its base URL.
    pub(crate) fn open_ai(base: &str, model: &str) -> Result<Self, &'static str> {
        let mut base_url = Url::parse(base).map_err(|_| "the URL is not valid")?;
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err("the URL must begin with http:// or https://");
        }
        if base_url.host_str().is_none_or(str::is_empty) {
            return Err("the URL has no host");
        }
        if !base_url.username().is_empty() || base_url.password().is_some() {
            return Err("a URL must not hold credentials; give the API key separately");
        }
        base_url.set_query(None);
        base_url.set_fragment(None);
        let path = base_url.path().trim_end_matches('/').to_owned();
        base_url.set_path(&path);
        Ok(Self::OpenAi {
            base_url,
            model: model.to_owned(),
        })
    }
}

/// The text with anything between `//` and `@` hidden, for messages.
fn without_credentials(text: &str) -> String {
    match (text.find("//"), text.rfind('@')) {
        (Some(start), Some(at)) if start + 2 <= at => {
            format!("{}***{}", &text[..start + 2], &text[at..])
        }
        _ => text.to_owned(),
    }
}

/// Which engine runs a model file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// llama.cpp when this build and this processor have it, else candle.
    #[default]
    Auto,
    /// The portable engine.
    Candle,
    /// The fast engine; an error when it is not available.
    LlamaCpp,
}

/// How a model is opened. All fields have sensible defaults.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Which engine runs a model file.
    pub engine: EngineChoice,
    /// Tokens of context; at most what the model was trained for.
    pub context_tokens: Option<u32>,
    /// Threads of the llama.cpp engine; the number of physical cores less one by default.
    pub threads: Option<usize>,
    /// Answers worked on at the same time.
    pub parallel_max: Option<usize>,
    /// The hash of a model file, if it is known already.
    pub sha256: Option<String>,
    /// The licence of a model file, if it is known and the file does not say.
    pub license: Option<String>,
    /// The key for a server.
    pub api_key: Option<Secret>,
    /// Ask a server for the probabilities of its tokens; not every server takes that.
    pub probabilities: bool,
    /// Time to open a connection to a server.
    pub connect_timeout: Duration,
    /// Silence after which a server counts as stuck.
    pub idle_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            context_tokens: None,
            threads: None,
            parallel_max: None,
            sha256: None,
            license: None,
            api_key: None,
            probabilities: false,
            connect_timeout: limits::CONNECT_TIMEOUT,
            idle_timeout: limits::IDLE_TIMEOUT,
        }
    }
}

/// Opens a model. Reads a model file on the calling thread's time (milliseconds for the built-in
/// model, seconds for large ones); talks to no server yet.
///
/// # Errors
/// When the file cannot be read or run, or the engine is not available.
pub fn open(model: &ModelRef, options: &OpenOptions) -> Result<Arc<dyn Engine>, EngineError> {
    match model {
        ModelRef::Builtin => embedded::open(
            embedded::Source::Bytes(crate::builtin::BUILTIN_GGUF),
            &model.to_string(),
            options,
        ),
        ModelRef::Gguf(path) => embedded::open(
            embedded::Source::Path(Path::new(path)),
            &model.to_string(),
            options,
        ),
        ModelRef::OpenAi { base_url, model } => {
            Ok(Arc::new(openai::OpenAi::new(base_url, model, options)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_round_trip() {
        for name in [
            "builtin",
            "gguf:/models/a b.gguf",
            "openai:http://127.0.0.1:11434/v1#qwen3:0.6b",
            "openai:https://host/v1#org/model",
        ] {
            assert_eq!(name.parse::<ModelRef>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn a_trailing_slash_changes_nothing() {
        let model: ModelRef = "openai:http://127.0.0.1:8080/v1/#m".parse().unwrap();
        assert_eq!(model.to_string(), "openai:http://127.0.0.1:8080/v1#m");
    }

    #[test]
    fn wrong_names_are_refused_with_a_reason() {
        for (name, reason) in [
            ("llama", "begins with none"),
            ("gguf:", "path is missing"),
            ("openai:http://h/v1", "`#MODEL` is missing"),
            ("openai:http://h/v1#", "after `#` is missing"),
            ("openai:ftp://h/v1#m", "http://"),
            ("openai:h#m", "not valid"),
        ] {
            let error = name.parse::<ModelRef>().unwrap_err().to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_refused_and_not_repeated() {
        let error = "openai:http://ann:hunter2@host/v1#m"
            .parse::<ModelRef>()
            .unwrap_err()
            .to_string();
        assert!(error.contains("credentials"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

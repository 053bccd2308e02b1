//! Which local model answers, and opening it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use synesis_models::{Engine, ModelRef, ModelRegistry, OpenOptions, Secret, discover, open};

use crate::error::{CliError, Context, ErrorKind};
use crate::home::Home;

/// How long servers on this machine have to say that they are there.
const DISCOVER_TIMEOUT: Duration = Duration::from_millis(300);

/// The environment variable with the key for an OpenAI-compatible server.
const API_KEY_VARIABLE: &str = "SYNESIS_API_KEY";

/// A model that was chosen, and why.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) model: ModelRef,
    pub(crate) reason: String,
    options: OpenOptions,
}

/// Finds out which model a name means. `auto` takes what runs on this machine, else the built-in.
pub(crate) async fn choose(home: &Home, name: &str) -> Result<Choice, CliError> {
    if name != "auto" {
        return resolve(home, name);
    }
    let options = OpenOptions::default();
    for server in discover(DISCOVER_TIMEOUT).await {
        if let Some(name) = server.models.first() {
            let reason = format!("found {} on this machine", server.kind.name());
            return Ok(Choice {
                model: server.model(name),
                reason,
                options,
            });
        }
    }
    let reason = "no other model was found on this machine".to_owned();
    Ok(Choice {
        model: ModelRef::Builtin,
        reason,
        options,
    })
}

/// The model behind a name: a reference, an added model, or a file.
pub(crate) fn resolve(home: &Home, name: &str) -> Result<Choice, CliError> {
    let chosen = |model, options| Choice {
        model,
        reason: "as you chose".to_owned(),
        options,
    };
    let error = match name.parse::<ModelRef>() {
        Ok(model) => return Ok(chosen(model, OpenOptions::default())),
        Err(error) => error,
    };
    let added = registry(home)
        .list()
        .context(ErrorKind::User, "cannot read the list of added models")?;
    if let Some(entry) = added.iter().find(|entry| entry.name == name) {
        let (model, options) = entry
            .to_open()
            .context(ErrorKind::User, format!("cannot open the model `{name}`"))?;
        return Ok(chosen(model, options));
    }
    if Path::new(name).is_file() {
        return Ok(chosen(
            ModelRef::Gguf(Path::new(name).to_owned()),
            OpenOptions::default(),
        ));
    }
    Err(CliError::user(format!("there is no model `{name}`"))
        .because(error)
        .hint("`synesis model list` shows what is here; `synesis model add FILE.gguf` adds one"))
}

/// The models that the user added.
pub(crate) fn registry(home: &Home) -> ModelRegistry {
    ModelRegistry::at(home.models_dir().join("models.toml"))
}

/// Opens a model, off the threads that serve the network.
pub(crate) async fn open_model(choice: &Choice) -> Result<Arc<dyn Engine>, CliError> {
    let options = OpenOptions {
        api_key: api_key(),
        ..choice.options.clone()
    };
    let model = choice.model.clone();
    tokio::task::spawn_blocking(move || open(&model, &options))
        .await
        .context(ErrorKind::Bug, "opening the model broke off")?
        .map_err(|error| {
            let hint = error.hint();
            CliError::user(format!("cannot open the model {}", choice.model))
                .because(error)
                .hint(hint)
        })
}

/// The key for an OpenAI-compatible server.
pub(crate) fn api_key() -> Option<Secret> {
    std::env::var(API_KEY_VARIABLE)
        .ok()
        // A key of a Synesis cloud in the same variable is no key of a model's server.
        .filter(|key| !key.is_empty() && !key.trim_start().starts_with("syn_key_"))
        .map(Secret::new)
}

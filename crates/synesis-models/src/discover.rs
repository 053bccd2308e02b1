//! Model servers that run on this machine already, found on their usual ports.

use std::time::Duration;

use futures::future::join_all;
use serde::Deserialize;
use url::Url;

use crate::limits::DISCOVERED_MODELS_MAX;
use crate::model_ref::ModelRef;
use crate::openai::{body_of, client};

/// A known kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// Ollama.
    Ollama,
    /// llama.cpp's own server.
    LlamaServer,
    /// vLLM.
    Vllm,
    /// LM Studio.
    LmStudio,
}

impl ServerKind {
    /// The name that people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ollama => "Ollama",
            Self::LlamaServer => "llama-server",
            Self::Vllm => "vLLM",
            Self::LmStudio => "LM Studio",
        }
    }

    /// Who the models belong to, as the server writes it.
    fn from_owner(owner: &str) -> Option<Self> {
        match owner {
            "llamacpp" => Some(Self::LlamaServer),
            "vllm" => Some(Self::Vllm),
            _ => None,
        }
    }
}

/// Where to look for a server.
#[derive(Clone, Debug)]
pub struct Place {
    /// What is expected there.
    pub kind: ServerKind,
    /// Host and port, without path.
    pub root: Url,
}

impl Place {
    /// The usual places of the known servers on this machine.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        [
            (ServerKind::Ollama, 11434),
            (ServerKind::LlamaServer, 8080),
            (ServerKind::Vllm, 8000),
            (ServerKind::LmStudio, 1234),
        ]
        .into_iter()
        .filter_map(|(kind, port)| {
            Some(Self {
                kind,
                root: Url::parse(&format!("http://127.0.0.1:{port}")).ok()?,
            })
        })
        .collect()
    }
}

/// A server that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// What it is.
    pub kind: ServerKind,
    /// For [`ModelRef::OpenAi`]: up to and including `/v1`.
    pub base_url: Url,
    /// Its models, in its order.
    pub models: Vec<String>,
}

impl Discovered {
    /// One of its models by name, ready to be opened.
    #[must_use]
    pub fn model(&self, name: &str) -> ModelRef {
        ModelRef::OpenAi {
            base_url: self.base_url.clone(),
            model: name.to_owned(),
        }
    }
}

/// Looks at the usual places, all at once. What does not answer in time is not there.
pub async fn discover(timeout: Duration) -> Vec<Discovered> {
    discover_at(&Place::usual(), timeout).await
}

/// Looks at the given places, all at once.
pub async fn discover_at(places: &[Place], timeout: Duration) -> Vec<Discovered> {
    let asked = places.iter().map(|place| async move {
        tokio::time::timeout(timeout, ask(place, timeout))
            .await
            .ok()
            .flatten()
    });
    join_all(asked).await.into_iter().flatten().collect()
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    #[serde(default)]
    owned_by: String,
}

async fn ask(place: &Place, timeout: Duration) -> Option<Discovered> {
    let base_url = place.root.join("/v1").ok()?;
    let path = if place.kind == ServerKind::Ollama {
        "/api/tags"
    } else {
        "/v1/models"
    };
    let client = client(&place.root, timeout).ok()?;
    let response = client.get(place.root.join(path).ok()?).send().await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let body = body_of(response, timeout).await?;
    let (kind, mut models) = if place.kind == ServerKind::Ollama {
        let tags: Tags = serde_json::from_slice(&body).ok()?;
        (
            place.kind,
            tags.models
                .into_iter()
                .map(|tag| tag.name)
                .collect::<Vec<_>>(),
        )
    } else {
        let listed: Models = serde_json::from_slice(&body).ok()?;
        let kind = listed
            .data
            .first()
            .and_then(|model| ServerKind::from_owner(&model.owned_by))
            .unwrap_or(place.kind);
        (
            kind,
            listed.data.into_iter().map(|model| model.id).collect(),
        )
    };
    models.retain(|name| !name.is_empty() && !name.chars().any(char::is_control));
    models.truncate(DISCOVERED_MODELS_MAX);
    Some(Discovered {
        kind,
        base_url,
        models,
    })
}

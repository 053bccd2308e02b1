//! The operator's LoRA adapters: read from disk when they are first asked for, or before, when a
//! device says that it will ask.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use synesis_domain::{DeviceId, LoraId};
use synesis_models::{AdapterId, AdapterSource, Engine, EngineError};
use synesis_wire::proto::{LoraReady, PrewarmSignal};
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::error::chain;

/// The adapters that escalations can name.
#[derive(Debug)]
pub(crate) struct AdapterPool {
    engine: Arc<dyn Engine>,
    adapters: BTreeMap<LoraId, Adapter>,
}

#[derive(Debug, Clone)]
struct Adapter {
    path: PathBuf,
    loaded: Arc<OnceCell<AdapterId>>,
}

impl AdapterPool {
    pub(crate) fn new(engine: Arc<dyn Engine>, files: &BTreeMap<LoraId, PathBuf>) -> Self {
        let adapters = files.iter().map(|(name, path)| {
            let adapter = Adapter {
                path: path.clone(),
                loaded: Arc::default(),
            };
            (name.clone(), adapter)
        });
        Self {
            adapters: adapters.collect(),
            engine,
        }
    }

    /// Whether there is an adapter of that name.
    pub(crate) fn has(&self, name: &LoraId) -> bool {
        self.adapters.contains_key(name)
    }

    /// An adapter in the engine's memory; reads it where it is not there yet. Many who ask at once
    /// wait for one reading.
    pub(crate) async fn load(&self, name: &LoraId) -> Result<AdapterId, EngineError> {
        let adapter = self
            .adapters
            .get(name)
            .ok_or_else(|| EngineError::Request {
                reason: format!("there is no adapter named {name}"),
            })?;
        let engine = self.engine.adapters().ok_or_else(|| EngineError::Request {
            reason: "this model takes no adapters".to_owned(),
        })?;
        let source = AdapterSource::Path(adapter.path.clone());
        let id = adapter
            .loaded
            .get_or_try_init(|| engine.load(name.as_str(), source))
            .await?;
        Ok(*id)
    }

    /// Loads, in the background, what a device is about to ask for, and says when it is ready. What is
    /// not here is no error: the signal is a hint.
    pub(crate) fn prewarm(
        self: &Arc<Self>,
        work: &Handle,
        device: DeviceId,
        signal: PrewarmSignal,
        ready: impl FnOnce(LoraReady) + Send + 'static,
    ) {
        let Some(Ok(name)) = signal.lora_id.map(|name| name.parse::<LoraId>()) else {
            return;
        };
        if !self.has(&name) {
            tracing::debug!(%device, %name, "a device announced an adapter that is not here");
            return;
        }
        let pool = Arc::clone(self);
        work.spawn(async move {
            let begun = Instant::now();
            match pool.load(&name).await {
                Ok(_) => {
                    tracing::info!(%device, %name, "an adapter is warm");
                    ready(LoraReady {
                        lora_id: name.to_string(),
                        load_ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
                    });
                }
                Err(error) => {
                    tracing::warn!(%device, %name, error = %chain(&error), "an adapter could not be loaded");
                }
            }
        });
    }
}

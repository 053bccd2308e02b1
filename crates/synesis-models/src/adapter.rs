//! LoRA adapters: small files that change a model's manner while it runs.
//!
//! Adapters stay beside the weights and are never merged, so taking one away gives the base
//! model's output back exactly.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::EngineError;

/// An adapter loaded into one engine. Not valid in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdapterId(pub(crate) u32);

impl fmt::Display for AdapterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Where an adapter's GGUF-LoRA file is.
#[derive(Clone)]
pub enum AdapterSource {
    /// On disk.
    Path(PathBuf),
    /// In memory.
    Bytes(Arc<[u8]>),
}

impl fmt::Debug for AdapterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// Whether an adapter works on requests that name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterState {
    /// Loaded, used only by requests that name it.
    Cached,
    /// Used by requests that name none.
    Active,
}

/// What is known about a loaded adapter.
#[derive(Clone, Debug)]
pub struct AdapterInfo {
    /// Its number in this engine.
    pub id: AdapterId,
    /// The name it was loaded under.
    pub name: String,
    /// Its rank (the largest, if matrices differ).
    pub rank: u32,
    /// Bytes of its file.
    pub bytes: u64,
    /// The model it was trained on, if the file says.
    pub base_sha256: Option<String>,
    /// Whether it is used by default.
    pub state: AdapterState,
    /// Time that loading took.
    pub load: Duration,
}

/// The adapters of one engine.
#[async_trait]
pub trait Adapters: Send + Sync {
    /// Reads and checks an adapter. A file that says which model it was trained on is refused by
    /// every other model.
    async fn load(&self, name: &str, source: AdapterSource) -> Result<AdapterId, EngineError>;

    /// Sets what requests that name no adapter use from now on; an empty set is the base model.
    /// Answers already running keep theirs. Returns the time it took.
    async fn activate(&self, set: &[(AdapterId, f32)]) -> Result<Duration, EngineError>;

    /// Forgets an adapter. Refused while an answer or the default uses it.
    async fn unload(&self, id: AdapterId) -> Result<(), EngineError>;

    /// All loaded adapters, in the order they were loaded.
    fn list(&self) -> Vec<AdapterInfo>;
}

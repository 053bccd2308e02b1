//! What is known about an opened model.

use synesis_core::{ModelFit, QueryKind};

use crate::engine::Caps;

/// An opened model. What a file or a server did not say is absent, never guessed.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// How the model was named, as [`ModelRef`](crate::ModelRef) prints it.
    pub id: String,
    /// Its own name.
    pub name: String,
    /// Hash of its file, lower-case hexadecimal, when it has been computed.
    pub sha256: Option<String>,
    /// Its architecture (`llama`, `qwen2`…); servers do not tell.
    pub architecture: Option<String>,
    /// Tokens of prompt and answer together that fit; servers do not tell.
    pub context_tokens: Option<u32>,
    /// Says of itself that it is a demonstration model.
    pub demonstration: bool,
    /// What it was trained for; empty means everything.
    pub tasks: Vec<QueryKind>,
    /// The largest operand of sums that it knows.
    pub sum_max: Option<u64>,
    /// The largest operand of products that it knows.
    pub product_max: Option<u64>,
    /// Its licence.
    pub license: Option<String>,
    /// What the engine can do with it.
    pub caps: Caps,
    /// The engine that runs it: `candle`, `llama.cpp` or `openai`.
    pub engine: &'static str,
}

impl ModelInfo {
    /// What the council needs to decide whether to ask this model at all.
    #[must_use]
    pub fn fit(&self) -> ModelFit {
        ModelFit {
            name: self.name.clone(),
            demonstration: self.demonstration,
            tasks: self.tasks.clone(),
            sum_max: self.sum_max.unwrap_or(u64::MAX),
            product_max: self.product_max.unwrap_or(u64::MAX),
        }
    }
}

//! The hyper-parameters of a Llama-like model, read from a GGUF file and checked.

use crate::gguf::{GgufError, Metadata};
use crate::limits::LAYERS_MAX;

/// How positions turn a head's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// Neighbouring pairs (`llama`).
    Interleaved,
    /// First half against second half (`qwen2`, `qwen3`).
    Halves,
}

/// The architectures whose graph is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    Llama,
    Qwen2,
    Qwen3,
}

impl Architecture {
    pub(crate) const NAMES: &'static str = "llama, qwen2 and qwen3";

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "llama" => Some(Self::Llama),
            "qwen2" => Some(Self::Qwen2),
            "qwen3" => Some(Self::Qwen3),
            _ => None,
        }
    }

    pub(crate) fn rotation(self) -> Rotation {
        match self {
            Self::Llama => Rotation::Interleaved,
            Self::Qwen2 | Self::Qwen3 => Rotation::Halves,
        }
    }
}

/// The numbers that shape the graph.
#[derive(Clone, Debug)]
pub(crate) struct Hyper {
    pub(crate) architecture: Architecture,
    pub(crate) layers: usize,
    pub(crate) embedding: usize,
    pub(crate) feed_forward: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head: usize,
    pub(crate) epsilon: f32,
    pub(crate) rope_base: f32,
    /// Positions are divided by this.
    pub(crate) rope_scale: f32,
}

/// Why the hyper-parameters cannot be used.
pub(crate) enum HyperError {
    Malformed(GgufError),
    Unsupported(String),
}

impl From<GgufError> for HyperError {
    fn from(error: GgufError) -> Self {
        Self::Malformed(error)
    }
}

impl Hyper {
    pub(crate) fn new(metadata: &Metadata) -> Result<Self, HyperError> {
        let name = metadata
            .text("general.architecture")
            .ok_or_else(|| GgufError::Key("general.architecture".to_owned()))?;
        let architecture = Architecture::from_name(name).ok_or_else(|| {
            HyperError::Unsupported(format!(
                "its architecture is {name}, known are {}",
                Architecture::NAMES
            ))
        })?;
        let key = |rest: &str| format!("{name}.{rest}");
        let size = |rest: &str, max: u32| metadata.size(&key(rest), max);
        let embedding = size("embedding_length", 1 << 17)?;
        let heads = size("attention.head_count", 1 << 10)?;
        let kv_heads = match metadata.get(&key("attention.head_count_kv")) {
            None => heads,
            Some(_) => size("attention.head_count_kv", 1 << 10)?,
        };
        let head = match metadata.get(&key("attention.key_length")) {
            None => embedding / heads,
            Some(_) => size("attention.key_length", 1 << 12)?,
        };
        let unsupported = |reason: &str| Err(HyperError::Unsupported(reason.to_owned()));
        if !heads.is_multiple_of(kv_heads) || head == 0 || !head.is_multiple_of(2) {
            return unsupported("its attention heads do not divide evenly");
        }
        if metadata.get(&key("attention.value_length")).is_some()
            && size("attention.value_length", 1 << 12)? != head
        {
            return unsupported("its keys and values differ in length");
        }
        if metadata
            .u32(&key("rope.dimension_count"))
            .is_some_and(|n| n as usize != head)
        {
            return unsupported("it turns only a part of each head");
        }
        if metadata.u32(&key("expert_count")).is_some_and(|n| n > 0) {
            return unsupported("it is a mixture of experts");
        }
        let rope_scale = match metadata.text(&key("rope.scaling.type")) {
            None | Some("none") => 1.0,
            Some("linear") => positive(metadata, &key("rope.scaling.factor"), 1.0)?,
            Some(other) => return unsupported(&format!("its positions are scaled by `{other}`")),
        };
        Ok(Self {
            architecture,
            layers: size("block_count", u32::try_from(LAYERS_MAX).unwrap_or(u32::MAX))?,
            embedding,
            feed_forward: size("feed_forward_length", 1 << 19)?,
            heads,
            kv_heads,
            head,
            epsilon: positive(metadata, &key("attention.layer_norm_rms_epsilon"), 1e-5)?,
            rope_base: positive(metadata, &key("rope.freq_base"), 10_000.0)?,
            rope_scale,
        })
    }
}

#[cfg(feature = "llama-cpp")]
impl Hyper {
    /// Bytes of keys and values in single precision.
    pub(crate) fn context_bytes(&self, tokens: usize) -> u64 {
        let numbers = [self.layers, self.kv_heads, self.head, tokens, 2];
        numbers
            .iter()
            .fold(4, |bytes, &n| bytes.saturating_mul(n as u64))
    }
}

fn positive(metadata: &Metadata, key: &str, default: f32) -> Result<f32, GgufError> {
    match metadata.f32(key) {
        None => Ok(default),
        Some(x) if x.is_finite() && x > 0.0 => Ok(x),
        Some(x) => Err(GgufError::Range {
            key: key.to_owned(),
            value: x.to_string(),
        }),
    }
}

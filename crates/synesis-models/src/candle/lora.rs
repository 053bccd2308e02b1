//! Adapters as pairs of thin matrices beside the weights.

use std::collections::HashMap;

use candle_core::{Device, Tensor};

use super::linear::Linear;
use super::weights::{LoadError, load};
use crate::error::EngineError;
use crate::gguf::{Gguf, TensorInfo};
use crate::hyper::Hyper;
use crate::limits::ADAPTER_RANK_MAX;

/// The seven matrices of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matrix {
    Query,
    Key,
    Value,
    Output,
    Gate,
    Up,
    Down,
}

impl Matrix {
    pub(super) const ALL: [Self; 7] = [
        Self::Query,
        Self::Key,
        Self::Value,
        Self::Output,
        Self::Gate,
        Self::Up,
        Self::Down,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Query => "attn_q",
            Self::Key => "attn_k",
            Self::Value => "attn_v",
            Self::Output => "attn_output",
            Self::Gate => "ffn_gate",
            Self::Up => "ffn_up",
            Self::Down => "ffn_down",
        }
    }

    /// Numbers out and in.
    pub(super) fn shape(self, hyper: &Hyper) -> [usize; 2] {
        let (e, f) = (hyper.embedding, hyper.feed_forward);
        let (q, kv) = (hyper.heads * hyper.head, hyper.kv_heads * hyper.head);
        match self {
            Self::Query => [q, e],
            Self::Key | Self::Value => [kv, e],
            Self::Output => [e, q],
            Self::Gate | Self::Up => [f, e],
            Self::Down => [e, f],
        }
    }
}

/// What an adapter adds to one matrix: `x` through `a`, then through `b`, which is already scaled.
struct Delta {
    a: Linear,
    b: Linear,
}

/// A loaded adapter.
pub(crate) struct Adapter {
    layers: Vec<[Option<Delta>; 7]>,
}

impl Adapter {
    pub(super) fn new(
        name: &str,
        file: &Gguf,
        hyper: &Hyper,
        here: bool,
    ) -> Result<Self, EngineError> {
        let refuse = |reason: String| EngineError::Adapter {
            name: name.to_owned(),
            reason,
        };
        let alpha = file.metadata().f32("adapter.lora.alpha").unwrap_or(0.0);
        let by_name: HashMap<&str, &TensorInfo> = file
            .tensors()
            .iter()
            .map(|t| (t.name.as_str(), t))
            .collect();
        let mut used = 0;
        let mut layers = Vec::with_capacity(hyper.layers);
        for layer in 0..hyper.layers {
            let mut deltas: [Option<Delta>; 7] = Default::default();
            for (matrix, slot) in Matrix::ALL.into_iter().zip(&mut deltas) {
                let stem = format!("blk.{layer}.{}.weight", matrix.name());
                let pair = (
                    by_name.get(format!("{stem}.lora_a").as_str()),
                    by_name.get(format!("{stem}.lora_b").as_str()),
                );
                *slot = match pair {
                    (Some(a), Some(b)) => Some(
                        delta(file, a, b, matrix.shape(hyper), (alpha, here)).map_err(&refuse)?,
                    ),
                    (None, None) => continue,
                    _ => return Err(refuse(format!("{stem} has only one of its two parts"))),
                };
                used += 2;
            }
            layers.push(deltas);
        }
        match used {
            0 => Err(refuse("it has no tensor for this model".to_owned())),
            n if n < file.tensors().len() => Err(refuse(format!(
                "{} of its tensors have no place here",
                file.tensors().len() - n
            ))),
            _ => Ok(Self { layers }),
        }
    }

    /// What this adapter adds to the output of one matrix.
    pub(super) fn apply(
        &self,
        layer: usize,
        matrix: Matrix,
        x: &Tensor,
        weight: f32,
    ) -> candle_core::Result<Option<Tensor>> {
        let Some(delta) = self
            .layers
            .get(layer)
            .and_then(|deltas| deltas[matrix as usize].as_ref())
        else {
            return Ok(None);
        };
        let added = delta.b.forward(&delta.a.forward(x)?)?;
        if weight == 1.0 {
            Ok(Some(added))
        } else {
            added.affine(f64::from(weight), 0.0).map(Some)
        }
    }
}

fn delta(
    file: &Gguf,
    a: &TensorInfo,
    b: &TensorInfo,
    [out, input]: [usize; 2],
    (alpha, here): (f32, bool),
) -> Result<Delta, String> {
    let (&[rank, a_in], &[b_out, b_rank]) = (a.shape.as_slice(), b.shape.as_slice()) else {
        return Err(format!("{} is not a matrix", a.name));
    };
    if a_in != input || b_out != out || rank != b_rank || rank > ADAPTER_RANK_MAX {
        return Err(format!(
            "{} has shape {:?} and {:?}, the matrix {out} by {input}",
            a.name, a.shape, b.shape
        ));
    }
    #[expect(clippy::cast_precision_loss, reason = "a rank is small")]
    let scale = if alpha == 0.0 {
        1.0
    } else {
        f64::from(alpha) / rank as f64
    };
    let numbers = |info| {
        let tensor = load(file, info).map_err(|error| match error {
            LoadError::Kind(reason) => reason,
            LoadError::Gguf(error) => error.to_string(),
            LoadError::Candle(error) => error.to_string(),
        })?;
        tensor
            .dequantize(&Device::Cpu)
            .map_err(|error| error.to_string())
    };
    let b = numbers(b)?
        .affine(scale, 0.0)
        .map_err(|error| error.to_string())?;
    Ok(Delta {
        a: Linear::new(numbers(a)?, here),
        b: Linear::new(b, here),
    })
}

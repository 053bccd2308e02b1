//! The graph: tokens in, weights of the next token out.

use std::sync::Arc;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::{rope, rope_i};

use super::failed;
use super::linear::{Attention, Linear};
use super::lora::{Adapter, Matrix};
use super::weights::Weights;
use crate::error::EngineError;
use crate::hyper::{Architecture, Hyper, Rotation};

/// Tokens by which a context grows.
const GROW_TOKENS: usize = 256;

struct Layer {
    attention_norm: Tensor,
    matrices: [Linear; 7],
    /// For query, key and value.
    biases: [Option<Tensor>; 3],
    /// For query and key.
    head_norms: [Option<Tensor>; 2],
    feed_norm: Tensor,
}

/// All weights of a model.
pub(super) struct Graph {
    hyper: Hyper,
    embedding: Linear,
    layers: Vec<Layer>,
    norm: Tensor,
    /// Absent when the embedding serves both ends.
    output: Option<Linear>,
    cos: Tensor,
    sin: Tensor,
    /// Everything is done on this thread.
    here: bool,
}

/// Keys and values of what was read, `[kv_heads, room, head]`, per layer.
struct Memory {
    keys: Tensor,
    values: Tensor,
}

/// One sequence.
pub(crate) struct Context {
    memories: Vec<Memory>,
    adapters: Vec<(Arc<Adapter>, f32)>,
}

impl Graph {
    pub(super) fn new(
        hyper: &Hyper,
        weights: &Weights<'_>,
        vocabulary: usize,
        context_tokens: usize,
    ) -> std::result::Result<Self, EngineError> {
        let shape = [vocabulary, hyper.embedding];
        let output = weights
            .has("output.weight")
            .then(|| weights.matrix("output.weight", shape))
            .transpose()?;
        let factors = weights.vector_if("rope_freqs.weight", hyper.head / 2)?;
        let (cos, sin) = turns(hyper, factors.as_ref(), context_tokens).map_err(failed)?;
        Ok(Self {
            embedding: weights.matrix("token_embd.weight", shape)?,
            layers: (0..hyper.layers)
                .map(|n| layer(hyper, weights, n))
                .collect::<std::result::Result<_, _>>()?,
            norm: weights.vector("output_norm.weight", hyper.embedding)?,
            output,
            cos,
            sin,
            here: weights.here(),
            hyper: hyper.clone(),
        })
    }

    pub(super) fn hyper(&self) -> &Hyper {
        &self.hyper
    }

    pub(super) fn context(&self, adapters: &[(Arc<Adapter>, f32)]) -> Context {
        Context {
            memories: Vec::new(),
            adapters: adapters.to_vec(),
        }
    }

    /// Reads tokens at the places after `past`; the weights for the place after the last if wanted.
    pub(super) fn forward(
        &self,
        context: &mut Context,
        past: usize,
        tokens: &[u32],
        wanted: bool,
    ) -> Result<Option<Tensor>> {
        let count = tokens.len();
        self.make_room(context, past + count)?;
        let mut x = self
            .embedding
            .rows(&Tensor::new(tokens, &Device::Cpu)?)?
            .to_dtype(DType::F32)?;
        let mask = if count > 1 && !self.here {
            Some(causal(past, count)?)
        } else {
            None
        };
        let turns = (
            self.cos.narrow(0, past, count)?,
            self.sin.narrow(0, past, count)?,
        );
        let Context { memories, adapters } = context;
        for (n, (layer, memory)) in self.layers.iter().zip(memories).enumerate() {
            let step = Step {
                hyper: &self.hyper,
                layer,
                n,
                adapters,
                past,
                here: self.here,
            };
            x = (&x
                + step.attend(
                    &rms_norm(&x, &layer.attention_norm, self.hyper.epsilon)?,
                    memory,
                    mask.as_ref(),
                    &turns,
                )?)?;
            x = (&x + step.feed(&rms_norm(&x, &layer.feed_norm, self.hyper.epsilon)?)?)?;
        }
        if !wanted {
            return Ok(None);
        }
        let last = rms_norm(&x.narrow(0, count - 1, 1)?, &self.norm, self.hyper.epsilon)?;
        self.output
            .as_ref()
            .unwrap_or(&self.embedding)
            .forward(&last)?
            .squeeze(0)
            .map(Some)
    }

    fn make_room(&self, context: &mut Context, tokens: usize) -> Result<()> {
        let room = context
            .memories
            .first()
            .map_or(Ok(0), |memory| memory.keys.dim(1))?;
        if tokens <= room {
            return Ok(());
        }
        let room_new = tokens.max(room * 2).next_multiple_of(GROW_TOKENS);
        let empty = || {
            Tensor::zeros(
                (self.hyper.kv_heads, room_new, self.hyper.head),
                DType::F32,
                &Device::Cpu,
            )
        };
        let grown = |old: Option<&Tensor>| -> Result<Tensor> {
            let new = empty()?;
            if let Some(old) = old {
                new.slice_set(old, 1, 0)?;
            }
            Ok(new)
        };
        context.memories = (0..self.layers.len())
            .map(|n| {
                let old = context.memories.get(n);
                Ok(Memory {
                    keys: grown(old.map(|m| &m.keys))?,
                    values: grown(old.map(|m| &m.values))?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(())
    }
}

fn layer(
    hyper: &Hyper,
    weights: &Weights<'_>,
    n: usize,
) -> std::result::Result<Layer, EngineError> {
    let name = |part: &str, kind: &str| format!("blk.{n}.{part}.{kind}");
    let matrix = |which: Matrix| weights.matrix(&name(which.name(), "weight"), which.shape(hyper));
    let [q, k, v, o, gate, up, down] = Matrix::ALL;
    let bias =
        |which: Matrix| weights.vector_if(&name(which.name(), "bias"), which.shape(hyper)[0]);
    let head_norm = |part: &str| match hyper.architecture {
        Architecture::Qwen3 => weights.vector(&name(part, "weight"), hyper.head).map(Some),
        Architecture::Llama | Architecture::Qwen2 => Ok(None),
    };
    Ok(Layer {
        attention_norm: weights.vector(&name("attn_norm", "weight"), hyper.embedding)?,
        matrices: [
            matrix(q)?,
            matrix(k)?,
            matrix(v)?,
            matrix(o)?,
            matrix(gate)?,
            matrix(up)?,
            matrix(down)?,
        ],
        biases: [bias(q)?, bias(k)?, bias(v)?],
        head_norms: [head_norm("attn_q_norm")?, head_norm("attn_k_norm")?],
        feed_norm: weights.vector(&name("ffn_norm", "weight"), hyper.embedding)?,
    })
}

/// Cosine and sine for every place and pair.
fn turns(hyper: &Hyper, factors: Option<&Tensor>, places: usize) -> Result<(Tensor, Tensor)> {
    let pairs = hyper.head / 2;
    #[expect(
        clippy::cast_precision_loss,
        reason = "heads and contexts are far below 2^24"
    )]
    let speeds: Vec<f32> = (0..pairs)
        .map(|i| hyper.rope_base.powf(-2.0 * i as f32 / hyper.head as f32) / hyper.rope_scale)
        .collect();
    let mut speeds = Tensor::new(speeds, &Device::Cpu)?;
    if let Some(factors) = factors {
        speeds = (speeds / factors)?;
    }
    let places = Tensor::arange(
        0_u32,
        u32::try_from(places).unwrap_or(u32::MAX),
        &Device::Cpu,
    )?
    .to_dtype(DType::F32)?;
    let angles = places.unsqueeze(1)?.broadcast_mul(&speeds.unsqueeze(0)?)?;
    Ok((angles.cos()?, angles.sin()?))
}

/// Nobody looks ahead.
fn causal(past: usize, count: usize) -> Result<Tensor> {
    let look = (0..count).flat_map(|i| {
        (0..past + count).map(move |j| {
            if j <= past + i {
                0.0_f32
            } else {
                f32::NEG_INFINITY
            }
        })
    });
    Tensor::from_vec(
        look.collect::<Vec<_>>(),
        (count, past + count),
        &Device::Cpu,
    )
}

/// One layer at work.
struct Step<'a> {
    hyper: &'a Hyper,
    layer: &'a Layer,
    n: usize,
    adapters: &'a [(Arc<Adapter>, f32)],
    past: usize,
    here: bool,
}

impl Step<'_> {
    /// One matrix with what the adapters add.
    fn linear(&self, which: Matrix, x: &Tensor) -> Result<Tensor> {
        let mut y = self.layer.matrices[which as usize].forward(x)?;
        for (adapter, weight) in self.adapters {
            if let Some(added) = adapter.apply(self.n, which, x, *weight)? {
                y = (y + added)?;
            }
        }
        match self
            .layer
            .biases
            .get(which as usize)
            .and_then(Option::as_ref)
        {
            Some(bias) => y.broadcast_add(bias),
            None => Ok(y),
        }
    }

    /// `[heads, count, head]`, turned by place when it is a query or a key.
    fn heads(&self, which: Matrix, x: &Tensor, heads: usize) -> Result<Tensor> {
        let y = self
            .linear(which, x)?
            .reshape(((), heads, self.hyper.head))?;
        let y = match self
            .layer
            .head_norms
            .get(which as usize)
            .and_then(Option::as_ref)
        {
            Some(norm) => rms_norm(&y.contiguous()?, norm, self.hyper.epsilon)?,
            None => y,
        };
        y.transpose(0, 1)?.contiguous()
    }

    fn turn(&self, x: &Tensor, (cos, sin): &(Tensor, Tensor)) -> Result<Tensor> {
        let x = x.unsqueeze(0)?;
        let turned = match self.hyper.architecture.rotation() {
            Rotation::Interleaved => rope_i(&x, cos, sin)?,
            Rotation::Halves => rope(&x, cos, sin)?,
        };
        turned.squeeze(0)
    }

    fn attend(
        &self,
        x: &Tensor,
        memory: &Memory,
        mask: Option<&Tensor>,
        turns: &(Tensor, Tensor),
    ) -> Result<Tensor> {
        let Hyper {
            heads,
            kv_heads,
            head,
            ..
        } = *self.hyper;
        let count = x.dim(0)?;
        let total = self.past + count;
        let q = self.turn(&self.heads(Matrix::Query, x, heads)?, turns)?;
        memory.keys.slice_set(
            &self.turn(&self.heads(Matrix::Key, x, kv_heads)?, turns)?,
            1,
            self.past,
        )?;
        memory
            .values
            .slice_set(&self.heads(Matrix::Value, x, kv_heads)?, 1, self.past)?;
        let seen = if self.here {
            let attention = Attention { past: self.past };
            q.apply_op3_no_bwd(&memory.keys, &memory.values, &attention)?
        } else {
            let keys = memory.keys.narrow(1, 0, total)?;
            let values = memory.values.narrow(1, 0, total)?;
            // Heads that share keys stand together, so they are one taller matrix.
            let together = (kv_heads, heads / kv_heads * count, ());
            #[expect(clippy::cast_precision_loss, reason = "a head is far below 2^52")]
            let scale = 1.0 / (head as f64).sqrt();
            let keys = keys.transpose(D::Minus1, D::Minus2)?;
            let mut scores = (q.reshape(together)?.matmul(&keys)? * scale)?;
            if let Some(mask) = mask {
                scores = scores.reshape((heads, count, total))?.broadcast_add(mask)?;
            }
            let shares = softmax_last_dim(&scores)?.reshape(together)?;
            let seen = shares.matmul(&values)?.reshape((heads, count, head))?;
            seen.transpose(0, 1)?
                .contiguous()?
                .reshape((count, heads * head))?
        };
        self.linear(Matrix::Output, &seen)
    }

    fn feed(&self, x: &Tensor) -> Result<Tensor> {
        let gate = silu(&self.linear(Matrix::Gate, x)?)?;
        self.linear(Matrix::Down, &(gate * self.linear(Matrix::Up, x)?)?)
    }
}

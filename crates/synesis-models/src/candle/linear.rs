//! Products, by candle's kernels or on this thread alone.
//!
//! Candle spreads every product over threads that wait for each other, spinning, and asks the
//! system for the number of cores each time. For a small model that costs many times the product
//! itself, and on a busy machine a hundred times, so its products are done here, in place.

use candle_core::quantized::{GgmlType, QMatMul};
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Module, Result, Shape, Tensor};

/// A matrix of weights, `[out, in]`.
#[derive(Clone)]
pub(super) enum Linear {
    /// For candle's kernels.
    Spread(QMatMul),
    /// Single precision, for this thread.
    Here(Tensor),
}

impl Linear {
    /// Numbers in single precision.
    pub(super) fn new(numbers: Tensor, here: bool) -> Self {
        if here {
            Self::Here(numbers)
        } else {
            Self::Spread(QMatMul::Tensor(numbers))
        }
    }

    /// `x` (`[count, in]`) through the matrix.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Spread(matrix) => matrix.forward(x),
            Self::Here(matrix) => x.contiguous()?.apply_op2_no_bwd(matrix, &Product),
        }
    }

    /// Rows of the matrix.
    pub(super) fn rows(&self, ids: &Tensor) -> Result<Tensor> {
        match self {
            Self::Spread(matrix) => matrix.embedding(ids),
            Self::Here(matrix) => matrix.index_select(ids, 0),
        }
    }
}

/// The numbers of a tensor without gaps.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("a tensor has gaps");
    };
    let CpuStorage::F32(all) = storage else {
        candle_core::bail!("a tensor is not in single precision");
    };
    Ok(&all[start..end])
}

/// The sum of products of two rows, which are cut to the shorter.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len());
    f32::vec_dot(n, &a[..n], &b[..n])
}

/// `x` times the transposed matrix.
struct Product;

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        matrix: &CpuStorage,
        matrix_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (count, input) = x_layout.shape().dims2()?;
        let (out, input_too) = matrix_layout.shape().dims2()?;
        if input != input_too || input == 0 {
            candle_core::bail!("a product of {input} and {input_too} numbers");
        }
        let (x, matrix) = (numbers(x, x_layout)?, numbers(matrix, matrix_layout)?);
        let mut y = vec![0.0; count * out];
        // A row of weights is read once for all of `x`, which stays in the cache.
        for (n, row) in matrix.chunks_exact(input).enumerate() {
            for (m, x) in x.chunks_exact(input).enumerate() {
                y[m * out + n] = dot(row, x);
            }
        }
        Ok((CpuStorage::F32(y), (count, out).into()))
    }
}

/// Attention of `[heads, count, head]` queries over `[kv_heads, room, head]` keys and values, of
/// which the first `past + count` are written. Gives `[count, heads * head]`.
pub(super) struct Attention {
    pub(super) past: usize,
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        queries: &CpuStorage,
        queries_layout: &Layout,
        keys: &CpuStorage,
        keys_layout: &Layout,
        values: &CpuStorage,
        values_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (heads, count, head) = queries_layout.shape().dims3()?;
        let (kv_heads, room, _) = keys_layout.shape().dims3()?;
        if self.past + count > room || keys_layout.shape() != values_layout.shape() {
            candle_core::bail!("{count} places after {} in a room of {room}", self.past);
        }
        let queries = numbers(queries, queries_layout)?;
        let (keys, values) = (numbers(keys, keys_layout)?, numbers(values, values_layout)?);
        #[expect(clippy::cast_precision_loss, reason = "a head is far below 2^24")]
        let scale = 1.0 / (head as f32).sqrt();
        let mut seen = vec![0.0; count * heads * head];
        let mut shares = Vec::with_capacity(self.past + count);
        for (n, query) in queries.chunks_exact(head).enumerate() {
            let (h, i) = (n / count, n % count);
            let group = h / (heads / kv_heads) * room * head;
            let read = group..group + (self.past + i + 1) * head;
            shares.clear();
            let scores = keys[read.clone()].chunks_exact(head);
            shares.extend(scores.map(|key| dot(query, key) * scale));
            softmax(&mut shares);
            let out = &mut seen[(i * heads + h) * head..][..head];
            for (share, value) in shares.iter().zip(values[read].chunks_exact(head)) {
                for (sum, v) in out.iter_mut().zip(value) {
                    *sum += share * v;
                }
            }
        }
        Ok((CpuStorage::F32(seen), (count, heads * head).into()))
    }
}

fn softmax(scores: &mut [f32]) {
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in &mut *scores {
        *score = (*score - best).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

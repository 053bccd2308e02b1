//! One tensor of a GGUF file: its shape, how its numbers are stored, where they lie.

use super::GgufError;

/// How the numbers of a tensor are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    /// One of the kinds that both engines know.
    Known(candle_core::quantized::GgmlDType),
    /// A kind of ggml's that only llama.cpp knows: its number, elements and bytes of one block.
    Foreign {
        /// ggml's number.
        id: u32,
        /// Elements of one block.
        block: u64,
        /// Bytes of one block.
        bytes: u64,
    },
}

impl TensorKind {
    /// By ggml's number.
    pub(super) fn from_id(id: u32) -> Option<Self> {
        use candle_core::quantized::GgmlDType as D;
        let known = match id {
            0 => D::F32,
            1 => D::F16,
            2 => D::Q4_0,
            3 => D::Q4_1,
            6 => D::Q5_0,
            7 => D::Q5_1,
            8 => D::Q8_0,
            10 => D::Q2K,
            11 => D::Q3K,
            12 => D::Q4K,
            13 => D::Q5K,
            14 => D::Q6K,
            30 => D::BF16,
            _ => return foreign(id),
        };
        Some(Self::Known(known))
    }

    /// Elements and bytes of one block.
    fn block(self) -> (u64, u64) {
        match self {
            Self::Known(kind) => (kind.block_size() as u64, kind.type_size() as u64),
            Self::Foreign { block, bytes, .. } => (block, bytes),
        }
    }
}

fn foreign(id: u32) -> Option<TensorKind> {
    let (block, bytes) = match id {
        16 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        20 => (32, 18),
        21 => (256, 110),
        22 => (256, 82),
        23 => (256, 136),
        24 => (1, 1),
        25 => (1, 2),
        26 => (1, 4),
        27 | 28 => (1, 8),
        29 => (256, 56),
        34 => (256, 54),
        35 => (256, 66),
        39 => (32, 17),
        _ => return None,
    };
    Some(TensorKind::Foreign { id, block, bytes })
}

/// One tensor. Its bytes lie inside the file: that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Rows first, as engines count (the file has it the other way round).
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub kind: TensorKind,
    /// Where its bytes begin in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub len_bytes: u64,
}

impl TensorInfo {
    /// Checks shape and place. `dimensions` as in the file, `data_start` where tensor data begins.
    pub(super) fn new(
        name: String,
        mut dimensions: Vec<u64>,
        kind: u32,
        place: u64,
        alignment: u64,
    ) -> Result<Self, GgufError> {
        let refuse = |reason: String| GgufError::Tensor {
            name: name.clone(),
            reason,
        };
        let kind = TensorKind::from_id(kind)
            .ok_or_else(|| refuse(format!("number format {kind} is not known")))?;
        let (block, bytes) = kind.block();
        if dimensions.is_empty() {
            dimensions.push(1);
        }
        let elements = dimensions
            .iter()
            .try_fold(1_u64, |product, &n| product.checked_mul(n))
            .filter(|&n| n > 0 && i64::try_from(n).is_ok())
            .ok_or_else(|| refuse("its size is zero or too large".to_owned()))?;
        if !dimensions[0].is_multiple_of(block) {
            return Err(refuse(format!(
                "a row of {} is not whole blocks of {block}",
                dimensions[0]
            )));
        }
        let len_bytes = (elements / block)
            .checked_mul(bytes)
            .ok_or_else(|| refuse("its size is too large".to_owned()))?;
        if !place.is_multiple_of(alignment) {
            return Err(refuse(format!(
                "its place {place} is not a multiple of {alignment}"
            )));
        }
        let shape = dimensions
            .iter()
            .rev()
            .map(|&n| usize::try_from(n))
            .collect::<Result<_, _>>()
            .map_err(|_| refuse("its size is too large".to_owned()))?;
        Ok(Self {
            name,
            shape,
            kind,
            offset: place,
            len_bytes,
        })
    }

    /// Moves the tensor to its place in the file and checks that it lies inside.
    pub(super) fn place(&mut self, data_start: u64, file_len: u64) -> Result<(), GgufError> {
        let start = data_start.checked_add(self.offset);
        let end = start.and_then(|start| start.checked_add(self.len_bytes));
        match (start, end) {
            (Some(start), Some(end)) if end <= file_len => {
                self.offset = start;
                Ok(())
            }
            _ => Err(GgufError::Tensor {
                name: self.name.clone(),
                reason: format!(
                    "it needs {} bytes beyond the end of the file",
                    self.len_bytes
                ),
            }),
        }
    }
}

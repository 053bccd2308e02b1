//! Tensors by name, each checked against the shape that the graph needs.

use std::borrow::Cow;
use std::sync::Arc;

use candle_core::quantized::{QMatMul, QStorage, QTensor};
use candle_core::{Device, Tensor};

use super::linear::Linear;
use super::{NAME, failed, known_kind, malformed};
use crate::error::EngineError;
use crate::gguf::{Gguf, GgufError, TensorInfo};

/// The tensors of one file.
pub(super) struct Weights<'a> {
    file: &'a Gguf,
    name: &'a str,
    here: bool,
    by_name: std::collections::HashMap<&'a str, &'a TensorInfo>,
}

impl<'a> Weights<'a> {
    /// With `here`, matrices become single precision for this thread.
    pub(super) fn new(file: &'a Gguf, name: &'a str, here: bool) -> Self {
        let by_name = file
            .tensors()
            .iter()
            .map(|tensor| (tensor.name.as_str(), tensor))
            .collect();
        Self {
            file,
            name,
            here,
            by_name,
        }
    }

    /// Whether matrices are for this thread.
    pub(super) fn here(&self) -> bool {
        self.here
    }

    pub(super) fn has(&self, tensor: &str) -> bool {
        self.by_name.contains_key(tensor)
    }

    /// A matrix, as it is stored or unpacked.
    pub(super) fn matrix(&self, tensor: &str, shape: [usize; 2]) -> Result<Linear, EngineError> {
        let matrix = self.load(tensor, &shape)?;
        let linear = if self.here {
            matrix.dequantize(&Device::Cpu).map(Linear::Here)
        } else {
            QMatMul::from_arc(Arc::new(matrix)).map(Linear::Spread)
        };
        linear.map_err(failed)
    }

    /// A row of numbers in single precision.
    pub(super) fn vector(&self, tensor: &str, len: usize) -> Result<Tensor, EngineError> {
        self.load(tensor, &[len])?
            .dequantize(&Device::Cpu)
            .map_err(failed)
    }

    /// A vector that not every model has.
    pub(super) fn vector_if(
        &self,
        tensor: &str,
        len: usize,
    ) -> Result<Option<Tensor>, EngineError> {
        self.has(tensor)
            .then(|| self.vector(tensor, len))
            .transpose()
    }

    fn load(&self, tensor: &str, shape: &[usize]) -> Result<QTensor, EngineError> {
        let refuse = |reason: String| {
            malformed(
                self.name,
                GgufError::Tensor {
                    name: tensor.to_owned(),
                    reason,
                },
            )
        };
        let info = self
            .by_name
            .get(tensor)
            .ok_or_else(|| refuse("it is missing".to_owned()))?;
        if info.shape != shape {
            return Err(refuse(format!(
                "its shape is {:?}, {shape:?} is needed",
                info.shape
            )));
        }
        load(self.file, info).map_err(|error| match error {
            LoadError::Kind(reason) => EngineError::Unsupported {
                engine: NAME,
                reason,
            },
            LoadError::Gguf(source) => malformed(self.name, source),
            LoadError::Candle(error) => failed(error),
        })
    }
}

/// Why a tensor could not be loaded.
pub(super) enum LoadError {
    Kind(String),
    Gguf(GgufError),
    Candle(candle_core::Error),
}

/// Any tensor of a file.
pub(super) fn load(file: &Gguf, info: &TensorInfo) -> Result<QTensor, LoadError> {
    let kind = known_kind(info.kind).map_err(LoadError::Kind)?;
    let data = file.data(info).map_err(LoadError::Gguf)?;
    let storage =
        QStorage::from_data(Cow::Owned(data), &Device::Cpu, kind).map_err(LoadError::Candle)?;
    QTensor::new(storage, info.shape.clone()).map_err(LoadError::Candle)
}

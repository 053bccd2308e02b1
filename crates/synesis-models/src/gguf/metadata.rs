//! The metadata of a GGUF file: typed values under dotted keys.

use std::collections::HashMap;

use super::GgufError;

/// A value. Arrays of one kind are kept dense, because vocabularies are long.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any unsigned integer.
    Unsigned(u64),
    /// Any signed integer.
    Signed(i64),
    /// Either kind of float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(String),
    /// An array of texts; bytes that are not UTF-8 were replaced.
    Texts(Vec<String>),
    /// An array of integers.
    Integers(Vec<i64>),
    /// An array of floats.
    Floats(Vec<f32>),
    /// An array of truth values.
    Bools(Vec<bool>),
    /// An array of arrays.
    Nested(Vec<Value>),
}

/// All values of a file by key.
#[derive(Clone, Debug, Default)]
pub struct Metadata(pub(super) HashMap<String, Value>);

impl Metadata {
    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Text under a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer under a key, if it is not negative and fits.
    #[must_use]
    pub fn u32(&self, key: &str) -> Option<u32> {
        match self.get(key) {
            Some(Value::Unsigned(n)) => u32::try_from(*n).ok(),
            Some(Value::Signed(n)) => u32::try_from(*n).ok(),
            _ => None,
        }
    }

    /// An integer under a key, if it is not negative.
    #[must_use]
    pub fn u64(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(Value::Unsigned(n)) => Some(*n),
            Some(Value::Signed(n)) => u64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// A number under a key.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hyper-parameters are single precision in the format itself"
    )]
    pub fn f32(&self, key: &str) -> Option<f32> {
        match self.get(key) {
            Some(Value::Float(x)) => Some(*x as f32),
            _ => None,
        }
    }

    /// A truth value under a key.
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.get(key) {
            Some(Value::Bool(b)) => Some(*b),
            _ => None,
        }
    }

    /// Texts under a key.
    #[must_use]
    pub fn texts(&self, key: &str) -> Option<&[String]> {
        match self.get(key) {
            Some(Value::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// Integers under a key.
    #[must_use]
    pub fn integers(&self, key: &str) -> Option<&[i64]> {
        match self.get(key) {
            Some(Value::Integers(numbers)) => Some(numbers),
            _ => None,
        }
    }

    /// Floats under a key.
    #[must_use]
    pub fn floats(&self, key: &str) -> Option<&[f32]> {
        match self.get(key) {
            Some(Value::Floats(numbers)) => Some(numbers),
            _ => None,
        }
    }

    /// An integer that must be there, within bounds.
    pub(crate) fn size(&self, key: &str, max: u32) -> Result<usize, GgufError> {
        match self.u32(key) {
            None => Err(GgufError::Key(key.to_owned())),
            Some(n) if n == 0 || n > max => Err(GgufError::Range {
                key: key.to_owned(),
                value: n.to_string(),
            }),
            Some(n) => Ok(n as usize),
        }
    }
}

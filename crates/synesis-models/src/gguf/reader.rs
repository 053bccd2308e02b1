//! Reads the head of a GGUF file from any stream, with a bound on everything.

use std::collections::{HashMap, HashSet};
use std::io::{ErrorKind, Read};

use super::GgufError;
use super::metadata::{Metadata, Value};
use super::tensor::TensorInfo;
use crate::limits::{
    GGUF_ARRAY_DEPTH_MAX, GGUF_ARRAY_LEN_MAX, GGUF_DIMENSIONS_MAX, GGUF_ENTRIES_MAX,
    GGUF_HEAD_BYTES_MAX, GGUF_STRING_BYTES_MAX, GGUF_TENSORS_MAX,
};

const ALIGNMENT_DEFAULT: u32 = 32;
const ALIGNMENT_MAX: u32 = 1 << 16;

/// The head of a file of `file_len` bytes.
pub(super) fn head(
    source: impl Read,
    file_len: u64,
) -> Result<(Metadata, Vec<TensorInfo>), GgufError> {
    let mut input = Input {
        source,
        read: 0,
        limit: file_len.min(GGUF_HEAD_BYTES_MAX),
    };
    if &input
        .bytes::<4>("the first bytes")
        .map_err(|_| GgufError::Magic)?
        != b"GGUF"
    {
        return Err(GgufError::Magic);
    }
    let version = input.u32("the version")?;
    if !(2..=3).contains(&version) {
        return Err(GgufError::Version(version));
    }
    let tensor_count = bounded(
        "the number of tensors",
        input.u64("the counts")?,
        GGUF_TENSORS_MAX,
    )?;
    let entry_count = bounded(
        "the number of entries",
        input.u64("the counts")?,
        GGUF_ENTRIES_MAX,
    )?;

    let mut entries = HashMap::new();
    for _ in 0..entry_count {
        let key = input.text("a key")?;
        let kind = input.u32("a value type")?;
        let value = input.value(kind, 0)?;
        if entries.insert(key.clone(), value).is_some() {
            return Err(GgufError::Twice(key));
        }
    }
    let metadata = Metadata(entries);
    let alignment = match metadata.get("general.alignment") {
        None => ALIGNMENT_DEFAULT,
        Some(_) => match metadata.u32("general.alignment") {
            Some(n) if n.is_power_of_two() && (8..=ALIGNMENT_MAX).contains(&n) => n,
            _ => return Err(GgufError::Key("general.alignment".to_owned())),
        },
    };
    let mut tensors = input.tensors(tensor_count, u64::from(alignment))?;
    let data_start = input.read.next_multiple_of(u64::from(alignment));
    for tensor in &mut tensors {
        tensor.place(data_start, file_len)?;
    }
    Ok((metadata, tensors))
}

fn bounded(what: &'static str, found: u64, max: u64) -> Result<u64, GgufError> {
    if found > max {
        Err(GgufError::TooMany { what, found, max })
    } else {
        Ok(found)
    }
}

struct Input<R> {
    source: R,
    read: u64,
    limit: u64,
}

impl<R: Read> Input<R> {
    /// Fails before reading (and before reserving memory) when fewer bytes are left.
    fn claim(&mut self, len: u64, what: &'static str) -> Result<(), GgufError> {
        match self.read.checked_add(len) {
            Some(end) if end <= self.limit => {
                self.read = end;
                Ok(())
            }
            _ => Err(GgufError::Truncated(what)),
        }
    }

    fn fill(&mut self, buffer: &mut [u8], what: &'static str) -> Result<(), GgufError> {
        self.claim(buffer.len() as u64, what)?;
        self.source
            .read_exact(buffer)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => GgufError::Truncated(what),
                _ => GgufError::Io(error),
            })
    }

    fn bytes<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], GgufError> {
        let mut buffer = [0; N];
        self.fill(&mut buffer, what)?;
        Ok(buffer)
    }

    fn u32(&mut self, what: &'static str) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.bytes(what)?))
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.bytes(what)?))
    }

    fn raw_text(&mut self, what: &'static str) -> Result<Vec<u8>, GgufError> {
        let len = bounded(what, self.u64(what)?, GGUF_STRING_BYTES_MAX)?;
        if len > self.limit.saturating_sub(self.read) {
            return Err(GgufError::Truncated(what));
        }
        let mut buffer = vec![0; usize::try_from(len).map_err(|_| GgufError::Truncated(what))?];
        self.fill(&mut buffer, what)?;
        Ok(buffer)
    }

    fn text(&mut self, what: &'static str) -> Result<String, GgufError> {
        String::from_utf8(self.raw_text(what)?).map_err(|_| GgufError::Text(what))
    }

    fn value(&mut self, kind: u32, depth: u32) -> Result<Value, GgufError> {
        const WHAT: &str = "a value";
        Ok(match kind {
            0 => Value::Unsigned(self.bytes::<1>(WHAT)?[0].into()),
            1 => Value::Signed(i8::from_le_bytes(self.bytes(WHAT)?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.bytes(WHAT)?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.bytes(WHAT)?).into()),
            4 => Value::Unsigned(self.u32(WHAT)?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.bytes(WHAT)?).into()),
            6 => Value::Float(f32::from_le_bytes(self.bytes(WHAT)?).into()),
            7 => match self.bytes::<1>(WHAT)?[0] {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                other => return Err(GgufError::Bool(other)),
            },
            8 => Value::Text(self.text(WHAT)?),
            9 => self.array(depth)?,
            10 => Value::Unsigned(self.u64(WHAT)?),
            11 => Value::Signed(i64::from_le_bytes(self.bytes(WHAT)?)),
            12 => Value::Float(f64::from_le_bytes(self.bytes(WHAT)?)),
            other => return Err(GgufError::ValueType(other)),
        })
    }

    /// Grows as it reads, so a false length costs nothing.
    fn array(&mut self, depth: u32) -> Result<Value, GgufError> {
        let kind = self.u32("an array")?;
        let len = bounded(
            "the length of an array",
            self.u64("an array")?,
            GGUF_ARRAY_LEN_MAX,
        )?;
        if depth >= GGUF_ARRAY_DEPTH_MAX {
            let (found, max) = (u64::from(depth) + 1, GGUF_ARRAY_DEPTH_MAX.into());
            return Err(GgufError::TooMany {
                what: "the depth of an array",
                found,
                max,
            });
        }
        match kind {
            8 => {
                let texts = (0..len).map(|_| {
                    self.raw_text("a text")
                        .map(|raw| String::from_utf8_lossy(&raw).into_owned())
                });
                texts.collect::<Result<_, _>>().map(Value::Texts)
            }
            7 => self
                .elements(kind, len, depth, |value| match value {
                    Value::Bool(b) => Some(b),
                    _ => None,
                })
                .map(Value::Bools),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "arrays of doubles hold scores, which are single precision"
            )]
            6 | 12 => self
                .elements(kind, len, depth, |value| match value {
                    Value::Float(x) => Some(x as f32),
                    _ => None,
                })
                .map(Value::Floats),
            0..=5 | 10 | 11 => self
                .elements(kind, len, depth, |value| match value {
                    Value::Unsigned(n) => i64::try_from(n).ok(),
                    Value::Signed(n) => Some(n),
                    _ => None,
                })
                .map(Value::Integers),
            9 => self.elements(kind, len, depth, Some).map(Value::Nested),
            other => Err(GgufError::ValueType(other)),
        }
    }

    fn elements<T>(
        &mut self,
        kind: u32,
        len: u64,
        depth: u32,
        pick: impl Fn(Value) -> Option<T>,
    ) -> Result<Vec<T>, GgufError> {
        (0..len)
            .map(|_| pick(self.value(kind, depth + 1)?).ok_or(GgufError::ValueType(kind)))
            .collect()
    }

    fn tensors(&mut self, count: u64, alignment: u64) -> Result<Vec<TensorInfo>, GgufError> {
        const WHAT: &str = "the tensor list";
        let mut names = HashSet::new();
        let mut tensors = Vec::new();
        for _ in 0..count {
            let name = self.text("a tensor's name")?;
            let dimensions = bounded(
                "the number of dimensions",
                self.u32(WHAT)?.into(),
                GGUF_DIMENSIONS_MAX.into(),
            )?;
            let dimensions = (0..dimensions)
                .map(|_| self.u64(WHAT))
                .collect::<Result<_, _>>()?;
            let (kind, place) = (self.u32(WHAT)?, self.u64(WHAT)?);
            if !names.insert(name.clone()) {
                return Err(GgufError::Twice(name));
            }
            tensors.push(TensorInfo::new(name, dimensions, kind, place, alignment)?);
        }
        Ok(tensors)
    }
}
